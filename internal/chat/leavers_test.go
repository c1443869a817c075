package chat

import (
	"strings"
	"testing"
	"time"

	"lingke/bots"
	"lingke/internal/assign"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/delivery"
)

// texts are what an account was told in words, oldest first.
func (w *world) texts(account string) (out []string) {
	w.t.Helper()
	page, _, err := w.store.Deliveries(w.t.Context(), delivery.Query{Limit: 1000})
	must(w.t, err)
	for i := len(page) - 1; i >= 0; i-- {
		if page[i].Kind == "text" && page[i].To[0] == account {
			out = append(out, page[i].Text)
		}
	}
	return out
}

func TestManagersReadThatSomebodyIsMissedAndWhoGotTheirCustomers(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range w.rules.Pools {
		w.rules.Pools[i].Strategy = assign.Equal
	}
	c := w.lead("1", "华星机械", 800)
	_, err := w.claims.Assign(t.Context(), c.ID, staff()[0], staff()[3], "")
	must(t, err)
	before := len(w.texts("boss"))
	must(t, w.chat.People.Replace(staff()[1:])) // 张伟 is no longer in the list
	for range 2 {
		w.pass(time.Minute)
	}
	told := w.texts("boss")[before:]
	if got := w.customer(c.ID); got.Owner != "lina" || len(told) != 1 || !strings.Contains(told[0], "zhangwei") || !strings.Contains(told[0], "李娜 1 个") {
		t.Errorf("owner %q, managers read %q", got.Owner, told)
	}
	wantText(t, shown(w.card(c, cards.KindHandover)), "接手客户：华星机械")
}

func TestAManagerDecidesWithOneClickWhoGetsACustomer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for i := range w.rules.Pools {
		w.rules.Pools[i].Strategy = assign.ByManager
	}
	c := w.lead("1", "华星机械", 800)
	_, err := w.claims.HandOut(t.Context(), c.ID)
	must(t, err)
	must(t, w.chat.Outgoing.Carry(t.Context(), c.ID))
	card := w.card(c, cards.KindDecision)
	wantText(t, shown(card), "华星机械", "[给 张伟]", "[给 李娜]")
	if got := w.customer(c.ID); got.Owner != "" || got.Waiting.Why != customer.WaitChoice || len(got.Waiting.Choices) != 2 {
		t.Fatalf("%+v", got.Waiting)
	}
	pick := func(person string) string {
		for i, choice := range w.customer(c.ID).Waiting.Choices {
			if choice.Person == person {
				return cards.PickActions[i]
			}
		}
		t.Fatalf("%s is not among the choices", person)
		return ""
	}
	lina := pick("lina")
	a := w.handle(w.press(bots.DingTalk, "boss", c, cards.KindDecision, lina))
	if got := w.customer(c.ID); got.Owner != "lina" || got.Handed.Rule != customer.HandedByManager || got.Handed.By != "wangfang" || a.Toast != "已分配给 李娜" {
		t.Fatalf("%q by %+v; %q", got.Owner, got.Handed, a.Toast)
	}
	// A second click, and one by somebody else who had the card open: it stays.
	w.handle(w.press(bots.DingTalk, "boss", c, cards.KindDecision, lina))
	if got := w.customer(c.ID); got.Owner != "lina" || got.Round != 0 {
		t.Errorf("after a second click: %q in round %d", got.Owner, got.Round)
	}
	if closed := w.card(c, cards.KindDecision); closed.Card.Closed == "" && len(closed.Card.Actions) > 0 {
		t.Errorf("the card can still be pressed: %+v", closed.Card)
	}
}
