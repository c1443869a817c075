package wecom

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestUpdateForEverybody(t *testing.T) {
	t.Parallel()
	b := open(t)
	_, permit := b.sendCard()
	body := `{"atall":1,"agentid":1000002,"response_code":"` + permit + `","template_card":` + strings.TrimSuffix(buttonBody, "}") + `,"replace_text":"已被 张伟 认领"}}`
	if out := b.post("message/update_template_card", body); errcode(out) != "0" {
		t.Fatal(out)
	}
	for _, id := range []string{"ZhangSan", "LiSi"} {
		if c := b.card(id); c.Note != "已被 张伟 认领" || len(c.Actions) != 0 {
			t.Errorf("%s: %+v", id, c)
		}
	}
	if out := b.post("message/update_template_card", body); errcode(out) != "60140" {
		t.Errorf("a code is for one use: %v", out)
	}
}

func TestUpdateForOne(t *testing.T) {
	t.Parallel()
	b := open(t)
	_, permit := b.sendCard()
	out := b.post("message/update_template_card", `{"userids":["lisi","ghost"],"agentid":"1000002","response_code":"`+permit+`","button":{"replace_name":"已认领"}}`)
	if errcode(out) != "0" || fmt.Sprint(out["invaliduser"]) != "[ghost]" {
		t.Fatal(out)
	}
	if b.card("LiSi").Note != "已认领" || b.card("ZhangSan").Note != "" {
		t.Error("only the named member's card changes")
	}
}

func TestUpdateRefusals(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, body, want string
		later            time.Duration
	}{
		{"unknown code", `{"atall":1,"agentid":1000002,"response_code":"x","button":{"replace_name":"a"}}`, "60140", 0},
		{"old code", `{"atall":1,"agentid":1000002,"response_code":"CODE","button":{"replace_name":"a"}}`, "60140", 72 * time.Hour},
		{"another app", `{"atall":1,"agentid":7,"response_code":"CODE","button":{"replace_name":"a"}}`, "301002", 0},
		{"no agentid", `{"atall":1,"response_code":"CODE","button":{"replace_name":"a"}}`, "41011", 0},
		{"neither button nor card", `{"atall":1,"agentid":1000002,"response_code":"CODE"}`, "40058", 0},
		{"both", `{"atall":1,"agentid":1000002,"response_code":"CODE","button":{},"template_card":{}}`, "40058", 0},
		{"bad card", `{"atall":1,"agentid":1000002,"response_code":"CODE","template_card":{"card_type":"x"}}`, "42031", 0},
		{"no target", `{"agentid":1000002,"response_code":"CODE","button":{"replace_name":"a"}}`, "82101", 0},
		{"somebody else", `{"userids":["WangFang"],"agentid":1000002,"response_code":"CODE","button":{"replace_name":"a"}}`, "82102", 0},
		{"userids as in send", `{"userids":"LiSi","agentid":1000002,"response_code":"CODE","button":{"replace_name":"a"}}`, "40058", 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := open(t, func(o *Options) { o.TokenLife = 1000 * time.Hour })
			_, permit := b.sendCard()
			b.world.SetNow(start.Add(tc.later))
			if out := b.post("message/update_template_card", strings.Replace(tc.body, "CODE", permit, 1)); errcode(out) != tc.want {
				t.Error(out)
			}
			if tc.later == 0 {
				if out := b.post("message/update_template_card", `{"atall":1,"agentid":1000002,"response_code":"`+permit+`","button":{"replace_name":"a"}}`); errcode(out) != "0" {
					t.Errorf("a refused update used the code up: %v", out)
				}
			}
		})
	}
}

func TestRecall(t *testing.T) {
	t.Parallel()
	b := open(t, func(o *Options) { o.TokenLife = 1000 * time.Hour })
	id, _ := b.sendCard()
	if out := b.post("message/recall", `{"msgid":"x"}`); errcode(out) != "40058" {
		t.Error(out)
	}
	if out := b.post("message/recall", `{"msgid":"`+id+`"}`); errcode(out) != "0" || len(b.messages("LiSi")) != 0 {
		t.Error(out)
	}
	out := b.post("message/send", `{"touser":"LiSi","msgtype":"text","agentid":1000002,"text":{"content":"a"}}`)
	b.world.SetNow(start.Add(25 * time.Hour))
	if out = b.post("message/recall", fmt.Sprintf(`{"msgid":"%s"}`, out["msgid"])); errcode(out) != "42052" {
		t.Error(out)
	}
}
