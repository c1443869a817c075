package dingtalk_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"lingke/bots"
	"lingke/bots/dingtalk"
	"lingke/configs"
	"lingke/internal/emulator"
	emulated "lingke/internal/emulator/dingtalk"
	"lingke/internal/emulator/world"
)

// office is an emulated organisation of two people, used through its public addresses only.
type office struct {
	t *testing.T
	*httptest.Server
	bot *dingtalk.Bot
	e   *emulator.Emulator
}

type shownCard struct {
	Title, State, Body, Note, Hint string
	Fields                         []struct{ Name, Value string }
	Actions                        []struct {
		ID, Label string
		Enabled   bool
		Inputs    []struct {
			ID, Label string
			Options   []struct{ ID, Label string }
			Optional  bool
		}
	}
}

type shown struct {
	ID, Text, Image, File string
	Card                  *shownCard
}

func newOffice(t *testing.T, change ...func(*emulated.Options)) *office {
	t.Helper()
	shipped, err := configs.FS.ReadFile("cards/dingtalk.json")
	if err != nil {
		t.Fatal(err)
	}
	opt := emulated.Options{ClientID: "dingapp", ClientSecret: "secret", CardTemplate: "t.schema", Template: shipped, CorpID: "corp"}
	for _, c := range change {
		c(&opt)
	}
	e, err := emulator.New(emulator.Options{
		People:   []world.Person{{ID: "li", Name: "李娜", DingTalk: "u-li"}, {ID: "zhang", Name: "张伟", DingTalk: "u-zhang"}},
		DingTalk: opt,
	})
	if err != nil {
		t.Fatal(err)
	}
	o := &office{t: t, e: e, Server: httptest.NewServer(e.Handler())}
	t.Cleanup(func() {
		e.Close()
		o.Close()
		http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	})
	o.bot, err = dingtalk.Open(dingtalk.Config{ClientID: "dingapp", ClientSecret: "secret", CardTemplate: opt.CardTemplate, AgentID: 77,
		BaseURL: o.URL, OapiURL: o.URL}, dingtalk.WithStream(dingtalk.StreamConfig{Poll: time.Millisecond, Retry: time.Millisecond}),
		dingtalk.WithHTTPClient(http.DefaultClient))
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func (o *office) post(path string, body any) map[string]any {
	o.t.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		o.t.Fatal(err)
	}
	resp, err := http.Post(o.URL+path, "application/json", bytes.NewReader(data))
	if err != nil {
		o.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var out map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil || resp.StatusCode != http.StatusOK {
		o.t.Fatalf("%s: %d %v %v", path, resp.StatusCode, out, err)
	}
	return out
}

// act makes a person do something. The platform takes a connection into use a moment after the handshake that the bot
// sees, so it is repeated until it was accepted.
func (o *office) act(path string, body any) {
	o.t.Helper()
	deadline := time.After(10 * time.Second)
	for tick := time.NewTicker(5 * time.Millisecond); ; {
		out := o.post(path, body)
		if out["accepted"] == true {
			return
		}
		select {
		case <-tick.C:
		case <-deadline:
			o.t.Fatalf("%s is not accepted: %v", path, out)
		}
	}
}

// sees lists what a person sees in all conversations.
func (o *office) sees(person string) []shown {
	o.t.Helper()
	resp, err := http.Get(o.URL + "/_emulator/conversations?platform=dingtalk&person=" + url.QueryEscape(person))
	if err != nil {
		o.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var conversations []struct{ Messages []shown }
	if err := json.NewDecoder(resp.Body).Decode(&conversations); err != nil {
		o.t.Fatal(err)
	}
	var all []shown
	for _, c := range conversations {
		all = append(all, c.Messages...)
	}
	return all
}

func (o *office) listen(h bots.Handler) {
	ctx, cancel := context.WithCancel(o.t.Context())
	done := make(chan error, 1)
	go func() { done <- o.bot.Listen(ctx, h) }()
	o.t.Cleanup(func() { cancel(); <-done })
	o.connected()
}

// connected waits until both ends know of the connection: what is said before is told to nobody.
func (o *office) connected() {
	o.t.Helper()
	for end := time.Now().Add(30 * time.Second); !o.bot.Connected() || o.e.DingTalk().Stats().Connections == 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			o.t.Fatal("no connection")
		}
	}
}

func emulatedCard(state, closed string) *bots.Card {
	return &bots.Card{Kind: "lead", Title: "新线索：杭州精工", State: state, Closed: closed, Fields: []bots.Field{{Name: "得分", Value: "86"}},
		Actions: []bots.Action{{ID: "claim", Label: "领取", Style: bots.Primary, Inputs: []bots.Input{{ID: "note", Label: "备注"}}}}}
}

func TestOneClickChangesEverybodysCard(t *testing.T) {
	o := newOffice(t)
	clicks := make(chan bots.Click, 10)
	o.listen(func(_ context.Context, in bots.Incoming) (bots.Answer, error) {
		clicks <- *in.Click
		return bots.Answer{Card: emulatedCard("已被李娜领取", "李娜 已领取"), Toast: "已由你领取"}, nil
	})
	lead := bots.Outgoing{ID: "lead-42-v1", To: []string{"u-li", "u-zhang", "u-nobody"}, Card: emulatedCard("待领取", "")}
	receipt, err := o.bot.Send(t.Context(), lead)
	if err != nil || len(receipt.Refused) != 1 || receipt.Refused[0].To != "u-nobody" {
		t.Fatalf("%+v, %v", receipt, err)
	}
	seen := o.sees("li")
	if len(seen) != 1 || seen[0].Card == nil || seen[0].Card.State != "待领取" || len(seen[0].Card.Actions) != 1 {
		t.Fatalf("li sees %+v", seen)
	}
	o.act("/_emulator/clicks", map[string]any{"platform": "dingtalk", "person": "li", "message": seen[0].ID, "action": "claim",
		"inputs": map[string]string{"note": "我来"}})
	if c := <-clicks; c.From != "u-li" || c.Card != lead.ID || c.Action != "claim" || c.Inputs["note"] != "我来" {
		t.Errorf("clicked %+v", c)
	}
	for _, person := range []string{"li", "zhang"} {
		if got := o.sees(person); len(got) != 1 || got[0].Card.State != "已被李娜领取" {
			t.Errorf("%s sees %+v", person, got[0].Card)
		}
	}
	lead.Card = emulatedCard("已退回", "")
	if _, err := o.bot.Send(t.Context(), lead); err != nil {
		t.Errorf("the repeated send: %v", err)
	}
	if got := o.sees("zhang"); len(got) != 1 || got[0].Card.State != "已退回" {
		t.Errorf("after the repeated send zhang sees %+v", got)
	}
	lead.Card = emulatedCard("已关闭", "公海回收")
	if _, err := o.bot.Update(t.Context(), receipt.Handle, lead); err != nil {
		t.Errorf("update: %v", err)
	}
	if got := o.sees("li"); got[0].Card.State != "已关闭" {
		t.Errorf("after the update li sees %+v", got[0].Card)
	}
}

func TestQuestionIsAnsweredInItsConversation(t *testing.T) {
	o := newOffice(t)
	asked := make(chan bots.Message, 10)
	o.listen(func(_ context.Context, in bots.Incoming) (bots.Answer, error) {
		asked <- *in.Message
		return bots.Answer{}, nil
	})
	o.act("/_emulator/messages", map[string]any{"platform": "dingtalk", "person": "zhang", "conversation": "", "text": " 今日 "})
	m := <-asked
	if m.From != "u-zhang" || m.Text != "今日" || m.Group || m.ReplyURL == "" {
		t.Fatalf("asked %+v", m)
	}
	_, err := o.bot.Send(t.Context(), bots.Outgoing{ID: "r1", To: []string{m.From}, ReplyURL: m.ReplyURL, ReplyUntil: m.ReplyUntil, Text: "你有 3 个待办"})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.bot.Send(t.Context(), bots.Outgoing{ID: "r2", To: []string{m.From}, Text: "另外一条"}); err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, s := range o.sees("zhang") {
		texts = append(texts, s.Text)
	}
	if all := strings.Join(texts, "|"); !strings.Contains(all, "3 个待办") || !strings.Contains(all, "另外一条") {
		t.Errorf("zhang sees %q", all)
	}
}
