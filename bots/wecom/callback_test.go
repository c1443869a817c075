package wecom

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/silenceper/wechat/v2/util"

	"lingke/bots"
	"lingke/internal/testdata"
)

// envelope is doc as the platform delivers it at the given time to the app of cfg.
func envelope(cfg Config, doc string, at time.Time) (query, body string) {
	enc, err := util.EncryptMsg([]byte("0123456789abcdef"), []byte(doc), cfg.CorpID, cfg.EncodingAESKey)
	if err != nil {
		panic(err)
	}
	ts := strconv.FormatInt(at.Unix(), 10)
	q := url.Values{
		"msg_signature": {util.Signature(cfg.Token, ts, "n0nce", string(enc))}, "timestamp": {ts}, "nonce": {"n0nce"},
	}
	return q.Encode(), "<xml><ToUserName><![CDATA[" + cfg.CorpID + "]]></ToUserName><AgentID><![CDATA[" +
		strconv.Itoa(cfg.AgentID) + "]]></AgentID><Encrypt><![CDATA[" + string(enc) + "]]></Encrypt></xml>"
}

const (
	textDoc = `<xml><ToUserName><![CDATA[ww1a2b3c4d5e6f7a8b]]></ToUserName><FromUserName><![CDATA[zhangsan]]></FromUserName>` +
		`<CreateTime>1700000001</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[ 线索 今日
]]></Content><MsgId>7300000000000000001</MsgId><AgentID>1000002</AgentID></xml>`
	clickDoc = `<xml>
<ToUserName><![CDATA[ww1a2b3c4d5e6f7a8b]]></ToUserName>
<FromUserName><![CDATA[zhangsan]]></FromUserName>
<CreateTime>1700000100</CreateTime>
<MsgType><![CDATA[event]]></MsgType>
<Event><![CDATA[template_card_event]]></Event>
<EventKey><![CDATA[skip]]></EventKey>
<TaskId><![CDATA[lead_10086-v1]]></TaskId>
<CardType><![CDATA[button_interaction]]></CardType>
<ResponseCode><![CDATA[fresh-code]]></ResponseCode>
<AgentID>1000002</AgentID>
<SelectedItems>
  <SelectedItem>
    <QuestionKey><![CDATA[reason]]></QuestionKey>
    <OptionIds><OptionId><![CDATA[region]]></OptionId><OptionId><![CDATA[dup]]></OptionId></OptionIds>
  </SelectedItem>
  <SelectedItem><QuestionKey><![CDATA[prio]]></QuestionKey><OptionIds><OptionId><![CDATA[h]]></OptionId></OptionIds></SelectedItem>
</SelectedItems>
</xml>`
)

// got collects what reaches the handler.
type got struct {
	in     []bots.Incoming
	answer bots.Answer
	err    error
}

func (g *got) handle(_ context.Context, in bots.Incoming) (bots.Answer, error) {
	g.in = append(g.in, in)
	return g.answer, g.err
}

func post(b *Bot, h bots.Handler, query, body string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	b.Callback(h).ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/callbacks/wecom?"+query, strings.NewReader(body)))
	return w
}

func TestCallbackHandsOverMessagesAndClicks(t *testing.T) {
	menu := strings.NewReplacer("template_card_event", "template_card_menu_event").Replace(clickDoc)
	bare := clickDoc[:strings.Index(clickDoc, "<SelectedItems>")] + "<SelectedItems/></xml>"
	at := time.Unix(1700000100, 0).UTC()
	click := &bots.Click{From: "zhangsan", Card: "lead_10086-v1", Action: "skip", At: at, Code: "fresh-code",
		Inputs: map[string]string{"reason": "region,dup", "prio": "h"}}
	noInputs := *click
	noInputs.Inputs = nil
	cases := map[string]struct {
		doc  string
		want []bots.Incoming
	}{
		"text": {textDoc, []bots.Incoming{{ID: "wecom:msg:7300000000000000001", Platform: bots.WeCom, Message: &bots.Message{
			From: "zhangsan", Text: "线索 今日", At: time.Unix(1700000001, 0).UTC()}}}},
		"click":               {clickDoc, []bots.Incoming{{Platform: bots.WeCom, Click: click}}},
		"menu click":          {menu, []bots.Incoming{{Platform: bots.WeCom, Click: click}}},
		"click without items": {bare, []bots.Incoming{{Platform: bots.WeCom, Click: &noInputs}}},
		"an event of the app": {`<xml><FromUserName><![CDATA[a]]></FromUserName><CreateTime>1</CreateTime>
			<MsgType><![CDATA[event]]></MsgType><Event><![CDATA[enter_agent]]></Event><EventKey></EventKey><AgentID>1000002</AgentID></xml>`,
			[]bots.Incoming{{Platform: bots.WeCom, Event: &bots.Event{Type: "enter_agent", At: time.Unix(1, 0).UTC(), Fields: map[string]string{
				"FromUserName": "a", "CreateTime": "1", "MsgType": "event", "Event": "enter_agent", "EventKey": "", "AgentID": "1000002"}}}}},
		"an event of another app is refused": {`<xml><FromUserName>a</FromUserName><CreateTime>1</CreateTime><MsgType>event</MsgType><Event>x</Event><AgentID>7</AgentID></xml>`, nil},
		"picture":                            {`<xml><MsgType>image</MsgType><PicUrl>u</PicUrl><AgentID>1000002</AgentID></xml>`, nil},
		"event without an app": {`<xml><MsgType>event</MsgType><Event>change_contact</Event><Item><A>1</A></Item></xml>`,
			[]bots.Incoming{{Platform: bots.WeCom, Event: &bots.Event{Type: "change_contact", At: testNow.UTC(), Fields: map[string]string{
				"MsgType": "event", "Event": "change_contact"}}}}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var g got
			query, body := envelope(testConfig, c.doc, testNow)
			w := post(openBot(t, ""), g.handle, query, body)
			if strings.HasSuffix(name, "refused") {
				if w.Code != http.StatusUnauthorized {
					t.Errorf("answer %d", w.Code)
				}
			} else if w.Code != http.StatusOK || w.Body.Len() != 0 {
				t.Errorf("answer %d %q, want an empty 200", w.Code, w.Body)
			}
			for i := range g.in {
				if g.in[i].Message == nil {
					if kind, digest, _ := strings.Cut(strings.TrimPrefix(g.in[i].ID, "wecom:"), ":"); kind != "click" && kind != "event" || len(digest) != 64 {
						t.Errorf("id %q", g.in[i].ID)
					}
					g.in[i].ID = ""
				}
			}
			if d := cmp.Diff(c.want, g.in); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestRedeliveryKeepsItsIDAndOtherClicksHaveOthers(t *testing.T) {
	var g got
	b := openBot(t, "")
	deliver := func(doc string, at time.Time) {
		query, body := envelope(testConfig, doc, at)
		if w := post(b, g.handle, query, body); w.Code != http.StatusOK {
			t.Fatalf("status %d", w.Code)
		}
	}
	deliver(clickDoc, testNow)
	deliver(clickDoc, testNow)
	deliver(clickDoc, testNow.Add(5*time.Second)) // signed anew
	deliver(strings.Replace(clickDoc, "fresh-code", "next-code", 1), testNow)
	if g.in[0].ID != g.in[1].ID || g.in[0].ID != g.in[2].ID || g.in[0].ID == g.in[3].ID {
		t.Errorf("ids %s %s %s %s", g.in[0].ID, g.in[1].ID, g.in[2].ID, g.in[3].ID)
	}
}

func TestCallbackRefusesAllAlike(t *testing.T) {
	query, body := envelope(testConfig, textDoc, testNow)
	with := func(change func(url.Values)) string {
		q, _ := url.ParseQuery(query)
		change(q)
		return q.Encode()
	}
	signed := func(doc string, at time.Time, change func(*Config)) (string, string) {
		cfg := testConfig
		change(&cfg)
		return envelope(cfg, doc, at)
	}
	type request struct{ query, body string }
	of := func(query, body string) request { return request{query, body} }
	same := func(*Config) {}
	cases := map[string]struct {
		r    request
		want Refusal
	}{
		"other signature":        {of(with(func(q url.Values) { q.Set("msg_signature", strings.Repeat("0", 40)) }), body), RefusedSignature},
		"upper case":             {of(with(func(q url.Values) { q.Set("msg_signature", strings.ToUpper(q.Get("msg_signature"))) }), body), RefusedSignature},
		"short signature":        {of(with(func(q url.Values) { q.Set("msg_signature", "00") }), body), RefusedSignature},
		"no signature":           {of(with(func(q url.Values) { q.Del("msg_signature") }), body), RefusedQuery},
		"two nonces":             {of(with(func(q url.Values) { q.Add("nonce", "x") }), body), RefusedQuery},
		"bad escape":             {of(query+"&x=%zz", body), RefusedQuery},
		"changed nonce":          {of(with(func(q url.Values) { q.Set("nonce", "x") }), body), RefusedSignature},
		"changed time":           {of(with(func(q url.Values) { q.Set("timestamp", "1700000001") }), body), RefusedSignature},
		"changed body":           {of(query, strings.Replace(body, "CDATA[B4P", "CDATA[B4Q", 1)), RefusedSignature},
		"no body":                {of(query, ""), RefusedEnvelope},
		"JSON":                   {of(query, `{"encrypt":"x"}`), RefusedEnvelope},
		"two Encrypt":            {of(query, strings.Replace(body, "</xml>", "<Encrypt>x</Encrypt></xml>", 1)), RefusedEnvelope},
		"other root":             {of(query, "<a>"+body+"</a>"), RefusedEnvelope},
		"too large":              {of(query, body+strings.Repeat(" ", maxBody)), RefusedBody},
		"too old":                {of(signed(textDoc, testNow.Add(-window-time.Second), same)), RefusedStale},
		"from the future":        {of(signed(textDoc, testNow.Add(window+time.Second), same)), RefusedStale},
		"other enterprise":       {of(signed(textDoc, testNow, func(c *Config) { c.CorpID = "wwother" })), RefusedReceiver},
		"other app":              {of(signed(textDoc, testNow, func(c *Config) { c.AgentID = 7 })), RefusedReceiver},
		"other app inside":       {of(signed(strings.Replace(textDoc, "<AgentID>1000002", "<AgentID>7", 1), testNow, same)), RefusedReceiver},
		"message without an app": {of(signed(strings.Replace(textDoc, "<AgentID>1000002</AgentID>", "", 1), testNow, same)), RefusedReceiver},
		"other key":              {of(signed(textDoc, testNow, func(c *Config) { c.EncodingAESKey = strings.Repeat("x", 43) })), RefusedCipher},
		"not XML inside":         {of(signed("hello", testNow, same)), RefusedContent},
		"two senders":            {of(signed(strings.Replace(textDoc, "</xml>", "<FromUserName>boss</FromUserName></xml>", 1), testNow, same)), RefusedContent},
		"no sender":              {of(signed(strings.Replace(textDoc, "FromUserName", "X", 2), testNow, same)), RefusedContent},
		"no MsgId":               {of(signed(strings.Replace(textDoc, "MsgId", "X", 2), testNow, same)), RefusedContent},
		"no TaskId":              {of(signed(strings.Replace(clickDoc, "TaskId", "X", 2), testNow, same)), RefusedContent},
		"a NUL inside":           {of(signed(strings.Replace(textDoc, "线索", "\x00", 1), testNow, same)), RefusedContent},
		"an entity bomb":         {of(signed("<!DOCTYPE x [<!ENTITY a \"b\">]>"+textDoc, testNow, same)), RefusedContent},
	}
	var first string
	for name, c := range cases {
		var g got
		var why []Refusal
		b := openBot(t, "", WithRefusalHook(func(r Refusal) { why = append(why, r) }))
		w := post(b, g.handle, c.r.query, c.r.body)
		if first == "" {
			first = w.Body.String()
		}
		if w.Code != http.StatusUnauthorized || w.Body.String() != first {
			t.Errorf("%s: answer %d %q", name, w.Code, w.Body)
		}
		if len(g.in) != 0 {
			t.Errorf("%s: reached the handler", name)
		}
		if len(why) != 1 || why[0] != c.want {
			t.Errorf("%s: refused for %q, want %q", name, why, c.want)
		}
	}
}

func TestCallbackRefusesOtherMethodsAndCompressedBodies(t *testing.T) {
	query, body := envelope(testConfig, textDoc, testNow)
	for _, change := range []func(*http.Request){
		func(r *http.Request) { r.Method = http.MethodPut },
		func(r *http.Request) { r.Header.Set("Content-Encoding", "gzip") },
	} {
		var g got
		r := httptest.NewRequest(http.MethodPost, "/?"+query, strings.NewReader(body))
		change(r)
		w := httptest.NewRecorder()
		openBot(t, "").Callback(g.handle).ServeHTTP(w, r)
		if w.Code != http.StatusUnauthorized || len(g.in) != 0 {
			t.Errorf("answer %d, %d handled", w.Code, len(g.in))
		}
	}
}

func TestReplayGuardDecidesAboutGenuineCallbacksOnly(t *testing.T) {
	query, body := envelope(testConfig, textDoc, testNow)
	seen := map[string]bool{}
	b := openBot(t, "", WithReplayGuard(func(_ context.Context, sig, nonce string, at time.Time) bool {
		if nonce != "n0nce" || !at.Equal(testNow) {
			t.Errorf("guard got %s %v", nonce, at)
		}
		again := seen[sig]
		seen[sig] = true
		return !again
	}))
	var g got
	forged := strings.Replace(query, "timestamp=17", "timestamp=16", 1)
	for i, want := range []struct {
		query string
		code  int
	}{{forged, 401}, {query, 200}, {query, 401}} {
		if w := post(b, g.handle, want.query, body); w.Code != want.code {
			t.Errorf("call %d: %d, want %d", i, w.Code, want.code)
		}
	}
}

func TestHandlerErrorAsksForRedelivery(t *testing.T) {
	g := got{err: errors.New("disk full at /secret/place")}
	query, body := envelope(testConfig, textDoc, testNow)
	w := post(openBot(t, ""), g.handle, query, body)
	if w.Code != http.StatusInternalServerError || strings.Contains(w.Body.String(), "disk") {
		t.Errorf("answer %d %q", w.Code, w.Body)
	}
}

func TestHandlerGetsADeadline(t *testing.T) {
	query, body := envelope(testConfig, textDoc, testNow)
	post(openBot(t, ""), func(ctx context.Context, _ bots.Incoming) (bots.Answer, error) {
		if _, ok := ctx.Deadline(); !ok {
			t.Error("no deadline")
		}
		return bots.Answer{}, nil
	}, query, body)
}

func TestClickIsAnsweredWithTheClosedButton(t *testing.T) {
	cases := map[string]struct {
		doc    string
		card   *bots.Card
		closed string
	}{
		"closed card":       {clickDoc, &bots.Card{Closed: "已被 张三 <华东> ]]> 领取"}, "已被 张三 <华东> ]]> 领取"},
		"live card":         {clickDoc, leadCard(), ""},
		"nothing":           {clickDoc, nil, ""},
		"message, not card": {textDoc, &bots.Card{Closed: "x"}, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			b := openBot(t, "")
			query, body := envelope(testConfig, c.doc, testNow)
			w := post(b, (&got{answer: bots.Answer{Card: c.card}}).handle, query, body)
			if w.Code != http.StatusOK {
				t.Fatalf("status %d", w.Code)
			}
			if c.closed == "" {
				if w.Body.Len() != 0 {
					t.Errorf("answer %q, want none", w.Body)
				}
				return
			}
			inner := openReply(t, b, w.Body.String())
			var name string
			if err := children(inner, func(n, content string) (err error) {
				if n == "Button" {
					err = children(content, func(_, c string) (err error) { name, err = text(c); return err })
				}
				return err
			}); err != nil || name != c.closed {
				t.Errorf("ReplaceName = %q, %v in %s", name, err, inner)
			}
		})
	}
}

// openReply checks and decrypts an answer as the platform does, and returns its root's content.
func openReply(t *testing.T, b *Bot, reply string) string {
	t.Helper()
	content, err := root(reply)
	if err != nil {
		t.Fatalf("%v: %s", err, reply)
	}
	parts := map[string]string{}
	_ = children(content, func(n, c string) (err error) { parts[n], err = text(c); return err })
	if !b.cipher.signed(parts["MsgSignature"], parts["TimeStamp"], parts["Nonce"], parts["Encrypt"]) {
		t.Fatalf("the reply's signature is wrong: %s", reply)
	}
	msg, err := b.cipher.decrypt(parts["Encrypt"])
	if err != nil {
		t.Fatal(err)
	}
	inner, err := root(string(msg))
	if err != nil {
		t.Fatal(err)
	}
	return inner
}

// The specification's own vector of a reply, byte for byte.
func TestReplyVector(t *testing.T) {
	b := openBot(t, "")
	msg := updateButton("zhangsan", testConfig.CorpID, "已认领", time.Unix(1700000002, 0))
	reply := b.cipher.seal(msg, "0123456789abcdef", "n0nce003", time.Unix(1700000002, 0))
	for _, want := range []string{"<Encrypt><![CDATA[B4PcXgtThYsrOQnzxvXRUONuL6htOz/smNo4JDaM3n9KJMzEPqLTJPCEwEGPuxWtwMI0iefKwJzD+inJJZdAljTpm/", "0404fe32229983fe21839348541c81b95705744e"} {
		if !strings.Contains(reply, want) {
			t.Errorf("reply lacks %s: %s", want, reply)
		}
	}
}

// The specification's own vector of a URL check and of a message.
func TestCallbackVectors(t *testing.T) {
	const echo = "B4PcXgtThYsrOQnzxvXRUDkTZVZv7lEqfa1+Q4KqxUD7/HZApCa9WRM+UG6Z0skdGto+JfZ5i2sjhG54R4WG7g=="
	q := url.Values{"msg_signature": {"fc19cd76cf22dd5601abf34d423f5bfaca95b161"}, "timestamp": {"1700000000"}, "nonce": {"n0nce001"}, "echostr": {echo}}
	raw := strings.ReplaceAll(q.Encode(), "%2B", "+") // some proxies hand the plus over unescaped
	for _, query := range []string{q.Encode(), raw} {
		w := get(openBot(t, ""), query)
		if w.Code != http.StatusOK || w.Body.String() != "1616140317555161061" {
			t.Errorf("answer %d %q", w.Code, w.Body)
		}
	}
	q.Set("echostr", strings.Replace(echo, "B4", "B5", 1))
	if w := get(openBot(t, ""), q.Encode()); w.Code != http.StatusUnauthorized {
		t.Errorf("changed echostr: %d", w.Code)
	}
	q.Del("echostr")
	if w := get(openBot(t, ""), q.Encode()); w.Code != http.StatusUnauthorized {
		t.Errorf("no echostr: %d", w.Code)
	}
}

func get(b *Bot, query string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	b.Callback(nil).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/?"+query, nil))
	return w
}

// Published samples of the platform and of other clients, all through the whole callback.
func TestPublishedVectors(t *testing.T) {
	raw := testdata.Read(t, "vectors/callback_crypto.json")
	var file struct {
		Vectors []struct {
			ID, Platform, Op, Token, Timestamp, Nonce, Msg, Echostr, Encrypt, Random16 string

			Key       string `json:"encoding_aes_key"`
			Receiver  string `json:"receive_id"`
			Signature string `json:"msg_signature"`
			Body      string `json:"post_body"`
			Expect    struct{ Msg, Error, Encrypt string }
		}
	}
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	ran := 0
	for _, v := range file.Vectors {
		if v.Platform != "wecom" {
			continue
		}
		ran++
		t.Run(v.ID, func(t *testing.T) {
			seconds, _ := strconv.ParseInt(v.Timestamp, 10, 64)
			b, err := Open(Config{CorpID: v.Receiver, AgentID: 1, Secret: "x", Token: v.Token, EncodingAESKey: v.Key},
				WithNow(func() time.Time { return time.Unix(seconds, 0) }))
			if err != nil {
				t.Fatal(err)
			}
			sig := signature{v.Signature, v.Timestamp, v.Nonce, v.Echostr}
			if v.Op == "encrypt" {
				if got := b.cipher.seal(v.Msg, v.Random16, v.Nonce, time.Unix(seconds, 0)); !strings.Contains(got, v.Expect.Encrypt) {
					t.Errorf("encrypted: %s", got)
				}
				return
			}
			encrypted := v.Echostr + v.Encrypt
			msg, why := b.open(t.Context(), sig, encrypted)
			if (why != "") != (v.Expect.Error != "") || string(msg) != v.Expect.Msg {
				t.Errorf("open = %q, %q; want %+v", msg, why, v.Expect)
			}
			if v.Body != "" {
				env, err := parse(v.Body)
				if err != nil || env.values[encrypt] != v.Encrypt {
					t.Errorf("envelope: %v", err)
				}
			}
		})
	}
	if ran == 0 {
		t.Error("no vector for WeCom")
	}
}

// Real documents with many more elements than are read.
func TestPublishedPayloadsParse(t *testing.T) {
	files, _ := filepath.Glob(filepath.Join(testdata.File(t, "payloads/wecom"), "*.xml"))
	for _, name := range files {
		raw, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		m, err := parse(string(raw))
		if err != nil {
			t.Errorf("%s: %v", filepath.Base(name), err)
			continue
		}
		in, known, err := m.incoming(raw)
		isText := filepath.Base(name) == "text_message.xml"
		if err != nil || !known || (in.Message != nil) != isText || (in.Event == nil) != isText {
			t.Errorf("%s: %+v, %v, %v", filepath.Base(name), in, known, err)
		}
		if filepath.Base(name) == "add_external_contact.xml" && in.Event.Fields["ExternalUserID"] != "woAJ2GCAAAXtWyujaWJHDDGi0mACH71w" {
			t.Errorf("%s: %+v", filepath.Base(name), in.Event)
		}
	}
	if len(files) == 0 {
		t.Error("no payloads in the folder")
	}
}
