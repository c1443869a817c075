package scoring

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestSentencesSayWhyInBothLanguages(t *testing.T) {
	t.Parallel()
	const text = `
name: m
dimensions:
  - id: d
    cap: 30
    rules:
      - {id: big, when: 行业 == "制造业" && 员工人数 > 500, add: 20}
      - {id: sad, name: 投诉, when: complaints_90d > 0, add: -2.5}
      - {id: both, when: nps > 5 && visits_30d > 0, add: 4}
    indicators:
      - {id: role, name: 职务, value: contact_role, weight: 8, table: {CEO: 1}}
      - {id: mean, value: order_amount_total / order_count_total, weight: 6, linear: {to: 1000}}
      - {id: region, value: region, weight: 3, table: {华东: 1}}
`
	f := facts(t, map[string]any{"行业": "制造业", "员工人数": 1200, "联系人职务": "CEO", "累计消费额": 900, "累计订单数": 3, "nps": 9})
	f.SetNumber("complaints_90d", 1, "", time.Time{})
	f.SetNumber("visits_30d", 7, "web", noon)
	r := parse(t, text).Score(f, noon)
	if diff := cmp.Diff([]string{
		"行业 = 制造业 且 员工人数 > 500：+20（员工人数 1200，来源 kingdee，2026-03-01）",
		"职务：+8/8（联系人职务 CEO，来源 kingdee，2026-03-01）",
		"推荐意愿 > 5 且 近30天访问次数 > 0：+4（推荐意愿 9，来源 kingdee，2026-03-01；近30天访问次数 7，来源 web，2026-03-02）",
		"近90天投诉次数 > 0：−2.5（近90天投诉次数 1）",
		"累计消费额 ÷ 累计订单数：+0.5/6（累计消费额 900、累计订单数 3，来源 kingdee，2026-03-01，已达上限，原为 +1.8）",
		"地区：无数据",
	}, r.Sentences("zh")); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{
		"industry = 制造业 and headcount > 500: +20 (headcount 1200, from kingdee, 2026-03-01)",
		"contact's role: +8/8 (CEO, from kingdee, 2026-03-01)",
		"willingness to recommend (NPS) > 5 and visits in 30 days > 0: +4 (willingness to recommend (NPS) 9, from kingdee, 2026-03-01; visits in 30 days 7, from web, 2026-03-02)",
		"complaints in 90 days > 0: −2.5 (complaints in 90 days 1)",
		"orders to date ÷ number of orders to date: +0.5/6 (orders to date 900, number of orders to date 3, from kingdee, 2026-03-01, cut by a cap from +1.8)",
		"region: no data",
	}, r.Sentences("en-GB")); diff != "" {
		t.Error(diff)
	}
}

func TestARuleThatTellsItsValueStillNamesItsSource(t *testing.T) {
	t.Parallel()
	m := parse(t, "name: m\ndimensions: [{id: d, rules: [{id: r, when: '行业 == \"制造业\"', add: 5}]}]")
	got := m.Score(facts(t, map[string]any{"行业": "制造业"}), noon).Sentences("zh")
	if want := "行业 = 制造业：+5（行业 制造业，来源 kingdee，2026-03-01）"; len(got) != 1 || got[0] != want {
		t.Errorf("%q, want %q", got, want)
	}
}
