package app

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"lingke/bots"
	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/followup"
)

// TestADryRunOfEveryJobSaysWhatItWouldTell: a job either says who would get what, or what it does that tells nobody anything; none says nothing.
func TestADryRunOfEveryJobSaysWhatItWouldTell(t *testing.T) {
	t.Parallel()
	a := newCompany(t).open()
	dry := a.dryJobs()
	for _, j := range a.table.Jobs() {
		_, looks := occasions[j.Name]
		_, tells := dry[j.Name]
		_, quiet := quietJobs[j.Name]
		if n := one(looks) + one(tells) + one(quiet); n != 1 && !strings.Contains(j.Name, ":") {
			t.Errorf("%s has %d ways to be tried", j.Name, n)
		}
		var out strings.Builder
		if err := a.DryRunJob(t.Context(), j.Name, &out); err != nil || !strings.Contains(out.String(), "什么都没有保存") && !strings.Contains(out.String(), "去掉 --dry-run 即运行。") {
			t.Errorf("%s: %v: %q", j.Name, err, &out)
		}
	}
	for _, name := range slices.Concat(slices.Collect(maps.Keys(dry)), slices.Collect(maps.Keys(quietJobs))) {
		if _, known := a.table.Job(name); !known {
			t.Errorf("there is no job %s", name)
		}
	}
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

const dryConfig = `store: {uri: "sqlite://lingke.db"}
server: {addr: "127.0.0.1:0", tokens: [token]}
bots: {dingtalk: {client_id: ding, client_secret: secret, robot_code: ding, base_url: "http://127.0.0.1:1", oapi_url: "http://127.0.0.1:1"}}
people:
  - {id: wangfang, name: 王芳, role: manager, team: 销售, dingtalk: m1}
  - {id: zhangwei, name: 张伟, team: 销售, dingtalk: r1, monthly: 2}
  - {id: lina, name: 李娜, team: 销售, dingtalk: r2, monthly: 1}
  - {id: liuyang, name: 刘洋, team: 销售, dingtalk: r3, left: 2026-03-01}
pools:
  - {name: 轮转池, when: "true", team: 销售, strategy: rotate}
model: model.yaml
`

// trialCompany has customers whose owners did nothing for a while, some of somebody who has left, and some that nobody has.
func trialCompany(t *testing.T) (company, *App) {
	t.Helper()
	c := newCompany(t)
	c.write("lingke.yaml", dryConfig)
	c.Pass(time.Date(2026, 3, 31, 1, 30, 0, 0, time.UTC).Sub(c.Now())) // a Tuesday, and a workday
	a := c.open()
	put := func(id, owner string, days int, alter func(*customer.Customer)) {
		x := customer.Customer{ID: id, Name: "客户" + id, Stage: customer.Lead, Tier: "B", Pool: "轮转池", Facts: []byte("{}")}
		if owner != "" {
			since := c.Now().AddDate(0, 0, -days)
			x.Owner, x.OwnedAt = owner, since
			x.Clock = customer.Clock{Last: since, From: since, Next: c.Now()}
		} else {
			x.Waiting = customer.Waiting{Why: customer.WaitInTurn, Since: c.Now()}
		}
		if alter != nil {
			alter(&x)
		}
		if err := a.store.PutCustomer(t.Context(), x); err != nil {
			t.Fatal(err)
		}
	}
	put("remind", "lina", 8, nil)
	put("left", "liuyang", 1, nil)
	for i := range 5 {
		put(fmt.Sprint("wait", i), "", 0, nil)
	}
	put("good", "zhangwei", 0, func(x *customer.Customer) { x.Score.Total, x.Clock = 88, customer.Clock{} })
	dead := delivery.Delivery{
		ID: "d1", Platform: bots.DingTalk, Kind: "text", To: []string{"r1"}, Text: "你好", Rev: 1, State: delivery.Dead, Why: "不在可见范围内", Ended: c.Now(), Due: c.Now(), Created: c.Now(),
	}
	if _, err := a.store.Show(t.Context(), dead); err != nil {
		t.Fatal(err)
	}
	return c, a
}

// TestADryRunStoresNothing and says of each job who would get what, and why.
func TestADryRunStoresNothing(t *testing.T) {
	t.Parallel()
	c, a := trialCompany(t)
	ctx := t.Context()
	type standing struct {
		customers  map[string]customer.Customer
		ledger     string
		deliveries []delivery.Delivery
		tasks      []followup.Task
	}
	look := func() (s standing) {
		s.customers = c.all(a)
		text, err := a.store.Document(ctx, "handout/销售")
		s.ledger = string(text)
		if err == nil {
			s.deliveries, _, err = a.store.Deliveries(ctx, delivery.Query{Limit: 1000})
		}
		if err == nil {
			s.tasks, _, err = a.store.Tasks(ctx, followup.Query{Limit: 1000})
		}
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	before := look()
	for job, want := range map[string][]string{
		"ownership":      {"李娜　客户remind（B）：提醒负责人跟进（自 2026-03-23 09:30 起没有跟进），仍不跟进则 2026-", "刘洋　客户left（B）：负责人已离职，改由 ", "2 个客户有动作，其中 1 个换负责人或移回公海"},
		"hand-out":       {"张伟　客户wait", "（轮转池）：按容量轮转：你本月 1/2", "李娜　客户wait", "3 个客户会分配，2 个暂时无人能接"},
		"daily":          {"张伟　今日重点客户 1 个：客户good（88 分）", "李娜　今日重点客户 1 个：客户remind（0 分）"},
		"report-weekly":  {"王芳　销售周报（2026-03-23 至 2026-03-29），附图表：\n任务完成\n", "1 位主管会收到"},
		"report-monthly": {"王芳　销售月报"},
		"review-model":   {"review-model 今天不提醒"},
		"dead-letters":   {"王芳　未送达 1 条（dingtalk）：不在可见范围内"},
	} {
		var out strings.Builder
		if err := a.DryRunJob(ctx, job, &out); err != nil {
			t.Errorf("%s: %v", job, err)
		}
		for _, text := range want {
			if !strings.Contains(out.String(), text) {
				t.Errorf("%s does not say %q:\n%s", job, text, &out)
			}
		}
	}
	if after := look(); !reflect.DeepEqual(before, after) {
		t.Errorf("a dry run stored something:\n%+v\n%+v", before, after)
	}
	c.Pass(24 * time.Hour) // 1 April is a workday
	var out strings.Builder
	if err := a.DryRunJob(ctx, "review-model", &out); err != nil || !strings.Contains(out.String(), "王芳　📐 请做季度评分模型回顾") {
		t.Errorf("on the first workday of a quarter: %v\n%s", err, &out)
	}
}
