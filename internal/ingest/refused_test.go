package ingest_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"lingke/connectors"
	"lingke/internal/ingest"
	"lingke/internal/raw"
)

// refused is what waits of the source crm.
func (m *mill) refused() []raw.Refused {
	m.t.Helper()
	all, _, err := m.store.Refused(m.t.Context(), "crm", "", 100)
	must(m.t, err)
	return all
}

// take takes records in of which some may be bad, and returns what is wrong with these.
func (m *mill) take(all ...connectors.Record) error {
	m.t.Helper()
	err := m.ApplyAll(m.t.Context(), "crm", all)
	if err != nil && !errors.Is(err, connectors.ErrBadRecord) {
		m.t.Fatal(err)
	}
	return err
}

// torn is an object of which the form's mapping makes nothing.
func (f *form) torn(kind connectors.Kind, o object, id string) connectors.Record {
	text, err := json.Marshal(o)
	must(f.m.t, err)
	r := connectors.Unreadable(kind, errors.New("金额不是数字"))
	r.ID, r.Raw = id, text
	return r
}

func TestWhatCannotBeReadIsKeptWithItsReasonAndTheOthersGoOn(t *testing.T) {
	t.Parallel()
	f := newForm(t)
	good := f.told(connectors.Customer, object{"id": "1", "company": "甲", "staff": "10"})
	bad := f.torn(connectors.Customer, object{"id": "2", "company": "乙"}, "2")
	noID := f.torn(connectors.Customer, object{"no": "3", "company": "丙<b>"}, "")
	unlikely := f.told(connectors.Order, object{"id": "o1", "of": "1", "net": "一百"})
	err := f.m.take(good, bad, noID, unlikely)
	for _, want := range []string{`customer "2"`, "customer without an id", `order "o1", amount`} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("lacks %s: %v", want, err)
		}
	}
	if c := f.m.everything(); len(c) != 1 {
		t.Errorf("the good one: %v", c)
	}
	all := f.m.refused()
	if len(all) != 3 || all[0].Thing != "" || all[1].Thing != "2" || all[2].Thing != "o1" || !strings.Contains(all[1].Why, "金额不是数字") || !all[1].At.Equal(f.m.at) {
		t.Fatalf("%+v", all)
	}
	_ = f.m.take(bad, noID) // pulled again
	if again := f.m.refused(); len(again) != 3 {
		t.Errorf("%+v", again)
	}

	// What reads an id in the second of them, and amounts in words: everything is taken in, and nothing waits.
	f.reads = func(o object) object {
		if o["id"] == "" {
			o["id"] = o["no"]
		}
		if o["net"] == "一百" {
			o["net"] = "100"
		}
		return o
	}
	dry := f.replay(true)
	if len(f.m.refused()) != 3 {
		t.Error("a dry run settled something")
	}
	sum := f.replay(false)
	if sum.Kinds[connectors.Customer] != dry.Kinds[connectors.Customer] || sum.Kinds[connectors.Customer] != (ingest.Remade{New: 2, Same: 1}) || sum.Kinds[connectors.Order] != (ingest.Remade{New: 1}) {
		t.Errorf("%+v; dry %+v", sum, dry)
	}
	if left := f.m.refused(); len(left) != 0 {
		t.Errorf("still waiting: %+v", left)
	}
	if c := f.m.everything(); len(c) != 3 || !strings.Contains(strings.Join(c, ""), "丙") || !strings.Contains(strings.Join(c, ""), "o1") {
		t.Errorf("%v", c)
	}
	if sum = f.replay(false); sum.Kinds[connectors.Customer] != (ingest.Remade{Same: 3}) {
		t.Errorf("again: %+v", sum)
	}
}

func TestARefusalEndsWithThatVersionOrALaterOne(t *testing.T) {
	t.Parallel()
	f := newForm(t)
	old := f.told(connectors.Customer, object{"id": "2", "company": "乙"})
	bad := f.torn(connectors.Customer, object{"id": "2"}, "2")
	bad.ModifiedAt = f.m.at.Add(time.Hour)
	_ = f.m.take(bad)
	_ = f.m.take(old)
	if len(f.m.refused()) != 1 {
		t.Fatal("an earlier version ended it")
	}
	later := old
	later.ModifiedAt = f.m.at.Add(2 * time.Hour)
	_ = f.m.take(later)
	if left := f.m.refused(); len(left) != 0 {
		t.Errorf("%+v", left)
	}
}

// page is a pull of some records.
type onePage []connectors.Record

func (p onePage) Pull(_ context.Context, _ connectors.Cursor, emit func(connectors.Record) error) (connectors.Cursor, error) {
	for _, r := range p {
		if err := emit(r); err != nil {
			return "", err
		}
	}
	return "1", nil
}

func TestAPullGoesPastWhatCannotBeReadAndKeepsItsBookmark(t *testing.T) {
	t.Parallel()
	f := newForm(t)
	var all onePage
	for i := range 5 {
		id := string(rune('a' + i))
		all = append(all, f.told(connectors.Customer, object{"id": id, "company": "公司" + id}), f.torn(connectors.Customer, object{"x": id}, ""))
	}
	p := ingest.NewPuller(f.m.Service, f.m.store, 2, slog.New(slog.DiscardHandler))
	preview, err := p.Preview(t.Context(), "crm", all, false, nil)
	if err != nil || preview.Kinds[connectors.Customer] != (ingest.Outcome{New: 5, Refused: 5}) || len(preview.First) != 3 {
		t.Errorf("%+v, %v", preview, err)
	}
	if len(f.m.refused()) != 0 {
		t.Error("a preview noted something")
	}
	report, err := p.Pull(t.Context(), "crm", all, false, nil)
	if err != nil || report != (ingest.Report{Records: 5, Bad: 5}) || len(f.m.refused()) != 5 {
		t.Errorf("%+v, %v", report, err)
	}
	if mark, _ := f.m.store.Cursor(t.Context(), "crm"); mark != "1" {
		t.Errorf("the bookmark is %q", mark)
	}
}
