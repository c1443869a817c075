package chat

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"lingke/bots"
	"lingke/connectors"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/followup"
	"lingke/internal/lang"
	"lingke/scoring/risk"
)

// endangered is a customer of 张伟 of which a competitor's name was heard.
func endangered(t *testing.T) (*world, customer.Customer) {
	t.Helper()
	w := newWorld(t)
	w.rules.Follow = &followup.Rules{Zone: time.UTC, Churn: &followup.Churn{
		Rules: risk.DefaultRules(), Calm: risk.DefaultCalm(), Words: risk.DefaultWords(), Due: "2 workdays", Advice: map[risk.Cause]lang.Text{risk.Price: {ZH: "老客回归价"}},
	}}
	w.chat.Advice = func(c risk.Cause) lang.Text { return map[risk.Cause]lang.Text{risk.Price: {ZH: "老客回归价"}}[c] }
	c := w.lead("1", "华星机械", 800)
	w.handle(w.press(bots.DingTalk, "zw", c, cards.KindLead, cards.ActionClaim))
	w.clock.Add(1000)
	err := w.ingest.Apply(t.Context(), "crm", connectors.Record{
		Kind: connectors.Activity, ID: "a1", Customer: "1", ModifiedAt: w.now(), Fields: map[string]string{"type": "competitor", "text": "A 公司报价更低"},
	})
	must(t, err)
	must(t, w.chat.Outgoing.Carry(t.Context(), c.ID))
	return w, w.customer(c.ID)
}

func (w *world) churnTask(c customer.Customer) followup.Task {
	w.t.Helper()
	for _, d := range w.shownTo(c, cards.KindTask, "zw") {
		if strings.HasPrefix(d.Card.Title, "流失预警") {
			task, err := w.chat.Tasks.Task(w.t.Context(), d.Task)
			must(w.t, err)
			return task
		}
	}
	w.t.Fatal("no alert")
	return followup.Task{}
}

func TestButtonsOfAnAlert(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		action string
		inputs map[string]string
		toast  string
		check  func(c customer.Customer, t followup.Task) bool
	}{
		{cards.ActionResponded, nil, "已移出流失名单", func(c customer.Customer, t followup.Task) bool {
			return c.AtRisk.IsZero() && c.Risk.Reason == risk.ByResponse && t.State == followup.Done && t.Result == "客户有回应"
		}},
		{cards.ActionCause, map[string]string{"cause": "price"}, "原因：价格", func(c customer.Customer, t followup.Task) bool {
			return c.RiskCause == risk.Price && !c.AtRisk.IsZero() && t.State == followup.Open && len(t.Notes) == 1 && t.Notes[0].Text == "原因：价格。老客回归价"
		}},
		{cards.ActionCause, map[string]string{"cause": "weather"}, "已失效", func(c customer.Customer, t followup.Task) bool { return c.RiskCause == "" && len(t.Notes) == 0 }},
	} {
		t.Run(tt.action+fmt.Sprint(tt.inputs), func(t *testing.T) {
			t.Parallel()
			w, c := endangered(t)
			in := w.press(bots.DingTalk, "zw", c, cards.KindTask, tt.action)
			in.Click.Card = "task-" + w.churnTask(c).ID
			in.Click.Inputs = tt.inputs
			a := w.handle(in)
			wantText(t, a.Toast, tt.toast)
			w.handle(in) // again, as after a crash
			if c, task := w.customer(c.ID), w.churnTask(c); !tt.check(c, task) || len(c.Effects) > 0 {
				t.Errorf("%+v\n%+v", c.Following, task)
			}
		})
	}
}

func TestCommandsAboutChurn(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		from, text string
		want       []string
	}{
		{"zw", "流失", []string{"华星机械", "竞品", "提到竞品：A 公司报价更低", "!负责人"}},
		{"boss", "流失", []string{"华星机械", "负责人 张伟"}},
		{"lina", "流失", []string{"没有流失风险的客户"}},
		{"money", "流失", []string{"权限"}},
		{"zw", "回应 华星机械 已回电", []string{"不在流失名单里"}},
		{"lina", "回应 华星机械", []string{"只有"}},
		{"zw", "流失原因 华星机械 价格", []string{"华星机械 的流失原因：价格"}},
		{"zw", "流失原因 华星机械 天气", []string{"请写成"}},
	} {
		t.Run(tt.from+" "+tt.text, func(t *testing.T) {
			t.Parallel()
			w, _ := endangered(t)
			in := w.say(bots.DingTalk, tt.from, tt.text, false)
			wantText(t, w.answer(in).Text, tt.want...)
			if strings.HasPrefix(tt.text, "回应 华星") && tt.from == "zw" {
				wantText(t, w.answer(w.say(bots.DingTalk, "boss", "流失", false)).Text, "没有流失风险的客户")
			}
		})
	}
}
