package wecom

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"lingke/internal/emulator/world"
)

var start = time.Date(2026, 3, 2, 9, 0, 0, 0, time.UTC)

var people = []world.Person{
	{ID: "zhang", Name: "张伟", Role: "rep", Team: "高级销售", WeCom: "ZhangSan"},
	{ID: "li", Name: "李娜", Role: "rep", Team: "高级销售", WeCom: "LiSi"},
	{ID: "wang", Name: "王芳", Role: "manager", Team: "销售管理部", WeCom: "WangFang"},
	{ID: "none", Name: "赵磊", Role: "rep", Team: "市场部", DingTalk: "x"},
}

// app stands for the gateway: it records each opened callback and answers as told.
type app struct {
	mu     sync.Mutex
	crypt  *crypt
	inner  []string
	answer func(try int, inner string) (status int, body string)
	wait   func(ctx context.Context, try int) error
}

func (a *app) RoundTrip(r *http.Request) (*http.Response, error) {
	a.mu.Lock()
	q := r.URL.Query()
	body := []byte{}
	if r.Body != nil {
		body, _ = io.ReadAll(r.Body)
	}
	var e struct{ Encrypt string }
	e.Encrypt = q.Get("echostr")
	if r.Method == http.MethodPost {
		_ = xml.Unmarshal(body, &e)
	}
	if q.Get("msg_signature") != a.crypt.signature(q.Get("timestamp"), q.Get("nonce"), e.Encrypt) {
		a.mu.Unlock()
		return nil, fmt.Errorf("bad signature")
	}
	msg, err := a.crypt.open(e.Encrypt)
	if err != nil {
		a.mu.Unlock()
		return nil, err
	}
	a.inner = append(a.inner, string(msg))
	try := len(a.inner)
	a.mu.Unlock()
	if a.wait != nil {
		if err := a.wait(r.Context(), try); err != nil {
			return nil, err
		}
	}
	status, out := 200, ""
	if a.answer != nil {
		status, out = a.answer(try, string(msg))
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(out)), Request: r}, nil
}

func (a *app) seen() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return append([]string(nil), a.inner...)
}

// sealed is a passive reply.
func (a *app) sealed(inner string) string {
	text, _ := a.crypt.seal([]byte("0123456789abcdef"), []byte(inner))
	return "<xml>" + element("Encrypt", text) + element("MsgSignature", a.crypt.signature("1", "2", text)) + "<TimeStamp>1</TimeStamp>" + element("Nonce", "2") + "</xml>"
}

// bench is a server, its world, and the gateway's side of both ways.
type bench struct {
	*Server
	t     *testing.T
	app   *app
	mux   *http.ServeMux
	token string
}

const aesKey = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"

func open(t *testing.T, change ...func(*Options)) *bench {
	t.Helper()
	a := &app{crypt: newCrypt("demoToken123", aesKey, "ww1a2b3c4d5e6f7a8b")}
	opts := Options{CorpID: "ww1a2b3c4d5e6f7a8b", AgentID: 1000002, Secret: "s3cret", Token: "demoToken123", AESKey: aesKey,
		CallbackURL: "http://gateway/callbacks/wecom?x=1", Client: &http.Client{Transport: a}, RobotKey: "robot", RobotChat: "g1"}
	for _, c := range change {
		c(&opts)
	}
	w := world.New(people, func() time.Time { return start })
	w.AddGroup(Platform, "g1", "销售群", "ZhangSan", "LiSi")
	b := &bench{Server: New(opts, w), t: t, app: a, mux: http.NewServeMux()}
	b.Mount(b.mux)
	t.Cleanup(b.Close)
	b.token, _ = b.get("gettoken?corpid=" + opts.CorpID + "&corpsecret=" + opts.Secret)["access_token"].(string)
	return b
}

func (b *bench) do(method, path, body string) (*httptest.ResponseRecorder, map[string]any) {
	b.t.Helper()
	r := httptest.NewRequest(method, "/cgi-bin/"+path, strings.NewReader(body))
	w := httptest.NewRecorder()
	b.mux.ServeHTTP(w, r)
	out := map[string]any{}
	dec := json.NewDecoder(bytes.NewReader(w.Body.Bytes()))
	dec.UseNumber()
	_ = dec.Decode(&out)
	return w, out
}

func (b *bench) get(path string) map[string]any {
	_, out := b.do(http.MethodGet, path, "")
	return out
}

func (b *bench) post(path, body string) map[string]any {
	_, out := b.do(http.MethodPost, path+"?access_token="+b.token, body)
	return out
}

func errcode(out map[string]any) string { return fmt.Sprint(out["errcode"]) }

// messages are what a person sees in the single chat.
func (b *bench) messages(id string) []world.Message {
	return b.world.Conversations(Platform, id)[0].Messages
}

func (b *bench) card(id string) world.Card {
	b.t.Helper()
	list := b.messages(id)
	if len(list) == 0 || list[len(list)-1].Card == nil {
		b.t.Fatalf("%s sees no card: %+v", id, list)
	}
	return *list[len(list)-1].Card
}

const buttonBody = `{"card_type":"button_interaction","task_id":"lead_1","main_title":{"title":"新线索","desc":"待领取"},"sub_title_text":"官网表单",
 "horizontal_content_list":[{"keyname":"联系人","value":"王女士"}],
 "button_selection":{"question_key":"prio","title":"优先级","option_list":[{"id":"h","text":"高"},{"id":"n","text":"普通"}],"selected_id":"n"},
 "button_list":[{"text":"认领","style":1,"key":"claim"},{"text":"放弃","style":4,"key":"skip"},{"type":1,"text":"打开","url":"https://x"}]}`

func cardMessage(to, card string) string {
	return `{"touser":"` + to + `","msgtype":"template_card","agentid":1000002,"template_card":` + card + `}`
}

// sendCard sends the button card to two people and gives the answer.
func (b *bench) sendCard() (id, code string) {
	b.t.Helper()
	out := b.post("message/send", cardMessage("zhangsan|LiSi", buttonBody))
	id, _ = out["msgid"].(string)
	code, _ = out["response_code"].(string)
	if id == "" || code == "" {
		b.t.Fatalf("send: %v", out)
	}
	return id, code
}
