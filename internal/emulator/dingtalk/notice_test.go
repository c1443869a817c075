package dingtalk_test

import (
	"strconv"
	"strings"
	"testing"
)

// TestNoticesOfEachKind: numbers may come as texts, as the platform's own client of this host writes them.
func TestNoticesOfEachKind(t *testing.T) {
	t.Parallel()
	a := start(t)
	const path = "/topapi/message/corpconversation/"
	for _, tt := range []struct {
		name  string
		agent any
		msg   object
		want  string // what is shown, or the code of the refusal
	}{
		{"text", 7, object{"msgtype": "text", "text": object{"content": "早"}}, "早"},
		{"a number as text", "7", object{"msgtype": "markdown", "markdown": object{"title": "早", "text": "**早**"}}, "**早**"},
		{"a card with one button", 7, object{"msgtype": "action_card", "action_card": object{"markdown": "线索", "single_title": "看", "single_url": "https://x.cn/1"}}, "线索\n[看](https://x.cn/1)"},
		{"a card with buttons", 7, object{"msgtype": "action_card", "action_card": object{"markdown": "线索", "btn_json_list": []object{{"title": "领", "action_url": "https://x.cn/2"}}}}, "[领](https://x.cn/2)"},
		{"a card of nothing", 7, object{"msgtype": "action_card", "action_card": object{}}, "40035"},
		{"a picture that was not uploaded", 7, object{"msgtype": "image", "image": object{"media_id": "@x"}}, "40035"},
		{"an agent that is no number", "seven", object{"msgtype": "text", "text": object{"content": "早"}}, "40035"},
		{"a kind that is none", 7, object{"msgtype": "song", "song": object{}}, "400105"},
	} {
		_, got := a.do("POST", path+"asyncsend_v2", object{"agent_id": tt.agent, "userid_list": zhang.DingTalk, "msg": tt.msg})
		if code := code(got); code != float64(0) {
			if num, ok := code.(float64); !ok || tt.want != strconv.Itoa(int(num)) {
				t.Errorf("%s: refused with %v, want %s", tt.name, code, tt.want)
			}
			continue
		}
		if shown := a.last(zhang).Text; !strings.Contains(shown, tt.want) {
			t.Errorf("%s: shows %q, want %q", tt.name, shown, tt.want)
		}
		if _, result := a.do("POST", path+"getsendresult", object{"agent_id": tt.agent, "task_id": got["task_id"]}); code(result) != float64(0) {
			t.Errorf("%s: %v", tt.name, result)
		}
	}
}
