package dingtalk_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestBatchSendRefusals(t *testing.T) {
	t.Parallel()
	a := start(t)
	good := object{"robotCode": clientID, "userIds": []string{li.DingTalk}, "msgKey": "sampleMarkdown", "msgParam": `{"title":"a","text":"b"}`}
	many := make([]string, 21)
	for i := range many {
		many[i] = fmt.Sprint("u", i)
	}
	for _, c := range []struct {
		name string
		req  object
		code string
	}{
		{"no robot", with(good, "robotCode", nil), "invalidParameter.robotCode.empty"},
		{"another robot", with(good, "robotCode", "x"), "invalidParameter.robotCode.notExsit"},
		{"no people", with(good, "userIds", nil), "invalidParameter.userIds.empty"},
		{"21 people", with(good, "userIds", many), "invalidParameter.userIds.overMax"},
		{"nobody known", with(good, "userIds", []string{"x"}), "staffId.notExisted"},
		{"no msgKey", with(good, "msgKey", nil), "invalidParameter.msgKey.empty"},
		{"unknown msgKey", with(good, "msgKey", "sampleX"), "invalidParameter.msgKey.invalid"},
		{"msgParam as an object", with(good, "msgParam", object{"title": "a", "text": "b"}), "invalidParameter.msgParam.invalid"},
		{"msgParam not JSON", with(good, "msgParam", "hello"), "invalidParameter.msgParam.invalid"},
		{"a field of the template missing", with(good, "msgParam", `{"title":"a"}`), "miss.param.text"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if status, got := a.do("POST", "/v1.0/robot/oToMessages/batchSend", c.req); status != 400 || code(got) != c.code {
				t.Errorf("got %d %v, want 400 %s", status, got, c.code)
			}
		})
	}
	if n := len(a.messages(li, "")); n != 0 {
		t.Errorf("refused messages were shown: %d", n)
	}
}

func TestBatchSendShowsAndLeavesOut(t *testing.T) {
	t.Parallel()
	a := start(t)
	_, got := a.do("POST", "/v1.0/robot/oToMessages/batchSend", object{
		"robotCode": clientID, "userIds": []string{li.DingTalk, "nobody", zhang.DingTalk},
		"msgKey": "sampleMarkdown", "msgParam": `{"title":"a","text":"**今日** 3 条"}`,
	})
	if list, _ := got["invalidStaffIdList"].([]any); len(list) != 1 || list[0] != "nobody" {
		t.Errorf("invalidStaffIdList = %v", got)
	}
	if a.last(li).Text != "**今日** 3 条" || a.last(zhang).Text != "**今日** 3 条" {
		t.Error("the message was not shown to both")
	}
	key := got["processQueryKey"].(string)
	path := "/v1.0/robot/oToMessages/readStatus?robotCode=" + clientID + "&processQueryKey="
	if _, got := a.do("GET", path+key, nil); got["sendStatus"] != "SUCCESS" {
		t.Errorf("readStatus = %v", got)
	}
	recall := object{"robotCode": clientID, "processQueryKeys": []string{key, "other"}}
	_, got = a.do("POST", "/v1.0/robot/otoMessages/batchRecall", recall)
	if done, _ := got["successResult"].([]any); len(done) != 1 || len(a.messages(li, "")) != 0 {
		t.Errorf("recall = %v, %d messages left", got, len(a.messages(li, "")))
	}
	if _, got := a.do("GET", path+key, nil); got["sendStatus"] != "RECALLED" {
		t.Errorf("readStatus after recall = %v", got)
	}
	a.clock.Pass(25 * time.Hour)
	a.srv.RevokeToken()
	_, body := a.do("POST", "/v1.0/oauth2/accessToken", object{"appKey": clientID, "appSecret": secret})
	a.token = body["accessToken"].(string)
	if status, got := a.do("GET", path+key, nil); status != 400 || code(got) != "invalid.processQueryKey" {
		t.Errorf("readStatus a day later = %d %v", status, got)
	}
}

func TestGroupSend(t *testing.T) {
	t.Parallel()
	a := start(t)
	good := object{"robotCode": clientID, "openConversationId": group, "msgKey": "sampleText", "msgParam": `{"content":"开会"}`}
	if status, got := a.do("POST", "/v1.0/robot/groupMessages/send", good); status != 200 || got["processQueryKey"] == "" {
		t.Fatalf("got %d %v", status, got)
	}
	if len(a.messages(zhang, group)) != 1 || len(a.messages(li, group)) != 1 || len(a.messages(wang, group)) != 0 {
		t.Error("want the message with both members and with nobody else")
	}
	long := `{"content":"` + strings.Repeat("长", 5000) + `"}`
	for _, c := range []struct {
		name string
		req  object
		code string
	}{
		{"no group", with(good, "openConversationId", nil), "miss.openConversationId"},
		{"unknown group", with(good, "openConversationId", "cidX"), "invalid.openConversationId"},
		{"more than 15000 bytes", with(good, "msgParam", long), "invalidParameter.msgParam.tooLong"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if status, got := a.do("POST", "/v1.0/robot/groupMessages/send", c.req); status != 400 || code(got) != c.code {
				t.Errorf("got %d %v, want 400 %s", status, got, c.code)
			}
		})
	}
}
