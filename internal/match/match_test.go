package match_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"lingke/connectors"
	"lingke/internal/access"
	"lingke/internal/assign"
	"lingke/internal/customer"
	"lingke/internal/ingest"
	"lingke/internal/match"
	"lingke/internal/store"
	"lingke/internal/store/sqlite"
	"lingke/scoring"
)

var (
	manager = access.Person{ID: "wang", Role: access.RoleManager}
	rep     = access.Person{ID: "li", Role: access.RoleRep}
)

// office is matching over a real store, with a board on which questions are shown.
type office struct {
	*match.Service
	t      *testing.T
	store  store.Store
	ingest *ingest.Service
	at     time.Time
	shown  []string // ids of questions, in order
	closed []string
}

// ShowQuestion is a shower's.
func (o *office) ShowQuestion(_ context.Context, q customer.Question, _, _ customer.Customer) ([]string, error) {
	o.shown = append(o.shown, q.ID)
	return []string{q.ID}, nil
}

// CloseQuestion is a shower's.
func (o *office) CloseQuestion(_ context.Context, q customer.Question) error {
	o.closed = append(o.closed, q.ID)
	return nil
}

func newOffice(t *testing.T) *office {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "lingke.db"))
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	model, err := scoring.ParseModel("test.yaml", []byte("name: none\ncap: 100\ndimensions:\n  - {id: profile, name: 画像, cap: 100, rules: [{id: r, name: 人数, when: 员工人数 > 1, add: 1}]}\n"), scoring.BuiltIn())
	must(t, err)
	rules := &ingest.Rules{Models: scoring.Models{model}, Schemes: scoring.Alone(scoring.Points()), Pools: assign.Pools{}}
	o := &office{t: t, store: s, at: time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)}
	now := func() time.Time { return o.at }
	o.ingest = ingest.New(s, func() *ingest.Rules { return rules }, now, func(string) {}, slog.New(slog.DiscardHandler))
	o.Service = &match.Service{Store: s, Decide: o.ingest, Show: o, Now: now}
	return o
}

// tell takes a customer in and looks for others like it.
func (o *office) tell(ref customer.Ref, fields ...string) customer.Customer {
	o.t.Helper()
	all := map[string]string{}
	for i := 0; i+1 < len(fields); i += 2 {
		all[fields[i]] = fields[i+1]
	}
	o.at = o.at.Add(time.Second)
	must(o.t, o.ingest.Apply(o.t.Context(), ref.Source(), connectors.Record{Kind: connectors.Customer, ID: ref.ID(), ModifiedAt: o.at, Fields: all}))
	c := o.of(ref)
	must(o.t, o.Likened(o.t.Context(), c))
	return c
}

func (o *office) of(ref customer.Ref) customer.Customer {
	o.t.Helper()
	found, err := o.store.CustomersByKey(o.t.Context(), []customer.Ref{ref}, nil)
	must(o.t, err)
	if len(found) != 1 {
		o.t.Fatalf("%d customers have %s", len(found), ref)
	}
	return found[0]
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

const code1, code2 = "91350100M000100Y43", "91110000600037341L"

func TestWhatIsAsked(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		a, b []string
		want bool
	}{
		{"the same name", []string{"name", "苏州华星机械有限公司"}, []string{"name", "苏州华星机械有限责任公司"}, true},
		{"the same name, one with a code", []string{"name", "苏州华星机械有限公司", "credit_code", code1}, []string{"name", "苏州华星机械有限公司"}, true},
		{"the same name, different codes", []string{"name", "苏州华星机械有限公司", "credit_code", code1}, []string{"name", "苏州华星机械有限公司", "credit_code", code2}, false},
		{"the same name in full-width brackets", []string{"name", "西门子(中国)有限公司"}, []string{"name", "西门子（中国）有限公司"}, true},
		{"a slip of the pen, found by the number", []string{"name", "杭州海康威视有限公司", "phone", "0571-88880000"}, []string{"name", "杭州海康威士有限公司", "phone", "+86 571 88880000"}, true},
		{"a slip of the pen without one", []string{"name", "杭州海康威视有限公司"}, []string{"name", "杭州海康威士有限公司"}, false},
		{"the same number under other names", []string{"name", "恒达电气", "phone", "0571-88880000"}, []string{"name", "瑞丰农业", "phone", "0571-88880000"}, false},
		{"the same call centre", []string{"name", "恒达电气", "phone", "4008208820"}, []string{"name", "瑞丰农业", "phone", "4008208820"}, false},
		{"the same trade name in another city", []string{"name", "苏州华星机械有限公司"}, []string{"name", "无锡华星机械有限公司"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			o.tell("erp/1", tt.a...)
			o.tell("web/1", tt.b...)
			if asked := len(o.shown) == 1; asked != tt.want || o.of("erp/1").ID == o.of("web/1").ID {
				t.Errorf("asked %v, want %v", o.shown, tt.want)
			}
		})
	}
}

func TestWhatMergesByItself(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		a, b []string
		want bool
	}{
		{"one credit code", []string{"credit_code", code1}, []string{"credit_code", " 91350100m000100y43"}, true},
		{"a credit code in the field of the tax number", []string{"credit_code", code1}, []string{"tax_number", code1}, true},
		{"the tax number that was before the credit code", []string{"credit_code", code1}, []string{"tax_number", code1[2:17]}, true},
		{"a tax number with a wrong check digit", []string{"credit_code", code1}, []string{"tax_number", code1[2:16] + "5"}, false},
		{"a source that names the other's record", []string{"name", "华星"}, []string{"name", "别的", "same_as", "erp/1"}, true},
		{"but never over different codes", []string{"credit_code", code1}, []string{"credit_code", code2, "same_as", "erp/1"}, false},
		{"two persons with one mobile number", []string{"name", "张三", "contact", "张三", "phone", "13812345678"}, []string{"kind", "个人", "mobile", "+86 138-1234-5678"}, true},
		{"a person and a company with one", []string{"name", "张三", "contact", "张三", "phone", "13812345678"}, []string{"name", "华星机械", "phone", "13812345678"}, false},
		{"two companies with one", []string{"name", "恒达电气", "phone", "13812345678"}, []string{"name", "华星机械", "phone", "13812345678"}, false},
		{"two persons with one landline", []string{"kind", "person", "phone", "0512-66667777"}, []string{"kind", "person", "phone", "0512-66667777"}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			o := newOffice(t)
			o.tell("erp/1", tt.a...)
			o.tell("web/1", tt.b...)
			if one := o.of("erp/1").ID == o.of("web/1").ID; one != tt.want {
				t.Errorf("one customer: %v, want %v", one, tt.want)
			}
		})
	}
}

func TestFewQuestionsAreOpenAtOnce(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	for i, trade := range []string{"华星", "恒达", "瑞丰", "蓝海", "启明", "金鼎", "博远", "云帆"} {
		name := "苏州" + trade + "机械有限公司"
		o.tell(customer.NewRef("erp", fmt.Sprint(i)), "name", name)
		o.tell(customer.NewRef("web", fmt.Sprint(i)), "name", name)
	}
	if len(o.shown) != 5 {
		t.Fatalf("%d questions are open", len(o.shown))
	}
	for i := range 8 {
		if _, err := o.Answer(t.Context(), o.shown[i], manager, customer.AnswerApart); err != nil {
			t.Fatal(err)
		}
	}
	if len(o.shown) != 8 || len(o.closed) != 8 {
		t.Errorf("%d shown, %d closed: %v", len(o.shown), len(o.closed), o.shown)
	}
}

func TestAQuestionPutOffComesBackADayLater(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.tell("erp/1", "name", "苏州华星机械有限公司")
	o.tell("web/1", "name", "苏州华星机械有限公司")
	_, err := o.Answer(t.Context(), o.shown[0], manager, customer.AnswerLater)
	must(t, err)
	o.at = o.at.Add(24*time.Hour - time.Minute)
	must(t, o.Ask(t.Context()))
	if len(o.shown) != 1 {
		t.Fatal("asked before the day was over")
	}
	o.at = o.at.Add(2 * time.Minute)
	must(t, o.Ask(t.Context()))
	if len(o.shown) != 2 {
		t.Error("not asked again")
	}
}

func TestAQuestionThatSourcesSettleIsClosed(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.tell("erp/1", "name", "苏州华星机械有限公司", "credit_code", code1)
	o.tell("web/1", "name", "苏州华星机械有限公司")
	o.tell("web/1", "credit_code", code1)
	must(t, o.Ask(t.Context()))
	q, err := o.store.Question(t.Context(), o.shown[0])
	must(t, err)
	if q.Answer != customer.AnswerMoot || !slices.Contains(o.closed, q.ID) {
		t.Errorf("%+v", q)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	a := o.tell("erp/1", "name", "华星", "credit_code", code1)
	b := o.tell("web/1", "name", "恒达", "credit_code", code2)
	ctx := t.Context()
	part := func(id string, who access.Person, refs ...customer.Ref) error {
		_, _, err := o.Part(ctx, id, refs, who)
		return err
	}
	merge := func(one, other string, who access.Person) error {
		_, err := o.Merge(ctx, one, other, who)
		return err
	}
	for _, tt := range []struct {
		name string
		got  error
		want error
	}{
		{"a rep merges", merge(a.ID, b.ID, rep), match.ErrNotManager},
		{"different codes merge", merge(a.ID, b.ID, manager), match.ErrCodes},
		{"nobody merges", merge(a.ID, "nobody", manager), store.ErrNotFound},
		{"a rep parts", part(a.ID, rep, "erp/1"), match.ErrNotManager},
		{"nothing stays", part(a.ID, manager, "erp/1"), match.ErrParts},
		{"nothing goes", part(a.ID, manager), match.ErrParts},
		{"another's record goes", part(a.ID, manager, "web/1"), match.ErrParts},
	} {
		if !errors.Is(tt.got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, tt.got, tt.want)
		}
	}
}

func TestAMergeByAManagerHoldsAndCanBeUndone(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	a := o.tell("erp/1", "name", "华星")
	o.tell("web/1", "name", "恒达", "phone", "13812345678")
	must(t, o.ingest.Apply(t.Context(), "web", connectors.Record{
		Kind: connectors.Order, ID: "o1", Customer: "1", ModifiedAt: o.at, Fields: map[string]string{"amount": "100"},
	}))
	b := o.of("web/1")
	o.at = o.at.Add(time.Minute)
	if _, err := o.Merge(t.Context(), a.ID, b.ID, manager); err != nil {
		t.Fatal(err)
	}
	if o.of("erp/1").ID != o.of("web/1").ID || o.of("erp/1").Stage != customer.Active {
		t.Fatalf("merged to %+v", o.of("erp/1"))
	}
	o.at = o.at.Add(time.Minute)
	rest, part, err := o.Part(t.Context(), a.ID, []customer.Ref{"web/1"}, manager)
	must(t, err)
	if rest.Stage != customer.Lead || part.Stage != customer.Active || rest.Name != "华星" || part.Name != "恒达" || part.ID != b.ID {
		t.Errorf("parted into %+v and %+v", rest, part)
	}
	o.tell("web/1", "same_as", "erp/1")
	if o.of("erp/1").ID == o.of("web/1").ID {
		t.Error("a source has put together what a manager parted")
	}
}
