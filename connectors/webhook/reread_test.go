package webhook

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lingke/connectors"
	"lingke/connectors/jsondoc"
	"lingke/connectors/mapping"
)

func paths(t *testing.T, pairs ...string) mapping.Mapping {
	t.Helper()
	m := mapping.Mapping{}
	for i := 0; i+1 < len(pairs); i += 2 {
		p, err := jsondoc.ParsePath(pairs[i+1])
		if err != nil {
			t.Fatal(err)
		}
		m[mapping.Target(pairs[i])] = mapping.Rule{From: p}
	}
	return m
}

func items(t *testing.T, text string) jsondoc.Path {
	t.Helper()
	p, err := jsondoc.ParsePath(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// reread decodes a body by one config and reads what was kept anew by another.
func reread(t *testing.T, body string, was, is Config) ([]connectors.Record, error) {
	t.Helper()
	open := func(c Config) *receiver {
		c.Secret, c.Auth = "0123456789abcdef", AuthToken
		r, err := c.Open("site")
		if err != nil {
			t.Fatal(err)
		}
		return r.(*receiver)
	}
	before, after := open(was), open(is)
	before.KeepRaw()
	records, err := before.Decode([]byte(body))
	if err != nil {
		t.Fatal(err)
	}
	var out []connectors.Record
	for _, r := range records {
		made, err := after.Reread(r.Kind, r.Raw)
		if err != nil {
			return out, err
		}
		out = append(out, connectors.Record{ID: made.ID, Fields: made.Fields})
	}
	return out, nil
}

func TestAPushIsReadAnew(t *testing.T) {
	t.Parallel()
	own := `{"type":"customer.upsert","timestamp":"2026-03-02T08:30:00+08:00","site":"官网","data":[{"id":"a","name":"甲","n":"12345678901234567890"},{"type":"customer.upsert","data":{"id":"b","name":"乙"}}]}`
	got, err := reread(t, own, Config{}, Config{Mapping: paths(t, "company", "name", "channel", "$.site")})
	want := []connectors.Record{{ID: "a", Fields: map[string]string{"company": "甲", "channel": "官网", "n": "12345678901234567890"}}, {ID: "b", Fields: map[string]string{"company": "乙", "channel": "官网"}}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	free := `{"batch":{"no":7},"people":[{"uid":"a","who":"甲","tel":"1"},{"uid":"b","who":"乙","tel":"2"}]}`
	shape := func(m mapping.Mapping) Config {
		return Config{Records: []mapping.Shape{{Kind: connectors.Customer, Items: items(t, "people"), Mapping: m}}}
	}
	got, err = reread(t, free, shape(paths(t, "id", "uid", "name", "who")), shape(paths(t, "id", "uid", "phone", "tel", "batch", "$.batch.no")))
	want = []connectors.Record{{ID: "a", Fields: map[string]string{"phone": "1", "batch": "7"}}, {ID: "b", Fields: map[string]string{"phone": "2", "batch": "7"}}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	if _, err = reread(t, free, shape(paths(t, "id", "uid")), shape(paths(t, "id", "uid", "first", "$.people[0].who"))); !errors.Is(err, connectors.ErrNotKept) {
		t.Errorf("what stands among the items is not kept with each: %v", err)
	}
	if _, err = reread(t, free, shape(paths(t, "id", "uid")), Config{}); !errors.Is(err, connectors.ErrBadRecord) {
		t.Errorf("another form: %v", err)
	}
}
