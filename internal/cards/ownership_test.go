package cards_test

import (
	"testing"
	"time"

	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/lang"
	"lingke/scoring"
)

func TestOwnershipCards(t *testing.T) {
	t.Parallel()
	p := cards.New(scoring.Points(), shanghai, func(c customer.Customer) scoring.Result { return c.Score })
	name := func(id string) string {
		return map[string]string{"lina": "李娜", "zhangwei": "张伟", "wangfang": "王芳"}[id]
	}
	c := company()
	c.Owner, c.Round = "lina", 1
	c.Clock = customer.Clock{Last: noon, From: noon, Move: customer.StepReassign, MoveAt: noon.Add(168 * time.Hour), Warned: noon.Add(72 * time.Hour)}
	warning := cards.Warning{Extend: "3 个工作日", Left: 2, Colleagues: [][2]string{{"zhangwei", "张伟"}}, DelayDays: 30, Now: noon.Add(72 * time.Hour)}
	kept := warning
	kept.Left, kept.DelayDays, kept.Protected = 0, 0, noon.AddDate(0, 3, 0)
	past := cards.History{
		Orders: []customer.Order{{Status: "won", Date: noon.AddDate(0, -2, 0)}, {Status: "won", Date: noon.AddDate(0, -1, 0)}, {Status: "lost", Date: noon}},
		Activities: []customer.Activity{
			{Type: "visit", At: noon.AddDate(0, 0, -3)}, {Type: "note", By: "zhangwei", Text: "客户想要样机，等预算", At: noon.AddDate(0, 0, -1)}, {Type: "note", Deleted: true, At: noon},
		},
		Person: name,
	}
	asked := c
	asked.Clock.Offer = customer.Offer{N: 1, To: "zhangwei", By: "lina"}
	handed := c
	handed.Handed = customer.Handed{Rule: customer.HandedByManager, By: "wangfang"}
	waits := c
	waits.Owner = ""
	waits.Waiting = customer.Waiting{Why: customer.WaitChoice, Choices: []customer.Choice{{Person: "lina", Open: 12, Month: 3, Fits: true}, {Person: "zhangwei", Open: 20}}}
	nobody := waits
	nobody.Waiting = customer.Waiting{Why: customer.WaitChoice, Blocks: map[customer.Block]int{customer.BlockLeave: 2, customer.BlockLeft: 1}}
	for file, card := range map[string]any{
		"warning":           p.Warn(c, warning),
		"warning_protected": p.Warn(c, kept),
		"offer":             p.Offer(c, "李娜", past),
		"offer_by_owner":    p.Offer(asked, "李娜", cards.History{}),
		"handover":          p.Handover(handed, "张伟", "李娜", name, past),
		"decision":          p.Decision(waits, name),
		"decision_nobody":   p.Decision(nobody, name),
		"warning_english":   p.In(lang.English).Warn(c, warning), "handover_english": p.In(lang.English).Handover(handed, "张伟", "李娜", name, past),
		"ownership_texts": map[string]string{
			"manager": p.Copied(c, "manager", "李娜"), "unseen": p.Copied(c, "unseen", "李娜"), "declined": p.Copied(c, "declined", "张伟"),
			"delayed": p.Copied(customer.Customer{Name: "甲公司", Clock: customer.Clock{Delay: customer.Delay{Until: noon.AddDate(0, 0, 20), Why: "等预算"}}}, "delayed", "李娜"),
			"span":    p.SpanText(0, 2*time.Hour) + " " + p.SpanText(0, 72*time.Hour) + " " + p.SpanText(2, 0) + " " + p.SpanText(0, 90*time.Minute),
		},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			golden(t, file, card)
		})
	}
}
