package rest_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"lingke/connectors"
	"lingke/connectors/connectortest"
	"lingke/connectors/jsondoc"
	"lingke/connectors/mapping"
	"lingke/connectors/rest"
)

var start = time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)

const secret = "hush-hush-token"

// shop is an interface with customers and orders that pages in every way.
type shop struct {
	*httptest.Server
	t  testing.TB
	mu sync.Mutex

	at        time.Time
	slept     time.Duration
	customers []map[string]any
	requests  []string
	fail      func(n int) (status int, header http.Header, body string) // of the n-th request; status 0 answers it
}

func newShop(t testing.TB, n int) *shop {
	s := &shop{t: t, at: start.Add(24 * time.Hour)}
	for i := range n {
		s.customers = append(s.customers, s.customer(i, start.Add(time.Duration(i)*time.Minute)))
	}
	s.Server = httptest.NewServer(http.HandlerFunc(s.serve))
	t.Cleanup(s.Close)
	return s
}

func (s *shop) customer(i int, at time.Time) map[string]any {
	return map[string]any{"code": i, "title": fmt.Sprintf("公司%d", i), "changed": at.Format(time.RFC3339), "contact": map[string]any{"tel": "138"}}
}

func (s *shop) serve(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests = append(s.requests, r.URL.RequestURI())
	if s.fail != nil {
		if status, header, body := s.fail(len(s.requests)); status != 0 {
			for name := range header {
				w.Header().Set(name, header.Get(name))
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
			return
		}
	}
	if r.Header.Get("Authorization") != "Bearer "+secret {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	switch r.URL.Path {
	case "/api/customers":
		s.list(w, r)
	case "/api/orders":
		s.answer(w, map[string]any{"list": []any{map[string]any{"id": "O1", "who": 1, "sum": 99.5, "changed": start.Format(time.RFC3339)}}})
	default:
		w.WriteHeader(http.StatusNotFound)
	}
}

// list answers one page in the way that the query asks for.
func (s *shop) list(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	size := 100
	if n, err := strconv.Atoi(q.Get("size")); err == nil {
		size = n
	}
	found := slices.DeleteFunc(slices.Clone(s.customers), func(c map[string]any) bool {
		at, err := time.Parse(time.RFC3339, c["changed"].(string))
		return err == nil && q.Get("since") != "" && at.Format(time.RFC3339) < q.Get("since")
	})
	from := 0
	if n, err := strconv.Atoi(q.Get("page")); err == nil {
		from = (n - 1) * size
	}
	for _, name := range []string{"offset", "cursor"} {
		if n, err := strconv.Atoi(strings.TrimPrefix(q.Get(name), "c")); err == nil {
			from = n
		}
	}
	from = min(max(from, 0), len(found))
	to := min(from+size, len(found))
	body := map[string]any{"data": map[string]any{"list": found[from:to]}, "next": nil}
	if to < len(found) {
		body["next"] = "c" + strconv.Itoa(to)
		body["link"] = fmt.Sprintf("/api/customers?size=%d&offset=%d", size, to)
		w.Header().Add("Link", `</api/customers?first>; rel="first"`)
		w.Header().Add("Link", fmt.Sprintf(`<%s/api/customers?size=%d&offset=%d>; title="x"; rel="next"`, s.URL, size, to))
	}
	s.answer(w, body)
}

func (s *shop) answer(w http.ResponseWriter, body any) {
	if err := json.NewEncoder(w).Encode(body); err != nil {
		s.t.Error(err)
	}
}

func path(t testing.TB, text string) jsondoc.Path {
	t.Helper()
	p, err := jsondoc.ParsePath(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func from(t testing.TB, text string) mapping.Rule { return mapping.Rule{From: path(t, text)} }

func (s *shop) config(page rest.Page) rest.Config {
	return rest.Config{
		BaseURL: s.URL + "/api/", Headers: map[string]string{"Authorization": "Bearer " + secret}, Rate: 50,
		Mapping: mapping.Mapping{"modified_at": from(s.t, "changed"), "order.modified_at": from(s.t, "changed")},
		Resources: []rest.Resource{{
			Path: "customers", Kind: connectors.Customer, Items: path(s.t, "data.list"), Since: rest.Since{Param: "since"}, Page: page,
			Mapping: mapping.Mapping{"id": from(s.t, "code"), "name": from(s.t, "title"), "phone": from(s.t, "contact.tel")},
		}},
	}
}

func (s *shop) open(c rest.Config) *rest.Conn {
	s.t.Helper()
	conn, err := c.Open("shop", rest.WithClock(s.now), rest.WithSleep(func(ctx context.Context, d time.Duration) error {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.at, s.slept = s.at.Add(d), s.slept+d
		return ctx.Err()
	}))
	if err != nil {
		s.t.Fatal(err)
	}
	return conn
}

func (s *shop) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at
}

func pull(t testing.TB, c *rest.Conn, since connectors.Cursor) ([]connectors.Record, connectors.Cursor) {
	t.Helper()
	var all []connectors.Record
	next, err := c.Pull(t.Context(), since, func(r connectors.Record) error {
		all = append(all, r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all, next
}

func pages(t testing.TB) map[string]rest.Page {
	return map[string]rest.Page{
		"number":       {Style: rest.PageNumber, SizeParam: "size", Size: 3},
		"offset":       {Style: rest.PageOffset, SizeParam: "size", Size: 3},
		"cursor":       {Style: rest.PageCursor, SizeParam: "size", Size: 3, Next: path(t, "next")},
		"link header":  {Style: rest.PageLink, SizeParam: "size", Size: 3},
		"link in body": {Style: rest.PageLink, SizeParam: "size", Size: 3, Next: path(t, "link")},
		"none":         {},
	}
}

func TestEveryWayOfPagingKeepsTheContract(t *testing.T) {
	t.Parallel()
	for name, page := range pages(t) {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			connectortest.Run(t, func(t *testing.T) connectortest.Source {
				s := newShop(t, 9)
				c := s.config(page)
				c.Resources[0].Complete = true
				src := connectortest.Source{Connector: s.open(c)}
				for i := range 9 {
					src.Want = append(src.Want, connectortest.Key{Kind: connectors.Customer, ID: strconv.Itoa(i)})
				}
				src.Change = func(*testing.T) connectortest.Key {
					s.mu.Lock()
					defer s.mu.Unlock()
					s.customers[4] = s.customer(4, start.Add(time.Hour))
					return src.Want[4]
				}
				return src
			})
		})
	}
}

func TestFieldsAreMappedAndOnlyWhatChangedIsAskedFor(t *testing.T) {
	t.Parallel()
	s := newShop(t, 3)
	c := s.config(rest.Page{})
	c.Resources = append(c.Resources, rest.Resource{Path: "orders", Kind: connectors.Order, Items: path(t, "list"),
		Mapping: mapping.Mapping{"customer_id": from(t, "who"), "amount": from(t, "sum")}})
	conn := s.open(c)
	all, next := pull(t, conn, "")
	if len(all) != 4 || all[0].Kind != connectors.Order || all[0].Customer != "1" || all[0].Fields["amount"] != "99.5" || all[1].Fields["phone"] != "138" {
		t.Fatalf("%+v", all)
	}
	pull(t, conn, next)
	if got, want := s.requests[len(s.requests)-1], "/api/customers?since=2026-03-01T23%3A57%3A00Z"; got != want {
		t.Errorf("asked for %s, want %s", got, want)
	}
}

func TestFailures(t *testing.T) {
	t.Parallel()
	busy := http.Header{"Retry-After": {"40"}}
	for name, tt := range map[string]struct {
		fail  func(n int) (int, http.Header, string)
		want  error
		calls int
		slept time.Duration
	}{
		"busy once, with a time":         {only(1, 429, busy, ""), nil, 1 + 4, 40 * time.Second},
		"down for a while":               {func(n int) (int, http.Header, string) { return map[bool]int{true: 502}[n < 4], nil, "" }, nil, 3 + 4, 7 * time.Second},
		"down for good":                  {always(500, nil, ""), nil, 5, 15 * time.Second},
		"asks to come back much later":   {always(429, http.Header{"Retry-After": {"3600"}}, ""), connectors.ErrThrottled, 1, 0},
		"a wrong token":                  {always(401, nil, secret), connectors.ErrUnauthorized, 1, 0},
		"an address that is not there":   {always(404, nil, secret), connectors.ErrConfig, 1, 0},
		"an address that moved":          {always(302, http.Header{"Location": {"https://elsewhere.example/"}}, ""), connectors.ErrConfig, 1, 0},
		"a page instead of JSON":         {always(200, nil, "<html>"+secret), connectors.ErrBadRecord, 1, 0},
		"half an answer":                 {always(200, nil, `{"data":{"list":[`), connectors.ErrBadRecord, 1, 0},
		"pages that are always the same": {always(200, nil, `{"data":{"list":[{"code":1,"changed":"2026-03-02T00:00:00Z"},{"code":1,"changed":"2026-03-02T00:00:00Z"},{"code":2,"changed":"2026-03-02T00:00:00Z"}]}}`), nil, 2, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newShop(t, 10)
			s.fail = tt.fail
			conn := s.open(s.config(rest.Page{Style: rest.PageNumber, SizeParam: "size", Size: 3}))
			_, err := conn.Pull(t.Context(), "", func(connectors.Record) error { return nil })
			fails := name == "down for good" || name == "pages that are always the same"
			if tt.want != nil && !errors.Is(err, tt.want) || (err != nil) != (tt.want != nil || fails) {
				t.Errorf("Pull: %v, want %v", err, tt.want)
			}
			if err != nil && (strings.Contains(err.Error(), secret) || strings.Contains(err.Error(), "127.0.0.1")) {
				t.Errorf("the error tells too much: %v", err)
			}
			if len(s.requests) != tt.calls || s.slept < tt.slept || s.slept > tt.slept+time.Second {
				t.Errorf("%d requests and %s of waiting, want %d and %s", len(s.requests), s.slept, tt.calls, tt.slept)
			}
		})
	}
}

func always(status int, h http.Header, body string) func(int) (int, http.Header, string) {
	return func(int) (int, http.Header, string) { return status, h, body }
}

func only(which, status int, h http.Header, body string) func(int) (int, http.Header, string) {
	return func(n int) (int, http.Header, string) {
		if n != which {
			return 0, nil, ""
		}
		return status, h, body
	}
}

func TestTheBudgetIsKept(t *testing.T) {
	t.Parallel()
	s := newShop(t, 30)
	c := s.config(rest.Page{Style: rest.PageOffset, SizeParam: "size", Size: 3})
	c.Rate = 2
	pull(t, s.open(c), "")
	if want := time.Duration(len(s.requests)-1) * time.Second / 2; s.slept != want || len(s.requests) != 11 {
		t.Errorf("%d requests with %s of waiting, want %s", len(s.requests), s.slept, want)
	}
}

func TestALinkToAnotherHostIsNotFollowed(t *testing.T) {
	t.Parallel()
	s := newShop(t, 9)
	s.fail = always(200, http.Header{"Link": {`<https://evil.example/next>; rel=next`}}, `{"data":{"list":[]}}`)
	_, err := s.open(s.config(rest.Page{Style: rest.PageLink})).Pull(t.Context(), "", func(connectors.Record) error { return nil })
	if !errors.Is(err, connectors.ErrBadRecord) || len(s.requests) != 1 {
		t.Errorf("%v after %d requests", err, len(s.requests))
	}
}

func TestABadRecordIsLeftOutAndTheOthersAreKept(t *testing.T) {
	t.Parallel()
	s := newShop(t, 3)
	s.customers[1]["changed"] = "yesterday"
	all, _ := pull(t, s.open(s.config(rest.Page{})), "")
	if len(all) != 3 || all[0].Bad != nil || all[1].Bad != nil {
		t.Fatalf("%v", all)
	}
	if bad := all[2]; !errors.Is(bad.Bad, connectors.ErrBadRecord) || !strings.Contains(bad.Bad.Error(), "list[1]: modified_at") || bad.ID != "1" || bad.Kind != connectors.Customer {
		t.Errorf("%+v", bad)
	}
}

func TestATimeFromTheFutureDoesNotHideWhatComes(t *testing.T) {
	t.Parallel()
	s := newShop(t, 3)
	s.customers[2] = s.customer(2, s.now().Add(20*365*24*time.Hour))
	_, next := pull(t, s.open(s.config(rest.Page{})), "")
	if strings.Contains(string(next), "2046") || !strings.Contains(string(next), "2026-03-02T00:01:00Z") {
		t.Errorf("cursor %s", next)
	}
}

func TestCheckNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	s := newShop(t, 3)
	for want, change := range map[string]func(*rest.Config){
		"":                                func(*rest.Config) {},
		`items: "data.rows" is not`:       func(c *rest.Config) { c.Resources[0].Items = path(t, "data.rows") },
		"no record of the first page":     func(c *rest.Config) { c.Resources[0].Mapping["id"] = from(t, "cdoe") },
		"the signature or credential":     func(c *rest.Config) { c.Headers = nil },
		"the address is not a public one": func(c *rest.Config) { c.PublicOnly = true },
	} {
		c := s.config(rest.Page{})
		change(&c)
		err := s.open(c).Check(t.Context())
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("Check: %v, want %q", err, want)
		}
	}
}

func TestFieldsThatNoRecordHasAreNamedBeforeTheFirstWrite(t *testing.T) {
	t.Parallel()
	s := newShop(t, 3)
	for want, source := range map[string]string{"": "contact.tel", "mapping.phone": "contact.tell"} {
		c := s.config(rest.Page{})
		c.Resources[0].Mapping["phone"] = from(t, source)
		var said strings.Builder
		conn, err := c.Open("shop", rest.WithClock(s.now), rest.WithLogger(slog.New(slog.NewTextHandler(&said, nil))))
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.Check(t.Context()); err != nil {
			t.Fatal(err)
		}
		if want == "" && said.Len() > 0 || want != "" && (!strings.Contains(said.String(), want) || !strings.Contains(said.String(), source)) {
			t.Errorf("%s: %q, want %q", source, said.String(), want)
		}
	}
}

func TestSettingsThatCannotWorkAreRefused(t *testing.T) {
	t.Parallel()
	s := newShop(t, 0)
	for want, change := range map[string]func(*rest.Config){
		"base_url":                func(c *rest.Config) { c.BaseURL = "https://user:pw@x.example/" },
		"rate is 500":             func(c *rest.Config) { c.Rate = 500 },
		"overlap":                 func(c *rest.Config) { c.Overlap = -1 },
		"name at least one":       func(c *rest.Config) { c.Resources = nil },
		"kind is":                 func(c *rest.Config) { c.Resources[0].Kind = "thing" },
		"modified_at: is missing": func(c *rest.Config) { c.Mapping = nil },
		"page.style":              func(c *rest.Config) { c.Resources[0].Page.Style = "pages" },
		"page.size":               func(c *rest.Config) { c.Resources[0].Page.Size = -1 },
		"page.next":               func(c *rest.Config) { c.Resources[0].Page.Style = rest.PageCursor },
		"since.format":            func(c *rest.Config) { c.Resources[0].Since.Format = "iso" },
		"mapping.name: has both": func(c *rest.Config) {
			r := c.Resources[0].Mapping["name"]
			r.Expr = expr(t, "x")
			c.Resources[0].Mapping["name"] = r
		},
		"path is not one below": func(c *rest.Config) { c.Resources[0].Path = "%zz" },
	} {
		c := s.config(rest.Page{})
		change(&c)
		if _, err := c.Open("shop"); !errors.Is(err, connectors.ErrConfig) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), secret) {
			t.Errorf("%v, want %s", err, want)
		}
	}
	if text := fmt.Sprintf("%v %+v %#v", s.config(rest.Page{}), s.config(rest.Page{}), s.config(rest.Page{})); strings.Contains(text, secret) {
		t.Error("a config prints its headers")
	}
}

func expr(t testing.TB, text string) mapping.Expr {
	t.Helper()
	e, err := mapping.ParseExpr(text)
	if err != nil {
		t.Fatal(err)
	}
	return e
}
