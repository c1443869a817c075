package chat

import (
	"strings"
	"testing"

	"lingke/bots"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/followup"
)

// claimed is a customer of 张伟 with the first task open.
func claimed(t *testing.T) (*world, customer.Customer) {
	t.Helper()
	w := newWorld(t)
	c := w.lead("1", "华星机械", 800)
	w.handle(w.press(bots.DingTalk, "zw", c, cards.KindLead, cards.ActionClaim))
	return w, c
}

func (w *world) firstTask(c customer.Customer) followup.Task {
	w.t.Helper()
	task, err := w.chat.Tasks.Task(w.t.Context(), followup.FirstTaskID(c))
	must(w.t, err)
	return task
}

func TestTaskButtons(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		from   string
		action string
		inputs map[string]string
		toast  string
		check  func(followup.Task) bool
	}{
		{"done with a result", "zw", cards.ActionDone, map[string]string{"result": "已约周三拜访"}, "", func(t followup.Task) bool { return t.State == followup.Done && t.Result == "已约周三拜访" }},
		{"progress", "zw", cards.ActionProgress, map[string]string{"result": "已回访，考虑回归"}, "已记录", func(t followup.Task) bool { return len(t.Notes) == 1 && t.Notes[0].Text == "已回访，考虑回归" }},
		{"progress without a text is asked for it", "zw", cards.ActionProgress, nil, "", func(t followup.Task) bool { return len(t.Notes) == 0 }},
		{"postponed by a workday", "zw", cards.ActionPostpone, map[string]string{"days": "1", "reason": "客户出差"}, "已延期到 3月4日 00:00", func(t followup.Task) bool { return t.Postponed == 1 }},
		{"postponed without a reason", "zw", cards.ActionPostpone, map[string]string{"days": "1"}, "", func(t followup.Task) bool { return t.Postponed == 0 }},
		{"postponed too far", "zw", cards.ActionPostpone, map[string]string{"days": "30", "reason": "等等"}, "最晚只能延到 3月10日 00:00", func(t followup.Task) bool { return t.Postponed == 0 }},
		{"help", "zw", cards.ActionHelp, nil, "已通知主管", func(t followup.Task) bool { return !t.Helped.IsZero() }},
		{"handed to a colleague", "zw", cards.ActionHand, map[string]string{"to": "李娜"}, "已转给 李娜", func(t followup.Task) bool { return t.Owner == "lina" }},
		{"handed to finance", "zw", cards.ActionHand, map[string]string{"to": "钱进"}, "不能接任务", func(t followup.Task) bool { return t.Owner == "zhangwei" }},
		{"handed to nobody known", "zw", cards.ActionHand, map[string]string{"to": "某人"}, "没有找到这位同事", func(t followup.Task) bool { return t.Owner == "zhangwei" }},
		{"pressed by somebody else", "lina", cards.ActionHelp, nil, "不是发给你", func(t followup.Task) bool { return t.Helped.IsZero() }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w, c := claimed(t)
			in := w.press(bots.DingTalk, tt.from, c, cards.KindTask, tt.action)
			in.Click.Inputs = tt.inputs
			a := w.handle(in)
			wantText(t, a.Toast, tt.toast)
			once := w.firstTask(c)
			w.handle(in) // done again after a crash
			twice := w.firstTask(c)
			if !tt.check(twice) || len(twice.Notes) != len(once.Notes) || twice.Postponed != once.Postponed || !twice.Due.Equal(once.Due) || len(twice.Passed) != len(once.Passed) {
				t.Errorf("%+v, and again %+v", once, twice)
			}
		})
	}
}

// shownTo are the deliveries of a kind to a DingTalk user, newest first.
func (w *world) shownTo(c customer.Customer, kind, user string) (out []delivery.Delivery) {
	w.t.Helper()
	page, _, err := w.store.Deliveries(w.t.Context(), delivery.Query{Customer: c.ID, Limit: 1000})
	must(w.t, err)
	for _, d := range page {
		if d.Kind == kind && len(d.To) == 1 && d.To[0] == user {
			out = append(out, d)
		}
	}
	return out
}

func TestAHandedTaskMovesWithItsCard(t *testing.T) {
	t.Parallel()
	w, c := claimed(t)
	in := w.press(bots.DingTalk, "zw", c, cards.KindTask, cards.ActionHand)
	in.Click.Inputs = map[string]string{"to": "李娜"}
	w.handle(in)
	old, fresh := w.shownTo(c, cards.KindTask, "zw"), w.shownTo(c, cards.KindTask, "lina")
	if len(old) != 1 || old[0].Card.Closed != "已转给 李娜" || len(fresh) != 1 || !fresh[0].Card.Live() {
		t.Fatalf("old %+v\nnew %+v", old, fresh)
	}
	done := w.press(bots.DingTalk, "lina", c, cards.KindTask, cards.ActionDone)
	done.Click.Card = fresh[0].ID
	if a := w.handle(done); a.Card == nil || a.Card.Closed != "已完成" {
		t.Errorf("%+v", a)
	}
}

func TestAManagerSeesToATaskThatNeedsHelp(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		action, closed, owner string
	}{{cards.ActionUrge, "已催办 张伟", "zhangwei"}, {cards.ActionTake, "由 王芳 处理", "wangfang"}, {cards.ActionHand, "已转给 李娜", "lina"}} {
		t.Run(tt.action, func(t *testing.T) {
			t.Parallel()
			w, c := claimed(t)
			w.handle(w.press(bots.DingTalk, "zw", c, cards.KindTask, cards.ActionHelp))
			in := w.press(bots.DingTalk, "boss", c, cards.KindConcern, tt.action)
			in.Click.Inputs = map[string]string{"to": "李娜"}
			for range 2 {
				if a := w.handle(in); a.Card == nil || a.Card.Closed != tt.closed {
					t.Errorf("%+v", a)
				}
			}
			if got := w.firstTask(c).Owner; got != tt.owner {
				t.Errorf("owner %s", got)
			}
			urged := 0
			for _, d := range w.shownTo(c, "text", "zw") {
				urged += strings.Count(d.Text, "王芳 催办")
			}
			if want := map[bool]int{true: 1}[tt.action == cards.ActionUrge]; urged != want {
				t.Errorf("urged %d times", urged)
			}
		})
	}
}

func TestTaskCommands(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, from, text string
		want             []string
		check            func(followup.Task) bool
	}{
		{"finish", "zw", "完成 华星机械 已约周三拜访", []string{"已完成 华星机械 的任务“首次联系”"}, func(t followup.Task) bool { return t.State == followup.Done && t.Result == "已约周三拜访" }},
		{"finish by a manager", "boss", "完成 华星", []string{"已完成"}, func(t followup.Task) bool { return t.State == followup.Done }},
		{"finish what is not mine", "lina", "完成 华星机械", []string{"你没有 华星机械 的待办任务"}, func(t followup.Task) bool { return t.State == followup.Open }},
		{"finish without a name", "zw", "完成", []string{"是哪一家", "华星机械"}, func(t followup.Task) bool { return t.State == followup.Open }},
		{"postpone", "zw", "延期 华星机械 2个工作日 客户出差", []string{"已延期到 3月5日 00:00"}, func(t followup.Task) bool { return t.Postponed == 1 }},
		{"postpone to a day", "zw", "延期 华星机械 到周四 客户出差", []string{"已延期到 3月6日 00:00"}, func(t followup.Task) bool { return t.Postponed == 1 }},
		{"postpone by days, as people say it", "zw", "把华星机械的任务推迟两天，等合同", []string{"已延期到 3月4日 03:"}, func(t followup.Task) bool { return t.Postponed == 1 }},
		{"postpone to an hour", "zw", "华星机械延期到明天下午三点半 原因：客户出差", []string{"已延期到 3月3日 15:30"}, func(t followup.Task) bool {
			return t.Postponed == 1 && t.Notes[len(t.Notes)-1].Postponed && t.Notes[len(t.Notes)-1].Text == "客户出差"
		}},
		{"postpone to an hour that is no later", "zw", "延期 华星机械 今天2点 客户出差", []string{"不晚于"}, func(t followup.Task) bool { return t.Postponed == 0 }},
		{"postpone without a reason", "zw", "延期 华星机械 2个工作日", []string{"请写成", "原因"}, func(t followup.Task) bool { return t.Postponed == 0 }},
		{"postpone by no time", "zw", "延期 华星机械 一会儿 忙", []string{"请写成"}, func(t followup.Task) bool { return t.Postponed == 0 }},
		{"help with a word", "zw", "求助 华星机械 需要技术支持", []string{"已请主管支援"}, func(t followup.Task) bool { return !t.Helped.IsZero() && len(t.Notes) == 1 }},
		{"hand over", "zw", "转办 华星机械 李娜", []string{"已转给 李娜"}, func(t followup.Task) bool { return t.Owner == "lina" }},
		{"hand over to nobody", "zw", "转办 华星机械 某人", []string{"没有找到同事“某人”"}, func(t followup.Task) bool { return t.Owner == "zhangwei" }},
		{"a note is progress of the task as well", "zw", "跟进 华星机械 已回访", []string{"已记录"}, func(t followup.Task) bool { return len(t.Notes) == 1 && t.Notes[0].Text == "已回访" }},
		{"without permission", "money", "完成 华星机械", []string{"权限"}, func(t followup.Task) bool { return t.State == followup.Open }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w, c := claimed(t)
			in := w.say(bots.DingTalk, tt.from, tt.text, false)
			wantText(t, shown(w.answer(in)), tt.want...)
			once := w.firstTask(c)
			r, err := w.chat.ask(t.Context(), w.chat.question(in, person(t, w, tt.from)), tt.text) // again, as after a crash before the reply
			must(t, err)
			again := w.firstTask(c)
			if !tt.check(again) || again.Postponed != once.Postponed || len(again.Notes) != len(once.Notes) {
				t.Errorf("%q: %+v, and again %+v", r.text, once, again)
			}
			if tt.name == "finish" || tt.name == "hand over" {
				wantText(t, r.text, "首次联系")
			}
		})
	}
}

func TestWhatCameOfATaskIsKeptWithTheCustomer(t *testing.T) {
	t.Parallel()
	w, c := claimed(t)
	w.handle(w.say(bots.DingTalk, "zw", "完成 华星机械 对方嫌价格高", false))
	all, err := w.store.Activities(t.Context(), c.Refs(), w.now().AddDate(-1, 0, 0))
	must(t, err)
	if len(all) != 1 || all[0].Type != "note" || all[0].By != "zhangwei" || all[0].Text != "完成任务：首次联系，对方嫌价格高" {
		t.Errorf("%+v", all)
	}
}
