package dingtalk

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/open-dingtalk/dingtalk-stream-sdk-go/payload"

	"lingke/bots"
	"lingke/internal/testdata"
)

func TestPublishedMessages(t *testing.T) {
	t.Parallel()
	for file, want := range map[string]bots.Incoming{
		"bot_text_min.json": {ID: "dingtalk:msg:msgxxx", Message: &bots.Message{Conversation: "cidxxx", Text: "hello", At: noon}},
		"bot_text_group.json": {ID: "dingtalk:msg:msg0xxxxx", Message: &bots.Message{From: "user123", Conversation: "xxx", Group: true,
			Text: "查询客户 C000637", At: time.UnixMilli(1613630252678).UTC(),
			ReplyURL: "https://oapi.dingtalk.com/robot/sendBySession?session=xxxxx", ReplyUntil: time.UnixMilli(1613635652738).UTC()}},
		"bot_text_direct.json": {ID: "dingtalk:msg:m-1", Message: &bots.Message{From: "user-1", Conversation: "c-dm-1", Text: "hello bot", At: noon,
			ReplyURL: "https://oapi.dingtalk.com/robot/send?access_token=xxx", ReplyUntil: time.UnixMilli(9999999999000).UTC()}},
	} {
		want.Platform = bots.DingTalk
		got, err := parseMessage(testdata.Read(t, "payloads/dingtalk/"+file), noon)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v %s", file, err, diff)
		}
	}
}

func TestMessageText(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, body, want string }{
		{"single chat keeps an @", `{"conversationType":"1","text":{"content":"@张伟 你好"}}`, "@张伟 你好"},
		{"group drops leading names", `{"conversationType":"2","text":{"content":"@领客 @助手　查 杭州精工 "}}`, "查 杭州精工"},
		{"group keeps names inside", `{"conversationType":2,"text":{"content":"跟进 @张伟"}}`, "跟进 @张伟"},
		{"only the name", `{"conversationType":"2","text":{"content":"@领客"}}`, ""},
		{"rich text is joined", `{"msgtype":"richText","content":{"richText":[{"text":"查 "},{"type":"picture"},{"text":"甲公司"}]}}`, "查 甲公司"},
		{"voice is what was heard", `{"msgtype":"audio","content":{"recognition":"今日","duration":1}}`, "今日"},
		{"a picture has no words", `{"msgtype":"picture","content":{"downloadCode":"x"}}`, ""},
		{"content of another shape", `{"msgtype":"new","content":[1]}`, ""},
	} {
		body := `{"conversationId":"c","senderStaffId":"u",` + c.body[1:]
		got, err := parseMessage([]byte(body), noon)
		if err != nil || got.Message.Text != c.want {
			t.Errorf("%s: %v, %v", c.name, got.Message, err)
		}
	}
}

func TestMessageFieldsOfTwoTypesAndBadOnes(t *testing.T) {
	t.Parallel()
	got, err := parseMessage([]byte(`{"conversationId":"c","createAt":"1700000000000","sessionWebhookExpiredTime":99999999999999999}`), noon)
	if err != nil || got.Message.At.UnixMilli() != 1700000000000 || !got.Message.ReplyUntil.IsZero() {
		t.Errorf("%+v, %v", got.Message, err)
	}
	for name, body := range map[string]string{"not JSON": `{`, "a list": `[]`, "nobody and nowhere": `{"msgId":"m"}`, "a bad time": `{"conversationId":"c","createAt":"soon"}`} {
		if _, err := parseMessage([]byte(body), noon); !errors.Is(err, errMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, field := range []string{"errorCode", "errCode"} {
		if _, err := parseMessage([]byte(`{"conversationId":"c","`+field+`":20001}`), noon); !errors.Is(err, errBudgetSpent) {
			t.Errorf("%s 20001: %v", field, err)
		}
	}
}

func TestRedeliveredMessageKeepsItsID(t *testing.T) {
	t.Parallel()
	id := func(msgID, text string) string {
		in, err := parseMessage(fmt.Appendf(nil, `{"msgId":%q,"conversationId":"c","text":{"content":%q}}`, msgID, text), noon)
		if err != nil || len(in.ID) > maxID {
			t.Fatalf("%q, %v", in.ID, err)
		}
		return in.ID
	}
	long := strings.Repeat("m", 200)
	first := id("m1", "a")
	if first != id("m1", "a") || id("m1", "a") == id("m2", "a") || id("", "a") == id("", "b") || id(long, "a") == id(long+"x", "a") {
		t.Error("ids do not tell messages apart")
	}
}

// parseFrame does with a raw frame what the SDK and the handlers do together.
func parseFrame(raw []byte, now time.Time) (bots.Incoming, error) {
	df, err := payload.DecodeDataFrame(raw)
	if err != nil {
		return bots.Incoming{}, err
	}
	if df.GetTopic() == payload.CardInstanceCallbackTopic {
		return parseClick([]byte(df.Data), df.GetMessageId(), frameTime(df, now))
	}
	return parseMessage([]byte(df.Data), frameTime(df, now))
}

// checkIncoming states what holds for whatever comes in.
func checkIncoming(t *testing.T, in bots.Incoming, err error) {
	t.Helper()
	if err != nil {
		if in.ID != "" || in.Message != nil || in.Click != nil {
			t.Errorf("an error beside %+v", in)
		}
		return
	}
	if in.ID == "" || len(in.ID) > maxID || in.Platform != bots.DingTalk || (in.Message == nil) == (in.Click == nil) {
		t.Errorf("got %+v", in)
	}
	if in.Click != nil && (in.Click.From == "" || in.Click.Card == "" || in.Click.Action == "") {
		t.Errorf("got %+v", in.Click)
	}
	if in.Message != nil && (strings.TrimSpace(in.Message.Text) != in.Message.Text || !utf8.ValidString(in.Message.Text)) {
		t.Errorf("got text %q", in.Message.Text)
	}
	if _, err := json.Marshal(in); err != nil {
		t.Errorf("cannot be stored: %v", err)
	}
}

func FuzzFrame(f *testing.F) {
	f.Add([]byte(`{"type":"CALLBACK","headers":{"messageId":"m","topic":"/v1.0/card/instances/callback","time":"1700000000000"},"data":"{\"outTrackId\":\"d\",\"userId\":\"u\",\"content\":\"{\\\"cardPrivateData\\\":{\\\"actionIds\\\":[\\\"claim\\\"]}}\"}"}`))
	f.Add([]byte(`{"headers":{"topic":"/v1.0/im/bot/messages/get","time":"-1"},"data":"{\"msgId\":\"m\",\"conversationId\":\"c\",\"conversationType\":\"2\",\"text\":{\"content\":\" @x 今日\"}}"}`))
	f.Add([]byte(`{"headers":null,"data":"{}"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		in, err := parseFrame(raw, noon)
		checkIncoming(t, in, err)
	})
}

func FuzzMessage(f *testing.F) {
	f.Add([]byte(`{"msgId":"m","conversationId":"c","text":{"content":"@a @b"},"conversationType":"2","createAt":1e300}`))
	f.Add([]byte(`{"senderStaffId":"u","content":{"richText":[{"text":"\ud800"}]}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		in, err := parseMessage(raw, noon)
		checkIncoming(t, in, err)
	})
}
