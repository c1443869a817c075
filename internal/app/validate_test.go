package app_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lingke/internal/app"
	"lingke/internal/lang"
	"lingke/internal/testdata"
)

// validated runs a validation and wants each of the lines, blanks aside.
func validated(t *testing.T, o app.ValidateOptions, want ...string) {
	t.Helper()
	var out strings.Builder
	if err := app.ValidateFile(o, time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC), &out); err != nil {
		t.Fatal(err)
	}
	got := strings.Join(strings.Fields(out.String()), " ")
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("it does not say %q:\n%s", w, out.String())
		}
	}
}

// TestScoresOfTheReferencesHaveTheirFigures: the figures are those of ../shared/data, README.md.
func TestScoresOfTheReferencesHaveTheirFigures(t *testing.T) {
	t.Parallel()
	t.Run("leads, a regression", func(t *testing.T) {
		t.Parallel()
		validated(t, app.ValidateOptions{Data: testdata.File(t, "leads/reference_scores_dev.csv"), Score: "score", Probabilities: true},
			"1386 个有结果的客户，其中 504 个成交", "AUC 0.8702（", "KS 0.5879（", "前 10% 提升度 2.3315（", "Brier 0.1422（", "对数损失 0.4485（", "准确率 80.6%", "高分客户转化率更高：成立")
	})
	t.Run("leads, rules", func(t *testing.T) {
		t.Parallel()
		validated(t, app.ValidateOptions{Data: testdata.File(t, "leads/reference_rule_scores_dev.csv"), Score: "rule_score", Outcome: "y"},
			"4620 个有结果的客户，其中 1791 个成交", "AUC 0.8517（", "KS 0.5608（", "前 10% 提升度 2.4121（", "前 20% 提升度 2.2948（", "前一半覆盖的成交 81.3%")
	})
	t.Run("bank", func(t *testing.T) {
		t.Parallel()
		validated(t, app.ValidateOptions{Data: testdata.File(t, "bank/reference_scores.csv"), Score: "score", Probabilities: true},
			"AUC 0.8019（", "前 10% 提升度 4.649", "前一半覆盖的成交 82.8%")
	})
}

const leadFields = `fields:
  - {id: lead_origin, name: 线索入口, kind: text}
  - {id: lead_source, name: 线索来源, kind: text}
  - {id: do_not_email, name: 拒收邮件, kind: text}
  - {id: total_visits, name: 总访问次数, english: TotalVisits, kind: number}
  - {id: site_time, name: 停留时间, english: Total Time Spent on Website, kind: number}
  - {id: page_views, name: 每次浏览页数, english: Page Views Per Visit, kind: number}
  - {id: specialization, name: 专业, kind: text}
  - {id: heard, name: 得知渠道, english: How did you hear about X Education, kind: text}
  - {id: occupation, name: 职业, english: What is your current occupation, kind: text}
  - {id: city, name: 城市, kind: text}
  - {id: free_copy, name: 领取赠书, english: A free copy of Mastering The Interview, kind: text}
`

const leadModel = `name: leads
cap: 100
dimensions:
  - id: all
    rules:
      - {id: form, when: 'lead_origin == "Lead Add Form"', add: 30}
      - {id: referred, when: 'lead_source in ["Reference", "Welingak Website"]', add: 15}
      - {id: professional, when: 'occupation == "Working Professional"', add: 25}
      - {id: long, when: 'site_time >= 1000', add: 25}
      - {id: middle, when: 'site_time >= 300 && site_time < 1000', add: 12}
      - {id: no-mail, when: 'do_not_email == "Yes"', add: -15}
      - {id: visits, when: 'total_visits >= 3', add: 5}
`

func written(t *testing.T, name, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestARegressionOnTheColumnsReachesTheReference: AUC 0.848535 without the last activity, 0.870166 with it.
func TestARegressionOnTheColumnsReachesTheReference(t *testing.T) {
	t.Parallel()
	const activity = "  - {id: last_activity, name: 最近互动, kind: text}\n"
	for fields, want := range map[string]string{leadFields: "其余检验） 0.848", leadFields + activity: "其余检验） 0.870"} {
		validated(t, leadOptions(t, fields), want, "读取 6 个字段，数据中有 6 个", "未识别的列“Country”")
	}
}

func leadOptions(t *testing.T, fields string) app.ValidateOptions {
	t.Helper()
	return app.ValidateOptions{
		Data: testdata.File(t, "leads/x_education_leads_dev.csv"), Model: written(t, "model.yaml", leadModel), Fields: written(t, "fields.yaml", fields),
		Missing: []string{"Select"}, Edges: []float64{20, 50},
	}
}

// ruleModel are the reference's eight rules. Its points add up without a floor.
var ruleModel = strings.Replace(leadModel, "cap: 100\n", "cap: 100\nfloor: -15\n", 1) + `      - {id: sms, when: 'last_activity == "SMS Sent"', add: 15}
`

// TestRulesGiveTheReferencePointsExactly: every one of 4,620 rows, and so its AUC, lift and KS to all digits.
func TestRulesGiveTheReferencePointsExactly(t *testing.T) {
	t.Parallel()
	const activity = "  - {id: last_activity, name: 最近互动, kind: text}\n"
	o := leadOptions(t, leadFields+activity)
	o.Model = written(t, "rules.yaml", ruleModel)
	validated(t, o, "AUC 0.8517（", "KS 0.5608（", "前 10% 提升度 2.4121（", "前 20% 提升度 2.2948（", "前一半覆盖的成交 81.3%")
	want := referencePoints(t)
	sample, err := app.SampleOf(o, time.Now())
	if err != nil || len(sample.Cases) != len(want) {
		t.Fatalf("%d rows, want %d: %v", len(sample.Cases), len(want), err)
	}
	for i, c := range sample.Cases {
		if c.Score != want[i] {
			t.Fatalf("row %d: %v points, the reference says %v", i+1, c.Score, want[i])
		}
	}
}

// referencePoints are the points of the reference's rows, in the order of the file.
func referencePoints(t *testing.T) (out []float64) {
	t.Helper()
	for _, row := range testdata.Rows(t, "leads/reference_rule_scores_dev.csv", ',') {
		out = append(out, testdata.Number(t, row["rule_score"]))
	}
	return out
}

// TestTheDraftGoesIntoAFileOfItsOwn: a file that is there may be the model in force.
func TestTheDraftGoesIntoAFileOfItsOwn(t *testing.T) {
	t.Parallel()
	o := leadOptions(t, leadFields)
	dir := t.TempDir()
	o.Chart, o.Suggest = filepath.Join(dir, "chart.png"), filepath.Join(dir, "draft.yaml")
	validated(t, o, "图表：", "建议草稿：")
	text, err := os.ReadFile(o.Suggest)
	english := o
	english.Language, english.Suggest = lang.English, filepath.Join(dir, "english.yaml")
	validated(t, english, "customers with a known outcome, of whom", "Higher scores convert better: yes", "Lift of the top 10%", "Chart: ", "Draft: ", "Points now, and those that the data speak for")
	if err != nil || !strings.Contains(string(text), "#   form 线索入口 = Lead Add Form：+30 → ") {
		t.Errorf("%v; the draft: %s", err, text)
	}
	o.Suggest = o.Model
	if err := app.ValidateFile(o, time.Now(), new(strings.Builder)); !errors.Is(err, app.ErrExists) {
		t.Errorf("a model was overwritten: %v", err)
	}
}

// TestDealsGiveSizeAndDays: what is open is left out; amounts and days are those of the won ones.
func TestDealsGiveSizeAndDays(t *testing.T) {
	t.Parallel()
	validated(t, app.ValidateOptions{Data: testdata.File(t, "crm_sales/sales_pipeline_dev.csv"), Won: []string{"Won"}, Lost: []string{"Lost"}},
		"3365 个有结果的客户，其中 2107 个成交；另有 1035 个尚无结果", "未识别的列“product”，是否指“products”？", "2375 元（", "AUC 0.5000（")
}

func TestAHostileModelIsRefusedWithItsPlace(t *testing.T) {
	t.Parallel()
	model := written(t, "bad.yaml", "name: x\ncap: 100\ndimensions:\n  - id: a\n    rules:\n      - {id: r, when: 近一年消费 > 1, add: 1}\n")
	err := app.ValidateFile(app.ValidateOptions{Data: written(t, "d.csv", "nps,won\n"), Model: model}, time.Now(), new(strings.Builder))
	if err == nil || !strings.Contains(err.Error(), "bad.yaml:6:") || !strings.Contains(err.Error(), "近一年消费额") {
		t.Errorf("error %v", err)
	}
}
