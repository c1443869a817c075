package chat

import (
	"strings"
	"testing"
	"time"

	"lingke/bots"
	"lingke/internal/cards"
	"lingke/internal/delivery"
)

// sealedValue is the value of a card's button as the platform carries it.
func (w *world) sealedValue(in bots.Incoming) string {
	w.t.Helper()
	d, err := w.store.Delivery(w.t.Context(), in.Click.Card)
	must(w.t, err)
	card := bots.Card{Actions: []bots.Action{{ID: in.Click.Action}}}
	return w.chat.Seal.Card(d, &card).Actions[0].ID
}

func TestAClickCountsOnlyWithTheValueOfItsOwnButton(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.chat.Seal = delivery.NewSeal(testKeys(t), w.now().Add(-time.Hour))
	mine, other := w.lead("1", "华星机械", 800), w.lead("2", "东方公司", 800)
	click := func(value string) bots.Incoming {
		in := w.press(bots.DingTalk, "lina", mine, cards.KindLead, cards.ActionClaim)
		if value != "" {
			in.Click.Action = value
		}
		return in
	}
	genuine := w.sealedValue(click(""))
	foreign := w.sealedValue(w.press(bots.DingTalk, "lina", other, cards.KindLead, cards.ActionClaim))
	onWeCom := w.sealedValue(w.press(bots.WeCom, "ZhangWei", mine, cards.KindLead, cards.ActionClaim))
	for name, value := range map[string]string{
		"plain": "claim", "invented": "claim." + strings.Repeat("A", 22), "of another card": foreign, "of the other platform's card": onWeCom,
		"of another action": "why" + strings.TrimPrefix(genuine, "claim"), "changed": genuine[:len(genuine)-2] + "xx", "not a value at all": "claim.\x00' OR 1=1",
	} {
		before := len(w.lines())
		a := w.handle(click(value))
		wantText(t, a.Toast, "无法核实", "没有执行")
		if got := w.customer(mine.ID); got.Owner != "" || a.Card != nil {
			t.Fatalf("%s: owner %q, answered %+v", name, got.Owner, a)
		}
		all := w.lines()
		if r := all[len(all)-1]; len(all) != before+1 || r.Person != "lina" || r.Note == "" || r.Layers != "" {
			t.Errorf("%s: logged %+v", name, r)
		}
	}
	in := click(genuine)
	in.Click.From = "zhaolei" // to whom that card was not sent
	wantText(t, w.handle(in).Toast, "不是发给你的")
	good := click(genuine)
	wantText(t, w.handle(good).Toast, "领取成功")
	again := click(genuine) // the same value once more, as a new click
	wantText(t, w.handle(again).Toast, "领取成功")
	if got := w.customer(mine.ID); got.Owner != "lina" || got.Round != 0 {
		t.Errorf("owner %q in round %d", got.Owner, got.Round)
	}
	w.clock.Add(delivery.ButtonsFor.Milliseconds())
	wantText(t, w.handle(click(genuine)).Toast, "太旧了", "没有执行")
}

func TestWhatAClickIsAnsweredWithIsSealedToo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.chat.Seal = delivery.NewSeal(testKeys(t), w.now().Add(-time.Hour))
	c := w.lead("1", "华星机械", 800)
	in := w.press(bots.DingTalk, "lina", c, cards.KindLead, cards.ActionClaim)
	live := bots.Card{Actions: []bots.Action{{ID: "claim", Label: "领取"}, {ID: "open", URL: "https://crm.example.com"}}}
	ask := bots.Action{ID: "claim"}
	a := w.chat.sealAnswer(t.Context(), in, bots.Answer{Card: &live, Ask: &ask})
	if want := w.sealedValue(in); a.Card.Actions[0].ID != want || a.Ask.ID != want || a.Card.Actions[1].ID != "open" || ask.ID != "claim" {
		t.Errorf("answered %+v, want %s", a.Card.Actions, want)
	}
}
