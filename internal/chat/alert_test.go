package chat

import (
	"strings"
	"testing"

	"lingke/bots"
	"lingke/internal/cards"
	"lingke/internal/delivery"
)

// alerted shows the manager and a rep the card of one message that was given up.
func alerted(t *testing.T, w *world) {
	t.Helper()
	_, err := w.store.Show(t.Context(), delivery.Delivery{
		ID: "text-1", Platform: bots.DingTalk, Kind: "text", To: []string{"zw"}, Text: "明天开会", Rev: 1, State: delivery.Dead, Why: "staffId.notExisted", Due: w.now(), Created: w.now(), Ended: w.now(),
	})
	must(t, err)
	for _, to := range []string{"boss", "zw"} {
		card := w.chat.Cards.Undelivered([]cards.GivenUp{{Platform: bots.DingTalk, Why: "staffId.notExisted", N: 1}}, w.now())
		_, err := w.store.Show(t.Context(), delivery.Delivery{
			ID: "alert-" + to, Platform: bots.DingTalk, Kind: cards.KindAlert, To: []string{to}, Card: &card, Rev: 1, Shown: 1, State: delivery.Done, Due: w.now(), Created: w.now(),
		})
		must(t, err)
	}
}

func (w *world) pressAlert(from, action string) bots.Incoming {
	in := w.say(bots.DingTalk, from, "", false)
	in.Message, in.Click = nil, &bots.Click{From: from, Card: "alert-" + from, Action: action, At: w.now()}
	return in
}

func TestAManagerSendsEverythingAgainFromTheAlert(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	alerted(t, w)
	if a := w.handle(w.pressAlert("zw", cards.ActionReplay)); !strings.Contains(a.Toast, "只有主管") {
		t.Errorf("a rep is answered %+v", a)
	}
	list := w.pressAlert("boss", cards.ActionDead)
	w.handle(list)
	d, err := w.store.Delivery(t.Context(), replyID(list.ID))
	must(t, err)
	wantText(t, shown(d), "明天开会", "staffId.notExisted", "text-1")
	a := w.handle(w.pressAlert("boss", cards.ActionReplay))
	if !strings.Contains(a.Toast, "已重新发送 1 条") || a.Card == nil || a.Card.Closed != "王芳 已全部重发" {
		t.Errorf("%+v", a)
	}
	sent, err := w.store.Delivery(t.Context(), "text-1")
	must(t, err)
	if sent.State != delivery.Due {
		t.Errorf("it is %s", sent.State)
	}
	if a = w.handle(w.pressAlert("boss", cards.ActionReplay)); !strings.Contains(a.Toast, "没有死信") {
		t.Errorf("a second click is answered %+v", a)
	}
}
