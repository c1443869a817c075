package cards_test

import (
	"testing"
	"time"

	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/scoring"
)

func TestHandedByTellsTheOwnerTheRuleAndTheReason(t *testing.T) {
	t.Parallel()
	for want, h := range map[string]customer.Handed{
		"按容量轮转：你本月 12/60，最少":                      {Rule: "rotate", Month: 12, Quota: 60, Least: true},
		"平均轮转：你本月 第 3 个，轮到你":                      {Rule: "equal", Month: 3},
		"按权重轮转（占 2/5）：你本月 第 1 个，现在只有你能接，地区相符":     {Rule: "weighted", Share: "2/5", Month: 1, Only: true, Match: []string{"region"}},
		"按在手最少分配：你名下 5 个，最少，地区、资历相符的人都不能接，改由全队分配": {Rule: "least", Open: 5, Least: true, Match: []string{"region", "seniority"}, Unmatched: true},
	} {
		if got := cards.HandedBy(h); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

func TestStandingSaysWhyNobodyHasACustomer(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("CST", 8*3600)
	p := cards.New(scoring.Points(), zone, func(c customer.Customer) scoring.Result { return c.Score })
	since := time.Date(2026, 3, 2, 1, 30, 0, 0, time.UTC)
	for want, w := range map[string]customer.Waiting{
		"": {},
		"等待团队领取，3月2日 09:30 起":              {Why: customer.WaitOffered, Since: since},
		"暂无人能接（团队里没有人），3月2日 09:30 起":       {Why: customer.WaitNobody, Since: since},
		"暂无人能接（1 人是主管、不参与分配），3月2日 09:30 起": {Why: customer.WaitNobody, Since: since, Blocks: map[customer.Block]int{customer.BlockManager: 1}},
		"暂无人能接（2 人本月容量已满，1 人请假），3月2日 09:30 起": {
			Why: customer.WaitNobody, Since: since, Blocks: map[customer.Block]int{customer.BlockLeave: 1, customer.BlockMonth: 2},
		},
	} {
		if got := p.Waiting(customer.Customer{Waiting: w}); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}
