package ingest_test

import (
	"log/slog"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lingke/connectors"
	"lingke/internal/ingest"
)

func TestAPreviewSaysWhatAPullThenDoes(t *testing.T) {
	t.Parallel()
	m := newMill(t)
	m.apply(m.company("1", 1), m.company("2", 1), m.order("o1", "1", "5"))
	must(t, m.ApplyAll(t.Context(), "web", []connectors.Record{m.company("9", 1, "credit_code", "91350100M000100Y43")}))
	from := source{[]connectors.Record{
		m.order("o1", "1", "5"), m.order("o2", "1", "5"), m.order("o3", "1", "much"),
		m.company("1", 1), m.company("2", 2), m.company("3", 1), m.company("4", 1, "credit_code", "91350100M000100Y43"), m.company("5", 1, "credit_code", "not a code"),
	}, "next", nil}
	from.records[4].ModifiedAt = m.at.Add(time.Minute)
	p := ingest.NewPuller(m.Service, m.store, 2, slog.New(slog.DiscardHandler))
	got, err := p.Preview(t.Context(), "crm", from, true, nil)
	must(t, err)
	want := map[connectors.Kind]ingest.Outcome{
		connectors.Order:    {New: 1, Known: 1, Refused: 1},
		connectors.Customer: {New: 2, Joining: 1, Changed: 1, Known: 1},
	}
	if diff := cmp.Diff(want, got.Kinds); diff != "" {
		t.Error(diff)
	}
	if len(got.First) != 6 || len(got.Refused) != 1 {
		t.Errorf("%d examples, refused %q", len(got.First), got.Refused)
	}
	if cursor, _ := m.store.Cursor(t.Context(), "crm"); cursor != "" {
		t.Errorf("a preview remembered %q", cursor)
	}
	if c := m.customer("2"); len(c.Records) != 1 || c.Fields["headcount"].Value != "1" {
		t.Errorf("a preview wrote %+v", c)
	}
	report, err := p.Pull(t.Context(), "crm", from, true, nil)
	if err != nil || report != (ingest.Report{Records: 7, Bad: 1}) {
		t.Errorf("%+v, %v", report, err)
	}
	again, err := p.Preview(t.Context(), "crm", from, true, nil)
	must(t, err)
	for kind, o := range again.Kinds {
		if o.New+o.Joining+o.Changed > 0 {
			t.Errorf("after the pull %s: %+v", kind, o)
		}
	}
}

// TestAPreviewNamesOwnersWhomNobodyKnows shows a slip of a name before anything is written.
func TestAPreviewNamesOwnersWhomNobodyKnows(t *testing.T) {
	t.Parallel()
	m := newMill(t)
	m.force.Owners = map[string]string{"张伟": "zhangwei"}
	owner := connectors.FieldOwner
	from := source{[]connectors.Record{
		m.company("1", 1, owner, "张伟"), m.company("2", 1, owner, " 张伟"), m.company("3", 1, owner, "张玮"), m.company("4", 1, owner, "张玮"), m.company("5", 1, owner, "路人"), m.company("6", 1),
	}, "next", nil}
	got, err := ingest.NewPuller(m.Service, m.store, 2, slog.New(slog.DiscardHandler)).Preview(t.Context(), "crm", from, true, nil)
	must(t, err)
	if diff := cmp.Diff(map[string]int{"张玮": 2, "路人": 1}, got.Strangers); diff != "" || got.Owned != 2 {
		t.Errorf("%d are owned; %s", got.Owned, diff)
	}
}
