package dispatch_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/cards"
	"lingke/internal/delivery"
)

// giveUp stores a message that was given up at an instant.
func (w *world) giveUp(id string, p bots.Platform, kind, why string, at time.Time) {
	w.t.Helper()
	_, err := w.store.Show(w.t.Context(), delivery.Delivery{
		ID: id, Platform: p, Kind: kind, To: []string{"x"}, Text: "x", Rev: 1, State: delivery.Dead, Why: why, Due: at, Created: at, Ended: at,
	})
	must(w.t, err)
}

// alerts are the cards that tell of what was given up.
func (w *world) alerts() (all []delivery.Delivery) {
	w.t.Helper()
	page, _, err := w.store.Deliveries(w.t.Context(), delivery.Query{Limit: 1000})
	must(w.t, err)
	for _, d := range page {
		if d.Kind == cards.KindAlert {
			all = append(all, d)
		}
	}
	return all
}

func (w *world) undelivered() int {
	w.t.Helper()
	n, err := w.dispatch.Undelivered(w.t.Context(), w.Now())
	must(w.t, err)
	return n
}

func TestManagersAreToldOnceAnHourOfWhatWasGivenUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if n := w.undelivered(); n != 0 || len(w.alerts()) != 0 {
		t.Errorf("%d are told of nothing", n)
	}
	for i := range 3 {
		w.giveUp(fmt.Sprint("d", i), bots.DingTalk, "text", "离职", w.Now())
	}
	if n := w.undelivered(); n != 1 || w.undelivered() != 0 {
		t.Errorf("%d managers are told, or told again", n)
	}
	first := w.alerts()
	if len(first) != 1 || first[0].Platform != bots.WeCom || first[0].To[0] != "WangFang" || !strings.Contains(shownText(first[0]), "3 条消息没有送达") || !strings.Contains(shownText(first[0]), "钉钉 3 条：离职") {
		t.Fatalf("%+v", first)
	}
	for i := range 200 { // many more
		w.giveUp(fmt.Sprint("more", i), bots.DingTalk, "text", "离职", w.Now())
		if i%50 == 0 {
			w.undelivered()
		}
	}
	w.undelivered()
	if all := w.alerts(); len(all) != 1 || all[0].Rev != 3 || !strings.Contains(shownText(all[0]), "203 条") && !strings.Contains(shownText(all[0]), "104 条") {
		t.Errorf("%d cards, %+v", len(all), all[0])
	}
	w.Pass(time.Hour)
	w.undelivered()
	if all := w.alerts(); len(all) != 1 {
		t.Errorf("the next hour tells of the same: %d cards", len(all))
	}
	w.giveUp("later", bots.WeCom, "text", "停用", w.Now())
	w.undelivered()
	if all := w.alerts(); len(all) != 2 || all[0].Platform != bots.DingTalk {
		t.Errorf("what WeCom gives up is told on WeCom: %+v", all[0])
	}
	w.Pass(3 * time.Hour)
	if n := w.undelivered(); n != 0 {
		t.Errorf("%d are told of old ones", n)
	}
}

func TestAnAlertThatIsGivenUpIsNoReasonForAnother(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.giveUp("alert-1", bots.DingTalk, cards.KindAlert, "离职", w.Now())
	if n := w.undelivered(); n != 0 {
		t.Errorf("%d are told", n)
	}
}

func TestAManagerOnOnePlatformIsToldThere(t *testing.T) {
	t.Parallel()
	w := newWorld(t, access.Person{ID: "boss2", Name: "李总", Role: access.RoleManager, DingTalk: "boss2"}, access.Person{ID: "boss3", Name: "无号", Role: access.RoleManager})
	w.giveUp("d1", bots.DingTalk, "text", "离职", w.Now())
	if n := w.undelivered(); n != 2 {
		t.Errorf("%d managers are told", n)
	}
	for _, d := range w.alerts() {
		if d.To[0] == "boss2" && d.Platform != bots.DingTalk {
			t.Errorf("%+v", d)
		}
	}
}

func shownText(d delivery.Delivery) string {
	return d.Card.Title + "\n" + d.Card.Body
}
