package dingtalk

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lingke/bots"
)

var noonStamp = strconv.FormatInt(noon.UnixMilli(), 10)

func callbackBot(t *testing.T, cfg Config, opts ...Option) *Bot {
	t.Helper()
	cfg.ClientID, cfg.ClientSecret = "dingapp", testSecret
	b, err := Open(cfg, append([]Option{WithClock(func() time.Time { return noon })}, opts...)...)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func post(h http.Handler, path, body string, header map[string]string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	for k, v := range header {
		r.Header.Set(k, v)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func robotHeaders(secret string) map[string]string {
	return map[string]string{"timestamp": noonStamp, "sign": RobotSign(secret, noonStamp)}
}

func cardHeaders(secret string) map[string]string {
	return map[string]string{"x-ddpaas-signature-timestamp": noonStamp, "x-ddpaas-signature": CardSign(secret, noonStamp)}
}

func TestCallback(t *testing.T) {
	t.Parallel()
	card := claimedCard()
	const message = `{"msgId":"m","conversationId":"c","senderStaffId":"u","text":{"content":"今日"}}`
	const click = `{"outTrackId":"x","userId":"u","content":"{\"cardPrivateData\":{\"params\":{\"action\":\"claim\"}}}"}`
	gzip := robotHeaders(testSecret)
	gzip["Content-Encoding"] = "gzip"
	for _, c := range []struct {
		name, path, body string
		header           map[string]string
		fails            bool
		status           int
		answer           string // part of it
		calls            int
	}{
		{"a message", "/callbacks/dingtalk/robot", message, robotHeaders(testSecret), false, 200, `{"msgtype":"empty"}`, 1},
		{"a message that is not stored", "/robot", message, robotHeaders(testSecret), true, 500, "not taken", 1},
		{"a message with another secret", "/robot", message, robotHeaders("other"), false, 401, "unauthorized", 0},
		{"a message without a signature", "/robot", message, nil, false, 401, "unauthorized", 0},
		{"garbage, signed", "/robot", "{", robotHeaders(testSecret), false, 400, "bad request", 0},
		{"a message without its text", "/robot", `{"errCode":20001}`, robotHeaders(testSecret), false, 200, "empty", 0},
		{"a body that is too long", "/robot", strings.Repeat(" ", maxCallback+1), robotHeaders(testSecret), false, 413, "too large", 0},
		{"a packed body", "/robot", message, gzip, false, 415, "encoding", 0},
		{"a click", "/callbacks/dingtalk/card", click, cardHeaders("card-secret"), false, 200, `"state":"已被张伟领取"`, 1},
		{"a click that is not stored", "/card", click, cardHeaders("card-secret"), true, 500, "not taken", 1},
		{"a click with another secret", "/card", click, cardHeaders("other"), false, 401, "unauthorized", 0},
		{"garbage to the card, signed", "/card", "[]", cardHeaders("card-secret"), false, 400, "bad request", 0},
		{"an event without its keys", "/event", `{"encrypt":"x"}`, nil, false, 401, "unauthorized", 0},
		{"another path", "/other", message, robotHeaders(testSecret), false, 404, "", 0},
	} {
		calls := 0
		h := callbackBot(t, Config{CardSecret: "card-secret"}).Callback(func(_ context.Context, in bots.Incoming) (bots.Answer, error) {
			checkIncoming(t, in, nil)
			calls++
			if c.fails {
				return bots.Answer{}, errors.New("the store is away")
			}
			return bots.Answer{Card: &card}, nil
		})
		w := post(h, c.path, c.body, c.header)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.answer) || calls != c.calls {
			t.Errorf("%s: %d %s, %d calls", c.name, w.Code, w.Body, calls)
		}
	}
	w := httptest.NewRecorder()
	callbackBot(t, Config{}).Callback(taken).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/robot", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("GET: %d", w.Code)
	}
}

func TestCardCallbackWithoutASecretTakesNothing(t *testing.T) {
	t.Parallel()
	w := post(callbackBot(t, Config{}).Callback(taken), "/card", "{}", cardHeaders(""))
	if w.Code != http.StatusUnauthorized {
		t.Errorf("%d", w.Code)
	}
}

func TestReplayedClickHasTheSameID(t *testing.T) {
	t.Parallel()
	var ids []string
	h := callbackBot(t, Config{CardSecret: "s"}).Callback(func(_ context.Context, in bots.Incoming) (bots.Answer, error) {
		ids = append(ids, in.ID)
		return bots.Answer{}, nil
	})
	const click = `{"outTrackId":"x","userId":"u","content":{"actionIds":["claim"]}}`
	post(h, "/card", click, cardHeaders("s"))
	post(h, "/card", click, cardHeaders("s"))
	if len(ids) != 2 || ids[0] != ids[1] {
		t.Errorf("ids %v", ids)
	}
}

func TestSlowCardCallbackIsAnsweredInTime(t *testing.T) {
	t.Parallel()
	release, finished := make(chan struct{}), make(chan error, 1)
	h := callbackBot(t, Config{CardSecret: "s"}, WithStream(StreamConfig{Answer: time.Millisecond})).
		Callback(func(ctx context.Context, _ bots.Incoming) (bots.Answer, error) {
			<-release
			finished <- ctx.Err()
			return bots.Answer{}, nil
		})
	w := post(h, "/card", `{"outTrackId":"x","userId":"u","content":{"actionIds":["claim"]}}`, cardHeaders("s"))
	close(release)
	if err := <-finished; w.Code != 200 || w.Body.String() != "{}" || err != nil {
		t.Errorf("%d %s, handler %v", w.Code, w.Body, err)
	}
}

func TestConsoleCheckOfTheEventAddress(t *testing.T) {
	t.Parallel()
	b := callbackBot(t, Config{EventToken: ownToken, EventAESKey: ownKey, CorpID: ownOwner})
	address := func(v vector, name string) string {
		return "/callbacks/dingtalk/event?" + name + "=" + v.signature + "&timestamp=" + v.timestamp + "&nonce=" + v.nonce
	}
	for _, name := range []string{"msg_signature", "signature"} {
		w := post(b.Callback(taken), address(vectors[2], name), `{"encrypt":"`+vectors[2].encrypt+`"}`, nil)
		var a EventAnswer
		if err := json.Unmarshal(w.Body.Bytes(), &a); err != nil || w.Code != 200 || !strings.Contains(w.Body.String(), `"timeStamp"`) {
			t.Fatalf("%d %s", w.Code, w.Body)
		}
		message, err := mustEvents(t, ownToken, ownKey, "dingapp").Open(a.Signature, a.Timestamp, a.Nonce, a.Encrypt)
		if err != nil || string(message) != "success" {
			t.Errorf("answered %q, %v", message, err)
		}
	}
	if w := post(b.Callback(taken), address(vectors[3], "msg_signature"), `{"encrypt":"`+vectors[2].encrypt+`"}`, nil); w.Code != http.StatusUnauthorized {
		t.Errorf("another event's signature: %d", w.Code)
	}
}

func TestEventsOverHTTP(t *testing.T) {
	t.Parallel()
	b := callbackBot(t, Config{EventToken: ownToken, EventAESKey: ownKey, CorpID: ownOwner})
	stamp := noonStamp
	call := func(h bots.Handler, message string) *httptest.ResponseRecorder {
		sealed, err := mustEvents(t, ownToken, ownKey, ownOwner).Seal(stamp, "n1", []byte(message))
		if err != nil {
			t.Fatal(err)
		}
		return post(b.Callback(h), "/callbacks/dingtalk/event?msg_signature="+sealed.Signature+"&timestamp="+stamp+"&nonce=n1", `{"encrypt":"`+sealed.Encrypt+`"}`, nil)
	}
	const message = `{"EventType":"bpms_instance_change","EventTime":1700000000000,"CorpId":"c","eventId":"e-1","processInstanceId":"p-1",
		"result":"agree","createTime":1700000000001,"nested":{"a":1},"none":null,"yes":true}`
	var in []bots.Incoming
	w := call(func(_ context.Context, i bots.Incoming) (bots.Answer, error) {
		in = append(in, i)
		return bots.Answer{}, nil
	}, message)
	want := []bots.Incoming{{ID: "dingtalk:event:e-1", Platform: bots.DingTalk, Event: &bots.Event{
		Type: "bpms_instance_change", At: time.UnixMilli(1700000000000).UTC(), Fields: map[string]string{
			"EventType": "bpms_instance_change", "EventTime": "1700000000000", "CorpId": "c", "eventId": "e-1", "processInstanceId": "p-1",
			"result": "agree", "createTime": "1700000000001", "yes": "true"}}}}
	if d := cmp.Diff(want, in); d != "" || w.Code != http.StatusOK || !strings.Contains(w.Body.String(), "timeStamp") {
		t.Errorf("%d %s %s", w.Code, w.Body, d)
	}
	failing := func(context.Context, bots.Incoming) (bots.Answer, error) {
		return bots.Answer{}, errors.New("disk full")
	}
	if w := call(failing, message); w.Code != http.StatusInternalServerError {
		t.Errorf("an event that cannot be stored: %d", w.Code)
	}
	for _, bad := range []string{`[]`, `{"eventId":"e-1"}`} {
		if w := call(taken, bad); w.Code != http.StatusBadRequest {
			t.Errorf("%s: %d", bad, w.Code)
		}
	}
}
