package chat

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/cards"
	"lingke/internal/customer"
)

// since are the lines of the log behind the first n, as "person command [layers]", all about c.
func (w *world) since(n int, c customer.Customer) []string {
	w.t.Helper()
	var out []string
	for _, r := range w.lines()[n:] {
		if !slices.Equal(r.Customers, []string{c.ID}) || r.Account == "" || r.Platform != "dingtalk" || r.Place != "private" {
			w.t.Errorf("%+v", r)
		}
		out = append(out, r.Person+" "+r.Command+" ["+r.Layers+"]")
	}
	return out
}

func (w *world) wantLines(n int, c customer.Customer, want ...string) {
	w.t.Helper()
	if diff := cmp.Diff(want, w.since(n, c)); diff != "" {
		w.t.Error(diff)
	}
}

func TestEachStepOfAnAdjustmentLeavesALineWithTheBasis(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, text, answer, line string }{
		{"the question", "调整 华星 +10% 老客户", "现在 85.0 分", "wangfang 调整 [tier basis]"},
		{"the bound, which tells the score", "调整 华星 +30% 老客户", "±17.0", "wangfang 调整 [tier basis]"},
		{"no wish", "调整 华星", "请写成", "wangfang 调整 [tier]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c := w.owned()
			before := len(w.lines())
			wantText(t, shown(w.answer(w.say(bots.DingTalk, "boss", tt.text, false))), tt.answer)
			w.wantLines(before, c, tt.line)
		})
	}
}

func TestAConfirmedAdjustmentIsLoggedHoweverItIsConfirmed(t *testing.T) {
	t.Parallel()
	const line = "wangfang 调整 [tier basis]"
	t.Run("by a word", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		c := w.owned()
		w.handle(w.say(bots.DingTalk, "boss", "调整 华星 +10% 老客户", false))
		before := len(w.lines())
		yes := w.say(bots.DingTalk, "boss", "确认", false)
		for range 2 {
			wantText(t, shown(w.answer(yes)), "现在 93.5 分")
		}
		w.wantLines(before, c, line)
	})
	t.Run("by the button", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		c := w.owned()
		asked := w.answer(w.say(bots.DingTalk, "boss", "调整 华星 +10% 老客户", false))
		before := len(w.lines())
		for _, id := range []string{"dingtalk:first", "dingtalk:first", "dingtalk:again"} { // the second after a crash, the third a second press
			in := bots.Incoming{ID: id, Platform: bots.DingTalk, Click: &bots.Click{From: "boss", Card: asked.ID, Action: cards.ActionConfirm, At: w.now()}}
			wantText(t, w.handle(in).Toast, "现在 93.5 分")
		}
		w.wantLines(before, c, line, line)
	})
}

func TestARequestLeavesALineForEachManagerWhoIsShownTheScore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	must(t, w.chat.People.Replace(append(staff(),
		access.Person{ID: "chen", Name: "陈晨", Role: access.RoleManager, Team: "管理", DingTalk: "chen"},
		access.Person{ID: "nowhere", Name: "无账号", Role: access.RoleManager, Team: "管理"},
	)))
	c := w.owned()
	w.handle(w.say(bots.DingTalk, "zw", "调整 华星 +10% 老客户", false))
	before := len(w.lines())
	yes := w.say(bots.DingTalk, "zw", "确认", false)
	for range 2 {
		wantText(t, shown(w.answer(yes)), "已提交主管审批")
	}
	w.wantLines(before, c, "wangfang send approval [tier basis]", "chen send approval [tier basis]", "zhangwei 调整 [tier basis]")
	before = len(w.lines())
	w.handle(w.press(bots.DingTalk, "boss", c, cards.KindApproval, cards.ActionAgree))
	w.wantLines(before, c, "zhangwei send outcome [tier basis]", "wangfang click agree [tier basis]")
}

func TestARefusalTellsTheAskerNoScore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.requested()
	before := len(w.lines())
	in := w.press(bots.DingTalk, "boss", c, cards.KindApproval, cards.ActionReject)
	in.Click.Inputs = map[string]string{cards.InputReason: "没有依据"}
	w.handle(in)
	w.wantLines(before, c, "zhangwei send outcome [tier]", "wangfang click reject [tier basis]")
}

func TestARequestThatCannotBeLoggedReachesNoManager(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.owned()
	w.handle(w.say(bots.DingTalk, "zw", "调整 华星 +10% 老客户", false))
	log := w.chat.Log
	w.chat.Log = awayLog{log}
	yes := w.say(bots.DingTalk, "zw", "确认", false)
	if a, err := w.chat.Handle(t.Context(), yes); err == nil {
		t.Errorf("answered %+v", a)
	}
	if asked := w.approvals(c); len(asked) != 0 {
		t.Errorf("sent %+v", asked)
	}
	w.chat.Log = log
	wantText(t, shown(w.answer(yes)), "已提交主管审批")
	if asked := w.approvals(c); len(asked) != 1 {
		t.Errorf("sent %d cards", len(asked))
	}
}

func TestAnOutcomeThatCannotBeLoggedIsNotOnTheCard(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.owned()
	asked := w.answer(w.say(bots.DingTalk, "boss", "调整 华星 +10% 老客户", false))
	w.chat.Log = awayLog{w.chat.Log}
	if a, err := w.chat.Handle(t.Context(), w.say(bots.DingTalk, "boss", "确认", false)); err == nil {
		t.Errorf("answered %+v", a)
	}
	card, err := w.store.Delivery(t.Context(), asked.ID)
	must(t, err)
	if !card.Card.Live() {
		t.Errorf("the card says %q", card.Card.State)
	}
}
