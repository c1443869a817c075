package chat

import (
	"context"
	"strings"
	"testing"
	"time"

	"lingke/bots"
	"lingke/internal/delivery"
	"lingke/internal/delivery/budget"
)

// ask is what somebody on DingTalk is answered.
func (w *world) ask(from, text string) string {
	w.t.Helper()
	in := w.say(bots.DingTalk, from, text, false)
	w.handle(in)
	return w.answer(in).Text
}

func TestManagersReadTheBudgets(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.chat.Budgets = func(context.Context) ([]budget.Standing, error) {
		return []budget.Standing{
			{Name: "dingtalk/month-calls", Max: 5000, Used: 1200, Forecast: 6100, Resets: time.Date(2026, 3, 31, 16, 0, 0, 0, time.UTC)},
			{Name: "wecom/app-day", Max: 1000, Used: 10},
		}, nil
	}
	answer := w.ask("boss", "额度")
	for _, want := range []string{"钉钉本月接口调用额度：已用 1200 / 5000（24%），预计月底 6100，⚠️ 将超出 1100", "企业微信应用每日消息额度：已用 10 / 1000（1%）", "死信 0 条"} {
		if !strings.Contains(answer, want) {
			t.Errorf("%q does not say %q", answer, want)
		}
	}
	if answer := w.ask("zw", "额度"); !strings.Contains(answer, "没有使用") {
		t.Errorf("a rep reads %q", answer)
	}
}

func TestManagersReplayDeadLetters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if answer := w.ask("boss", "死信"); !strings.Contains(answer, "没有死信") {
		t.Errorf("before: %q", answer)
	}
	for _, id := range []string{"task-1", "task-2", "task-3"} {
		_, err := w.store.Show(t.Context(), delivery.Delivery{
			ID: id, Platform: bots.DingTalk, Kind: "task", To: []string{"zw"}, Card: &bots.Card{Title: "首次联系：华星机械"}, Rev: 1,
			State: delivery.Dead, Why: "不是本企业的用户", Due: w.now(), Created: w.now(), Ended: w.now(),
		})
		must(t, err)
	}
	answer := w.ask("boss", "死信")
	for _, want := range []string{"首次联系：华星机械 → 张伟（钉钉）：不是本企业的用户", "编号 task-1", "编号 task-3"} {
		if !strings.Contains(answer, want) {
			t.Errorf("%q does not say %q", answer, want)
		}
	}
	if answer := w.ask("boss", "死信 重发 task-2"); !strings.Contains(answer, "已重新发送 task-2") {
		t.Errorf("replay one: %q", answer)
	}
	if answer := w.ask("boss", "死信 重发 task-2"); !strings.Contains(answer, "没有编号为 task-2") {
		t.Errorf("replay it again: %q", answer)
	}
	if answer := w.ask("boss", "死信全部重发。"); !strings.Contains(answer, "已重新发送 2 条") {
		t.Errorf("replay all: %q", answer)
	}
	if d, err := w.store.Delivery(t.Context(), "task-3"); err != nil || d.State != delivery.Due {
		t.Errorf("%+v, %v", d, err)
	}
	if answer := w.ask("zw", "死信"); !strings.Contains(answer, "没有使用") {
		t.Errorf("a rep reads %q", answer)
	}
}
