package webhook

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lingke/connectors"
	"lingke/connectors/jsondoc"
	"lingke/connectors/mapping"
)

func pathOf(t testing.TB, text string) jsondoc.Path {
	t.Helper()
	p, err := jsondoc.ParsePath(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// freeForm reads a form's answers and the orders beside them.
func freeForm(t testing.TB) Config {
	return Config{Mapping: renamed("phone", "mobile"), Records: []mapping.Shape{
		{Kind: connectors.Customer, Items: pathOf(t, "entry"), Mapping: renamed("id", "serial", "name", "answers[0].value", "tags", "tags[*].label")},
		{Kind: connectors.Order, Items: pathOf(t, "deals[*]"), Mapping: renamed("customer_id", "$.entry.serial", "amount", "sum", "modified_at", "at")},
	}}
}

func TestABodyOfAnyForm(t *testing.T) {
	t.Parallel()
	r := open(t, freeForm(t))
	got, _, err := decoded(r, []byte(`{"form":"x","entry":{"serial":12,"mobile":"138","answers":[{"value":"华东精密"}],"tags":[{"label":"新"},{"label":"急"}],"secret":"not told"},
		"deals":[{"id":"D1","sum":3.50,"at":1772411400},{"id":"D2","sum":"x","at":1772411400}]}`))
	want := []connectors.Record{
		{Kind: connectors.Customer, ID: "12", Fields: map[string]string{"name": "华东精密", "phone": "138", "tags": "新、急"}},
		{Kind: connectors.Order, ID: "D1", Customer: "12", ModifiedAt: time.Unix(1772411400, 0).UTC(), Fields: map[string]string{"amount": "3.50"}},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if !errors.Is(err, connectors.ErrBadRecord) || !strings.Contains(err.Error(), "deals[1]: order.amount") {
		t.Errorf("the bad one: %v", err)
	}
}

func TestABodyInWhichNothingStandsWhereItShouldIsRefused(t *testing.T) {
	t.Parallel()
	r := open(t, freeForm(t))
	for body, want := range map[string]string{
		`{"other":1}`:      "none of the places",
		`[]`:               "none of the places",
		`{"deals":[]} x`:   "goes on after",
		`{"entry":{}}`:     "entry[0]: id is missing",
		`{"entry":"text"}`: "entry[0]: must be an object",
	} {
		if got, _, err := decoded(r, []byte(body)); len(got) > 0 || !errors.Is(err, connectors.ErrBadRecord) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %v; want %s", body, got, err, want)
		}
	}
	if got, _, err := decoded(r, []byte(`{"deals":[]}`)); len(got) > 0 || err != nil {
		t.Errorf("an empty list: %v, %v", got, err)
	}
}

func TestMappingReachesIntoOurOwnFormToo(t *testing.T) {
	t.Parallel()
	m := renamed("name", "company", "phone", "contact.mobile", "order.amount", "total", "internal", "")
	got, err := open(t, Config{Mapping: m}).Decode([]byte(`{"timestamp":"2026-03-02T00:30:00Z","data":[
		{"type":"customer.upsert","data":{"id":"1","company":"甲","contact":{"mobile":"138","more":{}},"city":"苏州","internal":"left out"}},
		{"type":"order.upsert","data":{"id":"2","customer_id":"1","total":7,"company":"kept"}}]}`))
	at := time.Date(2026, 3, 2, 0, 30, 0, 0, time.UTC)
	want := []connectors.Record{
		{Kind: connectors.Customer, ID: "1", ModifiedAt: at, Fields: map[string]string{"name": "甲", "phone": "138", "city": "苏州"}},
		{Kind: connectors.Order, ID: "2", Customer: "1", ModifiedAt: at, Fields: map[string]string{"amount": "7", "company": "kept"}},
	}
	if d := cmp.Diff(want, got); d != "" || err != nil {
		t.Error(d, err)
	}
}

// Whatever comes in: records that are complete but for the time, or an error.
func FuzzDecodeFree(f *testing.F) {
	f.Add([]byte(`{"entry":{"serial":12,"mobile":"138","answers":[{"value":"x"}]},"deals":[{"id":"D1","sum":3.50,"at":1772411400}]}`))
	f.Add([]byte(`{"entry":[{"serial":{}},{"serial":"\u0000"}]}`))
	r := open(f, freeForm(f))
	f.Fuzz(func(t *testing.T, body []byte) {
		records, _, err := decoded(r, body)
		if err != nil && !errors.Is(err, connectors.ErrBadRecord) {
			t.Errorf("an error of no kind: %v", err)
		}
		for _, rec := range records {
			if rec.ID == "" || (rec.Customer == "") != (rec.Kind == connectors.Customer) || rec.Kind == connectors.Order && rec.ModifiedAt.IsZero() {
				t.Errorf("record %+v", rec)
			}
		}
	})
}
