package wecom

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"lingke/bots"
)

// The settings of the specification's own vectors.
var testConfig = Config{
	CorpID: "ww1a2b3c4d5e6f7a8b", AgentID: 1000002, Secret: "s3cr3t-of-the-app",
	Token: "demoToken123", EncodingAESKey: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ",
}

var testNow = time.Unix(1700000000, 0)

// call is one request that the platform got.
type call struct {
	Path, Token string
	Body        string
}

// platform is an HTTP server that answers from a script: per path one answer after the other, the last one for ever;
// {token} stands for the token of the call.
type platform struct {
	*httptest.Server
	mu      sync.Mutex
	calls   []call
	answers map[string][]string
	tokens  int
}

func newPlatform(t *testing.T) *platform {
	t.Helper()
	p := &platform{answers: map[string][]string{}}
	p.Server = httptest.NewServer(http.HandlerFunc(p.serve))
	t.Cleanup(p.Close)
	return p
}

func (p *platform) script(path string, answers ...string) { p.answers[path] = answers }

func (p *platform) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.calls = append(p.calls, call{r.URL.Path, r.URL.Query().Get("access_token"), string(body)})
	next := p.answers[r.URL.Path]
	if len(next) > 1 {
		p.answers[r.URL.Path] = next[1:]
	}
	switch {
	case len(next) > 0 && strings.HasPrefix(next[0], "HTTP "):
		var status int
		_, _ = fmt.Sscanf(next[0], "HTTP %d", &status)
		w.Header().Set("Location", "/elsewhere")
		w.WriteHeader(status)
	case len(next) > 0:
		_, _ = io.WriteString(w, strings.ReplaceAll(next[0], "{token}", r.URL.Query().Get("access_token")))
	case strings.HasSuffix(r.URL.Path, "/gettoken"):
		p.tokens++
		_, _ = fmt.Fprintf(w, `{"errcode":0,"errmsg":"ok","access_token":"token-%d","expires_in":7200}`, p.tokens)
	default:
		_, _ = io.WriteString(w, `{"errcode":0,"errmsg":"ok","msgid":"msg-1","response_code":"code-1"}`)
	}
}

// to returns the calls to a path.
func (p *platform) to(path string) []call {
	p.mu.Lock()
	defer p.mu.Unlock()
	var list []call
	for _, c := range p.calls {
		if c.Path == path {
			list = append(list, c)
		}
	}
	return list
}

const (
	sendPath   = "/cgi-bin/message/send"
	updatePath = "/cgi-bin/message/update_template_card"
	tokenPath  = "/cgi-bin/gettoken"
	chatPath   = "/cgi-bin/appchat/send"
	recallPath = "/cgi-bin/message/recall"
)

func openBot(t *testing.T, base string, opts ...Option) *Bot {
	t.Helper()
	cfg := testConfig
	cfg.BaseURL = base
	opts = append([]Option{
		WithNow(func() time.Time { return testNow }), WithLogger(slog.New(slog.DiscardHandler)),
	}, opts...)
	b, err := Open(cfg, opts...)
	if err != nil {
		t.Fatalf("Open: %v", err)
	}
	return b
}

func leadCard() *bots.Card {
	return &bots.Card{
		Kind: "lead", Title: "新线索：华东精密机械", State: "待领取",
		Body: "**得分 86**，A 级\n- 近一年消费 125 万元 <税后> & 含运费\n- 最近一次来访 3 天前",
		Fields: []bots.Field{
			{Name: "联系人", Value: "王女士"}, {Name: "手机", Value: "138****5678"}, {Name: "来源", Value: "金蝶"},
		},
		Actions: []bots.Action{
			{ID: "claim", Label: "领取", Style: bots.Primary},
			{ID: "skip", Label: "不合适", Style: bots.Danger, Inputs: []bots.Input{{
				ID: "reason", Label: "原因", Options: []bots.Option{{ID: "region", Label: "不在我的区域"}, {ID: "dup", Label: "重复"}},
			}}},
		},
	}
}

func lead(to ...string) bots.Outgoing {
	return bots.Outgoing{ID: "lead_10086-v1", To: to, Card: leadCard()}
}

func TestOpenNamesEveryWrongSettingAndNoValue(t *testing.T) {
	_, err := Open(Config{Secret: "the-secret-value", EncodingAESKey: "short", BaseURL: "ftp://user:hidden@x"})
	if !errors.Is(err, bots.ErrMisconfigured) {
		t.Fatalf("Open = %v, want ErrMisconfigured", err)
	}
	for _, want := range []string{"corp_id", "agent_id", "token", "base_url"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not name %s", err, want)
		}
	}
	for _, secret := range []string{"the-secret-value", "short", "hidden"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("%q shows %s", err, secret)
		}
	}
	bad := testConfig
	bad.EncodingAESKey = strings.Repeat("!", 43)
	if _, err := Open(bad); !errors.Is(err, bots.ErrMisconfigured) {
		t.Errorf("a key that is no base64: %v", err)
	}
}

func TestConfigAndBotPrintNoSecret(t *testing.T) {
	b := openBot(t, "")
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("opened", "config", testConfig)
	for _, s := range []string{fmt.Sprintf("%v %+v %#v %s", testConfig, testConfig, testConfig, b), log.String()} {
		if strings.Contains(s, testConfig.Secret) || strings.Contains(s, testConfig.Token) {
			t.Errorf("shows a secret: %s", s)
		}
	}
}

func TestSendCardRequestIsWhatThePlatformWants(t *testing.T) {
	p := newPlatform(t)
	receipt, err := openBot(t, p.URL+"/prefix/").Send(t.Context(), lead("ZhangWei", "lisi"))
	if err != nil {
		t.Fatal(err)
	}
	if receipt.Handle.Message != "msg-1" || len(receipt.Handle.Codes) != 1 || receipt.Handle.Codes[0] != "code-1" {
		t.Errorf("handle = %+v", receipt.Handle)
	}
	sent := p.to("/prefix" + sendPath)
	if len(sent) != 1 || sent[0].Token != "token-1" {
		t.Fatalf("calls = %+v", p.calls)
	}
	var body struct {
		ToUser  string `json:"touser"`
		AgentID int    `json:"agentid"`
		Check   int    `json:"enable_duplicate_check"`
	}
	if err := json.Unmarshal([]byte(sent[0].Body), &body); err != nil {
		t.Fatal(err)
	}
	if body.ToUser != "ZhangWei|lisi" || body.AgentID != testConfig.AgentID || body.Check != 1 {
		t.Errorf("body = %+v", body)
	}
	if strings.Contains(sent[0].Body, `\u00`) || !strings.Contains(sent[0].Body, "<税后> & 含运费") {
		t.Errorf("the body is HTML escaped: %s", sent[0].Body)
	}
}

func TestSendOutcomes(t *testing.T) {
	cases := map[string]struct {
		answer string
		kind   error // nil with fails: temporary
		fails  bool
		wait   time.Duration
	}{
		"accepted":                              {`{"errcode":0,"msgid":"m"}`, nil, false, 0},
		"task id used before is a repetition":   {`{"errcode":42014,"errmsg":"task_id"}`, nil, false, 0},
		"nobody valid is permanent":             {`{"errcode":81013,"errmsg":"all invalid"}`, bots.ErrPermanent, true, 0},
		"card part is permanent":                {`{"errcode":42039,"errmsg":"key"}`, bots.ErrPermanent, true, 0},
		"frequency waits a minute":              {`{"errcode":45009,"errmsg":"api freq"}`, bots.ErrRateLimited, true, time.Minute},
		"concurrency waits shortly":             {`{"errcode":45033,"errmsg":""}`, bots.ErrRateLimited, true, 2 * time.Second},
		"system busy is temporary":              {`{"errcode":-1,"errmsg":"busy"}`, nil, true, 0},
		"unknown code is temporary":             {`{"errcode":99999,"errmsg":"?"}`, nil, true, 0},
		"address not trusted is misconfigured":  {`{"errcode":60020,"errmsg":"ip"}`, bots.ErrMisconfigured, true, 0},
		"no right is misconfigured":             {`{"errcode":48002,"errmsg":""}`, bots.ErrMisconfigured, true, 0},
		"disabled app is misconfigured":         {`{"errcode":50003,"errmsg":""}`, bots.ErrMisconfigured, true, 0},
		"licence is misconfigured":              {`{"errcode":701008,"errmsg":""}`, bots.ErrMisconfigured, true, 0},
		"token refused twice is misconfigured":  {`{"errcode":40014,"errmsg":"invalid access_token"}`, bots.ErrMisconfigured, true, 0},
		"gateway error is temporary":            {"HTTP 502", nil, true, 0},
		"redirect is not followed":              {"HTTP 302", nil, true, 0},
		"garbage instead of JSON is temporary":  {"<html>", nil, true, 0},
		"answer without end is cut, not stored": {`{"errcode":0,"errmsg":"` + strings.Repeat("x", maxAnswer), nil, true, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlatform(t)
			p.script(sendPath, c.answer)
			_, err := openBot(t, p.URL).Send(t.Context(), lead("lisi"))
			if (err != nil) != c.fails {
				t.Fatalf("err = %v, want failure %v", err, c.fails)
			}
			for _, k := range []error{bots.ErrPermanent, bots.ErrRateLimited, bots.ErrMisconfigured, bots.ErrNotUpdatable} {
				if errors.Is(err, k) != errors.Is(c.kind, k) {
					t.Errorf("errors.Is(%v, %v) = %v", err, k, !errors.Is(err, k))
				}
			}
			if w := bots.RetryAfter(err); w != c.wait {
				t.Errorf("wait = %v, want %v", w, c.wait)
			}
			if n := len(p.to("/elsewhere")); n != 0 {
				t.Error("followed a redirect")
			}
		})
	}
}

func TestSendRefusesWithoutACall(t *testing.T) {
	card := leadCard()
	many := make([]string, maxRecipients+1)
	for i := range many {
		many[i] = fmt.Sprint("user", i)
	}
	cases := map[string]bots.Outgoing{
		"no id":             {To: []string{"a"}, Card: card},
		"id with a space":   {ID: "a b", To: []string{"a"}, Card: card},
		"id too long":       {ID: strings.Repeat("a", 65), To: []string{"a"}, Card: card},
		"text and card":     {ID: "a", To: []string{"a"}, Card: card, Text: "x"},
		"neither":           {ID: "a", To: []string{"a"}},
		"nobody":            {ID: "a", Card: card},
		"everybody":         {ID: "a", To: []string{"@all"}, Card: card},
		"two people in one": {ID: "a", To: []string{"a|b"}, Card: card},
		"too many":          {ID: "a", To: many, Card: card},
		"blank text":        {ID: "a", To: []string{"a"}, Text: " \n"},
	}
	p := newPlatform(t)
	b := openBot(t, p.URL)
	for name, m := range cases {
		if _, err := b.Send(t.Context(), m); !errors.Is(err, bots.ErrPermanent) {
			t.Errorf("%s: %v, want ErrPermanent", name, err)
		}
	}
	if len(p.calls) != 0 {
		t.Errorf("called the platform: %+v", p.calls)
	}
}

func TestSendNamesThoseLeftOutInTheCallersSpelling(t *testing.T) {
	p := newPlatform(t)
	p.script(sendPath, `{"errcode":0,"errmsg":"ok","invaliduser":"zhangwei|ghost","unlicenseduser":"lisi","msgid":"m"}`)
	receipt, err := openBot(t, p.URL).Send(t.Context(), lead("ZhangWei", "LiSi", "wang"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range receipt.Refused {
		if r.Reason == "" {
			t.Errorf("%s has no reason", r.To)
		}
		got = append(got, r.To)
	}
	if strings.Join(got, ",") != "ZhangWei,ghost,LiSi" {
		t.Errorf("refused = %v", got)
	}
}

func TestSendTextAndWhatCannotBeACard(t *testing.T) {
	closed, long := leadCard(), strings.Repeat("长", 2000)
	closed.Closed = "已被张三领取"
	cases := map[string]struct {
		m    bots.Outgoing
		path string
		want string
	}{
		"text":              {bots.Outgoing{ID: "t", To: []string{"a"}, Text: "**客户** <font>"}, sendPath, "**客户** <font>"},
		"long text is cut":  {bots.Outgoing{ID: "t", To: []string{"a"}, Text: long}, sendPath, bots.Cut(long, 2048)},
		"closed card":       {bots.Outgoing{ID: "t", To: []string{"a"}, Card: closed}, sendPath, "已被张三领取"},
		"live card, group":  {bots.Outgoing{ID: "t", Conversation: "chat1", Card: leadCard()}, chatPath, "请在与应用的单聊中操作"},
		"text, group":       {bots.Outgoing{ID: "t", Conversation: "chat1", Text: "周报"}, chatPath, "周报"},
		"card with no work": {bots.Outgoing{ID: "t", To: []string{"a"}, Card: &bots.Card{Title: "生日提醒"}}, sendPath, "生日提醒"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlatform(t)
			receipt, err := openBot(t, p.URL).Send(t.Context(), c.m)
			if err != nil {
				t.Fatal(err)
			}
			var body struct {
				MsgType  string       `json:"msgtype"`
				ChatID   string       `json:"chatid"`
				Check    int          `json:"enable_duplicate_check"`
				Markdown markdownBody `json:"markdown"`
			}
			sent := p.to(c.path)
			if len(sent) != 1 || json.Unmarshal([]byte(sent[0].Body), &body) != nil {
				t.Fatalf("calls = %+v", p.calls)
			}
			if body.MsgType != "markdown" || body.Check != 0 || body.ChatID != c.m.Conversation {
				t.Errorf("body = %+v", body)
			}
			if !strings.Contains(body.Markdown.Content, c.want) || len(body.Markdown.Content) > maxMarkdown {
				t.Errorf("content = %d bytes %q, want %q", len(body.Markdown.Content), body.Markdown.Content, c.want)
			}
			if len(receipt.Handle.Codes) != 0 {
				t.Errorf("text cannot be updated, handle = %+v", receipt.Handle)
			}
		})
	}
}

func TestStoppingIsReportedAsTheContextsError(t *testing.T) {
	hang := make(chan struct{})
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == tokenPath {
			_, _ = io.WriteString(w, `{"access_token":"t","expires_in":7200}`)
			return
		}
		<-hang
	}))
	defer s.Close()
	defer close(hang)
	ctx, cancel := context.WithCancel(t.Context())
	b := openBot(t, s.URL)
	done := make(chan error)
	go func() { _, err := b.Send(ctx, lead("a")); done <- err }()
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("err = %v, want context.Canceled", err)
	}
}
