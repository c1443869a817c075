package app

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"lingke/bots"
	"lingke/internal/cards"
	"lingke/internal/delivery"
	"lingke/internal/models"
)

// cautious is a company whose models wait for one of its two managers.
func cautious(t *testing.T) company {
	t.Helper()
	c := newCompany(t)
	c.write("lingke.yaml", strings.Replace(testConfig, "people:\n",
		"approvals: [publish]\npeople:\n  - {id: boss, name: 王芳, role: manager, team: 管理, dingtalk: boss1}\n  - {id: chief, name: 周总, role: manager, team: 管理, dingtalk: chief1}\n", 1))
	return c
}

// requests are the cards that ask for a model, the latest last.
func requests(t *testing.T, a *App) (all []delivery.Delivery) {
	t.Helper()
	page, _, err := a.store.Deliveries(t.Context(), delivery.Query{Limit: 500})
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range page {
		if d.Kind == cards.KindApproval {
			all = append(all, d)
		}
	}
	slices.SortFunc(all, func(a, b delivery.Delivery) int { return strings.Compare(a.ID, b.ID) })
	return all
}

func press(t *testing.T, a *App, d delivery.Delivery, action string) string {
	t.Helper()
	in := bots.Incoming{ID: "k-" + d.ID + action, Platform: d.Platform, Click: &bots.Click{From: d.To[0], Card: d.ID, Action: action, At: a.now(), Inputs: map[string]string{cards.InputReason: "先试一个月"}}}
	if card := a.seal.Card(d, d.Card); card != nil {
		for i, b := range d.Card.Actions {
			if b.ID == action {
				in.Click.Action = card.Actions[i].ID
			}
		}
	}
	var toast string
	for range 2 { // delivered twice
		answer, err := a.chat.Handle(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		toast = answer.Toast
	}
	return toast
}

func TestAModelWaitsForAManager(t *testing.T) {
	t.Parallel()
	c := cautious(t)
	a := c.open()
	c.fill(a, 60)
	v := c.model(a, secondModel)
	for range 2 {
		if _, err := a.PublishModel(t.Context(), v, "boss", "季度复盘"); !errors.Is(err, models.ErrAwaiting) {
			t.Fatalf("publish: %v", err)
		}
	}
	if p, _ := a.models.Latest(t.Context()); p.N != 1 {
		t.Fatalf("in force before anybody agreed: %+v", p)
	}
	all := requests(t, a)
	if len(all) != 1 || !slices.Equal(all[0].To, []string{"chief1"}) { // who asks does not decide
		t.Fatalf("%d cards: %+v", len(all), all)
	}
	if text := all[0].Card.Fields; text[0].Value != "王芳" || text[1].Value != v.ID || !strings.Contains(text[2].Value, "60 家客户中") || text[3].Value != "季度复盘" {
		t.Errorf("the card says %+v", text)
	}
	if toast := press(t, a, all[0], cards.ActionAgree); !strings.Contains(toast, "已同意（周总）") || !strings.Contains(toast, v.ID) {
		t.Errorf("answered %q", toast)
	}
	p, err := a.models.Latest(t.Context())
	if err != nil || p.N != 2 || p.By != "chief" || p.Note != "季度复盘" || !slices.Equal(p.Models, []string{v.ID}) {
		t.Errorf("%+v, %v", p, err)
	}
	if _, err := a.PublishModel(t.Context(), v, "boss", ""); !errors.Is(err, models.ErrInForce) {
		t.Errorf("published again: %v", err)
	}
	if _, err := a.Rollback(t.Context(), "", "boss", ""); err != nil { // going back is never held up
		t.Errorf("rollback: %v", err)
	}
}

func TestARefusedModelIsAskedForAnewOnlyByAPerson(t *testing.T) {
	t.Parallel()
	c := cautious(t)
	a := c.open()
	c.write("model.yaml", secondModel)
	for range 2 { // a start, and another
		if !a.start(t.Context()) {
			t.Fatal("it does not start")
		}
	}
	all := requests(t, a)
	if len(all) != 1 || len(all[0].To) != 2 {
		t.Fatalf("%d cards: %+v", len(all), all)
	}
	if toast := press(t, a, all[0], cards.ActionReject); !strings.Contains(toast, "已驳回") || !strings.Contains(toast, "先试一个月") {
		t.Errorf("answered %q", toast)
	}
	if !a.start(t.Context()) || len(requests(t, a)) != 1 {
		t.Errorf("a start asks again: %d cards", len(requests(t, a)))
	}
	if p, _ := a.models.Latest(t.Context()); p.N != 1 {
		t.Errorf("a refused model is in force: %+v", p)
	}
	if _, err := a.PublishModel(t.Context(), c.model(a, secondModel), "boss", ""); !errors.Is(err, models.ErrAwaiting) || len(requests(t, a)) != 2 {
		t.Errorf("a person asks again: %v, %d cards", err, len(requests(t, a)))
	}
}

func TestWithoutApprovalsAModelWaitsForNobody(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	a := c.open()
	if p, err := a.PublishModel(t.Context(), c.model(a, secondModel), "boss", ""); err != nil || p.N != 2 {
		t.Errorf("%+v, %v", p, err)
	}
}
