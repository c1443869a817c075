package wecom_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"lingke/bots/wecom"
	"lingke/internal/emulator"
	emulated "lingke/internal/emulator/wecom"
	"lingke/internal/emulator/world"
)

// Each fault of an app is named with the console page where it is mended, and nothing else is wrong then.
func TestExamineNamesEachFaultAndItsPage(t *testing.T) {
	own := wecom.Config{CorpID: "wwcorp", AgentID: 1000002, Secret: "secret-of-the-app", Token: "demoToken123", EncodingAESKey: officeKey}
	for _, c := range []struct {
		name    string
		emulate func(*emulated.Options)
		config  func(*wecom.Config)
		serve   func(*wecom.Config) // the gateway's config where it differs
		address string              // instead of the gateway's; "none" for none
		want    map[string]string   // part → words, separated by "…"; all other parts are well
	}{
		{name: "all is well"},
		{name: "a wrong secret", config: func(c *wecom.Config) { c.Secret = "other-secret" }, want: map[string]string{"": "40001…Secret"}},
		{name: "a wrong enterprise", config: func(c *wecom.Config) { c.CorpID = "wwother" }, want: map[string]string{"": "40013…企业ID"}},
		{name: "an address that is not trusted", emulate: func(o *emulated.Options) { o.TrustedIPs = []string{"10.1.2.3"} }, want: map[string]string{"": "60020…企业可信IP: add 127.0.0.1"}},
		{name: "another app's agent", config: func(c *wecom.Config) { c.AgentID = 1000003 }, want: map[string]string{"agent": "301002…copy both from one"}},
		{name: "nobody answers", config: func(c *wecom.Config) { c.BaseURL = "http://127.0.0.1:1" }, want: map[string]string{"": "connection refused…proxy, DNS, firewall"}},
		{name: "no public address", address: "none", want: map[string]string{"callback": "server.public_url is empty…https address"}},
		{name: "a gateway with another token", serve: func(c *wecom.Config) { c.Token = "oldToken" }, want: map[string]string{"callback": "401…设置API接收"}},
		{name: "an address that leads elsewhere", address: "elsewhere", want: map[string]string{"callback": "404…proxy or tunnel"}},
		{name: "an address where nobody is", address: "http://127.0.0.1:1", want: map[string]string{"callback": "connection refused…lingke serve"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			opt := emulated.Options{CorpID: own.CorpID, AgentID: own.AgentID, Secret: own.Secret, Token: own.Token, AESKey: officeKey}
			if c.emulate != nil {
				c.emulate(&opt)
			}
			e, err := emulator.New(emulator.Options{People: []world.Person{{ID: "li", Name: "李娜", Team: "销售一部", WeCom: "LiNa"}}, WeCom: opt})
			if err != nil {
				t.Fatal(err)
			}
			front := httptest.NewServer(e.Handler())
			cfg, served := own, own
			cfg.BaseURL, served.BaseURL = front.URL, front.URL
			if c.config != nil {
				c.config(&cfg)
			}
			if c.serve != nil {
				c.serve(&served)
			}
			open := func(cfg wecom.Config) *wecom.Bot {
				b, err := wecom.Open(cfg)
				if err != nil {
					t.Fatal(err)
				}
				return b
			}
			mux := http.NewServeMux()
			mux.Handle("/callbacks/wecom", open(served).Callback(nil))
			back := httptest.NewServer(mux)
			t.Cleanup(func() { e.Close(); front.Close(); back.Close() })
			address := map[string]string{"": back.URL + "/", "none": "", "elsewhere": front.URL + "/x"}[c.address]
			if strings.HasPrefix(c.address, "http") {
				address = c.address
			}
			found := map[string]bool{}
			for _, s := range open(cfg).Examine(t.Context(), address) {
				words, unwell := c.want[s.Part]
				if s.Well() == unwell {
					t.Errorf("%q: %q, fix %q, well %v", s.Part, s.What, s.Fix, s.Well())
					continue
				}
				found[s.Part] = true
				for _, w := range strings.Split(words, "…") {
					if !strings.Contains(s.What+" | "+s.Fix, w) {
						t.Errorf("%q does not say %q: %q, fix %q", s.Part, w, s.What, s.Fix)
					}
				}
				if strings.Contains(s.What+s.Fix, own.Secret) || strings.Contains(s.What+s.Fix, officeKey) {
					t.Errorf("a secret is told: %+v", s)
				}
			}
			for part := range c.want {
				if !found[part] {
					t.Errorf("nothing is said of %q", part)
				}
			}
		})
	}
}
