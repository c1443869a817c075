package dingtalk_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"lingke/internal/clocktest"
	"lingke/internal/emulator/dingtalk"
	"lingke/internal/emulator/world"
)

const (
	clientID = "dingexample01"
	secret   = "example-app-secret"
	template = "11111111-2222-3333-4444-555555555555.schema"
	group    = "cidSALES=="
)

var (
	zhang = world.Person{ID: "zhangwei", Name: "张伟", Role: "rep", Team: "高级销售", DingTalk: "manager4220", WeCom: "ZhangWei"}
	li    = world.Person{ID: "lina", Name: "李娜", Role: "rep", Team: "普通销售", DingTalk: "user002"}
	wang  = world.Person{ID: "wangfang", Name: "王芳", Role: "manager", Team: "高级销售", DingTalk: "boss01"}
	chen  = world.Person{ID: "chenjie", Name: "陈杰", Role: "rep", Team: "市场部", WeCom: "ChenJie"}
)

// app is the emulated platform and what a client of it needs.
type app struct {
	t     *testing.T
	srv   *dingtalk.Server
	world *world.World
	clock *clocktest.Clock
	url   string
	token string
}

func start(t *testing.T, change ...func(*dingtalk.Options)) *app {
	t.Helper()
	opt := dingtalk.Options{
		ClientID: clientID, ClientSecret: secret, CorpID: "dingcorp", CardTemplate: template,
		AnswerIn: 5 * time.Second, PingEvery: -1,
	}
	for _, f := range change {
		f(&opt)
	}
	c := clocktest.At(time.Date(2026, 3, 2, 8, 30, 0, 0, time.UTC))
	w := world.New([]world.Person{zhang, li, wang, chen}, c.Now)
	w.AddGroup("dingtalk", group, "销售一组", zhang.DingTalk, li.DingTalk)
	a := &app{t: t, srv: dingtalk.New(opt, w), world: w, clock: c}
	mux := http.NewServeMux()
	a.srv.Mount(mux)
	server := httptest.NewServer(mux)
	t.Cleanup(func() { a.srv.Close(); server.Close() })
	a.url = server.URL
	_, body := a.do("POST", "/v1.0/oauth2/accessToken", object{"appKey": clientID, "appSecret": secret})
	a.token, _ = body["accessToken"].(string)
	return a
}

type object = map[string]any

// do calls the platform with the token in both hosts' places and returns the answer.
func (a *app) do(method, path string, body any) (status int, answer object) {
	a.t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		a.t.Fatal(err)
	}
	if s, ok := body.(string); ok {
		text = []byte(s)
	}
	r, err := http.NewRequestWithContext(a.t.Context(), method, a.url+path, bytes.NewReader(text))
	if err != nil {
		a.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("x-acs-dingtalk-access-token", a.token)
	if strings.HasPrefix(path, "/topapi/") {
		r.URL.RawQuery = "access_token=" + a.token
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		a.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	if err := json.Unmarshal(raw, &answer); err != nil {
		a.t.Fatalf("%s %s: answer %q: %v", method, path, raw, err)
	}
	return resp.StatusCode, answer
}

// code is what an answer says went wrong: the api host's code, or the oapi host's errcode.
func code(answer object) any {
	if c, ok := answer["code"]; ok {
		return c
	}
	return answer["errcode"]
}

// messages is what a person sees in the single chat or the only group with messages.
func (a *app) messages(p world.Person, conversation string) []world.Message {
	for _, c := range a.world.Conversations("dingtalk", p.DingTalk) {
		if c.ID == conversation {
			return c.Messages
		}
	}
	return nil
}

// last is the newest message of a person's single chat.
func (a *app) last(p world.Person) world.Message {
	a.t.Helper()
	list := a.messages(p, "")
	if len(list) == 0 {
		a.t.Fatalf("%s has no message", p.Name)
	}
	return list[len(list)-1]
}

// lead is a usable createAndDeliver request for people.
func lead(track string, users ...string) object {
	var places []string
	for _, u := range users {
		places = append(places, "IM_ROBOT."+u)
	}
	return object{
		"cardTemplateId": template, "outTrackId": track, "callbackType": "STREAM",
		"cardData": object{"cardParamMap": object{
			"title": "新线索", "state": "待领取", "fields": `[{"name":"客户","value":"华东精密"}]`,
			"buttons":    `[{"text":"领取","color":"blue","action":{"type":"sendCardRequest","params":{"actionId":"claim","params":{"action":"claim"}}}}]`,
			"form":       `{"fields":[{"name":"action","type":"TEXT","hidden":true,"defaultValue":"reject"},{"name":"why","label":"原因","type":"SELECT","required":true,"options":[{"value":"far","text":"太远"}]}]}`,
			"form_label": "退回",
		}},
		"openSpaceId":             "dtv1.card//" + strings.Join(places, ";"),
		"imRobotOpenSpaceModel":   object{"supportForward": true},
		"imRobotOpenDeliverModel": object{"spaceType": "IM_ROBOT", "robotCode": clientID},
	}
}

// with returns a copy of a request with one key changed, or removed where v is nil.
func with(req object, key string, v any) object {
	out := object{}
	for k, x := range req {
		out[k] = x
	}
	if v == nil {
		delete(out, key)
	} else {
		out[key] = v
	}
	return out
}
