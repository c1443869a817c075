package e2e_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lingke/bots/wecom"
	"lingke/configs"
	"lingke/internal/app"
	"lingke/internal/emulator"
	"lingke/internal/emulator/dingtalk"
	"lingke/internal/emulator/kingdee"
	"lingke/internal/emulator/sample"
)

func TestDoctorSaysWhatIsWrongAndWhatToDo(t *testing.T) {
	t.Parallel()
	em, err := emulator.New(emulator.Options{
		People: sample.People(), WeCom: dataWeCom,
		DingTalk: dingtalk.Options{ClientID: "dingdata", ClientSecret: "data-dingtalk-secret", CorpID: "dingdatacorp", CardTemplate: "data.schema", Limits: dingtalk.Limits{QPS: -1}},
		Kingdee: kingdee.Options{
			AcctID: "data", Username: "integration", AppID: "300001_AAEHB1IGDwBbD1NRV1dSXgVYUAkKWwld", AppSecret: "0f1e2d3c4b5a69788796a5b4c3d2e1f0",
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(em.Close)
	platforms := httptest.NewServer(em.Handler())
	t.Cleanup(platforms.Close)
	callback, err := wecom.Open(wecom.Config{CorpID: dataWeCom.CorpID, AgentID: dataWeCom.AgentID, Secret: dataWeCom.Secret, Token: dataWeCom.Token, EncodingAESKey: dataWeCom.AESKey,
		BaseURL: platforms.URL})
	if err != nil {
		t.Fatal(err)
	}
	gateway := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/healthz":
		case "/callbacks/wecom":
			callback.Callback(nil).ServeHTTP(w, r)
		default:
			http.NotFound(w, r)
		}
	}))
	t.Cleanup(gateway.Close)
	known := time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC) // a year whose holidays are known
	for _, tt := range []struct {
		name      string
		old, text string        // replaced in the config
		after     time.Duration // how far this machine's clock is ahead of the platforms'
		want      string        // part, health and words of the only thing that is not well; "" for none
	}{
		{name: "all is well"},
		{name: "a wrong secret", old: `secret: "data-wecom-secret", token`, text: `secret: "old-secret", token`, want: "bots.wecom wrong 40001 Secret"},
		{name: "a wrong ERP password", old: "0f1e2d3c4b5a69788796a5b4c3d2e1f0", text: "ffffffffffffffffffffffffffffffff", want: "connectors.kingdee wrong credentials"},
		{name: "an address that nobody answers", old: platforms.URL + "/k3cloud/", text: "http://127.0.0.1:1/k3cloud/", want: "connectors.kingdee wrong DNS"},
		{name: "a store that cannot be", old: "sqlite://", text: "sqlite:///dev/null/", want: "store wrong store.uri"},
		{name: "a public address that leads elsewhere", old: gateway.URL, text: platforms.URL, want: "server.public_url wrong 404 proxy"},
		{name: "somebody whom nothing reaches", old: ", dingtalk: rep4221}", text: "}", want: "people.lina warning 通讯录"},
		{name: "a clock that is off", after: time.Hour, want: "clock wrong NTP"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			text := fmt.Sprintf(dataConfig, t.TempDir(), "127.0.0.1:0", platforms.URL, dataSecret)
			text = strings.Replace(text, `public_url: "http://127.0.0.1:0"`, `public_url: "`+gateway.URL+`"`, 1)
			text = strings.Replace(text, "model: models/default.yaml", "model: models/default.yaml\ncalendar: {holidays: [now.json, next.json]}", 1)
			if tt.old != "" && !strings.Contains(text, tt.old) {
				t.Fatalf("the config has no %q", tt.old)
			}
			text = strings.Replace(text, tt.old, tt.text, 1)
			folder := t.TempDir()
			holidays(t, folder, time.Now().Year())
			cfg, err := configs.Parse(filepath.Join(folder, "lingke.yaml"), []byte(text), func(string) (string, bool) { return "", false }, app.Checks()...)
			if err != nil {
				t.Fatal(err)
			}
			now := func() time.Time { return time.Now().Add(tt.after) }
			unwell := ""
			for _, f := range app.Doctor(t.Context(), cfg, app.WithClock(now)) {
				if f.Health == app.Well {
					continue
				}
				unwell += fmt.Sprintf("%s %s %s | %s\n", f.Part, f.Health, f.What, f.Fix)
			}
			if tt.after != 0 && strings.Contains(unwell, "connectors.") { // signed calls are refused as well
				unwell = strings.SplitN(unwell, "\n", 2)[0]
			}
			words := strings.Fields(tt.want)
			if len(words) == 0 && unwell != "" || len(words) > 0 && (!strings.HasPrefix(unwell, words[0]+" "+words[1]+" ") || strings.Count(unwell, "\n") > 1) {
				t.Errorf("%s", unwell)
			}
			for _, w := range words {
				if !strings.Contains(unwell, w) {
					t.Errorf("%q is not said: %s", w, unwell)
				}
			}
		})
	}
	t.Run("a year without holidays", func(t *testing.T) {
		t.Parallel()
		text := fmt.Sprintf(dataConfig, t.TempDir(), "127.0.0.1:0", platforms.URL, dataSecret)
		cfg, err := configs.Parse("data.yaml", []byte(text), func(string) (string, bool) { return "", false }, app.Checks()...)
		if err != nil {
			t.Fatal(err)
		}
		for want, now := range map[string]time.Time{"": known, "2027": time.Date(2026, 12, 1, 0, 0, 0, 0, cfg.Location)} {
			said := ""
			for _, f := range app.Doctor(t.Context(), cfg, app.WithClock(func() time.Time { return now })) {
				if f.Part == "calendar" && f.Health == app.Warn {
					said = f.What
				}
			}
			if (said == "") != (want == "") || !strings.Contains(said, want) {
				t.Errorf("%s: %q", now, said)
			}
		}
	})
}

// holidays writes files of holidays for a year and the next, so that a test of today does not depend on which years are known.
func holidays(t *testing.T, folder string, year int) {
	t.Helper()
	for name, y := range map[string]int{"now.json": year, "next.json": year + 1} {
		text := fmt.Sprintf(`{"year": %d, "days": [{"name": "元旦", "date": "%d-01-01", "isOffDay": true}]}`, y, y)
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
