package yonyou_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"

	"lingke/connectors"
	"lingke/connectors/yonyou"
	emulator "lingke/internal/emulator/yonyou"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name     string
		platform func(*emulator.Options)
		config   func(*yonyou.Config)
		want     error
		text     string
	}{
		{"good", nil, nil, nil, ""},
		{"with receivables", nil, func(c *yonyou.Config) { c.Receivables = "efi" }, nil, ""},
		{"tokens on the old path", func(o *emulator.Options) { o.NoBasePath = true }, nil, nil, ""},
		{"unknown tenant", nil, func(c *yonyou.Config) { c.TenantID = "other" }, connectors.ErrConfig, "tenant_id"},
		{"unknown app", nil, func(c *yonyou.Config) { c.AppKey = "other" }, connectors.ErrUnauthorized, "app_key"},
		{"wrong secret", nil, func(c *yonyou.Config) { c.AppSecret = "other" }, connectors.ErrUnauthorized, "app_secret"},
		{"ungranted interface", func(o *emulator.Options) { o.Ungranted = []string{"/yonbip/sd/voucherorder/list"} }, nil, connectors.ErrUnauthorized, "orders"},
		{"wrong address", nil, func(c *yonyou.Config) { c.BaseURL += "/nowhere" }, connectors.ErrConfig, "404"},
		{"address of a stranger", nil, func(c *yonyou.Config) { c.GatewayURL, c.TokenURL = c.BaseURL+"/gateway", c.BaseURL+"/iuap-api-auth" }, connectors.ErrConfig, "404"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := newTenant(t, c.platform).open(t, c.config).Check(t.Context())
			if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
				t.Fatalf("Check = %v, want %v", err, c.want)
			}
			if err != nil && !strings.Contains(err.Error(), c.text) {
				t.Errorf("Check = %v, does not say %q", err, c.text)
			}
		})
	}
}

func TestATokenThatEndsInTheMiddleGoesUnnoticed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options func(*emulator.Options)
		end     func(*tenant)
	}{
		"revoked":                        {nil, func(n *tenant) { n.RevokeTokens() }},
		"revoked, told in plain text":    {func(o *emulator.Options) { o.PlainLost = true }, func(n *tenant) { n.RevokeTokens() }},
		"over, by the platform's clock":  {func(o *emulator.Options) { o.TokenLife = time.Minute }, func(n *tenant) { n.Pass(2 * time.Minute) }},
		"ended by somebody else's token": {func(o *emulator.Options) { o.OneToken = true }, func(n *tenant) { _ = n.open(t, nil).Check(context.Background()) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newTenant(t, c.options)
			for i := 1; i <= 20; i++ {
				n.customer(t, i, when(i))
			}
			ended := false
			n.before = func(list int) {
				if list == 4 && !ended {
					ended = true
					c.end(n)
				}
			}
			got, _, _ := pull(t, n.open(t, func(c *yonyou.Config) { c.PageSize = 5 }), "")
			if len(got) != 20 || !ended {
				t.Errorf("%d customers, want 20", len(got))
			}
		})
	}
}

func TestOneTokenServesAllCallers(t *testing.T) {
	t.Parallel()
	n := newTenant(t, nil)
	id := n.customer(t, 1, "")
	c := n.open(t, func(c *yonyou.Config) { c.Write = tierToLevel() })
	if err := c.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	n.RevokeTokens()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if err := c.WriteBack(t.Context(), connectors.Change{ID: id, Fields: map[string]string{"tier": "A"}}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if have := n.count("getAccessToken"); have != 2 {
		t.Errorf("%d tokens were fetched, want the first and one more", have)
	}
}

func TestAThrottledTenantIsReadToTheEnd(t *testing.T) {
	t.Parallel()
	for _, status := range []int{0, http.StatusTooManyRequests} {
		n := newTenant(t, func(o *emulator.Options) { o.PerMinute, o.ThrottleStatus = 4, status })
		for i := 1; i <= 20; i++ {
			n.customer(t, i, when(i))
		}
		got, _, _ := pull(t, n.open(t, func(c *yonyou.Config) { c.PageSize = 3 }), "")
		if len(got) != 20 {
			t.Errorf("status %d: %d customers, want 20", status, len(got))
		}
	}
}

func TestTheBudgetKeepsTheQuota(t *testing.T) {
	t.Parallel()
	n := newTenant(t, func(o *emulator.Options) { o.PerMinute = 10 })
	for i := 1; i <= 60; i++ {
		n.order(t, i, 1, 1, "")
	}
	throttled := 0
	c := n.open(t, func(c *yonyou.Config) { c.PageSize, c.CallsPerMinute = 3, 10 })
	started := n.Now()
	got, _, _ := pull(t, c, "")
	if len(got) != 60 || throttled > 0 {
		t.Errorf("%d orders", len(got))
	}
	if calls := n.count("lists"); calls > 40 { // none was made for nothing
		t.Errorf("%d calls", calls)
	}
	if took := n.Now().Sub(started); took < time.Minute || took > 5*time.Minute {
		t.Errorf("took %v on the clock", took)
	}
}

func TestThrottledForEverGivesUp(t *testing.T) {
	t.Parallel()
	n := newTenant(t, nil)
	n.instead = func(int) string { return `{"code":310046,"message":"限流"}` }
	_, err := n.open(t, nil).Pull(t.Context(), "", func(connectors.Record) error { return nil })
	if !errors.Is(err, connectors.ErrThrottled) || n.count("lists") != 5 {
		t.Errorf("Pull = %v after %d calls", err, n.count("lists"))
	}
}

func TestAHugeAnswerIsRefused(t *testing.T) {
	t.Parallel()
	n := newTenant(t, nil)
	n.instead = func(int) string { return `{"code":"200","data":[` + strings.Repeat(" ", 100_000) + `]}` }
	cfg := n.config()
	c, err := cfg.Open("yonyou", append(liveBy(n.Clock), yonyou.WithBodyLimit(10_000))...)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Pull(t.Context(), "", func(connectors.Record) error { return nil }); err == nil || !strings.Contains(err.Error(), "10000 bytes") {
		t.Errorf("Pull = %v", err)
	}
}

// TestFailuresTellNoSecret lets the platform repeat everything that it was sent.
func TestFailuresTellNoSecret(t *testing.T) {
	t.Parallel()
	n := newTenant(t, nil)
	secret := credentials().AppSecret
	token := ""
	echo := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.Contains(r.URL.Path, "/yonbip/") {
			n.next.ServeHTTP(w, r)
			return
		}
		token = r.URL.Query().Get("access_token")
		http.Error(w, secret+" "+token+" "+r.URL.RawQuery, http.StatusInternalServerError)
	})
	srv := httptest.NewServer(echo)
	t.Cleanup(srv.Close)
	n.url = srv.URL
	err := n.open(t, nil).Check(t.Context())
	srv.CloseClientConnections()
	for _, s := range []string{secret, token, strings.ReplaceAll(token, "+", "%2B"), "access_token=b"} {
		if err == nil || token == "" || strings.Contains(err.Error(), s) {
			t.Errorf("%q is told in %v", s, err)
		}
	}
	dead := n.open(t, func(c *yonyou.Config) { c.GatewayURL, c.TokenURL = "http://127.0.0.1:1", n.url+"/iuap-api-auth" })
	if err := dead.Check(t.Context()); err == nil || strings.Contains(err.Error(), "access_token") {
		t.Errorf("Check = %v", err)
	}
}

func TestConfigNamesEveryWrongKey(t *testing.T) {
	t.Parallel()
	cfg := yonyou.Config{BaseURL: "ftp://x", PageSize: 9999, Receivables: "all", TokenURL: "http://user:pw@x", Overlap: -1, Write: map[string]string{"phone": "x", "tier": "code"}}
	if err := yaml.Unmarshal([]byte(`{mapping: {id: x, y: "a[0].b"}}`), &cfg); err != nil {
		t.Fatal(err)
	}
	_, err := cfg.Open("yonyou")
	if !errors.Is(err, connectors.ErrConfig) {
		t.Fatal(err)
	}
	for _, part := range []string{"tenant_id", "app_key", "app_secret", "base_url", "page_size", "receivables", "token_url", "together", "overlap", "mapping.id", "mapping.y", "write_back.phone", "write_back.tier"} {
		if !strings.Contains(err.Error(), part) {
			t.Errorf("%v does not name %s", err, part)
		}
	}
	if strings.Contains(err.Error(), "pw") {
		t.Errorf("%v tells a password", err)
	}
}

func tierToLevel() map[string]string { return map[string]string{"tier": "customerLevelCode"} }

func TestWriteBack(t *testing.T) {
	t.Parallel()
	n := newTenant(t, nil)
	id := n.customer(t, 1, "")
	c := n.open(t, func(c *yonyou.Config) { c.Write, c.Levels = tierToLevel(), map[string]string{"A": "01"} })
	if diff := cmp.Diff([]string{"tier"}, c.Takes()); diff != "" {
		t.Error(diff)
	}
	write := func(id string, fields map[string]string) error {
		return c.WriteBack(t.Context(), connectors.Change{ID: id, Fields: fields})
	}
	for _, step := range []struct{ tier, level string }{{"A", "01"}, {"B", "B"}, {"A", "01"}} {
		if err := write(id, map[string]string{"tier": step.tier}); err != nil || n.Level(id) != step.level {
			t.Errorf("tier %s: level %q, %v", step.tier, n.Level(id), err)
		}
	}
	got, _, _ := pull(t, c, "")
	if r := got["customer "+id]; r.Fields["name"] != "客户1" || r.Fields["phone"] != "0755-26611" {
		t.Errorf("other values changed: %v", r.Fields)
	}
	for name, c := range map[string]struct {
		id     string
		fields map[string]string
		want   error
	}{
		"other field":      {id, map[string]string{"tier": "A", "phone": "1"}, connectors.ErrConfig},
		"no number":        {"x", map[string]string{"tier": "A"}, connectors.ErrBadRecord},
		"unknown customer": {customerID(99), map[string]string{"tier": "A"}, connectors.ErrBadRecord},
		"nothing":          {id, nil, nil},
	} {
		if err := write(c.id, c.fields); !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}
