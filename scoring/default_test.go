package scoring

import (
	"os"
	"strings"
	"testing"
	"time"
)

var noon = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)

func defaultModel(t testing.TB) *Model {
	t.Helper()
	text, err := os.ReadFile("../configs/models/default.yaml")
	if err != nil {
		t.Fatal(err)
	}
	m, err := ParseModel("default.yaml", text, BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// facts makes facts of the built-in schema: numbers and texts, all told by "kingdee" on 2026-03-01 in China.
func facts(t testing.TB, values map[string]any) *Facts {
	t.Helper()
	f := BuiltIn().NewFacts()
	at := time.Date(2026, 2, 28, 16, 0, 0, 0, time.UTC)
	for name, v := range values {
		ok := false
		switch v := v.(type) {
		case int:
			ok = f.SetNumber(name, float64(v), "kingdee", at)
		case float64:
			ok = f.SetNumber(name, v, "kingdee", at)
		case string:
			ok = f.SetText(name, v, "kingdee", at)
		}
		if !ok {
			t.Fatalf("cannot set %s to %v", name, v)
		}
	}
	return f
}

func TestDefaultModelGivesEachCustomerItsTier(t *testing.T) {
	t.Parallel()
	m := defaultModel(t)
	for _, c := range []struct {
		name string
		f    map[string]any
		tier string
	}{
		{"an excellent new lead without orders is A", map[string]any{
			"行业": "制造业", "员工人数": 800, "年营收": 2e8, "联系人职务": "CEO", "地区": "华东", "距上次访问天数": 2, "近30天访问次数": 6,
			"近30天登录次数": 5, "试用功能数": 4, "近一年活动参与次数": 1, "近90天内容互动次数": 2, "预计年合同额": 400000, "推荐意愿": 9,
		}, "A"},
		{"a loyal buyer that fits and still visits is A", map[string]any{
			"行业": "制造业", "员工人数": 300, "年营收": 5e7, "联系人职务": "总经理", "地区": "华东", "距上次访问天数": 6, "近30天访问次数": 3,
			"累计消费额": 600000, "近一年复购次数": 4, "预计年合同额": 200000,
		}, "A"},
		{"a large manufacturer that looks around is B", map[string]any{
			"行业": "制造业", "员工人数": 1200, "联系人职务": "采购经理", "地区": "华中", "距上次访问天数": 8, "近30天访问次数": 2,
		}, "B"},
		{"a buyer that has gone quiet is B", map[string]any{
			"行业": "零售业", "员工人数": 90, "联系人职务": "采购总监", "地区": "华南", "距上次访问天数": 60,
			"累计消费额": 180000, "近一年复购次数": 1, "推荐意愿": 8,
		}, "B"},
		{"a small lead with one visit is C", map[string]any{
			"行业": "零售业", "员工人数": 40, "联系人职务": "主管", "地区": "西南", "距上次访问天数": 3, "近30天访问次数": 1, "预计年合同额": 50000,
		}, "C"},
		{"a name and nothing else is C", nil, "C"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := m.Score(facts(t, c.f), noon)
			t.Logf("%v %v\n%s", r.Total, r.Dimensions, strings.Join(r.Sentences("zh"), "\n"))
			if got := Points().Tier(r.Total); got != c.tier {
				t.Errorf("total %v is tier %s, want %s", r.Total, got, c.tier)
			}
		})
	}
}

func TestDefaultModelGivesTheRulesOfTheRequirements(t *testing.T) {
	t.Parallel()
	m := defaultModel(t)
	for _, c := range []struct {
		name, rule string
		f          map[string]any
		points     float64
	}{
		{"manufacturing above 500 brings 20", "manufacturing-500", map[string]any{"行业": "制造业", "员工人数": 501}, 20},
		{"500 is not above 500", "manufacturing-500", map[string]any{"行业": "制造业", "员工人数": 500}, 0},
		{"another industry brings nothing", "manufacturing-500", map[string]any{"行业": "零售业", "员工人数": 900}, 0},
		{"an unknown headcount brings nothing", "manufacturing-500", map[string]any{"行业": "制造业"}, 0},
		{"a visit 10 days ago brings 15", "visited-10d", map[string]any{"距上次访问天数": 10}, 15},
		{"a visit 11 days ago brings nothing", "visited-10d", map[string]any{"距上次访问天数": 11}, 0},
		{"a visit today brings 15", "visited-10d", map[string]any{"距上次访问天数": 0}, 15},
		{"an unknown visit brings nothing", "visited-10d", nil, 0},
		{"orders above 100,000 bring 30", "orders-100k", map[string]any{"累计消费额": 100000.01}, 30},
		{"100,000 is not above 100,000", "orders-100k", map[string]any{"累计消费额": 100000}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := 0.0
			for _, part := range m.Score(facts(t, c.f), noon).Contributions {
				if part.Rule == c.rule {
					got = part.Points
				}
			}
			if got != c.points {
				t.Errorf("%s brought %v, want %v", c.rule, got, c.points)
			}
		})
	}
}
