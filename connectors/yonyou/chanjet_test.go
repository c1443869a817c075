package yonyou_test

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lingke/connectors"
	"lingke/connectors/connectortest"
	"lingke/connectors/mapping"
	"lingke/connectors/yonyou"
	"lingke/internal/clocktest"
	emulator "lingke/internal/emulator/yonyou"
)

// account is an emulated T+ account with a clock of its own.
type account struct {
	*emulator.Chanjet
	*clocktest.Clock
	*stepIn
	conn *yonyou.Chanjet
}

func chanjetCredentials() emulator.ChanjetOptions {
	return emulator.ChanjetOptions{AppKey: "demoKey1", AppSecret: "chanjet-app-secret", MessageSecret: "0123456789abcdef", Certificate: "cert-0001"}
}

// newAccount opens a connection too, whose address the account pushes its tickets to.
func newAccount(t testing.TB, options func(*emulator.ChanjetOptions), config func(*yonyou.ChanjetConfig), more ...yonyou.Option) *account {
	t.Helper()
	out := &account{Clock: newClock()}
	messages := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if _, err := out.conn.Verify(r.Header, body, out.Now()); err != nil {
			http.Error(w, err.Error(), http.StatusUnauthorized)
			return
		}
		if _, err := out.conn.Decode(body); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		_, answer := out.conn.Answer(body)
		_, _ = w.Write(answer)
	}))
	t.Cleanup(messages.Close)
	opts := chanjetCredentials()
	opts.MessageURL = messages.URL
	if options != nil {
		options(&opts)
	}
	out.Chanjet = emulator.NewChanjet(opts, out.Now)
	mux := http.NewServeMux()
	out.Mount(mux)
	out.stepIn = &stepIn{next: mux}
	srv := httptest.NewServer(out.stepIn)
	t.Cleanup(srv.Close)
	o := chanjetCredentials()
	cfg := yonyou.ChanjetConfig{BaseURL: srv.URL, AppKey: o.AppKey, AppSecret: o.AppSecret, MessageSecret: o.MessageSecret, Certificate: o.Certificate, PageSize: 4, CallsPerMinute: 6000}
	if config != nil {
		config(&cfg)
	}
	var err error
	if out.conn, err = cfg.Open("chanjet", append(liveBy(out.Clock), more...)...); err != nil {
		t.Fatal(err)
	}
	return out
}

func (n *account) partner(t testing.TB, i int, name string) string {
	t.Helper()
	code := fmt.Sprintf("P%04d", i)
	if err := n.PutRecord("partner", map[string]any{"Code": code, "Name": name, "ShortHand": "KH", "TelephoneNo": "0755-1", "PartnerClass": map[string]any{"Code": "01", "Name": "华南"}}); err != nil {
		t.Fatal(err)
	}
	return code
}

func TestChanjetConformance(t *testing.T) {
	t.Parallel()
	for _, wrapped := range []bool{false, true} {
		connectortest.Run(t, func(t *testing.T) connectortest.Source {
			n := newAccount(t, func(o *emulator.ChanjetOptions) { o.Wrapped = wrapped }, nil)
			if !n.PushTicket(t.Context()) {
				t.Fatal("the ticket was not taken")
			}
			var want []connectortest.Key
			for i := 1; i <= 11; i++ {
				want = append(want, connectortest.Key{Kind: connectors.Customer, ID: n.partner(t, i, "客户")})
			}
			return connectortest.Source{Connector: n.conn, Want: want, Change: func(t *testing.T) connectortest.Key {
				n.Pass(time.Minute)
				return connectortest.Key{Kind: connectors.Customer, ID: n.partner(t, 3, "改名")}
			}}
		})
	}
}

func TestChanjetReadsOnceItHasATicket(t *testing.T) {
	t.Parallel()
	var phone mapping.Rule
	if err := phone.UnmarshalText([]byte("TelephoneNo")); err != nil {
		t.Fatal(err)
	}
	n := newAccount(t, func(o *emulator.ChanjetOptions) { o.MessageURL = "" }, func(c *yonyou.ChanjetConfig) { c.Mapping = mapping.Mapping{"phone": phone} })
	n.partner(t, 1, "示例客户")
	if err := n.conn.Check(t.Context()); !errors.Is(err, yonyou.ErrNoTicket) || n.count("resend") != 1 {
		t.Errorf("Check = %v after %d requests for a ticket", err, n.count("resend"))
	}
	direct := newAccount(t, nil, func(c *yonyou.ChanjetConfig) { c.Mapping = mapping.Mapping{"phone": phone} })
	direct.partner(t, 1, "示例客户")
	direct.PushTicket(t.Context())
	got, _, _ := pull(t, direct.conn, "")
	want := map[string]string{"name": "示例客户", "number": "P0001", "short_name": "KH", "group": "华南", "stopped": "false", "phone": "0755-1"}
	if diff := cmp.Diff(want, got["customer P0001"].Fields); diff != "" {
		t.Error(diff)
	}
}

func TestChanjetTokensThatEndAndQuotas(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		options func(*emulator.ChanjetOptions)
		end     func(*account)
	}{
		"revoked":   {nil, func(n *account) { n.RevokeTokens() }},
		"throttled": {func(o *emulator.ChanjetOptions) { o.PerMinute = 3 }, func(*account) {}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			n := newAccount(t, c.options, nil)
			n.PushTicket(t.Context())
			for i := 1; i <= 15; i++ {
				n.partner(t, i, "客户")
			}
			got := map[string]bool{}
			_, err := n.conn.Pull(t.Context(), "", func(r connectors.Record) error {
				if got[r.ID] = true; len(got) == 5 {
					c.end(n)
				}
				return nil
			})
			if err != nil || len(got) != 15 {
				t.Errorf("%d partners, %v", len(got), err)
			}
		})
	}
}

func TestChanjetRefusals(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		config func(*yonyou.ChanjetConfig)
		text   string
	}{
		{"wrong certificate", func(c *yonyou.ChanjetConfig) { c.Certificate = "other" }, "certificate"},
		{"wrong secret", func(c *yonyou.ChanjetConfig) { c.AppSecret = "other" }, "app_secret"},
	} {
		n := newAccount(t, nil, c.config)
		n.PushTicket(t.Context())
		if err := n.conn.Check(t.Context()); !errors.Is(err, connectors.ErrUnauthorized) || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: Check = %v", c.name, err)
		}
	}
	n := newAccount(t, nil, nil)
	other := emulator.NewChanjet(emulator.ChanjetOptions{AppKey: "other", MessageSecret: "0123456789abcdef"}, n.Now)
	strange := emulator.NewChanjet(emulator.ChanjetOptions{AppKey: "demoKey1", MessageSecret: "fedcba9876543210"}, n.Now)
	mine := n.Sealed("APP_TEST", nil)
	for name, c := range map[string]struct {
		body  []byte
		after time.Duration
		want  error
	}{
		"good": {mine, 0, nil}, "old": {mine, time.Hour, connectors.ErrStale}, "another app": {other.Sealed("APP_TEST", nil), 0, connectors.ErrUnauthorized},
		"another secret": {strange.Sealed("APP_TEST", nil), 0, connectors.ErrUnauthorized}, "nothing": {nil, 0, connectors.ErrBadRecord},
		"not sealed": {[]byte(`{"encryptMsg":"AAAA"}`), 0, connectors.ErrUnauthorized},
	} {
		if _, err := n.conn.Verify(nil, c.body, n.Now().Add(c.after)); !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
			t.Errorf("%s: Verify = %v, want %v", name, err, c.want)
		}
	}
}
