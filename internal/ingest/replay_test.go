package ingest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lingke/connectors"
	"lingke/internal/customer"
	"lingke/internal/ingest"
	"lingke/internal/raw"
)

// form is a source whose raw records are flat objects, and its mapping: which member fills a field.
type form struct {
	m       *mill
	mapping map[string]string
	needs   string              // a member that the mapping cannot do without
	reads   func(object) object // what a mended connector makes of an object; nil for what it is
}

type object map[string]string

// told is a record as it comes from the form.
func (f *form) told(kind connectors.Kind, o object) connectors.Record {
	f.m.t.Helper()
	text, err := json.Marshal(o)
	must(f.m.t, err)
	r, err := f.Reread(kind, text)
	must(f.m.t, err)
	r.Raw, r.ModifiedAt = text, f.m.at
	return r
}

func (f *form) KeepRaw() {}

func (f *form) Reread(kind connectors.Kind, raw []byte) (connectors.Record, error) {
	var o object
	if err := json.Unmarshal(raw, &o); err != nil {
		return connectors.Record{}, connectors.ErrBadRecord
	}
	if f.reads != nil {
		o = f.reads(o)
	}
	if _, ok := o[f.needs]; f.needs != "" && !ok {
		return connectors.Record{}, fmt.Errorf("%w: %s", connectors.ErrNotKept, f.needs)
	}
	r := connectors.Record{Kind: kind, ID: o["id"], Customer: o["of"], Fields: map[string]string{}}
	for field, member := range f.mapping {
		if text, ok := o[member]; ok {
			r.Fields[field] = text
		}
	}
	return r, nil
}

func newForm(t *testing.T) *form {
	return &form{m: newMill(t), mapping: map[string]string{"name": "company", "headcount": "staff", "amount": "net"}}
}

func (f *form) replay(dry bool) ingest.Replayed {
	f.m.t.Helper()
	sum, err := f.m.Replay(f.m.t.Context(), "crm", f, dry, nil)
	must(f.m.t, err)
	return sum
}

// everything is what the store has of all customers, but how often they were written and when they were scored.
func (m *mill) everything() (out []string) {
	m.t.Helper()
	must(m.t, m.store.EachCustomer(m.t.Context(), func(c customer.Customer) error {
		orders, err := m.store.Orders(m.t.Context(), c.Refs())
		c.Rev, c.Score.At, c.Effects = 0, time.Time{}, nil
		text, _ := json.Marshal([]any{c, orders})
		out = append(out, string(text))
		return err
	}))
	return out
}

// TestAReplayIsAsIfTheMappingHadAlwaysBeen: three versions of some customers, one that tells a part only, and their orders, under one mapping and then the other, end as under
// the other from the start.
func TestAReplayIsAsIfTheMappingHadAlwaysBeen(t *testing.T) {
	t.Parallel()
	after := map[string]string{"name": "legal", "headcount": "all_staff", "industry": "branch", "amount": "gross"}
	feed := func(f *form) {
		for _, step := range []object{
			{"company": "甲", "legal": "甲有限公司", "staff": "900", "all_staff": "100", "branch": "机械"}, {"company": "甲", "legal": "甲股份公司"}, {"company": "丙", "staff": "910"},
		} {
			var all []connectors.Record
			for i := range 600 {
				id := fmt.Sprintf("%04d", i)
				o := object{"id": id}
				for k, v := range step {
					o[k] = v + strings.Repeat(id, one(k == "company" || k == "legal"))
				}
				all = append(all, f.told(connectors.Order, object{"id": "o" + id, "of": id, "net": "100", "gross": "113"}), f.told(connectors.Customer, o))
			}
			f.m.apply(all...)
			f.m.at = f.m.at.Add(time.Minute)
		}
	}
	f, want := newForm(t), newForm(t)
	want.mapping = after
	feed(f)
	feed(want)
	before := f.m.everything()
	f.mapping = after
	dry := f.replay(true)
	if diff := cmp.Diff(before, f.m.everything()); diff != "" {
		t.Fatalf("a dry run changed %s", diff)
	}
	if sum := f.replay(false); !cmp.Equal(sum, dry) || sum.Kinds[connectors.Customer] != (ingest.Remade{Changed: 600}) || sum.Kinds[connectors.Order] != (ingest.Remade{Changed: 600}) || sum.Kept != 3600 {
		t.Errorf("%+v; dry %+v", sum, dry)
	}
	got := f.m.everything()
	wanted := want.m.everything()
	for i := range wanted {
		if !strings.Contains(got[i], `"amount":113`) || !strings.Contains(got[i], "股份") {
			t.Fatalf("customer %d: %s", i, got[i])
		}
		if withoutScoring(got[i]) != withoutScoring(wanted[i]) {
			t.Fatalf("customer %d:\n%s\n%s", i, got[i], wanted[i])
		}
	}
	if again := f.replay(false); again.Kinds[connectors.Customer] != (ingest.Remade{Same: 600}) {
		t.Errorf("a second replay: %+v", again)
	}
}

func one(yes bool) int {
	if yes {
		return 1
	}
	return 0
}

// withoutScoring leaves what the sources told: how a customer came to its tier depends on the scores that it had on the way.
func withoutScoring(text string) string {
	var all []any
	_ = json.Unmarshal([]byte(text), &all)
	c, _ := all[0].(map[string]any)
	kept, _ := json.Marshal([]any{c["id"], c["records"], c["fields"], c["name"], c["facts"], all[1]})
	return string(kept)
}

func TestWhatIsNotKeptStays(t *testing.T) {
	t.Parallel()
	f := newForm(t)
	f.m.apply(f.m.company("1", 10, "phone", "0571-88880000")) // told without a raw record
	f.m.at = f.m.at.Add(time.Minute)
	f.m.apply(f.told(connectors.Customer, object{"id": "1", "company": "甲", "staff": "900", "legal": "乙"}))
	f.m.at = f.m.at.Add(time.Minute)
	f.m.apply(f.m.order("o1", "1", "70"), connectors.Record{Kind: connectors.Customer, ID: "1", ModifiedAt: f.m.at, Deleted: true})
	f.mapping = map[string]string{"name": "legal"}
	f.replay(false)
	c := f.m.customer("1")
	if r := c.Records[0]; c.Name != "乙" || r.Values["phone"].Text != "0571-88880000" || !r.Deleted || len(r.Values) != 2 {
		t.Errorf("%+v", r)
	}
	if f.m.orders("1") != 1 {
		t.Error("an order of which nothing is kept is gone")
	}
}

func TestAReplayRefusesBeforeItWritesWhatTheRawRecordsLack(t *testing.T) {
	t.Parallel()
	f := newForm(t)
	if _, err := f.m.Replay(t.Context(), "crm", f, false, nil); !errors.Is(err, ingest.ErrNothingKept) {
		t.Errorf("nothing is kept: %v", err)
	}
	f.m.apply(f.told(connectors.Customer, object{"id": "1", "company": "甲"}), f.told(connectors.Customer, object{"id": "2", "company": "乙", "industry": "机械"}))
	before := f.m.everything()
	f.mapping, f.needs = map[string]string{"name": "industry"}, "industry"
	_, err := f.m.Replay(t.Context(), "crm", f, false, nil)
	if !errors.Is(err, connectors.ErrNotKept) || !strings.Contains(err.Error(), "industry (1)") || !strings.Contains(err.Error(), "--full") || !slices.Equal(before, f.m.everything()) {
		t.Errorf("%v", err)
	}
	f.m.at = f.m.at.Add(time.Minute) // the newer version has it: what the older lacks does not matter
	f.m.apply(f.told(connectors.Customer, object{"id": "1", "company": "甲", "industry": "化工"}))
	if sum := f.replay(false); f.m.customer("1").Name != "化工" || sum.Kinds[connectors.Customer].Refused != 0 {
		t.Errorf("%+v", sum)
	}
}

// TestAReplayMendsWhatWasRefused: a record that could not be taken in is, once the mapping makes something of it; and one that a mapping joins with another source's is joined.
func TestAReplayMendsWhatWasRefused(t *testing.T) {
	t.Parallel()
	f := newForm(t)
	must(t, f.m.ApplyAll(t.Context(), "erp", []connectors.Record{f.m.company("9", 3, "credit_code", "91110000802100433B")}))
	bad := f.told(connectors.Order, object{"id": "o1", "of": "1", "net": "一百", "gross": "113"})
	err := f.m.ApplyAll(t.Context(), "crm", []connectors.Record{f.told(connectors.Customer, object{"id": "1", "company": "甲", "code": "91110000802100433B"}), bad})
	if !errors.Is(err, connectors.ErrBadRecord) || f.m.orders("1") != 0 {
		t.Fatal(err)
	}
	f.mapping = map[string]string{"name": "company", "amount": "gross", "credit_code": "code"}
	sum := f.replay(false)
	if c := f.m.customer("1"); len(c.Records) != 2 || f.m.orders("1") != 1 || sum.Kinds[connectors.Order].New != 1 {
		t.Errorf("%d records, %d orders, %+v", len(c.Records), f.m.orders("1"), sum)
	}
}

// TestWhatArrivesDuringAReplayCounts: a newer version that is stored between the replay's reading and its writing is not undone by it.
func TestWhatArrivesDuringAReplayCounts(t *testing.T) {
	t.Parallel()
	f := newForm(t)
	f.m.apply(f.told(connectors.Customer, object{"id": "1", "company": "甲", "legal": "乙"}), f.told(connectors.Order, object{"id": "o1", "of": "1", "net": "100", "gross": "113"}))
	f.mapping = map[string]string{"name": "legal", "amount": "gross"}
	arrived := false
	_, err := f.m.Replay(t.Context(), "crm", f, false, func(int) {
		if arrived {
			return
		}
		arrived = true
		f.m.at = f.m.at.Add(time.Minute)
		newer := f.told(connectors.Order, object{"id": "o1", "of": "1", "net": "200", "gross": "226"})
		f.m.apply(newer)
		old := newer
		old.ModifiedAt, old.Fields = f.m.at.Add(-time.Minute), map[string]string{"amount": "113"}
		o := customer.Order{ID: customer.NewRef("crm", "o1"), Customer: customer.NewRef("crm", "1"), Amount: 11300, Date: old.ModifiedAt, Status: "won", ModifiedAt: old.ModifiedAt}
		_, replaceErr := f.m.store.ReplaceOrder(t.Context(), o.ID, &o) // as the replay does that has read before
		must(t, replaceErr)
	})
	must(t, err)
	orders, err := f.m.store.Orders(t.Context(), []customer.Ref{customer.NewRef("crm", "1")})
	must(t, err)
	if len(orders) != 1 || orders[0].Amount.String() != "226.00" {
		t.Errorf("%+v", orders)
	}
}

func TestRawRecordsOfAnySizeArePacked(t *testing.T) {
	t.Parallel()
	var all []connectors.Record
	for i := range 3 {
		all = append(all, connectors.Record{Kind: connectors.Customer, ID: fmt.Sprint(i), ModifiedAt: time.Unix(int64(i), 0).UTC(), Raw: []byte(fmt.Sprintf(`{"n":%d}`, i))})
	}
	all = append(all, connectors.Record{Kind: connectors.Order, ID: "none"})
	body, n, err := raw.Pack(all)
	must(t, err)
	var got []raw.Version
	must(t, raw.Part{Body: body}.Each(func(v raw.Version) error { got = append(got, v); return nil }))
	if n != 3 || len(got) != 3 || got[2].ID != "2" || string(got[2].Raw) != `{"n":2}` || !got[1].ModifiedAt.Equal(time.Unix(1, 0)) {
		t.Errorf("%d, %+v", n, got)
	}
}
