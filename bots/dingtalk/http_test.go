package dingtalk_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"lingke/bots"
	"lingke/bots/dingtalk"
	emulated "lingke/internal/emulator/dingtalk"
)

// httpOffice is an office whose app takes everything over HTTP.
type httpOffice struct {
	*office
	bot  *dingtalk.Bot
	back *httptest.Server
	came chan bots.Incoming

	mu   sync.Mutex
	last *http.Request // of the callback
	body string
}

const (
	eventToken = "demoToken123"
	eventKey   = "abcdefghijABCDEFGHIJ0123456789abcdefghijABC"
)

func newHTTPOffice(t *testing.T, answer func(bots.Incoming) bots.Answer) *httpOffice {
	t.Helper()
	o := &httpOffice{came: make(chan bots.Incoming, 20)}
	o.office = newOffice(t, func(opt *emulated.Options) {
		opt.EventToken, opt.EventKey, opt.EventGaps = eventToken, eventKey, []time.Duration{time.Millisecond, time.Millisecond}
	})
	var err error
	o.bot, err = dingtalk.Open(dingtalk.Config{ClientID: "dingapp", ClientSecret: "secret", CardTemplate: "t.schema", BaseURL: o.URL, OapiURL: o.URL,
		CardRouteKey: "lingke", CardSecret: dingtalk.CardSecretOf("secret"), EventToken: eventToken, EventAESKey: eventKey},
		dingtalk.WithHTTPClient(http.DefaultClient), dingtalk.WithPrivileged(func(user string) bool { return user == "u-zhang" }))
	if err != nil {
		t.Fatal(err)
	}
	h := o.bot.Callback(func(_ context.Context, in bots.Incoming) (bots.Answer, error) {
		o.came <- in
		return answer(in), nil
	})
	o.back = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		o.mu.Lock()
		o.last, o.body = r.Clone(context.WithoutCancel(r.Context())), string(body)
		o.mu.Unlock()
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		h.ServeHTTP(w, r)
	}))
	t.Cleanup(o.back.Close)
	o.e.DingTalk().SetAddresses(o.back.URL+"/callbacks/dingtalk/robot", o.back.URL+"/callbacks/dingtalk/event")
	if err := o.bot.RegisterCards(t.Context(), o.back.URL+"/callbacks/dingtalk/card"); err != nil {
		t.Fatal(err)
	}
	return o
}

// repeat sends the last callback again with another body, as somebody who saw its headers could.
func (o *httpOffice) repeat(t *testing.T, body string) int {
	t.Helper()
	o.mu.Lock()
	last := o.last
	o.mu.Unlock()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, o.back.URL+last.URL.Path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = last.Header.Clone()
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

// next is what the app was handed next.
func (o *httpOffice) next(t *testing.T) bots.Incoming {
	t.Helper()
	select {
	case in := <-o.came:
		return in
	case <-time.After(10 * time.Second):
		t.Fatal("nothing came")
		return bots.Incoming{}
	}
}

func TestEverythingComesOverHTTP(t *testing.T) {
	o := newHTTPOffice(t, func(in bots.Incoming) bots.Answer {
		if in.Click == nil {
			return bots.Answer{}
		}
		return bots.Answer{Card: emulatedCard("已被李娜领取", "李娜 已领取"), Toast: "已由你领取"}
	})
	if _, err := o.bot.Send(t.Context(), bots.Outgoing{ID: "lead-1", To: []string{"u-li", "u-zhang"}, Card: emulatedCard("待领取", "")}); err != nil {
		t.Fatal(err)
	}
	out := o.post("/_emulator/clicks", map[string]any{"platform": "dingtalk", "person": "li", "message": o.sees("li")[0].ID, "action": "claim", "inputs": map[string]string{"note": "我来"}})
	if in := o.next(t); out["accepted"] != true || out["toast"] != "已由你领取" || in.Click.From != "u-li" || in.Click.Inputs["note"] != "我来" {
		t.Errorf("%v, %+v", out, in.Click)
	}
	if c := o.sees("zhang")[0].Card; c.Note != "李娜 已领取" {
		t.Errorf("zhang sees %+v", c)
	}
	o.post("/_emulator/messages", map[string]any{"platform": "dingtalk", "person": "li", "text": "今日"})
	m := o.next(t).Message
	if m.Text != "今日" || m.ReplyURL == "" {
		t.Fatalf("%+v", m)
	}
	if _, err := o.bot.Send(t.Context(), bots.Outgoing{ID: "r", ReplyURL: m.ReplyURL, ReplyUntil: m.ReplyUntil, To: []string{m.From}, Text: "三个待办"}); err != nil {
		t.Fatal(err)
	}
	if seen := o.sees("li"); seen[len(seen)-1].Text != "三个待办" {
		t.Errorf("li sees %+v", seen)
	}
	if err := o.e.DingTalk().VerifyEventURL(); err != nil {
		t.Error(err)
	}
	req, _ := http.NewRequestWithContext(t.Context(), http.MethodDelete, o.URL+"/_emulator/people/li", nil)
	if resp, err := http.DefaultClient.Do(req); err != nil {
		t.Fatal(err)
	} else {
		_ = resp.Body.Close()
	}
	if c, ok := o.bot.Change(*o.next(t).Event); !ok || len(c.Left) != 1 || c.Left[0] != "u-li" {
		t.Errorf("%+v %v", c, ok)
	}
}

// Whoever saw one signature cannot send something else with it, and cannot send as a manager.
func TestASignatureServesItsOwnBodyOnly(t *testing.T) {
	o := newHTTPOffice(t, func(bots.Incoming) bots.Answer { return bots.Answer{} })
	o.post("/_emulator/clock", map[string]any{"now": time.Now().Add(-time.Minute)}) // the signature is a minute old when it is used again
	o.post("/_emulator/messages", map[string]any{"platform": "dingtalk", "person": "li", "text": "今日"})
	o.next(t)
	said := o.body
	if status := o.repeat(t, said); status != http.StatusOK {
		t.Errorf("a redelivery is answered %d", status)
	}
	o.next(t) // with the same id, by which the inbox knows it
	if status := o.repeat(t, strings.Replace(said, "今日", "全部转交", 1)); status != http.StatusUnauthorized {
		t.Errorf("another body is answered %d", status)
	}
	o.post("/_emulator/clock", map[string]any{"now": time.Now()})
	o.post("/_emulator/messages", map[string]any{"platform": "dingtalk", "person": "zhang", "text": "报表"})
	if in := o.next(t); in.Message.From != "u-zhang" {
		t.Errorf("%+v", in.Message)
	}
	var forged map[string]any
	if err := json.Unmarshal([]byte(o.body), &forged); err != nil {
		t.Fatal(err)
	}
	forged["senderUnionId"], forged["msgId"] = "somebody else", "forged"
	text, _ := json.Marshal(forged)
	if status := o.repeat(t, string(text)); status != http.StatusUnauthorized {
		t.Errorf("a forged manager is answered %d", status)
	}
	if len(o.came) != 0 {
		t.Errorf("%d more came", len(o.came))
	}
	o.post("/_emulator/messages", map[string]any{"platform": "dingtalk", "person": "li", "text": "今日"})
	o.next(t)
	if err := json.Unmarshal([]byte(o.body), &forged); err != nil {
		t.Fatal(err)
	}
	forged["msgId"], forged["text"] = "second", map[string]string{"content": "我的客户"}
	text, _ = json.Marshal(forged)
	if status := o.repeat(t, string(text)); status != http.StatusOK { // the platform itself may sign two messages of one millisecond alike
		t.Errorf("a second message of the sender is answered %d", status)
	}
	o.next(t)
	forged["senderUnionId"], forged["msgId"] = "somebody else", "third"
	text, _ = json.Marshal(forged)
	if status := o.repeat(t, string(text)); status != http.StatusUnauthorized {
		t.Errorf("a forged rep is answered %d", status)
	}
	if len(o.came) != 0 {
		t.Errorf("%d more came", len(o.came))
	}
}

// A click's signature serves another body for the time in which the platform may have signed two clicks alike, and no longer.
func TestAClicksSignatureServesItsOwnBodyOnly(t *testing.T) {
	o := newHTTPOffice(t, func(bots.Incoming) bots.Answer { return bots.Answer{} })
	o.post("/_emulator/clock", map[string]any{"now": time.Now().Add(-3 * time.Second)})
	if _, err := o.bot.Send(t.Context(), bots.Outgoing{ID: "lead-1", To: []string{"u-li"}, Card: emulatedCard("待领取", "")}); err != nil {
		t.Fatal(err)
	}
	o.post("/_emulator/clicks", map[string]any{"platform": "dingtalk", "person": "li", "message": o.sees("li")[0].ID, "action": "claim", "inputs": map[string]string{"note": "我来"}})
	o.next(t)
	if status := o.repeat(t, strings.Replace(o.body, "u-li", "u-zhang", 1)); status != http.StatusUnauthorized {
		t.Errorf("somebody else's click is answered %d", status)
	}
	if len(o.came) != 0 {
		t.Errorf("%d more came", len(o.came))
	}
}
