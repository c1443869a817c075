package exports_test

import (
	"bytes"
	"errors"
	"path/filepath"
	"testing"
	"time"

	"lingke/connectors/sheet"
	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/exports"
	"lingke/internal/followup"
	"lingke/internal/store/sqlite"
	"lingke/scoring"
)

var noon = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)

func service(t *testing.T) (*exports.Service, *sqlite.Store) {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "lingke.db"))
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	model, err := scoring.ParseModel("m.yaml", []byte("name: m\ncap: 100\ndimensions:\n"+
		"  - {id: d, name: 消费, cap: 100, indicators: [{id: i, name: 额, value: 累计消费额, weight: 100, linear: {from: 0, to: 500000}}]}\n"), scoring.BuiltIn())
	must(t, err)
	explain := func(c customer.Customer) scoring.Result {
		f := model.Schema().NewFacts()
		f.SetNumber("order_amount_total", 250_000, "orders", noon)
		return model.Score(f, noon)
	}
	return &exports.Service{
		Store: s, Models: func() scoring.Models { return scoring.Models{model} }, Explain: explain, Name: func(id string) string { return "张伟" }, Zone: time.UTC,
	}, s
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func export(t *testing.T, s *exports.Service, q exports.Request) (int, string) {
	t.Helper()
	var out bytes.Buffer
	n, err := s.Write(t.Context(), q, func(title string, header []string) (sheet.Writer, error) {
		return sheet.NewWriter(&out, "a.csv", title, time.UTC, header...)
	})
	must(t, err)
	return n, out.String()
}

func TestTheGradingTableHasItsThreeParts(t *testing.T) {
	t.Parallel()
	s, db := service(t)
	ref := customer.NewRef("sheet", "K1")
	phone := map[string]customer.Field{"phone": {Value: "13812345678"}, "industry": {Value: "=制造业"}}
	must(t, db.PutCustomer(t.Context(), customer.Customer{
		ID: "c1", Name: "华星机械", Stage: customer.Active, Owner: "zhangwei", Tier: "high", Fields: phone, Records: []customer.Record{{Ref: ref}, {Ref: "erp/7"}, {Ref: "site/a"}}, Score: scoring.Result{Total: 50, At: noon},
	}))
	for _, status := range []string{"won", "lost"} {
		_, err := db.PutOrder(t.Context(), customer.Order{ID: customer.NewRef("sheet", status), Customer: ref, Amount: customer.FromYuan(250_000), Status: status, Date: noon, ModifiedAt: noon})
		must(t, err)
	}
	const header = "\uFEFF领客编号,客户编号,来源记录,客户名称,统一社会信用代码,联系人,电话,行业,地区,阶段,负责人,所在线索池,订单数,累计成交额,最近成交,消费得分,总分,层级,评分时间,首次评分,满意度,近一年服务成本\r\n"
	n, got := export(t, s, exports.Request{})
	want := header + "c1,K1,\"erp/7,site/a\",华星机械,,,138****5678,'=制造业,,成交,张伟,,1,250000,2026-03-02 04:00:00,50,50,high,2026-03-02 04:00:00,,,\r\n"
	if n != 1 || got != want {
		t.Errorf("%d rows:\n%s\nwant\n%s", n, got, want)
	}
	if _, got := export(t, s, exports.Request{Phones: true}); !bytes.Contains([]byte(got), []byte("13812345678")) {
		t.Error("phones were asked for")
	}
	q := exports.Request{}
	q.Filter.Tier = "low"
	if n, got := export(t, s, q); n != 0 || got != header {
		t.Errorf("another tier: %d rows, %q", n, got)
	}
}

func TestTasksAndDeadDeliveriesAreListed(t *testing.T) {
	t.Parallel()
	s, db := service(t)
	_, err := db.AddTask(t.Context(), followup.Task{ID: "t1", Title: "首次联系", Customer: "gone", Owner: "zhangwei", State: followup.Open, Due: noon, Created: noon})
	must(t, err)
	_, err = db.Show(t.Context(), delivery.Delivery{ID: "d1", Platform: "wecom", Kind: "lead", State: delivery.Dead, Why: "不在可见范围", Created: noon, Rev: 1})
	must(t, err)
	if n, got := export(t, s, exports.Request{List: exports.Tasks}); n != 1 || !bytes.Contains([]byte(got), []byte("t1,首次联系,gone,张伟,未完成,2026-03-02 04:00:00")) {
		t.Errorf("%d tasks:\n%s", n, got)
	}
	if n, got := export(t, s, exports.Request{List: exports.Deliveries}); n != 1 || !bytes.Contains([]byte(got), []byte("不在可见范围")) {
		t.Errorf("%d deliveries:\n%s", n, got)
	}
	if _, err := s.Write(t.Context(), exports.Request{List: "other"}, nil); !errors.Is(err, exports.ErrList) {
		t.Errorf("unknown list: %v", err)
	}
}
