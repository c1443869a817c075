package chat

import (
	"testing"

	"lingke/bots"
	"lingke/connectors"
	"lingke/internal/cards"
	"lingke/internal/customer"
)

func TestAmountsAsPeopleTypeThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]float64{
		"5000": 5000, "12,000.50": 12000.5, "￥8,000元": 8000, "5万": 50000, "1.2w": 12000, "3.5万元": 35000, "2千": 2000, "1.5亿": 1.5e8, "３０万": 300000, "2百万": 2e6, "五万": 50000, "十二万": 120000, "12万5": 125000, "三十五万八": 358000, "一百二十万元": 1.2e6, "两千五": 2500, "一百零五万": 1.05e6, "1.5万8": 0,
		"0": 0, "-5": 0, "五万零": 0, "十十万": 0, "万五": 0, "": 0, "万": 0, "5万万": 0, "1e9亿": 0, "NaN万": 0,
	} {
		got, ok := parseAmount(text)
		if ok != (want > 0) || ok && got.Yuan() != want {
			t.Errorf("%q is %v, %v; want %v", text, got, ok, want)
		}
	}
}

// TestOutcomesAreOrdersAndCanBePutRight: the amount told last that day counts, in whatever order the two arrive.
func TestOutcomesAreOrdersAndCanBePutRight(t *testing.T) {
	t.Parallel()
	for _, backwards := range []bool{false, true} {
		w := newWorld(t)
		c := w.held("1", "已有主公司")
		slip, right := w.say(bots.DingTalk, "boss", "赢单 已有主 5000", false), w.say(bots.DingTalk, "boss", "赢单 已有主 5万 20天", false)
		all := []bots.Incoming{slip, right}
		if backwards {
			all = []bots.Incoming{right, slip}
		}
		for _, in := range append(all, slip) {
			if _, err := w.chat.Handle(t.Context(), in); err != nil {
				t.Fatal(err)
			}
		}
		orders, err := w.store.Orders(t.Context(), c.Refs())
		if err != nil || len(orders) != 1 || orders[0].Amount.Yuan() != 50000 || orders[0].By != "wangfang" || orders[0].Status != connectors.StatusWon || orders[0].Opened.IsZero() {
			t.Errorf("backwards %v: %+v, %v", backwards, orders, err)
		}
		if got := w.customer(c.ID); got.Stage != customer.Active {
			t.Errorf("stage %s", got.Stage)
		}
	}
}

// TestALeadIsJudgedByAClick: on the card of the first task, twice with another opinion.
func TestALeadIsJudgedByAClick(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.held("1", "已有主公司")
	for _, action := range []string{cards.ActionGood, cards.ActionBad} {
		answer, err := w.chat.Handle(t.Context(), w.press(bots.DingTalk, "boss", c, cards.KindTask, action))
		if err != nil || answer.Toast == "" {
			t.Fatalf("%+v, %v", answer, err)
		}
	}
	done, err := w.store.Activities(t.Context(), c.Refs(), w.now().AddDate(-1, 0, 0))
	if err != nil || len(done) != 1 {
		t.Fatalf("%+v, %v", done, err)
	}
	if q, _, ok := done[0].Quality(); !ok || q != customer.Bad || done[0].By != "wangfang" {
		t.Errorf("%+v", done[0])
	}
}

// held takes a customer in and lets the manager claim it, with its first task.
func (w *world) held(id, name string) customer.Customer {
	w.t.Helper()
	c := w.lead(id, name, 800)
	_, err := w.chat.Claims.Claim(w.t.Context(), c.ID, staff()[3], "")
	must(w.t, err)
	must(w.t, w.chat.Outgoing.Carry(w.t.Context(), c.ID))
	return w.customer(c.ID)
}
