package storetest

import (
	"fmt"
	"testing"
	"time"

	"lingke/bots"
	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/followup"
	"lingke/internal/inbox"
	"lingke/internal/store"
	"lingke/scoring"
	"lingke/scoring/risk"
)

// noon is the suite's now: with milliseconds, which must survive.
var noon = time.Date(2026, 3, 2, 4, 0, 0, 123e6, time.UTC)

// after returns an instant some minutes after noon.
func after(minutes int) time.Time { return noon.Add(time.Duration(minutes) * time.Minute) }

// sampleCustomer has every field set.
func sampleCustomer(id string) customer.Customer {
	ref := customer.NewRef("kingdee", id)
	return customer.Customer{
		ID: id, Stage: customer.Lead, Name: "苏州工业园区精密机械有限公司" + id, CreditCode: "code-" + id,
		Fields: map[string]customer.Field{
			"行业":        {Value: "制造业 <&> \"引号\" 🚀 𠮷", Source: "kingdee", At: noon},
			"employees": {Value: "1200", Source: "website", At: after(-1)},
		},
		Records: []customer.Record{{Ref: ref, At: noon, Values: map[string]customer.Value{"行业": {Text: "制造业", At: noon}}}},
		Since:   after(-60), Updated: noon,
		Facts: []byte(`{"员工人数":1200,"at":"2026-03-02T04:00:00.123Z"}`),
		Score: sampleScore(82.125), Tier: "A", Pool: "高价值线索", Owner: "zhangwei", OwnedAt: after(3), Round: 2,
		Held: []customer.Holding{{ID: "c0", Owner: "lina", OwnedAt: after(1), Pool: "重点跟进池", Round: 1}},
		Effects: []customer.Effect{{
			ID: "e1", Kind: customer.EffectCards, At: noon, Via: "wecom", Pool: "高价值线索",
			Work: &customer.Work{Task: "t-c1-x", Kind: "request", Title: "客户请求", Why: "**依据**", Due: "2h", At: noon, Play: "p", Urgent: true,
				English: customer.Wording{Title: "Customer request", Why: "**Evidence**"}},
		}},
		Following: customer.Following{
			Risk: &risk.Episode{ID: "silent order 2025-09-01 2026-03-02", Opened: noon, Cause: risk.Price, Signals: []risk.Signal{{
				Rule: risk.SilentRule, Cause: risk.Price, Anchor: "order 2025-09-01", Text: scoring.Words{ZH: "182 天未下单"},
				Evidence: []scoring.Evidence{{Field: "days_since_order", Value: "182", Source: "kingdee", At: after(-9)}},
			}}},
			AtRisk: noon, Episodes: 2, RiskCause: risk.Service, Asked: []string{"crm/a1"}, Marked: map[string]string{"生日": "2026-03-05"}, Contacted: after(-2),
			Exposures: []customer.Exposure{{Play: "ladder", N: 1, At: noon, Tier: "B", Step: 1, Next: after(9), Responded: after(3), Before: 100, After: 200, Orders: 2}},
		},
	}
}

func sampleScore(total float64) scoring.Result {
	words := scoring.Words{ZH: "行业 = 制造业 且 员工人数 > 500", EN: "industry = manufacturing and employees > 500"}
	return scoring.Result{
		Model: "default@1a2b", At: noon, Total: total,
		Contributions: []scoring.Contribution{{
			Rule: "big_maker", Name: "大型制造企业", Dimension: "fit", Points: total, Value: "1200", Source: "kingdee", At: noon, Text: words,
		}},
		Dimensions: []scoring.DimensionScore{{ID: "fit", Name: "匹配度", Points: total, Raw: total}},
	}
}

// lead is an unowned customer without effects.
func lead(id string) customer.Customer {
	c := sampleCustomer(id)
	c.Owner, c.OwnedAt, c.Effects, c.Following = "", time.Time{}, nil, customer.Following{}
	return c
}

// owned is a customer of person, without effects.
func owned(c customer.Customer, person string) customer.Customer {
	c.Owner, c.OwnedAt = person, noon
	return c
}

// putLeads stores n leads with ids c000, c001, … and returns them as stored.
func putLeads(t *testing.T, s store.Store, n int) []customer.Customer {
	t.Helper()
	all := make([]customer.Customer, n)
	for i := range all {
		c := lead(fmt.Sprintf("c%03d", i))
		must(t, s.PutCustomer(t.Context(), c))
		c.Rev = 1
		all[i] = c
	}
	return all
}

func sampleTask(id string) followup.Task {
	return followup.Task{
		ID: id, Customer: "c1", Owner: "zhangwei", Kind: "first_contact", Title: "首次联系 📞", Due: after(120), State: followup.Open,
		Result: "已约", Created: noon, Ended: after(5), Reminded: after(4), Via: "wecom", Why: "**依据**", Tier: "A", Play: "win-back", Wake: after(100), Escalated: after(6),
		Helped: after(7), FirstDue: after(90), Postponed: 1, Notes: []followup.Note{{At: after(2), By: "zhangwei", Text: "在考虑", Postponed: true}}, Passed: []followup.Passing{{At: after(1), From: "lina", By: "wangfang"}},
		English: customer.Wording{Title: "First contact", Why: "**Evidence**", Result: "agreed"},
	}
}

func sampleDelivery(id string) delivery.Delivery {
	return delivery.Delivery{
		ID: id, Platform: bots.WeCom, Kind: "lead", Customer: "c1", Task: "t1", Question: "q1", To: []string{"ZhangWei", "李娜"}, Conversation: "chat1",
		ReplyURL: "https://example.com/reply?x=1", ReplyUntil: after(60), Card: sampleCard("待领取"),
		Rev: 1, State: delivery.Due, Due: noon, Handle: bots.Handle{Message: "m1", Codes: []string{"code0"}},
		Replaced: 1, Refused: []bots.Refusal{{To: "wangwu", Reason: "不在可见范围"}}, Created: after(-1),
	}
}

func sampleCard(state string) *bots.Card {
	return &bots.Card{
		Kind: "lead", Title: "新线索 🔔", State: state, Body: "**精密机械**\n- 行业：制造业", Fields: []bots.Field{{Name: "得分", Value: "82"}},
		Actions: []bots.Action{{ID: "claim", Label: "领取", Style: bots.Primary, Inputs: []bots.Input{
			{ID: "when", Label: "何时联系", Options: []bots.Option{{ID: "today", Label: "今天"}}},
		}}},
	}
}

func sampleEvent(id string) inbox.Event {
	return inbox.Event{ID: id, Source: "hook:website", Body: []byte("{\"公司\":\"精密\"}\x00\xff"), Received: noon, State: inbox.Due, Due: noon}
}
