package emulator_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"lingke/internal/emulator"
	"lingke/internal/emulator/dingtalk"
	"lingke/internal/emulator/kingdee"
	"lingke/internal/emulator/wecom"
	"lingke/internal/emulator/world"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"),
		goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"))
}

// testbed is a running emulator.
type testbed struct {
	t   *testing.T
	e   *emulator.Emulator
	url string
}

type object = map[string]any

var people = []world.Person{
	{ID: "wangfang", Name: "王芳", Role: "manager", Team: "销售部", DingTalk: "boss01", WeCom: "WangFang"},
	{ID: "lina", Name: "李娜", Role: "rep", Team: "高级销售", DingTalk: "user002"},
}

// start runs an emulator on a free port until the test ends.
func start(t *testing.T, change ...func(*emulator.Options)) *testbed {
	t.Helper()
	opt := emulator.Options{
		People:   people,
		DingTalk: dingtalk.Options{ClientID: "app", ClientSecret: "secret", CardTemplate: "t.schema"},
		WeCom: wecom.Options{
			CorpID: "wwcorp", AgentID: 1000002, Secret: "wecom-secret", Token: "token",
			AESKey: "abcdefghijABCDEFGHIJ0123456789abcdefghijABC",
		},
		Kingdee: kingdee.Options{AcctID: "acct", Username: "user", Password: "pw", AppID: "id_0123456789abcdef0123456789abcdef", AppSecret: "s"},
	}
	for _, f := range change {
		f(&opt)
	}
	e, err := emulator.New(opt)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- e.Run(ctx, l) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Errorf("Run: %v", err)
		}
	})
	return &testbed{t, e, "http://" + l.Addr().String()}
}

// send makes a request on a connection of its own, since cut connections shall not be tried again by the transport.
func (b *testbed) send(ctx context.Context, method, path string, body any) (status int, text []byte, err error) {
	b.t.Helper()
	raw, err := json.Marshal(body)
	if err != nil {
		b.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(ctx, method, b.url+path, bytes.NewReader(raw))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Close = true
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err = io.ReadAll(resp.Body)
	return resp.StatusCode, text, err
}

// do is send for requests that get a JSON answer.
func (b *testbed) do(method, path string, body any) (status int, answer any) {
	b.t.Helper()
	status, text, err := b.send(b.t.Context(), method, path, body)
	if err != nil {
		b.t.Fatal(err)
	}
	if err := json.Unmarshal(text, &answer); err != nil {
		b.t.Fatalf("%s %s: %q: %v", method, path, text, err)
	}
	return status, answer
}

func (b *testbed) fault(f object) {
	b.t.Helper()
	if status, got := b.do("POST", "/_emulator/faults", f); status != 200 {
		b.t.Fatalf("fault %v: %d %v", f, status, got)
	}
}

const tokenPath = "/v1.0/oauth2/accessToken"

var credentials = object{"appKey": "app", "appSecret": "secret"}

func TestPlatformsShareOnePort(t *testing.T) {
	b := start(t)
	for _, c := range []struct{ method, path, want string }{
		{"POST", tokenPath, `"accessToken"`},
		{"GET", "/gettoken?appkey=app&appsecret=secret", `"access_token"`},
		{"GET", "/cgi-bin/gettoken?corpid=wwcorp&corpsecret=wecom-secret", `"access_token"`},
		{"POST", "/K3Cloud/Kingdee.BOS.WebApi.ServicesStub.DynamicFormService.ExecuteBillQuery.common.kdsvc", `ResponseStatus`},
	} {
		if _, text, err := b.send(t.Context(), c.method, c.path, credentials); err != nil || !strings.Contains(string(text), c.want) {
			t.Errorf("%s %s: %q, %v; want %s", c.method, c.path, text, err, c.want)
		}
	}
}

func TestFaults(t *testing.T) {
	for _, c := range []struct {
		name   string
		fault  object
		status int // of the first call; 0 is no answer
		body   string
		second int
	}{
		{"status and body, once", object{"times": 1, "status": 429, "body": object{"code": "x"}}, 429, `{"code":"x"}`, 200},
		{"plain text, for ever", object{"status": 503, "body": "<html>"}, 503, "<html>", 503},
		{"cut, once", object{"times": 1, "cut": true}, 0, "", 200},
		{"delay only", object{"times": 1, "delay_ms": 1}, 200, "accessToken", 200},
		{"twice answers once", object{"times": 1, "twice": true}, 200, "accessToken", 200},
		{"carried out, answer lost", object{"times": 1, "after": true, "cut": true}, 0, "", 200},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := start(t)
			c.fault["match"] = "POST /v1.0/*"
			b.fault(c.fault)
			status, text, err := b.send(t.Context(), "POST", tokenPath, credentials)
			if status != c.status || (err != nil) != (c.status == 0) || !strings.Contains(string(text), c.body) {
				t.Errorf("first call: %d %q %v, want %d %q", status, text, err, c.status, c.body)
			}
			if status, _, _ := b.send(t.Context(), "POST", tokenPath, credentials); status != c.second {
				t.Errorf("second call: %d, want %d", status, c.second)
			}
			if status, _, err := b.send(t.Context(), "GET", "/gettoken", nil); status != 200 {
				t.Errorf("another path: %d %v", status, err)
			}
		})
	}
}

func TestHangEndsWithTheClient(t *testing.T) {
	b := start(t)
	b.fault(object{"match": "* /v1.0/*", "hang": true})
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
	defer cancel()
	if _, _, err := b.send(ctx, "POST", tokenPath, credentials); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v, want no answer", err)
	}
}

func TestHangEndsWithTheEmulator(t *testing.T) {
	b := start(t)
	b.fault(object{"match": "* /v1.0/*", "hang": true})
	ended := make(chan error, 1)
	go func() {
		_, _, err := b.send(context.Background(), "POST", tokenPath, credentials)
		ended <- err
	}()
	changed := func() bool {
		_, list := b.do("GET", "/_emulator/faults", nil)
		return list.([]any)[0].(object)["hits"] == 1.0
	}
	for !changed() {
	}
	b.e.Close()
	if err := <-ended; err == nil {
		t.Error("a hanging request was answered")
	}
}

func TestTwiceIsCarriedOutTwice(t *testing.T) {
	b := start(t)
	_, got := b.do("POST", tokenPath, credentials)
	token := got.(object)["accessToken"].(string)
	b.fault(object{"match": "POST /v1.0/robot/*", "times": 1, "twice": true})
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, b.url+"/v1.0/robot/oToMessages/batchSend",
		strings.NewReader(`{"robotCode":"app","userIds":["user002"],"msgKey":"sampleText","msgParam":"{\"content\":\"早\"}"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("x-acs-dingtalk-access-token", token)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if n := len(b.e.World().Conversations("dingtalk", "user002")[0].Messages); n != 2 {
		t.Errorf("%d messages, want 2", n)
	}
}

func TestFaultsAreListedAndRemoved(t *testing.T) {
	b := start(t)
	for range 3 {
		b.fault(object{"match": "POST /a", "status": 500})
	}
	b.do("DELETE", "/_emulator/faults/2", nil)
	_, got := b.do("GET", "/_emulator/faults", nil)
	if list := got.([]any); len(list) != 2 || list[1].(object)["id"] != 3.0 {
		t.Errorf("after removing 2: %v", got)
	}
	if _, got := b.do("DELETE", "/_emulator/faults", nil); got.(object)["removed"] != 2.0 {
		t.Errorf("remove all: %v", got)
	}
	if status, _ := b.do("DELETE", "/_emulator/faults/9", nil); status != 404 {
		t.Errorf("unknown fault: %d", status)
	}
}

func TestRequestsAreWrittenDown(t *testing.T) {
	b := start(t)
	b.do("POST", "/_emulator/clock", object{"now": "2026-03-02T08:29:50+08:00"})
	b.do("POST", tokenPath, credentials)
	b.fault(object{"match": "POST /v1.0/card/*", "times": 1, "cut": true})
	_, _, _ = b.send(t.Context(), "POST", "/v1.0/card/instances", object{"big": strings.Repeat("x", 9000)})
	b.do("PUT", "/v1.0/card/instances", object{"outTrackId": "unread by the refusal"})
	_, got := b.do("GET", "/_emulator/requests?match="+url.QueryEscape("* /v1.0/*"), nil)
	list := got.([]any)
	if len(list) != 3 {
		t.Fatalf("requests = %v", got)
	}
	first, cut, refused := list[0].(object), list[1].(object), list[2].(object)
	at, err := time.Parse(time.RFC3339, first["time"].(string))
	if after := at.Sub(time.Date(2026, 3, 2, 0, 29, 50, 0, time.UTC)); err != nil || after < 0 || after > time.Minute {
		t.Errorf("the first came at %v, %v", first["time"], err)
	}
	if first["method"] != "POST" || first["path"] != tokenPath || first["status"] != 200.0 ||
		!strings.Contains(first["body"].(string), "appKey") {
		t.Errorf("first = %v", first)
	}
	if cut["status"] != 0.0 || len(cut["body"].(string)) != 4096 {
		t.Errorf("cut = %v with %d bytes", cut["status"], len(cut["body"].(string)))
	}
	if refused["status"] != 400.0 || !strings.Contains(refused["body"].(string), "unread") {
		t.Errorf("refused = %v", refused)
	}
	b.do("DELETE", "/_emulator/requests", nil)
	if _, got := b.do("GET", "/_emulator/requests", nil); len(got.([]any)) != 0 {
		t.Errorf("after clearing: %v", got)
	}
}

func TestControlRefusals(t *testing.T) {
	b := start(t)
	for _, c := range []struct {
		name, method, path string
		body               any
		want               string
	}{
		{"unknown platform", "GET", "/_emulator/conversations?platform=x&person=lina", nil, "no platform"},
		{"person without account", "GET", "/_emulator/conversations?platform=wecom&person=lina", nil, "nobody on wecom"},
		{"unknown key", "POST", "/_emulator/messages", object{"persom": "lina"}, "persom"},
		{"empty text", "POST", "/_emulator/messages", object{"platform": "dingtalk", "person": "lina"}, "text is empty"},
		{"unknown system", "POST", "/_emulator/records", object{"system": "x"}, "no system"},
		{"unknown form", "POST", "/_emulator/records", object{"system": "kingdee", "form": "X", "fields": object{}}, "record of X"},
		{"fault without method", "POST", "/_emulator/faults", object{"match": "/a", "cut": true}, "METHOD /path"},
		{"fault that does nothing", "POST", "/_emulator/faults", object{"match": "POST /a"}, "does nothing"},
		{"fault with a wild status", "POST", "/_emulator/faults", object{"match": "POST /a", "status": 99}, "status 99"},
		{"clock without time", "POST", "/_emulator/clock", object{}, "now is missing"},
		{"clock in words", "POST", "/_emulator/clock", object{"now": "morning"}, "body"},
	} {
		t.Run(c.name, func(t *testing.T) {
			status, got := b.do(c.method, c.path, c.body)
			if text, _ := got.(object)["error"].(string); status != 400 || !strings.Contains(text, c.want) {
				t.Errorf("got %d %v, want 400 with %q", status, got, c.want)
			}
		})
	}
}

func TestMessageWithoutListenerIsRefusedButStands(t *testing.T) {
	b := start(t)
	status, got := b.do("POST", "/_emulator/messages", object{"platform": "dingtalk", "person": "lina", "conversation": "", "text": "今日"})
	if a := got.(object); status != 200 || a["accepted"] != false || a["toast"] == "" {
		t.Errorf("got %d %v", status, got)
	}
	_, got = b.do("GET", "/_emulator/conversations?platform=dingtalk&person=lina&last=1", nil)
	chat := got.([]any)[0].(object)
	if m := chat["messages"].([]any); len(m) != 1 || m[0].(object)["text"] != "今日" || chat["kind"] != "single" {
		t.Errorf("conversation = %v", got)
	}
}

func TestSeedAndRecords(t *testing.T) {
	b := start(t, func(o *emulator.Options) {
		o.Seed = func(r emulator.Records) error {
			return r.PutRecord("BD_Customer", object{"FNumber": "C001", "FName": "华东精密"})
		}
	})
	status, got := b.do("POST", "/_emulator/records", object{"system": "kingdee", "form": "BD_Customer", "fields": object{"FNumber": "C002", "FName": "恒远"}})
	if status != 200 {
		t.Errorf("record: %d %v", status, got)
	}
	broken := errors.New("broken seed")
	if _, err := emulator.New(emulator.Options{Seed: func(emulator.Records) error { return broken }}); !errors.Is(err, broken) {
		t.Errorf("New with a broken seed: %v", err)
	}
}

func TestPageAndItsFiles(t *testing.T) {
	b := start(t)
	for path, want := range map[string]string{
		"/_emulator/": `"name":"王芳"`, "/_emulator/app.js": "EventSource", "/_emulator/card.js": "data-action",
		"/_emulator/text.js": "markdown", "/_emulator/style.css": ".wecom", "/": "columns",
	} {
		if status, text, err := b.send(t.Context(), "GET", path, nil); status != 200 || !strings.Contains(string(text), want) {
			t.Errorf("%s: %d %v, want %q in it", path, status, err, want)
		}
	}
	if status, _, _ := b.send(t.Context(), "GET", "/_emulator/index.html", nil); status != 404 {
		t.Errorf("the bare template: %d", status)
	}
}

func TestEventsTellChanges(t *testing.T) {
	b := start(t)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, b.url+"/_emulator/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	lines := bufio.NewScanner(resp.Body)
	wait := func(event string) {
		for lines.Scan() {
			if lines.Text() == "event: "+event {
				return
			}
		}
		t.Fatalf("no event %q", event)
	}
	wait("ready")
	b.e.World().Post("dingtalk", "user002", "", world.Message{Text: "早"})
	wait("change")
}
