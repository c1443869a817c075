package dingtalk_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"

	"lingke/internal/emulator/dingtalk"
	"lingke/internal/emulator/world"
)

const (
	botTopic  = "/v1.0/im/bot/messages/get"
	cardTopic = "/v1.0/card/instances/callback"
)

// frame is what the platform sends.
type frame struct {
	Type, Data string
	Headers    map[string]string
}

// line is a hand-made stream client.
type line struct {
	t      *testing.T
	socket *websocket.Conn
}

func (a *app) ticket(topics ...string) string {
	a.t.Helper()
	subs := []object{{"type": "SYSTEM", "topic": "disconnect"}}
	for _, topic := range topics {
		subs = append(subs, object{"type": "CALLBACK", "topic": topic})
	}
	status, got := a.do("POST", "/v1.0/gateway/connections/open",
		object{"clientId": clientID, "clientSecret": secret, "subscriptions": subs, "extras": nil, "ua": "x", "localIp": "10.0.0.5"})
	if status != http.StatusOK || got["endpoint"] != "ws"+strings.TrimPrefix(a.url, "http")+"/connect" {
		a.t.Fatalf("open: %d %v", status, got)
	}
	return got["ticket"].(string)
}

func (a *app) dial(ticket string) (*websocket.Conn, *http.Response, error) {
	return websocket.Dial(a.t.Context(), "ws"+strings.TrimPrefix(a.url, "http")+"/connect?ticket="+ticket, nil)
}

// connect opens a line and waits until the platform counts it.
func (a *app) connect(topics ...string) *line {
	a.t.Helper()
	before := a.srv.Stats().Connections
	socket, _, err := a.dial(a.ticket(topics...))
	if err != nil {
		a.t.Fatal(err)
	}
	a.t.Cleanup(func() { _ = socket.CloseNow() })
	a.counted(before + 1)
	return &line{a.t, socket}
}

// counted waits until the platform has n connections: it counts one only after the client has its handshake.
func (a *app) counted(n int) {
	a.t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for a.srv.Stats().Connections < n {
		select {
		case <-a.t.Context().Done():
			a.t.Fatal("the connection was never counted")
		case <-tick.C:
		}
	}
}

func (l *line) next() (frame, error) {
	_, text, err := l.socket.Read(l.t.Context())
	if err != nil {
		return frame{}, err
	}
	var f frame
	return f, json.Unmarshal(text, &f)
}

func (l *line) must() frame {
	l.t.Helper()
	f, err := l.next()
	if err != nil {
		l.t.Fatal(err)
	}
	return f
}

func (l *line) ack(f frame, code int, data string) {
	l.t.Helper()
	text, err := json.Marshal(object{"code": code, "headers": object{"messageId": f.Headers["messageId"]}, "message": "", "data": data})
	if err != nil {
		l.t.Fatal(err)
	}
	if err := l.socket.Write(l.t.Context(), websocket.MessageText, text); err != nil {
		l.t.Fatal(err)
	}
}

func msgID(f frame) any {
	var m object
	_ = json.Unmarshal([]byte(f.Data), &m)
	return m["msgId"]
}

func TestOpenRefusesWrongSecret(t *testing.T) {
	a := start(t)
	status, got := a.do("POST", "/v1.0/gateway/connections/open", object{"clientId": clientID, "clientSecret": "x"})
	if status != http.StatusUnauthorized || code(got) != "authFailed" {
		t.Errorf("got %d %v", status, got)
	}
}

func TestTicketWorksOnceWithin90Seconds(t *testing.T) {
	a := start(t)
	used := a.ticket(botTopic)
	if socket, _, err := a.dial(used); err != nil {
		t.Fatal(err)
	} else {
		defer func() { _ = socket.CloseNow() }()
	}
	late := a.ticket(botTopic)
	a.clock.Pass(90 * time.Second)
	for name, ticket := range map[string]string{"used": used, "expired": late, "unknown": "x"} {
		if _, resp, err := a.dial(ticket); err == nil || resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s ticket: %v", name, err)
		}
	}
}

func TestFrameCarriesDocumentedHeaders(t *testing.T) {
	a := start(t)
	l := a.connect(botTopic)
	if err := a.srv.Say(t.Context(), zhang, group, "今日"); err != nil {
		t.Fatal(err)
	}
	f := l.must()
	if f.Type != "CALLBACK" || f.Headers["topic"] != botTopic || f.Headers["messageId"] == "" || f.Headers["time"] == "" || f.Headers["appId"] != clientID {
		t.Errorf("frame = %+v", f)
	}
	var m object
	if err := json.Unmarshal([]byte(f.Data), &m); err != nil {
		t.Fatal(err)
	}
	if m["text"].(object)["content"] != " 今日" || m["conversationTitle"] != "销售一组" || m["isInAtList"] != true || m["createAt"] != float64(a.clock.Now().UnixMilli()) {
		t.Errorf("data = %v", m)
	}
	if m["sessionWebhookExpiredTime"] != float64(a.clock.Now().Add(90*time.Minute).UnixMilli()) {
		t.Errorf("session ends at %v", m["sessionWebhookExpiredTime"])
	}
}

func TestPushGoesToOneConnectionThatWantsTheTopic(t *testing.T) {
	a := start(t)
	cards := a.connect(cardTopic)
	bots := []*line{a.connect(botTopic), a.connect(botTopic)}
	got := make(chan int, 40)
	for i, l := range bots {
		go func() {
			for {
				if _, err := l.next(); err != nil {
					return
				}
				got <- i
			}
		}()
	}
	each := map[int]int{}
	for range 40 {
		if err := a.srv.Say(t.Context(), li, "", "在"); err != nil {
			t.Fatal(err)
		}
		each[<-got]++
	}
	if each[0] == 0 || each[1] == 0 || each[0]+each[1] != 40 {
		t.Errorf("messages per connection = %v, want 40 shared by both", each)
	}
	_ = cards.socket.CloseNow()
}

func TestUnackedMessage(t *testing.T) {
	t.Run("is lost without redelivery", func(t *testing.T) {
		a := start(t)
		if err := a.srv.Say(t.Context(), li, "", "在"); !errors.Is(err, dingtalk.ErrOffline) {
			t.Errorf("nobody connected: %v", err)
		}
	})
	t.Run("comes again with a new messageId and the same msgId", func(t *testing.T) {
		a := start(t, func(o *dingtalk.Options) { o.Redeliver = 20 * time.Millisecond; o.AnswerIn = time.Millisecond })
		l := a.connect(botTopic)
		if err := a.srv.Say(t.Context(), li, "", "在"); err != nil {
			t.Fatal(err)
		}
		first := l.must()
		second := l.must()
		if first.Headers["messageId"] == second.Headers["messageId"] || msgID(first) != msgID(second) {
			t.Errorf("first %v %v, second %v %v", first.Headers, msgID(first), second.Headers, msgID(second))
		}
		l.ack(second, 500, "")
		third := l.must()
		if msgID(third) != msgID(first) {
			t.Errorf("after code 500 came %v, want the same message", third)
		}
		l.ack(third, 200, "")
		a.world.SetNow(a.clock.Now().Add(time.Second))
		if err := a.srv.Say(t.Context(), li, "", "下一条"); err != nil {
			t.Fatal(err)
		}
		if next := l.must(); msgID(next) == msgID(first) {
			t.Error("an acknowledged message came again")
		}
	})
}

func TestMessageTrouble(t *testing.T) {
	for _, c := range []struct {
		name    string
		trouble dingtalk.Trouble
		frames  int
	}{
		{"twice is two frames of one msgId", dingtalk.Trouble{Twice: true}, 2},
		{"delayed still arrives", dingtalk.Trouble{Delay: time.Millisecond}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := start(t, func(o *dingtalk.Options) { o.Trouble = func(string) dingtalk.Trouble { return c.trouble } })
			l := a.connect(botTopic)
			if err := a.srv.Say(t.Context(), li, "", "在"); err != nil {
				t.Fatal(err)
			}
			ids, deliveries := map[any]bool{}, map[string]bool{}
			for range c.frames {
				f := l.must()
				ids[msgID(f)], deliveries[f.Headers["messageId"]] = true, true
			}
			if len(ids) != 1 || len(deliveries) != c.frames {
				t.Errorf("msgIds %v, messageIds %v", ids, deliveries)
			}
		})
	}
	t.Run("cut ends the connection", func(t *testing.T) {
		a := start(t, func(o *dingtalk.Options) {
			o.Trouble = func(string) dingtalk.Trouble { return dingtalk.Trouble{Cut: true} }
		})
		l := a.connect(botTopic)
		if err := a.srv.Say(t.Context(), li, "", "在"); err == nil {
			t.Error("a cut push succeeded")
		}
		if f, err := l.next(); err == nil {
			t.Errorf("got %+v, want the end of the connection", f)
		}
	})
}

func TestSpentPushBudgetSendsNoContent(t *testing.T) {
	a := start(t, func(o *dingtalk.Options) { o.Limits.MonthPushes = 1 })
	l := a.connect(botTopic)
	for _, want := range []bool{true, false} {
		if err := a.srv.Say(t.Context(), li, "", "在"); err != nil {
			t.Fatal(err)
		}
		var m object
		if err := json.Unmarshal([]byte(l.must().Data), &m); err != nil {
			t.Fatal(err)
		}
		if _, has := m["text"]; has != want || (m["errorCode"] == "20001") == want {
			t.Errorf("text %v, data %v", want, m)
		}
	}
}

func TestUnansweredPingEndsConnection(t *testing.T) {
	a := start(t, func(o *dingtalk.Options) { o.PingEvery = 300 * time.Millisecond })
	l := a.connect(botTopic)
	f := l.must()
	if f.Type != "SYSTEM" || f.Headers["topic"] != "ping" || !strings.Contains(f.Data, "opaque") {
		t.Fatalf("first frame = %+v, want a ping", f)
	}
	l.ack(f, 200, strings.Replace(f.Data, ":", ": ", 1)) // as a client writes it that decoded it
	if f = l.must(); f.Headers["topic"] != "ping" {
		t.Fatalf("after the echo: %+v, want the next ping", f)
	}
	if f, err := l.next(); err == nil {
		t.Errorf("after silence: %+v, want the end of the connection", f)
	}
}

func TestDisconnectFrameThenClose(t *testing.T) {
	a := start(t, func(o *dingtalk.Options) { o.Retire = 10 * time.Millisecond })
	l := a.connect(botTopic)
	if n := a.srv.Disconnect(); n != 1 {
		t.Fatalf("Disconnect() = %d", n)
	}
	f := l.must()
	if _, has := f.Headers["messageId"]; has || f.Headers["topic"] != "disconnect" || !strings.Contains(f.Data, "connection is expired") {
		t.Errorf("frame = %+v", f)
	}
	if f, err := l.next(); err == nil {
		t.Errorf("after the disconnect: %+v, want the close", f)
	}
}

// answerClicks acknowledges every card callback the same way, until the line ends.
func (l *line) answerClicks(code int, data string) *sync.WaitGroup {
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			f, err := l.next()
			if err != nil {
				return
			}
			l.ack(f, code, data)
		}
	})
	return &wg
}

func TestClickThatFailsLeavesTheCard(t *testing.T) {
	claimed := `{"response":{"cardData":{"cardParamMap":{"state":"已领取"}},"cardUpdateOptions":{"updateCardDataByKey":true}}}`
	for _, c := range []struct {
		name  string
		code  int
		data  string
		works bool
	}{
		{"answered", 200, claimed, true},
		{"answered without data", 200, "", true},
		{"answered with null", 200, `{"response":null}`, true},
		{"code 500", 500, claimed, false},
		{"code 404", 404, "", false},
		{"not JSON", 200, `{"response":`, false},
		{"a number as value", 200, `{"response":{"cardData":{"cardParamMap":{"state":1}}}}`, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := start(t)
			l := a.connect(cardTopic)
			defer l.answerClicks(c.code, c.data).Wait()
			defer func() { _ = l.socket.CloseNow() }()
			a.do("POST", createPath, lead("c1", li.DingTalk))
			_, err := a.srv.Click(t.Context(), li, a.last(li).ID, "claim", nil)
			if c.works != (err == nil) || !c.works && !errors.Is(err, dingtalk.ErrUnanswered) {
				t.Errorf("Click: %v", err)
			}
			want := "待领取"
			if c.works && c.data == claimed {
				want = "已领取"
			}
			if got := a.last(li).Card.State; got != want {
				t.Errorf("state %q, want %q", got, want)
			}
		})
	}
}

func TestLateAnswerFailsTheClick(t *testing.T) {
	a := start(t, func(o *dingtalk.Options) { o.AnswerIn = 10 * time.Millisecond })
	l := a.connect(cardTopic)
	a.do("POST", createPath, lead("c1", li.DingTalk))
	if _, err := a.srv.Click(t.Context(), li, a.last(li).ID, "claim", nil); !errors.Is(err, dingtalk.ErrUnanswered) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("Click: %v", err)
	}
	l.ack(l.must(), 200, `{"response":{"cardData":{"cardParamMap":{"state":"已领取"}}}}`)
	l.ack(frame{}, 200, "")
	if got := a.last(li).Card.State; got != "待领取" {
		t.Errorf("a late answer changed the card to %q", got)
	}
}

func TestClickRefusals(t *testing.T) {
	a := start(t)
	a.do("POST", createPath, lead("c1", li.DingTalk))
	id := a.last(li).ID
	for _, c := range []struct {
		name            string
		who             world.Person
		message, action string
		want            error
	}{
		{"somebody else's card", zhang, id, "claim", dingtalk.ErrNoCard},
		{"unknown message", li, "x", "claim", dingtalk.ErrNoCard},
		{"unknown button", li, id, "x", dingtalk.ErrNoButton},
		{"nobody connected", li, id, "claim", dingtalk.ErrOffline},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := a.srv.Click(t.Context(), c.who, c.message, c.action, nil); !errors.Is(err, c.want) {
				t.Errorf("Click: %v, want %v", err, c.want)
			}
		})
	}
}

func TestManyClickAtOnceAndAllAreAnswered(t *testing.T) {
	a := start(t)
	l := a.connect(cardTopic)
	answering := l.answerClicks(200, `{"response":{"cardData":{"cardParamMap":{"closed":"已领取"}},"cardUpdateOptions":{"updateCardDataByKey":true}}}`)
	a.do("POST", createPath, lead("c1", li.DingTalk, zhang.DingTalk, wang.DingTalk))
	var wg sync.WaitGroup
	for range 20 {
		for _, p := range []world.Person{li, zhang, wang} {
			wg.Go(func() {
				if _, err := a.srv.Click(t.Context(), p, a.last(p).ID, "claim", nil); err != nil {
					t.Errorf("%s: %v", p.Name, err)
				}
			})
		}
	}
	wg.Wait()
	if card := a.last(zhang).Card; len(card.Actions) != 0 || card.Note != "已领取" {
		t.Errorf("something can still be pressed: %+v", card)
	}
	_ = l.socket.CloseNow()
	answering.Wait()
}
