package cards_test

import (
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/followup"
	"lingke/internal/lang"
	"lingke/scoring"
)

var update = flag.Bool("update", false, "write the golden files anew")

var (
	noon     = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC) // 12:00 in the printer's zone
	shanghai = time.FixedZone("CST", 8*3600)
)

func company() customer.Customer {
	field := func(value string) customer.Field { return customer.Field{Value: value, Source: "kingdee", At: noon} }
	part := func(rule, name, english, value string, points float64) scoring.Contribution {
		return scoring.Contribution{Rule: rule, Name: name, NameEN: english, Dimension: "profile", Points: points, Value: value, Source: "kingdee", At: noon}
	}
	return customer.Customer{
		ID: "c1", Name: "苏州华星精密机械有限公司", Tier: "A", Pool: "高价值线索",
		Fields: map[string]customer.Field{
			"industry": field("制造业"), "headcount": field("1200"), "region": field("华东"), "contact": field("陈志强"), "contact_role": field("总经理"),
			"phone": field("13812345678"),
		},
		Score: scoring.Result{
			Model: "default@1a2b", At: noon, Total: 85.25,
			Contributions: []scoring.Contribution{
				part("industry", "行业", "industry", "制造业", 20), part("size", "500 人以上的制造企业", "Manufacturer with more than 500 people", "制造业, 1200", 40.25),
				part("visits", "近30天访问", "visits in 30 days", "12", 30), part("complaints", "投诉", "complaints", "2", -5),
			},
			Dimensions: []scoring.DimensionScore{{ID: "profile", Name: "画像", NameEN: "Profile", Points: 85.25, Raw: 85.25}},
		},
	}
}

// short is what a website knows of the company.
func short() customer.Customer {
	return customer.Customer{ID: "c3", Name: "华星机械", Tier: "C", Owner: "lina", Records: disputed().Records[1:]}
}

// other is a company of which no other card tells.
func other() customer.Customer {
	return customer.Customer{ID: "c4", Name: "厦门金龙物流有限公司", Tier: "A", Owner: "lina"}
}

// disputed is a company of which two sources say different things.
func disputed() customer.Customer {
	values := func(at time.Time, pairs ...string) map[string]customer.Value {
		out := map[string]customer.Value{}
		for i := 0; i < len(pairs); i += 2 {
			out[pairs[i]] = customer.Value{Text: pairs[i+1], At: at}
		}
		return out
	}
	return customer.Customer{ID: "c1", Name: "苏州华星精密机械有限公司", Records: []customer.Record{
		{Ref: "kingdee/100231", At: noon, Values: values(noon, "name", "苏州华星精密机械有限公司", "phone", "13812345678", "region", "华东")},
		{Ref: "website/a17", At: noon.Add(48 * time.Hour), Values: values(noon.Add(48*time.Hour), "name", "华星机械", "phone", "13812345678", "contact", "陈志强", "region", "")},
	}}
}

func task(state followup.State, result string) followup.Task {
	return followup.Task{ID: "t-c1-0", Customer: "c1", Owner: "lina", Title: "首次联系", Due: noon.Add(2 * time.Hour), State: state, Result: result, English: customer.Wording{Title: "First contact"}}
}

func TestCardsReadAsTheGoldenFilesSay(t *testing.T) {
	t.Parallel()
	p := cards.New(scoring.Points(), shanghai, func(c customer.Customer) scoring.Result { return c.Score })
	for suffix, l := range map[string]lang.Language{"": lang.Chinese, ".en": lang.English} {
		for name, card := range printed(p.In(l)) {
			t.Run(name+suffix, func(t *testing.T) {
				t.Parallel()
				golden(t, name+suffix, card)
			})
		}
	}
}

// printed is what there is a golden file of, in each language.
func printed(p *cards.Printer) map[string]any {
	c := company()
	bare := customer.Customer{ID: "c2", Tier: "C", Records: []customer.Record{{Ref: "kingdee/100231"}}}
	return map[string]any{
		"lead":                p.Lead(c, ""),
		"lead_for_others":     p.For(access.Sight{Tier: true}).Lead(c, ""),
		"lead_claimed":        p.Lead(c, "李娜"),
		"lead_withdrawn":      p.Withdrawn(p.Lead(c, ""), "已转入 市场培育池"),
		"lead_without_fields": p.Lead(bare, ""),
		"task_open":           p.Task(task(followup.Open, ""), c),
		"task_done_untold":    p.Task(task(followup.Done, ""), c),
		"task_done":           p.Task(task(followup.Done, "已约周三拜访"), c),
		"task_cancelled":      p.Task(task(followup.Cancelled, "客户已退回公海"), c),
		"question":            p.Question(customer.Question{Grade: "likely", Phones: []string{"13812345678"}}, c, short(), func(string) string { return "李娜" }),
		"texts": map[string]string{
			"sources":                   p.Sources(disputed(), disputed().Conflicts(customer.Ranks{"kingdee"})),
			"reminder before":           p.Reminder(task(followup.Open, ""), c, noon),
			"reminder after":            p.Reminder(task(followup.Open, ""), c, noon.Add(3*time.Hour)),
			"standing for all":          p.For(access.Sight{Tier: true}).Standing(c, "李娜"),
			"standing with an owner":    p.Standing(c, "李娜"),
			"standing in a pool":        p.Standing(c, ""),
			"standing without anything": p.Standing(bare, ""),
			"why":                       p.Why(c),
			"why without anything":      p.Why(bare),
		},
		"top": p.Top([]customer.Customer{c, short()}, "3月2日"),
		"alert": p.Undelivered([]cards.GivenUp{
			{Platform: bots.DingTalk, Why: "dingtalk: send text: staffId.notExisted", N: 12}, {Platform: bots.WeCom, Why: "81013 user & party & tag all invalid", N: 2},
		}, noon),
		"approval":       p.Approval(c, cards.Request{Asker: "张伟", Reason: "老客户", Change: "得分 +8.5（85.2 → 93.7）", Until: "5月31日"}),
		"approval_model": p.PublishApproval(cards.ModelRequest{Asker: "王芳", Version: "default@6ba0c506", Reason: "季度复盘", Customers: 1200, Tiers: 35}),
		"list":           p.List("客户名单（A 级）", []customer.Customer{c, short(), bare}, 7, "14", true, func(string) string { return "李娜" }),
		"tier_up":        p.TierChange(c, "B", "A", customer.WhyBig),
		"tier_down":      p.For(access.Sight{Tier: true}).TierChange(short(), "B", "C", customer.WhyScore),
		"digest": p.Digest([]cards.DigestLine{
			{Kind: cards.KindTier, Title: p.TierChange(other(), "B", "A", customer.WhyBig).Title, State: p.TierChange(other(), "B", "A", customer.WhyBig).State}, {Kind: cards.KindTask, Title: p.Task(task(followup.Open, ""), other()).Title, State: p.Task(task(followup.Done, ""), other()).Closed},
		}),
		"report":  p.Report(p.Language().Say("销售周报", "The week in sales"), "2026-02-23 至 2026-03-01\n**A 高价值**　3 个客户，消费 120,000 元\n- 留存 66.7%（20.8–93.9%，n=3）\n- 任务完成 样本太少（n=2）"),
		"confirm": p.Confirm("把你名下的 苏州华星精密机械有限公司 退回线索池，未完成的任务会取消。"),
		"choice":  p.Choice([]customer.Customer{c, short(), bare}, true),
		"meaning": p.Meaning([]string{"退回 沈阳机床厂", "跟进 沈阳机床厂 放弃跟进"}),
	}
}

func golden(t *testing.T, name string, v any) {
	t.Helper()
	got, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	got = append(got, '\n')
	file := filepath.Join("testdata", name+".golden.json")
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (go test -update writes it)", err)
	}
	if string(got) != string(want) {
		t.Errorf("%s differs; go test -update shows how in the diff:\n%s", file, got)
	}
}
