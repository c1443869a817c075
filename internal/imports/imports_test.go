package imports_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"lingke/connectors"
	"lingke/connectors/sheet"
	"lingke/internal/assign"
	"lingke/internal/batch"
	"lingke/internal/customer"
	"lingke/internal/imports"
	"lingke/internal/ingest"
	"lingke/internal/store"
	"lingke/internal/store/sqlite"
	"lingke/scoring"
)

// office is the real service over a real store.
type office struct {
	*imports.Service
	t      tb
	store  *sqlite.Store
	ingest *ingest.Service
	now    time.Time
	ids    int
}

// tb is what tests and the drawings of rapid have in common.
type tb interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

func newOffice(t tb, dir string) (*office, func()) {
	t.Helper()
	s, err := sqlite.Open(context.Background(), filepath.Join(dir, "lingke.db"))
	if err != nil {
		t.Fatal(err)
	}
	model, err := scoring.ParseModel("m.yaml", []byte("name: m\ncap: 100\ndimensions:\n"+
		"  - {id: d, name: 消费, cap: 100, indicators: [{id: i, name: 额, value: 累计消费额, weight: 100, linear: {from: 0, to: 100000}}]}\n"), scoring.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	when, err := scoring.ParseCondition("true", scoring.BuiltIn())
	if err != nil {
		t.Fatal(err)
	}
	rules := &ingest.Rules{Models: scoring.Models{model}, Schemes: scoring.Alone(scoring.Points()), Ranks: customer.Ranks{"erp", "sheet"}, Pools: assign.Pools{
		{Name: "展会池", When: when, Strategy: assign.Hold}, {Name: "市场池", When: when, Strategy: assign.Hold},
	}}
	o := &office{t: t, store: s, now: time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)}
	log := slog.New(slog.DiscardHandler)
	o.ingest = ingest.New(s, func() *ingest.Rules { return rules }, func() time.Time { return o.now }, func(string) {}, log)
	o.Service = &imports.Service{
		Ledger: s, Intake: o.ingest, Fields: func() []sheet.Field { return nil }, Pools: func() []string { return []string{"展会池", "市场池"} },
		Reserved: func(source string) bool { return source == "erp" }, Limits: sheet.DefaultLimits(), Zone: time.UTC,
		Now: func() time.Time { return o.now }, NewID: func() string { o.ids++; return fmt.Sprintf("b%03d", o.ids) }, Log: log,
	}
	return o, func() { _ = s.Close() }
}

func open(t *testing.T) *office {
	t.Helper()
	o, stop := newOffice(t, t.TempDir())
	t.Cleanup(stop)
	return o
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
}

// load imports a CSV, a minute after what was before.
func (o *office) load(csv string) *imports.Preview {
	o.t.Helper()
	o.now = o.now.Add(time.Minute)
	p, err := o.Import(context.Background(), imports.Request{File: "客户.csv", Content: []byte(csv), By: "lina"}, nil)
	o.must(err)
	o.carry()
	return p
}

func (o *office) undo(id string) {
	o.t.Helper()
	b, err := o.Undo(context.Background(), id)
	o.must(err)
	if b.State != batch.Undone {
		o.t.Fatalf("batch %s is %s", id, b.State)
	}
	o.carry()
}

// erp tells what another source knows.
func (o *office) erp(records ...connectors.Record) {
	o.t.Helper()
	o.now = o.now.Add(time.Minute)
	for i := range records {
		records[i].ModifiedAt = o.now
	}
	o.must(o.ingest.ApplyAll(context.Background(), "erp", records))
	o.carry()
}

// carry does what the dispatcher does with effects, without cards.
func (o *office) carry() {
	o.t.Helper()
	pending, err := o.store.PendingCustomers(context.Background(), 1000)
	o.must(err)
	for _, c := range pending {
		if slices.ContainsFunc(c.Effects, func(e customer.Effect) bool { return e.Kind == customer.EffectVanish }) && c.Withdrawn() && c.Owner == "" {
			o.must(o.store.RemoveCustomer(context.Background(), c.ID, c.Rev))
			continue
		}
		var ids []string
		for _, e := range c.Effects {
			ids = append(ids, e.ID)
		}
		o.must(o.store.ClearEffects(context.Background(), c.ID, ids))
	}
}

// state is everything that sources determine.
type state struct {
	Customers []customer.Customer
	Orders    []customer.Order
	Notes     []customer.Activity
}

func (o *office) state() state {
	o.t.Helper()
	var s state
	o.must(o.store.EachCustomer(context.Background(), func(c customer.Customer) error {
		orders, err := o.store.Orders(context.Background(), c.Refs())
		o.must(err)
		notes, err := o.store.Activities(context.Background(), c.Refs(), time.Time{})
		o.must(err)
		s.Orders, s.Notes = append(s.Orders, orders...), append(s.Notes, notes...)
		c.Rev, c.Facts, c.Effects = 0, nil, nil
		c.Score = scoring.Result{Total: c.Score.Total}
		c.Standing = customer.Standing{}
		c.Waiting.Since = time.Time{} // a pool's clock begins anew where it had been left in between
		s.Customers = append(s.Customers, c)
		return nil
	}))
	return s
}

func (o *office) same(want state) {
	o.t.Helper()
	if diff := cmp.Diff(want, o.state(), cmpopts.EquateEmpty()); diff != "" {
		o.t.Fatalf("differs (-want +got):\n%s", diff)
	}
}

const first = "客户编号,客户名称,统一社会信用代码,行业,订单编号,订单日期,金额\n" +
	"K1,华星机械,,制造业,S1,2026-02-01,100\nK1,华星机械,,制造业,S1,2026-02-01,50.5\nK2,远大贸易,91310000631696382C,贸易,S2,2026-02-02,1万\n"

func TestAnImportIsTakenIn(t *testing.T) {
	t.Parallel()
	o := open(t)
	p := o.load(first)
	if b := p.Batch; b.State != batch.Done || b.New != 2 || b.Orders != 2 || b.Rows != 3 || b.Good != 3 || b.Failed != 0 || b.By != "lina" || len(b.Hash) != 64 {
		t.Errorf("batch %+v", b)
	}
	s := o.state()
	if len(s.Customers) != 2 || len(s.Orders) != 2 {
		t.Fatalf("%d customers, %d orders", len(s.Customers), len(s.Orders))
	}
	sum := customer.Money(0)
	for _, order := range s.Orders {
		sum += order.Amount
	}
	if sum.String() != "10150.50" {
		t.Errorf("sum %s", sum)
	}
}

func TestImportingAgainChangesAndDoublesNothing(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.load(first)
	before := o.state()
	p := o.load(first)
	if b := p.Batch; b.New != 0 || b.Changed != 0 || b.Unchanged != 2 || len(p.Before) != 1 {
		t.Errorf("batch %+v, before %d", b, len(p.Before))
	}
	after := o.state()
	if len(after.Customers) != len(before.Customers) || len(after.Orders) != len(before.Orders) {
		t.Errorf("%d customers and %d orders, were %d and %d", len(after.Customers), len(after.Orders), len(before.Customers), len(before.Orders))
	}
	corrected := o.load("客户编号,客户名称,行业\nK1,华星机械,软件\n")
	if b := corrected.Batch; b.Changed != 1 || b.New != 0 {
		t.Errorf("corrected: %+v", b)
	}
}

func TestRowsWithoutAnIDAreTheSameCustomerInTheNextFile(t *testing.T) {
	t.Parallel()
	o := open(t)
	o.load("公司名称,电话,订单日期,金额\n华星 机械,13812345678,2026-02-01,100\n")
	o.load("公司名称,电话,订单日期,金额\n华星机械,13912345678,2026-02-01,120\n")
	s := o.state()
	if len(s.Customers) != 1 || len(s.Orders) != 1 || s.Orders[0].Amount.String() != "120.00" || s.Customers[0].Text("phone") != "13912345678" {
		t.Errorf("%+v", s)
	}
}

func TestUndoIsTheStateBefore(t *testing.T) {
	t.Parallel()
	merging := connectors.Record{Kind: connectors.Customer, ID: "E2", Fields: map[string]string{"name": "远大贸易有限公司", "credit_code": "91310000631696382C"}}
	for name, prepare := range map[string]func(*office){
		"of nothing": func(*office) {},
		"of an earlier import": func(o *office) {
			o.load("客户编号,客户名称,行业,订单编号,订单日期,金额\nK1,华星,化工,S1,2026-01-01,7\nK3,东方,贸易,S3,2026-01-01,8\n")
		},
		"of another source": func(o *office) { o.erp(merging) },
		"of both": func(o *office) {
			o.erp(merging)
			o.load("客户编号,客户名称,统一社会信用代码\nK2,远大,91310000631696382C\n")
		},
		"of an import taken back": func(o *office) { o.undo(o.load("客户编号,客户名称\nK1,从前\n").Batch.ID) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := open(t)
			prepare(o)
			before := o.state()
			o.undo(o.load(first).Batch.ID)
			o.same(before)
		})
	}
}

func TestUndoLeavesWhatCameLater(t *testing.T) {
	t.Parallel()
	o, other := open(t), open(t)
	id := o.load(first).Batch.ID
	other.now = o.now
	later := func(o *office) {
		o.erp(connectors.Record{Kind: connectors.Customer, ID: "E2", Fields: map[string]string{"name": "远大贸易有限公司", "credit_code": "91310000631696382C"}},
			connectors.Record{Kind: connectors.Order, ID: "EO", Customer: "E2", Fields: map[string]string{"amount": "5", "status": "won"}})
		o.load("客户编号,客户名称,行业\nK1,华星机械股份,软件\n")
	}
	later(o)
	later(other)
	o.undo(id)
	o.same(other.state())
}

func TestUndoKeepsACustomerThatSomebodyOwns(t *testing.T) {
	t.Parallel()
	o := open(t)
	id := o.load("客户编号,客户名称\nK1,华星机械\n").Batch.ID
	c := o.state().Customers[0]
	stored, err := o.store.Customer(t.Context(), c.ID)
	o.must(err)
	stored.Owner, stored.OwnedAt = "zhangwei", o.now
	o.must(o.store.PutCustomer(t.Context(), stored))
	o.undo(id)
	kept, err := o.store.Customer(t.Context(), c.ID)
	o.must(err)
	if kept.Owner != "zhangwei" || kept.Stage != customer.Lost || kept.Name != "华星机械" {
		t.Errorf("owner %q, stage %s, name %q", kept.Owner, kept.Stage, kept.Name)
	}
	o.load("客户编号,客户名称\nK1,华星机械\n")
	again, err := o.store.Customer(t.Context(), c.ID)
	o.must(err)
	if again.Stage != customer.Lead || again.Withdrawn() || again.Owner != "zhangwei" {
		t.Errorf("told again: stage %s, withdrawn %v, owner %q", again.Stage, again.Withdrawn(), again.Owner)
	}
}

func TestUndoOfAnyBatchIsAsIfItHadNeverBeen(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		type step struct {
			erp  bool
			text string
			rec  connectors.Record
		}
		names := rapid.SampledFrom([]string{"华星", "远大", "东方"})
		codes := rapid.SampledFrom([]string{"", "91310000631696382C", "91110000802100433B"})
		var steps []step
		for range rapid.IntRange(1, 5).Draw(rt, "steps") {
			id := rapid.SampledFrom([]string{"K1", "K2"}).Draw(rt, "id")
			if rapid.Bool().Draw(rt, "erp") {
				steps = append(steps, step{erp: true, rec: connectors.Record{Kind: connectors.Customer, ID: id, Fields: map[string]string{
					"name": names.Draw(rt, "name"), "credit_code": codes.Draw(rt, "code"),
				}}})
				continue
			}
			amount := rapid.IntRange(1, 9).Draw(rt, "amount")
			steps = append(steps, step{text: fmt.Sprintf("客户编号,客户名称,统一社会信用代码,订单编号,订单日期,金额\n%s,%s,%s,S%d,2026-01-0%d,%d00\n",
				id, names.Draw(rt, "name"), codes.Draw(rt, "code"), amount%3, amount, amount)})
		}
		drop := rapid.IntRange(0, len(steps)-1).Draw(rt, "drop")
		dir := t.TempDir()
		run := func(name string, without int) (*office, string) {
			o, stop := newOffice(rt, filepath.Join(dir, name+fmt.Sprint(time.Now().UnixNano())))
			t.Cleanup(stop)
			id := ""
			for i, s := range steps {
				switch {
				case i == without:
					o.now = o.now.Add(time.Minute)
				case s.erp:
					rec := s.rec
					rec.Fields = map[string]string{"name": rec.Fields["name"], "credit_code": rec.Fields["credit_code"]}
					o.erp(rec)
				default:
					if b := o.load(s.text).Batch.ID; i == drop {
						id = b
					}
				}
			}
			return o, id
		}
		if steps[drop].erp {
			return // only imports are taken back
		}
		all, id := run("all", -1)
		all.undo(id)
		never, _ := run("never", drop)
		all.same(never.state())
	})
}

func TestAPoolIsAskedFor(t *testing.T) {
	t.Parallel()
	o := open(t)
	q := imports.Request{File: "a.csv", Content: []byte("客户编号,客户名称\nK1,华星机械\n"), Pool: "市场池"}
	_, err := o.Import(t.Context(), q, nil)
	o.must(err)
	if pool := o.state().Customers[0].Pool; pool != "市场池" {
		t.Errorf("pool %q", pool)
	}
	q.Pool = "没有的池"
	if _, err := o.Import(t.Context(), q, nil); !errors.Is(err, imports.ErrPool) {
		t.Errorf("unknown pool: %v", err)
	}
}

func TestADryRunWritesNothing(t *testing.T) {
	t.Parallel()
	o := open(t)
	p, err := o.Preview(t.Context(), imports.Request{File: "a.csv", Content: []byte(first)})
	o.must(err)
	if p.Batch.New != 2 || len(p.Result.Preview) != 3 {
		t.Errorf("%+v", p.Batch)
	}
	batches, _, err := o.store.Batches(t.Context(), "", 10)
	o.must(err)
	if len(o.state().Customers) != 0 || len(batches) != 0 {
		t.Error("a dry run left something")
	}
}

func TestAConnectorsSourceIsRefused(t *testing.T) {
	t.Parallel()
	o := open(t)
	m, err := sheet.ParseMapping("m.yaml", []byte("source: erp\ncustomer: {id: 客户编号, fields: {name: 客户名称}}\n"))
	o.must(err)
	_, err = o.Preview(t.Context(), imports.Request{File: "a.csv", Content: []byte(first), Mapping: m})
	if !errors.Is(err, imports.ErrSource) {
		t.Errorf("got %v", err)
	}
}

func TestFailedRowsAreKeptForTheirCorrection(t *testing.T) {
	t.Parallel()
	o := open(t)
	p := o.load("客户编号,客户名称,电话\nK1,华星机械,13812345678\nK2,远大贸易,1.38E+10\n")
	if p.Batch.Failed != 1 || p.Batch.New != 1 {
		t.Fatalf("%+v", p.Batch)
	}
	content, err := o.store.Attachment(t.Context(), p.Batch.ID, batch.ProblemsAttachment)
	o.must(err)
	again, err := o.Preview(t.Context(), imports.Request{File: "problems.xlsx", Content: content})
	o.must(err)
	if again.Batch.Rows != 1 || again.Batch.Failed != 1 || again.Result.Problems[0].Header != "电话" {
		t.Errorf("the copy reads as %+v, %v", again.Batch, again.Result.Problems)
	}
	if !bytes.HasPrefix(content, []byte("PK")) {
		t.Error("no xlsx")
	}
}

// interrupted fails where the test says, as a killed process would.
type interrupted struct {
	*ingest.Service
	left int
}

var errKilled = errors.New("killed")

func (i *interrupted) ApplyAll(ctx context.Context, source string, records []connectors.Record) error {
	if i.left--; i.left < 0 {
		return errKilled
	}
	return i.Service.ApplyAll(ctx, source, records)
}

func (i *interrupted) Retell(ctx context.Context, kind connectors.Kind, refs []customer.Ref, told ingest.Ledger) ([]customer.Ref, error) {
	if i.left--; i.left < 0 {
		return nil, errKilled
	}
	return i.Service.Retell(ctx, kind, refs, told)
}

func TestWhatAProcessLeftBehindIsCarriedOn(t *testing.T) {
	t.Parallel()
	whole := open(t)
	empty := whole.state()
	whole.load(first)
	o := open(t)
	o.now = o.now.Add(time.Minute)
	o.Intake = &interrupted{o.ingest, 0}
	p, err := o.Import(t.Context(), imports.Request{File: "客户.csv", Content: []byte(first), By: "lina"}, nil)
	if p == nil || !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	o.Intake = o.ingest
	if n, err := o.Resume(t.Context()); n != 0 || err != nil {
		t.Fatalf("a batch under way was taken up: %d, %v", n, err)
	}
	if _, err := o.Undo(t.Context(), p.Batch.ID); !errors.Is(err, imports.ErrState) {
		t.Fatalf("undo of a batch under way: %v", err)
	}
	at := o.now
	o.now = at.Add(time.Hour)
	if n, err := o.Resume(t.Context()); n != 1 || err != nil {
		t.Fatalf("resumed %d, %v", n, err)
	}
	o.now = at
	o.carry()
	o.same(whole.state())
	for left := range 3 {
		o.Intake = &interrupted{o.ingest, left}
		if _, err := o.Undo(t.Context(), p.Batch.ID); !errors.Is(err, errKilled) {
			t.Fatalf("undo cut off: %v", err)
		}
	}
	o.Intake = o.ingest
	o.now = at.Add(time.Hour)
	if n, err := o.Resume(t.Context()); n != 1 || err != nil {
		t.Fatalf("resumed %d, %v", n, err)
	}
	o.carry()
	o.same(empty)
	if _, err := o.Undo(t.Context(), "none"); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("undo of no batch: %v", err)
	}
}
