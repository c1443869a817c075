package httpapi

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"lingke/internal/delivery"
	"lingke/internal/followup"
	"lingke/internal/store"
)

func TestCursorsBelongToTheirQuery(t *testing.T) {
	t.Parallel()
	mine := store.CustomerQuery{Tier: "A", ByScore: true}
	text := encodeCursor(mine, "-12.5 c1")
	if got, err := decodeCursor(mine, text); got != "-12.5 c1" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	for _, other := range []any{store.CustomerQuery{Tier: "B", ByScore: true}, store.CustomerQuery{Tier: "A"}, followup.Query{}, delivery.Query{}} {
		if _, err := decodeCursor(other, text); err == nil {
			t.Errorf("%+v took the cursor of %+v", other, mine)
		}
	}
	if encodeCursor(mine, "") != "" {
		t.Error("there is a cursor behind the last page")
	}
}

// What decodes is what was encoded: no other text stands for the same place.
func FuzzCursor(f *testing.F) {
	q := store.CustomerQuery{Owner: "zhangwei"}
	f.Add(encodeCursor(q, "c1"))
	f.Add("AAAA")
	f.Add("!")
	f.Fuzz(func(t *testing.T, text string) {
		after, err := decodeCursor(q, text)
		if err != nil && after != "" {
			t.Errorf("%q gives %q and %v", text, after, err)
		}
		if err == nil && encodeCursor(q, after) != text {
			t.Errorf("%q stands for %q, which is written %q", text, after, encodeCursor(q, after))
		}
	})
}

// decodeStrict takes nothing that encoding/json refuses, and reads what it takes alike.
func FuzzStrictJSON(f *testing.F) {
	for _, s := range []string{`{}`, `{"a":1,"a":2}`, `[1,{"b":null}] x`, `"\ud800"`, strings.Repeat("[", 100), `{"a":{"a":1}}`, "\xff", `1 2`, `{"a":`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		var strict, loose any
		if decodeStrict(data, &strict) != nil {
			return
		}
		if err := json.Unmarshal(data, &loose); err != nil {
			t.Fatalf("took %q: %v", data, err)
		}
		a, _ := json.Marshal(strict)
		b, _ := json.Marshal(loose)
		if string(a) != string(b) {
			t.Errorf("%q: %s, %s", data, a, b)
		}
	})
}

// Any query of any list gets a page or a refusal that says what is wrong, never a failure.
func FuzzListQuery(f *testing.F) {
	w := newWorld(f)
	w.lead("1", "东方机械")
	w.lead("2", "南方机械")
	next := encodeCursor(store.CustomerQuery{}, "c")
	for _, q := range []string{"limit=5", "q=%E6%9C%BA", "after=" + next, "order=score&after=" + encodeCursor(store.CustomerQuery{ByScore: true}, "x y"), "owner=%00", "due_before=2026-13-01", "state=due", "q=%ff", "%zz", "a;b"} {
		f.Add(q)
	}
	f.Fuzz(func(t *testing.T, query string) {
		for _, path := range []string{"customers", "tasks", "deliveries"} {
			r := httptest.NewRequest(http.MethodGet, "/api/v1/"+path, nil)
			r.URL = &url.URL{Path: r.URL.Path, RawQuery: query}
			r.Header = http.Header{"Authorization": {"Bearer " + testToken}}
			got := w.send(r)
			if got.status >= 500 || !json.Valid([]byte(got.body)) {
				t.Errorf("%s?%q: %d %s", path, query, got.status, got.body)
			}
		}
	})
}

// Any path and body of an upsert is stored or refused, never a failure.
func FuzzPutCustomer(f *testing.F) {
	w := newWorld(f)
	f.Add("crm", "1", `{"modified_at":"2026-03-01T00:00:00Z","fields":{"name":"x"}}`)
	f.Add("a/b", "%", `{"modified_at":"0000-01-01T00:00:00Z"}`)
	f.Add("", "\x00", `[]`)
	f.Add("crm", "1", `{"modified_at":"2026-03-01T00:00:00Z","fields":{"a.b":"\u0000"}}`)
	f.Fuzz(func(t *testing.T, source, id, body string) {
		r := httptest.NewRequest(http.MethodPut, "/api/v1/customers/x/y", strings.NewReader(body))
		r.URL = &url.URL{Path: "/api/v1/customers/" + source + "/" + id, RawPath: "/api/v1/customers/" + url.PathEscape(source) + "/" + url.PathEscape(id)}
		r.Header = http.Header{"Authorization": {"Bearer " + testToken}}
		if got := w.send(r); got.status >= 500 {
			t.Errorf("%q %q %q: %d %s", source, id, body, got.status, got.body)
		}
	})
}
