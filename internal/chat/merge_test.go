package chat

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"lingke/bots"
	"lingke/connectors"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/followup"
)

// tell takes a customer of a source in and carries out what follows.
func (w *world) tell(source, id string, fields map[string]string) customer.Customer {
	w.t.Helper()
	w.clock.Add(1000)
	must(w.t, w.ingest.Apply(w.t.Context(), source, connectors.Record{Kind: connectors.Customer, ID: id, ModifiedAt: w.now(), Fields: fields}))
	return w.holder(customer.NewRef(source, id))
}

// holder carries out what follows for the customer of a record, and returns it.
func (w *world) holder(ref customer.Ref) customer.Customer {
	w.t.Helper()
	found, err := w.store.CustomersByKey(w.t.Context(), []customer.Ref{ref}, nil)
	must(w.t, err)
	if len(found) != 1 {
		w.t.Fatalf("%d customers have %s", len(found), ref)
	}
	must(w.t, w.chat.Outgoing.Carry(w.t.Context(), found[0].ID))
	return w.customer(found[0].ID)
}

// alike are two customers that may be one.
func alike(w *world) (erp, web customer.Customer) {
	erp = w.tell("erp", "1", map[string]string{"name": "苏州华星机械有限公司", "phone": "0512-66667777", "headcount": "800"})
	web = w.tell("web", "a", map[string]string{"name": "华星机械", "phone": "(0512)66667777转8", "headcount": "900"})
	return erp, web
}

// asked is whose card a question hangs on: the holder of the smaller ref.
func pressMerge(w *world, action string) bots.Incoming {
	return w.press(bots.DingTalk, "boss", w.holder("erp/1"), cards.KindMerge, action)
}

func TestManagersAreAskedAboutCustomersThatMayBeOne(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		action, toast string
		one           bool
	}{
		{cards.ActionMerge, "已合并（王芳）", true},
		{cards.ActionApart, "不是同一家（王芳）", false},
		{cards.ActionLater, "稍后再问", false},
	} {
		t.Run(tt.action, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			alike(w)
			in := pressMerge(w, tt.action)
			d, err := w.store.Delivery(t.Context(), in.Click.Card)
			must(t, err)
			wantText(t, d.Card.Body+d.Card.Fields[0].Value, "苏州华星机械有限公司", "erp/1", "web/a", "名称相近，电话相同：0512-****7777", "!66667777")
			a := w.handle(in)
			if a.Toast != tt.toast || a.Card == nil || a.Card.Live() {
				t.Errorf("answered %+v", a)
			}
			one := w.holder("erp/1").ID == w.holder("web/a").ID
			if one != tt.one {
				t.Errorf("one customer: %v, want %v", one, tt.one)
			}
		})
	}
}

func TestAnAnsweredQuestionIsNotAskedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	alike(w)
	in := pressMerge(w, cards.ActionApart)
	w.handle(in)
	w.tell("web", "a", map[string]string{"name": "苏州华星机械公司"})
	w.tell("web", "a", map[string]string{"name": "苏州华星机械有限公司"})
	open, _, err := w.store.Questions(t.Context(), customer.QuestionOpen, "", 10)
	must(t, err)
	waiting, _, err := w.store.Questions(t.Context(), customer.QuestionWaiting, "", 10)
	must(t, err)
	if len(open)+len(waiting) != 0 || w.holder("erp/1").ID == w.holder("web/a").ID {
		t.Errorf("asked again: %+v %+v", open, waiting)
	}
	again := w.handle(pressMerge(w, cards.ActionMerge))
	if again.Toast != "不是同一家（王芳）" || w.holder("erp/1").ID == w.holder("web/a").ID {
		t.Errorf("a second answer counted: %+v", again)
	}
}

func TestOnlyManagersAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	alike(w)
	in := pressMerge(w, cards.ActionMerge)
	in.Click.From = "lina"
	if a := w.handle(in); a.Toast != "这张卡片不是发给你的" || w.holder("erp/1").ID == w.holder("web/a").ID {
		t.Errorf("answered %+v", a)
	}
}

// TestUndoingAMergeGivesBothBackAsTheyWere claims both, merges them, undoes it, and compares customers, owners and tasks with those before.
func TestUndoingAMergeGivesBothBackAsTheyWere(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	erp, web := alike(w)
	w.handle(w.press(bots.DingTalk, "zw", erp, cards.KindLead, cards.ActionClaim))
	w.handle(w.press(bots.DingTalk, "lina", web, cards.KindLead, cards.ActionClaim))
	wantErp, wantWeb, wantTasks := w.holder("erp/1"), w.holder("web/a"), openTasks(w)
	if wantErp.Owner != "zhangwei" || wantWeb.Owner != "lina" || len(wantTasks) != 2 {
		t.Fatalf("owners %q and %q, tasks %+v", wantErp.Owner, wantWeb.Owner, wantTasks)
	}

	w.handle(pressMerge(w, cards.ActionMerge))
	merged := w.holder("erp/1")
	if merged.ID != w.holder("web/a").ID || merged.Owner != "zhangwei" || len(openTasks(w)) != 1 {
		t.Fatalf("merged into %+v with tasks %+v", merged, openTasks(w))
	}

	d := w.answer(w.say(bots.DingTalk, "boss", "拆分 华星机械 web/a", false))
	wantText(t, d.Text, "已拆分", "两家客户")
	ignore := cmpopts.IgnoreFields(customer.Customer{}, "Rev", "Standing", "Effects", "Score.At") // all but when it was written and judged
	if diff := cmp.Diff(wantErp, w.holder("erp/1"), ignore, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("erp/1: %s", diff)
	}
	if diff := cmp.Diff(wantWeb, w.holder("web/a"), ignore, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("web/a: %s", diff)
	}
	noRev := cmpopts.IgnoreFields(followup.Task{}, "Rev", "Origin")
	if diff := cmp.Diff(wantTasks, openTasks(w), noRev); diff != "" {
		t.Errorf("tasks: %s", diff)
	}
	if w.holder("erp/1").Rev <= wantErp.Rev || w.holder("web/a").Rev <= wantWeb.Rev {
		t.Error("a rev fell")
	}
}

func openTasks(w *world) []followup.Task {
	w.t.Helper()
	page, _, err := w.store.Tasks(w.t.Context(), followup.Query{State: followup.Open})
	must(w.t, err)
	return page
}

func TestManagersSeeWhichSourceSaysWhat(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	alike(w)
	w.handle(pressMerge(w, cards.ActionMerge))
	for _, text := range []string{"来源 华星机械", "查 华星机械 来源", "查华星机械来源"} {
		d := w.answer(w.say(bots.DingTalk, "boss", text, false))
		wantText(t, d.Text, "erp/1、web/a", "**名称**（不一致）", "- 苏州华星机械有限公司（erp/1 2026-03-02）", "- 华星机械（web/a 2026-03-02） ✓ 最新", "0512-****7777", "!66667777", "✓")
	}
	in := w.say(bots.DingTalk, "boss", "查 华星机械 来源", true)
	wantText(t, w.answer(in).Text, "私下", "!erp/1")
	wantText(t, w.aside(in), "erp/1")
	wantText(t, w.answer(w.say(bots.DingTalk, "lina", "来源 华星机械", false)).Text, "没有使用", "!erp/1")
	wantText(t, w.answer(w.say(bots.DingTalk, "lina", "拆分 华星机械 web/a", false)).Text, "没有使用")
	wantText(t, w.answer(w.say(bots.DingTalk, "boss", "拆分 华星机械 web/b", false)).Text, "没有编号为 web/b")
	wantText(t, w.answer(w.say(bots.DingTalk, "boss", "拆分 华星机械", false)).Text, "请写成")
}
