package kingdee_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lingke/connectors"
	"lingke/connectors/kingdee"
	"lingke/connectors/mapping"
	"lingke/internal/clocktest"
	emulator "lingke/internal/emulator/kingdee"
)

func TestWriteBackChangesTheTierAndNothingElse(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		field, key, value, read string
	}{{"F_LK_TIER", "F_LK_TIER", "A", "A"}, {"FGroup", "FGroup.FName", "B", "B类客户"}} {
		s := newSite(t, nil)
		s.customer(t, 1, "2026-02-01T10:00:00")
		conn := s.open(t, func(cfg *kingdee.Config) { cfg.Write = map[string]string{"tier": c.field} })
		reading := s.open(t, func(cfg *kingdee.Config) { cfg.Write, cfg.Mapping = nil, keys("tier_read", c.key) })
		before, next, _ := pull(t, reading, "")
		s.Pass(time.Minute)
		if err := conn.WriteBack(t.Context(), connectors.Change{ID: "1", Fields: map[string]string{"tier": c.value}}); err != nil {
			t.Fatal(err)
		}
		after, _, _ := pull(t, reading, next)
		want := before["customer 1"]
		want.Fields["tier_read"] = c.read
		if c.field == "FGroup" {
			want.Fields["group"] = c.read
		}
		if diff := cmp.Diff(want.Fields, after["customer 1"].Fields); diff != "" {
			t.Errorf("%s: %s", c.field, diff)
		}
	}
}

// keys is a mapping of field keys alone: ours, theirs, ours, theirs.
func keys(names ...string) mapping.Mapping {
	m := make(mapping.Mapping)
	for i := 0; i < len(names); i += 2 {
		var r mapping.Rule
		if err := r.UnmarshalText([]byte(names[i+1])); err != nil {
			panic(err)
		}
		m[mapping.Target(names[i])] = r
	}
	return m
}

func TestRulesReckonWithFieldsOfKingdee(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	s.customer(t, 1, "2026-02-01T10:00:00")
	conn := s.open(t, func(cfg *kingdee.Config) {
		var e mapping.Expr
		if err := e.UnmarshalText([]byte(`FNumber + "/" + lower(FGroup.FName)`)); err != nil {
			t.Fatal(err)
		}
		channel := "ERP"
		cfg.Mapping = mapping.Mapping{"code": {Expr: e}, "channel": {Default: &channel}, "name": {}}
	})
	got, _, _ := pull(t, conn, "")
	fields := got["customer 1"].Fields
	if _, told := fields["name"]; told || fields["channel"] != "ERP" || fields["code"] != fields["number"]+"/"+strings.ToLower(fields["group"]) {
		t.Errorf("%v", fields)
	}
}

func TestWriteBackRefuses(t *testing.T) {
	t.Parallel()
	tier := func(v string) map[string]string { return map[string]string{"tier": v} }
	for _, c := range []struct {
		name   string
		change func(*kingdee.Config)
		ch     connectors.Change
		want   error
		text   string
	}{
		{"no tier field", func(c *kingdee.Config) { c.Write = nil }, connectors.Change{ID: "1", Fields: tier("A")}, connectors.ErrConfig, "write_back.tier"},
		{"field without a key", nil, connectors.Change{ID: "1", Fields: map[string]string{"score": "80"}}, connectors.ErrConfig, "write_back.score"},
		{"id that is no number", nil, connectors.Change{ID: "C000637", Fields: tier("A")}, connectors.ErrBadRecord, "not a number"},
		{"no fields is nothing to do", nil, connectors.Change{ID: "1"}, nil, ""},
	} {
		err := newSite(t, nil).open(t, c.change).WriteBack(t.Context(), c.ch)
		if !errors.Is(err, c.want) || (err != nil && !strings.Contains(err.Error(), c.text)) {
			t.Errorf("%s: WriteBack = %v", c.name, err)
		}
	}
	s := newSite(t, nil)
	if err := s.open(t, nil).WriteBack(t.Context(), connectors.Change{ID: "999", Fields: tier("A")}); err == nil {
		t.Error("a customer that is not there was saved")
	}
	s = newSite(t, func(o *emulator.Options) { o.LockAudited = true })
	s.customer(t, 1, "")
	if err := s.open(t, nil).WriteBack(t.Context(), connectors.Change{ID: "1", Fields: tier("A")}); err == nil {
		t.Error("a refused save counts as done")
	}
}

// TestWriteBackAsksForNothingToBeDeleted looks at the request itself.
func TestWriteBackAsksForNothingToBeDeleted(t *testing.T) {
	t.Parallel()
	var body string
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		body = string(b)
		_, _ = io.WriteString(w, `{"Result":{"ResponseStatus":{"IsSuccess":true,"MsgCode":0}}}`)
	}))
	t.Cleanup(srv.Close)
	s := &site{url: srv.URL, Clock: clocktest.At(time.Now())}
	if err := s.open(t, nil).WriteBack(t.Context(), connectors.Change{ID: "374095", Fields: map[string]string{"tier": "A"}}); err != nil {
		t.Fatal(err)
	}
	want := `{"data":{"IsDeleteEntry":"false","Model":{"FCUSTID":374095,"F_LK_TIER":"A"},"NeedUpDateFields":["F_LK_TIER"]},"formid":"BD_Customer"}`
	if body != want {
		t.Errorf("sent %s, want %s", body, want)
	}
}
