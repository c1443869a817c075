package scoring

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode"
)

func shipped(t testing.TB, name string) *Model {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "configs", "models", name+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := ParseModel(name+".yaml", text, BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestShippedModelsParseAndAreNamedAsTheirFiles(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../configs/models/*.yaml")
	if err != nil || len(files) < 7 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".yaml")
		m := shipped(t, name)
		if m.Name() != name {
			t.Errorf("%s holds the model %s", file, m.Name())
		}
		if r := m.Score(nil, noon); r.Total != 0 && name != "grading-table" || name != "default" && !r.TooLittle {
			t.Errorf("%s: a customer of whom nothing is known has %v, too little: %v", name, r.Total, r.TooLittle)
		}
	}
}

func TestShippedModelsKeepTheWeightsOfTheRequirements(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		model string
		caps  map[string]float64
	}{
		{"loyalty", map[string]float64{"amount": 40, "frequency": 30, "loyalty": 30}},
		{"key-accounts", map[string]float64{"amount": 40, "interaction": 30, "potential": 20, "strategic": 10}},
		{"composite", map[string]float64{"value": 35, "potential": 30, "behaviour": 20, "relationship": 15}},
		{"grading-table", map[string]float64{"power": 40, "loyalty": 30, "activity": 15, "credit": 15}},
	} {
		for _, d := range shipped(t, c.model).Score(nil, noon).Dimensions {
			if d.Cap != c.caps[d.ID] {
				t.Errorf("%s: %s is capped at %v, want %v", c.model, d.ID, d.Cap, c.caps[d.ID])
			}
		}
	}
}

func TestTheBestCustomerOfEachModelReachesTheTop(t *testing.T) {
	t.Parallel()
	best := map[string]any{
		"近一年消费额": 5e6, "近一年最大单笔金额": 1e6, "最大单笔金额": 1e6, "近一年订单数": 20, "购买间隔中位数": 20, "复购率": 1, "品牌偏好度": 1, "推荐客户数": 5,
		"累计消费额": 2e7, "高毛利产品占比": 0.9, "近90天互动次数": 30, "近30天登录次数": 30, "近30天停留分钟": 300, "近30天页面浏览深度": 10, "增长率": 1, "预计年合同额": 5e6,
		"员工人数": 5000, "行业地位": "龙头", "战略价值": 10, "合作天数": 3000, "近一年毛利": 1e6, "近一年服务成本": 1e4, "毛利率": 0.5, "推荐带来的金额": 1e6, "预算规模": 5e6,
		"未满足需求数": 5, "距上次互动天数": 1, "近90天内容互动次数": 9, "信任度": 10, "目标一致度": 10, "竞争风险": 0, "近180天提及竞品次数": 0, "距上次下单天数": 3, "订单数环比": 0.5,
		"忠诚度": 100, "近一年复购次数": 9, "近30天访问次数": 20, "近90天点赞分享评论数": 20, "近一年评价数": 9, "逾期天数": 0, "信用评分": 95, "累计订单数": 40,
	}
	f := facts(t, best)
	f.SetFlag("高层参与", true, "", noon)
	f.SetFlag("有扩张计划", true, "", noon)
	var done []Event
	for i, kind := range []string{"trial", "trial", "trial", "trial", "meeting", "event", "meeting", "event", "inquiry", "inquiry", "inquiry", "inquiry", "inquiry", "like", "reply", "reply", "reply", "reply"} {
		done = append(done, Event{At: noon.Add(-time.Duration(i) * time.Hour), Type: kind})
	}
	f.SetEvents("互动记录", done, "web", noon)
	for _, name := range []string{"loyalty", "key-accounts", "small-company", "composite", "grading-table"} {
		if r := shipped(t, name).Score(f, noon); r.Total < 98 {
			t.Errorf("%s: the best customer has %v:\n%s", name, r.Total, strings.Join(r.Sentences("zh"), "\n"))
		}
	}
}

func TestTheGradingTablesExampleRowsKeepTheirOrder(t *testing.T) {
	t.Parallel()
	m := shipped(t, "grading-table")
	a := m.Total(facts(t, map[string]any{"近一年消费额": 500000, "忠诚度": 80}), noon)
	b := m.Total(facts(t, map[string]any{"近一年消费额": 100000, "忠诚度": 60}), noon)
	if a != 56 || b != 44 {
		t.Errorf("A has %v and B %v, want 56 and 44", a, b)
	}
}

func TestShippedModelsHaveEnglishNames(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../configs/models/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		m := shipped(t, strings.TrimSuffix(filepath.Base(file), ".yaml"))
		names := map[string]string{"title": m.Title("en")}
		for _, d := range m.dimensions {
			names[d.id] = DimensionScore{Name: d.name, NameEN: d.english}.Called("en")
			all := make([]about, 0, len(d.rules)+len(d.about))
			for _, r := range d.rules {
				all = append(all, r.about)
			}
			for _, i := range d.about {
				all = append(all, i.about)
			}
			for _, a := range all {
				names[a.id] = Contribution{Name: a.name, NameEN: a.english, Text: a.words}.Called("en")
				if strings.Contains(names[a.id], "has(") {
					t.Errorf("%s: %s is called by its formula: %q", file, a.id, names[a.id])
				}
			}
		}
		for id, name := range names {
			if name == "" || strings.ContainsFunc(name, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
				t.Errorf("%s: %s is called %q in English", file, id, name)
			}
		}
	}
}

func TestAModelIsNamedInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	read := func(name string) Result {
		m, err := ParseModel("m.yaml", []byte("name: m\ndimensions:\n  - id: d\n    name: "+name+"\n    rules: [{id: r, name: "+name+", when: 员工人数 > 5, add: 3}]\n    indicators: [{id: i, name: "+name+", value: 年营收, weight: 4, linear: {from: 0, to: 10}}]\n"), BuiltIn())
		if err != nil {
			t.Fatal(err)
		}
		f := m.Schema().NewFacts()
		f.SetNumber("headcount", 9, "crm", noon)
		return m.Score(f, noon)
	}
	both, plain := read("{zh: 大, en: Large}"), read("大")
	for _, tt := range []struct{ got, want string }{
		{both.Contributions[0].Called("zh"), "大"}, {both.Contributions[0].Called("en"), "Large"}, {plain.Contributions[0].Called("en"), "headcount > 5"},
		{both.Missing[0].Called("en"), "Large"}, {plain.Missing[0].Called("en"), "annual revenue"}, {plain.Missing[0].Called("zh"), "大"},
		{both.Dimensions[0].Called("en"), "Large"}, {plain.Dimensions[0].Called("en"), "大"}, {both.Missing[0].Text.EN, "Large"},
	} {
		if tt.got != tt.want {
			t.Errorf("%q, want %q", tt.got, tt.want)
		}
	}
	if both.Model == plain.Model || both.Brief().Contributions[0].NameEN != "" {
		t.Error("what a model says of itself is part of its version, and of no stored result")
	}
}
