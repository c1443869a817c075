package dingtalk_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lingke/internal/emulator/dingtalk"
)

func TestContacts(t *testing.T) {
	t.Parallel()
	a := start(t, func(o *dingtalk.Options) { o.Limits.QPS = -1 })
	_, got := a.do("POST", "/topapi/v2/user/get", object{"userid": zhang.DingTalk, "language": "zh_CN"})
	user, _ := got["result"].(object)
	if user["name"] != "张伟" || user["userid"] != zhang.DingTalk || user["mobile"] != nil {
		t.Fatalf("user/get = %v", got)
	}
	_, got = a.do("POST", "/topapi/user/getbyunionid", object{"unionid": user["unionid"]})
	if r, _ := got["result"].(object); r["userid"] != zhang.DingTalk {
		t.Errorf("getbyunionid = %v", got)
	}
	_, got = a.do("POST", "/topapi/v2/department/listsub", object{"dept_id": 1})
	var names []string
	for _, d := range got["result"].([]any) {
		names = append(names, d.(object)["name"].(string))
	}
	if diff := cmp.Diff([]string{"高级销售", "普通销售", "市场部"}, names); diff != "" {
		t.Errorf("listsub: %s", diff)
	}
	_, got = a.do("POST", "/topapi/user/listsimple", object{"dept_id": 2, "cursor": 0, "size": 1})
	page := got["result"].(object)
	_, got = a.do("POST", "/topapi/user/listsimple", object{"dept_id": 2, "cursor": page["next_cursor"], "size": 1})
	rest := got["result"].(object)
	if page["has_more"] != true || rest["has_more"] != false || len(rest["list"].([]any)) != 1 {
		t.Errorf("pages of listsimple: %v, then %v", page, rest)
	}
	_, got = a.do("POST", "/topapi/user/listid", object{"dept_id": 4})
	if ids := got["result"].(object)["userid_list"].([]any); len(ids) != 0 {
		t.Errorf("people without a DingTalk account are listed: %v", ids)
	}
	_, got = a.do("POST", "/topapi/v2/user/list", object{"dept_id": 3, "cursor": 0, "size": 100})
	if list := got["result"].(object)["list"].([]any); len(list) != 1 || list[0].(object)["name"] != "李娜" {
		t.Errorf("user/list = %v", got)
	}
	_, got = a.do("POST", "/topapi/v2/department/get", object{"dept_id": 3})
	if got["result"].(object)["name"] != "普通销售" {
		t.Errorf("department/get = %v", got)
	}
}

func TestContactRefusals(t *testing.T) {
	t.Parallel()
	a := start(t)
	for _, c := range []struct {
		path string
		body object
		want float64
	}{
		{"/topapi/v2/user/get", object{}, 33012},
		{"/topapi/v2/user/get", object{"userid": "x"}, 60121},
		{"/topapi/user/getbyunionid", object{"unionid": "x"}, 60121},
		{"/topapi/v2/user/getbymobile", object{"mobile": "1"}, 40104},
		{"/topapi/v2/user/getbymobile", object{"mobile": "13800000000"}, 60121},
		{"/topapi/user/listid", object{"dept_id": 99}, 60003},
		{"/topapi/v2/department/get", object{"dept_id": 99}, 60003},
		{"/topapi/user/listsimple", object{"dept_id": 1, "size": 101}, 400002},
	} {
		if status, got := a.do("POST", c.path, c.body); status != 200 || code(got) != c.want {
			t.Errorf("%s %v: %d %v, want errcode %v", c.path, c.body, status, got, c.want)
		}
	}
}

func TestSessionWebhookRefusals(t *testing.T) {
	t.Parallel()
	a := start(t)
	l := a.connect(botTopic)
	if err := a.srv.Say(t.Context(), li, "", "在"); err != nil {
		t.Fatal(err)
	}
	_, hook, _ := strings.Cut(l.must().Data, `"sessionWebhook":"`)
	hook, _, _ = strings.Cut(hook, `"`)
	path := strings.TrimPrefix(hook, a.url)
	text := object{"msgtype": "text", "text": object{"content": "好"}}
	for _, c := range []struct {
		name, path string
		body       any
		want       float64
	}{
		{"text", path, text, 0},
		{"markdown", path, object{"msgtype": "markdown", "markdown": object{"title": "a", "text": "## 好"}}, 0},
		{"action card", path, object{"msgtype": "actionCard", "actionCard": object{"title": "a", "text": "b", "btns": []object{{"title": "看", "actionURL": "https://example.com"}}}}, 0},
		{"empty shows nothing", path, object{"msgtype": "empty"}, 0},
		{"unknown session", "/robot/sendBySession?session=x", text, 300001},
		{"not JSON", path, "hello", 40035},
		{"no content", path, object{"msgtype": "text", "text": object{}}, 40035},
		{"unknown type", path, object{"msgtype": "poem", "poem": object{}}, 400105},
	} {
		if status, got := a.do("POST", c.path, c.body); status != 200 || code(got) != c.want {
			t.Errorf("%s: %d %v, want errcode %v", c.name, status, got, c.want)
		}
	}
	if n := len(a.messages(li, "")); n != 4 {
		t.Errorf("%d messages in the chat, want the question and three answers", n)
	}
	a.clock.Pass(90 * time.Minute)
	if _, got := a.do("POST", path, text); code(got) != 300001.0 {
		t.Errorf("after 90 minutes: %v", got)
	}
}

// hookSign is the signature of custom robots, checked against the published vector below.
func hookSign(secret, timestamp string) string {
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(timestamp + "\n" + secret))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func TestCustomRobot(t *testing.T) {
	t.Parallel()
	const hookSecret = "SEC0123456789abcdef"
	if got := hookSign(hookSecret, "1700000000000"); got != "TSZbRFUuvaSQaRKUpF970OPCb2/LcQAP3wOvwZIzBZk=" {
		t.Fatalf("vector: %s", got)
	}
	a := start(t, func(o *dingtalk.Options) {
		o.Webhooks = []dingtalk.Webhook{
			{Token: "signed", Secret: hookSecret, Conversation: group},
			{Token: "worded", Keywords: []string{"线索"}, Conversation: group},
		}
	})
	signed := func(at time.Time, secret string) string {
		ts := fmt.Sprint(at.UnixMilli())
		return "/robot/send?access_token=signed&timestamp=" + ts + "&sign=" + url.QueryEscape(hookSign(secret, ts))
	}
	now := a.clock.Now()
	text := func(s string) object { return object{"msgtype": "text", "text": object{"content": s}} }
	for _, c := range []struct {
		name, path string
		body       any
		want       float64
	}{
		{"good signature", signed(now, hookSecret), text("早"), 0},
		{"wrong secret", signed(now, "SECx"), text("早"), 310000},
		{"timestamp an hour old", signed(now.Add(-61*time.Minute), hookSecret), text("早"), 310000},
		{"no signature", "/robot/send?access_token=signed", text("早"), 310000},
		{"keyword there", "/robot/send?access_token=worded", text("新线索"), 0},
		{"keyword missing", "/robot/send?access_token=worded", text("早"), 310000},
		{"no token", "/robot/send", text("早"), 400101},
		{"unknown token", "/robot/send?access_token=x", text("早"), 300001},
		{"over 20000 bytes", "/robot/send?access_token=worded", text("线索" + strings.Repeat("长", 7000)), 460101},
		{"not JSON", "/robot/send?access_token=worded", "线索", 40035},
	} {
		if status, got := a.do("POST", c.path, c.body); status != 200 || code(got) != c.want {
			t.Errorf("%s: %d %v, want errcode %v", c.name, status, got, c.want)
		}
	}
	if n := len(a.messages(li, group)); n != 2 {
		t.Errorf("the group shows %d messages, want 2", n)
	}
}

func TestCustomRobotLimit(t *testing.T) {
	t.Parallel()
	a := start(t, func(o *dingtalk.Options) { o.Webhooks = []dingtalk.Webhook{{Token: "t", Conversation: group}} })
	send := func() any {
		_, got := a.do("POST", "/robot/send?access_token=t", object{"msgtype": "text", "text": object{"content": "x"}})
		return code(got)
	}
	for range 20 {
		if got := send(); got != 0.0 {
			t.Fatalf("within the limit: %v", got)
		}
	}
	for _, c := range []struct {
		after time.Duration
		want  float64
	}{{0, 130101}, {9 * time.Minute, 130101}, {time.Minute, 0}} {
		a.clock.Pass(c.after)
		if got := send(); got != c.want {
			t.Errorf("after another %v: %v, want %v", c.after, got, c.want)
		}
	}
}
