package dingtalk

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"lingke/bots"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	testSecret = "s3cr3t-of-the-app"
	tokenPath  = "/v1.0/oauth2/accessToken"
)

// call is one request that reached the fake platform.
type call struct {
	Method, Path, Token string
	Body                map[string]any
}

// platform answers calls by path and remembers them. Answers not set are 200 {"success":true}.
type platform struct {
	*httptest.Server
	mu      sync.Mutex
	calls   []call
	answers map[string][]answer // by path; the last one stays
}

type answer struct {
	status int
	body   string
}

func newPlatform(t *testing.T) *platform {
	t.Helper()
	p := &platform{answers: map[string][]answer{tokenPath: {{200, `{"accessToken":"token-1","expireIn":7200}`}}}}
	p.Server = httptest.NewServer(http.HandlerFunc(p.serve))
	t.Cleanup(p.Close)
	return p
}

// on sets the answers of one path, in turn.
func (p *platform) on(path string, answers ...answer) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.answers[path] = answers
}

func (p *platform) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	c := call{Method: r.Method, Path: r.URL.Path, Token: r.Header.Get("x-acs-dingtalk-access-token")}
	_ = json.Unmarshal(body, &c.Body)
	p.mu.Lock()
	p.calls = append(p.calls, c)
	a := answer{200, `{"success":true}`}
	if list := p.answers[r.URL.Path]; len(list) > 0 {
		a = list[0]
		if len(list) > 1 {
			p.answers[r.URL.Path] = list[1:]
		}
	}
	p.mu.Unlock()
	w.WriteHeader(a.status)
	_, _ = io.WriteString(w, a.body)
}

// to lists the calls of one path.
func (p *platform) to(path string) []call {
	p.mu.Lock()
	defer p.mu.Unlock()
	var found []call
	for _, c := range p.calls {
		if c.Path == path {
			found = append(found, c)
		}
	}
	return found
}

var noon = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC) // 12:00 in China

func (p *platform) bot(t *testing.T, change func(*Config), opts ...Option) *Bot {
	t.Helper()
	cfg := Config{ClientID: "dingapp", ClientSecret: testSecret, CardTemplate: "t-1.schema", BaseURL: p.URL, OapiURL: p.URL}
	if change != nil {
		change(&cfg)
	}
	b, err := Open(cfg, append([]Option{WithClock(func() time.Time { return noon })}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.http.CloseIdleConnections)
	return b
}

func leadCard() bots.Card {
	return bots.Card{Kind: "lead", Title: "新线索：杭州精工机械有限公司", State: "待领取",
		Body: "近一年消费 **52 万**，本月询价 3 次",
		Fields: []bots.Field{{Name: "得分", Value: "86 / 100"}, {Name: "层级", Value: "A 高价值"},
			{Name: "依据", Value: "近一年消费额 52 万（+18）；<30 天有询价（+12）"}},
		Actions: []bots.Action{{ID: "claim", Label: "领取", Style: bots.Primary, Say: "领取 杭州精工机械有限公司"},
			{ID: "pass", Label: "不合适", Inputs: []bots.Input{{ID: "reason", Label: "原因",
				Options: []bots.Option{{ID: "budget", Label: "没有预算"}, {ID: "other", Label: "其他"}}}}}}}
}

func claimedCard() bots.Card {
	c := leadCard()
	c.State, c.Closed = "已被张伟领取", "张伟 于 12:00 领取"
	return c
}

func taskCard() bots.Card {
	return bots.Card{Kind: "task", Title: "首次联系：杭州精工机械有限公司", State: "今天 14:00 前",
		Fields: []bots.Field{{Name: "负责人", Value: "张伟"}},
		Actions: []bots.Action{{ID: "done", Label: "已完成", Style: bots.Primary, Inputs: []bots.Input{{ID: "note", Label: "跟进内容"}}},
			{ID: "later", Label: "推迟", Style: bots.Danger}}}
}

// goldenJSON compares v, as indented JSON, with testdata/NAME.
func goldenJSON(t *testing.T, name string, v any) {
	t.Helper()
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	golden(t, name, text.Bytes())
}

// golden compares got with testdata/NAME.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; got:\n%s", name, got)
	}
}

// logBuffer is a log that can be read while it is written.
type logBuffer struct {
	mu  sync.Mutex
	buf strings.Builder
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

func (l *logBuffer) logger() *slog.Logger {
	return slog.New(slog.NewTextHandler(l, &slog.HandlerOptions{Level: slog.LevelDebug}))
}
