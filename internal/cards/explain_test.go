package cards

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"lingke/internal/access"
	"lingke/internal/customer"
	"lingke/scoring"
)

var (
	shanghai = time.FixedZone("Asia/Shanghai", 8*60*60)
	noon     = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)
)

// model has what a reason can be made of: rules over one and two values, indicators, a cap, points taken away.
const model = `
name: test
dimensions:
  - id: profile
    name: 画像
    cap: 25
    rules:
      - {id: big, name: 500 人以上的制造企业, when: 行业 == "制造业" && 员工人数 > 500, add: 20}
    indicators:
      - {id: role, name: 联系人职务, value: 联系人职务, weight: 8, table: {CEO: 1}}
      - {id: revenue, name: 年营收, value: 年营收, weight: 5, linear: {from: 0, to: 600000000}}
  - id: engagement
    name: 互动
    rules:
      - {id: visited, name: 近 10 天访问过, when: 距上次访问天数 <= 10, add: 15}
      - {id: complained, name: 近期投诉, when: 近90天投诉次数 > 0, add: -5}
  - id: value
    name: 价值
    indicators:
      - {id: spent, name: 累计消费额, value: 累计消费额, weight: 6, log: {from: 1000, to: 1000000}}
      - {id: referrals, name: 推荐客户数, value: 推荐客户数, weight: 3, linear: {from: 0, to: 2}}
`

func scored(t *testing.T) customer.Customer {
	t.Helper()
	m, err := scoring.ParseModel("test.yaml", []byte(model), scoring.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	f := m.Schema().NewFacts()
	f.SetText("industry", "制造业", "kingdee", noon)
	f.SetNumber("headcount", 1300, "kingdee", noon)
	f.SetText("contact_role", "CEO", "kingdee", noon)
	f.SetNumber("annual_revenue", 360_000_000, "kingdee", noon)
	f.SetNumber("last_visit_days", 3, "website", noon.Add(-3*24*time.Hour))
	f.SetNumber("complaints_90d", 1, "website", noon.Add(-24*time.Hour))
	f.SetNumber("order_amount_total", 0, "lingke", time.Time{})
	return customer.Customer{Name: "华东精密机械", Tier: "C", Pool: "市场培育池", Score: m.Score(f, noon)}
}

func TestWhyTellsEveryPointWithItsValueSourceAndDay(t *testing.T) {
	t.Parallel()
	got := New(scoring.Points(), shanghai, stored).Why(scored(t))
	want := `**华东精密机械**：得分 35（培育）
**画像 25 分**（已到上限 25）
- 500 人以上的制造企业（1300 人）+20
- 联系人职务 CEO +5
**互动 10 分**
- 近 10 天访问过（3 天前）+15（website 2026-02-27）
- 近期投诉（1 次）-5（website 2026-03-01）
未得分：年营收 3.6 亿元、累计消费额 金额保密
无资料：推荐客户数
资料来源：kingdee 2026-03-02
评分模型：MODEL`
	want = strings.Replace(want, "MODEL", scored(t).Score.Model, 1)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestALimitIsNamedAsWhatItIs(t *testing.T) {
	t.Parallel()
	c := scored(t)
	c.Score.Dimensions[0].Raw, c.Score.Dimensions[0].Points = 40, 20 // its limit is 25, and the total had no place for more
	if got := New(scoring.Points(), shanghai, stored).Why(c); !strings.Contains(got, "**画像 20 分**（总分已满，只计入一部分）") {
		t.Error(got)
	}
}

func TestStandingTellsTheBasisOnlyToWhomItMay(t *testing.T) {
	t.Parallel()
	p := New(scoring.Points(), shanghai, stored)
	for _, c := range []struct {
		name, owner string
		basis       bool
		want        string
	}{
		{"without the basis", "张伟", false, "**华东精密机械**：培育\n负责人：张伟"},
		{"with an owner", "张伟", true, "**华东精密机械**：培育，得分 35\n负责人：张伟\n主要依据：\n- 500 人以上的制造企业（1300 人）+20\n- 近 10 天访问过（3 天前）+15\n- 联系人职务 CEO +5"},
		{"in a pool", "", true, "**华东精密机械**：培育，得分 35\n在“市场培育池”，暂无负责人\n主要依据：\n- 500 人以上的制造企业（1300 人）+20\n- 近 10 天访问过（3 天前）+15\n- 联系人职务 CEO +5"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, p.For(access.Sight{Tier: true, Basis: c.basis}).Standing(scored(t), c.owner)); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestWhyOfACustomerOfWhomNothingIsKnown(t *testing.T) {
	t.Parallel()
	got := New(scoring.Points(), shanghai, stored).Why(customer.Customer{Name: "新客户", Tier: "C"})
	if want := "**新客户**：得分 0（培育）\n还没有可用于评分的资料"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestValuesReadAsPeopleSayThem(t *testing.T) {
	t.Parallel()
	since := scoring.Words{ZH: "距上次访问天数"}
	for _, c := range []struct {
		name, value, unit string
		words             scoring.Words
		want              string
	}{
		{"small amount", "980.5", "元", scoring.Words{}, "980.5 元"},
		{"ten thousands", "1150000", "元", scoring.Words{}, "115 万元"},
		{"hundred millions", "330000000", "元", scoring.Words{}, "3.3 亿元"},
		{"a debt", "-25000", "元", scoring.Words{}, "-2.5 万元"},
		{"people", "1300", "人", scoring.Words{}, "1300 人"},
		{"days ago", "12", "天", since, "12 天前"},
		{"less than a day ago", "0", "天", since, "1 天内"},
		{"days that are no distance", "12", "天", scoring.Words{ZH: "账期"}, "12 天"},
		{"text", "制造业", "", scoring.Words{}, "制造业"},
		{"text where a number was expected", "未知", "元", scoring.Words{}, "未知"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := everything().value(scoring.Evidence{Value: c.value, Unit: c.unit, Name: c.words}); got != c.want {
				t.Errorf("%q, want %q", got, c.want)
			}
		})
	}
}

// TestNoPointIsLeftOut draws scores and looks each contribution up in the answer.
func TestNoPointIsLeftOut(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var r scoring.Result
		for i := range rapid.IntRange(1, 12).Draw(t, "contributions") {
			c := scoring.Contribution{Name: fmt.Sprintf("规则%d", i), Dimension: "d", Points: float64(rapid.IntRange(-9, 9).Draw(t, "points"))}
			r.Contributions, r.Total = append(r.Contributions, c), r.Total+c.Points
		}
		r.Dimensions = []scoring.DimensionScore{{ID: "d", Name: "画像", Points: r.Total, Raw: r.Total}}
		lines := strings.FieldsFunc(New(scoring.Points(), shanghai, stored).Why(customer.Customer{Name: "甲", Score: r}), func(c rune) bool { return strings.ContainsRune("\n：、", c) })
		told := make(map[string]bool, len(lines))
		for _, l := range lines {
			told[strings.TrimPrefix(l, "- ")] = true
		}
		for _, c := range r.Contributions {
			want := c.Name
			if c.Points != 0 {
				want = everything().reason(c)
			}
			if !told[want] {
				t.Fatalf("%q is not told in %q", want, lines)
			}
		}
	})
}

// everything prints for a reader who may know all.
func everything() *Printer {
	return New(scoring.Points(), shanghai, stored).For(access.Sight{Tier: true, Basis: true, Money: true})
}

func TestAmountsAreToldToFewOnly(t *testing.T) {
	t.Parallel()
	c := scored(t)
	for _, tt := range []struct {
		sight access.Sight
		want  string
	}{
		{access.Sight{Tier: true, Basis: true, Money: true}, "累计消费额 0 元"},
		{access.Sight{Tier: true, Basis: true}, "累计消费额 金额保密"},
	} {
		if got := everything().For(tt.sight).Why(c); !strings.Contains(got, tt.want) || !strings.Contains(got, "年营收 3.6 亿元") {
			t.Errorf("%s: %s", tt.sight, got)
		}
	}
	if got := New(scoring.Points(), shanghai, stored).Why(c); strings.Contains(got, "0 元") {
		t.Errorf("a printer for nobody in particular tells amounts: %s", got)
	}
}

func stored(c customer.Customer) scoring.Result { return c.Score }
