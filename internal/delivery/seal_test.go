package delivery_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"
	"time"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/delivery"
)

var sealedAt = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)

func sealed(t *testing.T, secrets ...string) *delivery.Seal {
	t.Helper()
	keys, err := access.Derive("buttons", secrets...)
	if err != nil {
		t.Fatal(err)
	}
	return delivery.NewSeal(keys, sealedAt)
}

func card() *bots.Card {
	return &bots.Card{Title: "新线索", Actions: []bots.Action{{ID: "claim", Label: "领取"}, {ID: "why", Label: "为什么"}}}
}

func lead() delivery.Delivery {
	return delivery.Delivery{ID: "lead-c1-0-x-wecom-0", Platform: bots.WeCom, Customer: "c1", To: []string{"ZhangWei", "LiNa"}, Created: sealedAt.Add(time.Hour)}
}

func TestAButtonCountsOnlyForWhatItWasMadeFor(t *testing.T) {
	t.Parallel()
	s := sealed(t, "the present secret of the tests", "the former secret of the tests")
	value := s.Card(lead(), card()).Actions[0].ID
	later := lead().Created.Add(time.Minute)
	for _, tt := range []struct {
		name   string
		value  string
		change func(*delivery.Delivery)
		at     time.Time
		want   error
	}{
		{"as it was made", value, nil, later, nil},
		{"by a former secret", sealed(t, "the former secret of the tests").Card(lead(), card()).Actions[0].ID, nil, later, nil},
		{"by a secret of somebody else", sealed(t, "a secret of somebody else").Card(lead(), card()).Actions[0].ID, nil, later, delivery.ErrForged},
		{"of another card", value, func(d *delivery.Delivery) { d.ID = "lead-c1-1-x-wecom-0" }, later, delivery.ErrForged},
		{"of another record", value, func(d *delivery.Delivery) { d.Customer = "c2" }, later, delivery.ErrForged},
		{"of another task", value, func(d *delivery.Delivery) { d.Task = "t1" }, later, delivery.ErrForged},
		{"for other people", value, func(d *delivery.Delivery) { d.To = []string{"ZhangWei", "ZhaoLei"} }, later, delivery.ErrForged},
		{"for a group", value, func(d *delivery.Delivery) { d.To, d.Conversation = nil, "g" }, later, delivery.ErrForged},
		{"for the other platform", value, func(d *delivery.Delivery) { d.Platform = bots.DingTalk }, later, delivery.ErrForged},
		{"for another action", strings.Replace(value, "claim", "why", 1), nil, later, delivery.ErrForged},
		{"made to live longer", value, func(d *delivery.Delivery) { d.Created = d.Created.Add(time.Hour) }, later, delivery.ErrForged},
		{"cut", value[:len(value)-1], nil, later, delivery.ErrForged},
		{"longer", value + "A", nil, later, delivery.ErrForged},
		{"with nothing behind it", "claim.", nil, later, delivery.ErrForged},
		{"plain", "claim", nil, later, delivery.ErrForged},
		{"in its last moment", value, nil, lead().Created.Add(delivery.ButtonsFor - 1), nil},
		{"too late", value, nil, lead().Created.Add(delivery.ButtonsFor), delivery.ErrExpired},
		{"plain, of a card from before", "claim", func(d *delivery.Delivery) { d.Created = sealedAt.Add(-time.Hour) }, later, nil},
		{"plain, of a card from long before", "claim", func(d *delivery.Delivery) { d.Created = sealedAt.Add(-delivery.ButtonsFor) }, later, delivery.ErrExpired},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := lead()
			if tt.change != nil {
				tt.change(&d)
			}
			action, err := s.Action(d, tt.value, tt.at)
			if !errors.Is(err, tt.want) || err == nil && action != "claim" {
				t.Errorf("%q, %v, want %v", action, err, tt.want)
			}
		})
	}
}

func TestSealingKeepsTheCardAndFitsBothPlatforms(t *testing.T) {
	t.Parallel()
	plain := card()
	got := sealed(t, "the present secret of the tests").Card(lead(), plain)
	for i, a := range got.Actions {
		if !regexp.MustCompile(`^[a-z_]{1,32}\.[0-9A-Za-z_-]{12}$`).MatchString(a.ID) || a.Label != plain.Actions[i].Label || len(a.ID) > 64 {
			t.Errorf("%+v", a)
		}
	}
	if plain.Actions[0].ID != "claim" {
		t.Error("the wish itself was changed")
	}
	var none *delivery.Seal
	if none.Card(lead(), plain) != plain {
		t.Error("without a seal the card is another one")
	}
}

func TestAPageTakesThePlaceOfTheButtonForDetails(t *testing.T) {
	t.Parallel()
	s := sealed(t, "the present secret of the tests").WithLink(func(delivery.Delivery, time.Time) string { return "https://crm.example.com/h5/c1" })
	plain := s.Card(lead(), card())
	if n := len(plain.Actions); n != 3 || plain.Actions[2].URL == "" {
		t.Errorf("%+v", plain.Actions)
	}
	asking := card()
	asking.Actions = append(asking.Actions, bots.Action{ID: "detail", Label: "Details"}, bots.Action{ID: "reject", Label: "Not for me"})
	got := s.Card(lead(), asking)
	if len(got.Actions) != 4 || got.Actions[2].Label != "Details" || got.Actions[2].URL == "" || got.Actions[3].URL != "" {
		t.Errorf("%+v", got.Actions)
	}
}
