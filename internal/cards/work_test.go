package cards_test

import (
	"testing"

	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/followup"
	"lingke/internal/lang"
	"lingke/scoring"
)

func TestCardsOfWorkReadAsTheGoldenFilesSay(t *testing.T) {
	t.Parallel()
	p := cards.New(scoring.Points(), shanghai, func(c customer.Customer) scoring.Result { return c.Score })
	c := company()
	asked := task(followup.Open, "")
	asked.Kind, asked.Title, asked.Why = "request", "客户请求（绿色通道）", "- **服务请求**（website，3月2日 10:00）：打印机坏了\n- 建议：先确认收到，再约定解决时间"
	asked.English = customer.Wording{
		Title: "Customer request (fast lane)", Why: "- **service request** (website, 2 Mar 10:00): 打印机坏了\n- Advice: Confirm that you have it, then agree on when it will be solved",
	}
	churn := task(followup.Open, "")
	churn.Kind, churn.Title, churn.Why = followup.KindChurn, "流失预警", "**依据**\n- 194 天未下单，推送 2 条未打开（最近一单 2025年8月20日，来源 kingdee）\n**原因**：价格（推断，可在卡片上改选）\n**建议**：老客回归价，在现价上额外 9 折，48 小时内回访"
	churn.English = customer.Wording{
		Title: "Churn alert",
		Why: "**Evidence**\n- no order for 194 days, 2 pushes unopened (last order 20 Aug 2025, source kingdee)\n**Cause**: price (inferred; choose another on the card)\n" +
			"**Advice**: Returning-customer price, 10% off the current one; call within 48 hours",
	}
	going := asked
	going.Postponed, going.Notes = 1, []followup.Note{{At: noon, By: "lina", Text: "客户出差", Postponed: true}, {At: noon, By: "lina", Text: "已回访，考虑回归"}}
	for name, card := range map[string]any{
		"task_asked":      p.Task(asked, c),
		"task_going":      p.Task(going, c),
		"task_churn":      p.Task(churn, c),
		"task_churn.en":   p.In(lang.English).Task(churn, c),
		"task_asked.en":   p.In(lang.English).Task(asked, c),
		"task_going.en":   p.In(lang.English).Task(going, c),
		"task_passed.en":  p.In(lang.English).Passed(asked, c, "Zhang Wei"),
		"concern_help.en": p.In(lang.English).Concern(asked, c, "Li Na", cards.Help),
		"concern_late_en": p.In(lang.English).Concern(going, c, "Li Na", cards.Late),
		"task_passed":     p.Passed(asked, c, "张伟"),
		"concern_late":    p.Concern(going, c, "李娜", cards.Late),
		"concern_help":    p.Concern(asked, c, "李娜", cards.Help),
		"concern_away":    p.Concern(asked, c, "李娜", cards.Away),
		"concern_ended":   cards.Closed(p.Concern(asked, c, "李娜", cards.Late), "由 王芳 处理"),
		"work_texts.en": map[string]string{
			"urged":   p.In(lang.English).Urged(asked, c, "Wang Fang"),
			"unowned": p.In(lang.English).Unowned(c, customer.Work{Title: asked.Title, Why: asked.Why, English: asked.English}),
		},
		"work_texts": map[string]string{
			"urged":   p.Urged(asked, c, "王芳"),
			"unowned": p.Unowned(c, customer.Work{Title: "客户请求（绿色通道）", Why: asked.Why}),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			golden(t, name, card)
		})
	}
}
