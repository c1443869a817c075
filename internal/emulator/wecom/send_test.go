package wecom

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"lingke/internal/emulator/world"
)

func fuzzServer() *Server {
	return New(Options{CallbackURL: "http://gateway"}, world.New(people, func() time.Time { return start }))
}

func TestGetToken(t *testing.T) {
	t.Parallel()
	b := open(t)
	for _, tc := range []struct{ name, query, want string }{
		{"good", "corpid=ww1a2b3c4d5e6f7a8b&corpsecret=s3cret", "0"},
		{"the secret is looked at first", "", "41004"},
		{"no corpid", "corpsecret=s3cret", "41002"},
		{"another corpid", "corpid=x&corpsecret=s3cret", "40013"},
		{"wrong secret", "corpid=ww1a2b3c4d5e6f7a8b&corpsecret=x", "40001"},
	} {
		w, out := b.do(http.MethodGet, "gettoken?"+tc.query, "")
		if errcode(out) != tc.want || w.Code != 200 || w.Header().Get("Error-Code") != tc.want {
			t.Errorf("%s: %v %v", tc.name, out, w.Header())
		}
	}
	again := b.get("gettoken?corpid=ww1a2b3c4d5e6f7a8b&corpsecret=s3cret")
	if again["access_token"] != b.token || fmt.Sprint(again["expires_in"]) != "7200" {
		t.Errorf("a valid token is given again: %v", again)
	}
}

func TestWrongSecretsBlockTheAddress(t *testing.T) {
	t.Parallel()
	b := open(t, func(o *Options) { o.BadSecrets = 2 })
	for range 2 {
		b.get("gettoken?corpid=ww1a2b3c4d5e6f7a8b&corpsecret=x")
	}
	const good = "gettoken?corpid=ww1a2b3c4d5e6f7a8b&corpsecret=s3cret"
	if out := b.get(good); errcode(out) != "45009" {
		t.Error(out)
	}
	b.world.SetNow(start.Add(time.Hour))
	if out := b.get(good); errcode(out) != "0" {
		t.Error(out)
	}
}

func TestTokenChecks(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		do   func(*bench)
		want string
	}{
		{"missing", func(b *bench) { b.token = "" }, "41001"},
		{"unknown", func(b *bench) { b.token = "x" }, "40014"},
		{"revoked", func(b *bench) { b.RevokeTokens() }, "40014"},
		{"expired on demand", func(b *bench) { b.ExpireTokens() }, "42001"},
		{"expired by the clock", func(b *bench) { b.world.SetNow(start.Add(2 * time.Hour)) }, "42001"},
		{"another address", func(b *bench) { b.opts.TrustedIPs = []string{"10.0.0.1"} }, "60020"},
		{"good", func(*bench) {}, "40058"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := open(t)
			tc.do(b)
			if out := b.post("message/send", "no json"); errcode(out) != tc.want {
				t.Error(out)
			}
		})
	}
}

func TestUnknownPathIsEmpty404(t *testing.T) {
	t.Parallel()
	if w, _ := open(t).do(http.MethodGet, "nothing", ""); w.Code != 404 || w.Body.Len() != 0 {
		t.Errorf("%d %q", w.Code, w.Body)
	}
}

func TestSend(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, body, want, more string }{
		{"text", `{"touser":"ZHANGSAN","msgtype":"text","agentid":1000002,"text":{"content":"你好"}}`, "0", ""},
		{"agentid as a string", `{"touser":"ZhangSan","msgtype":"markdown","agentid":"1000002","markdown":{"content":"**你好**"}}`, "0", ""},
		{"everybody", `{"touser":"@all","msgtype":"text","agentid":1000002,"text":{"content":"a"}}`, "0", ""},
		{"a party", `{"toparty":"2","msgtype":"text","agentid":1000002,"text":{"content":"a"}}`, "0", ""},
		{"text card", `{"touser":"LiSi","msgtype":"textcard","agentid":1000002,"textcard":{"title":"t","url":"https://x"}}`, "0", ""},
		{"news", `{"touser":"LiSi","msgtype":"news","agentid":1000002,"news":{"articles":[{"title":"t","url":"https://x"}]}}`, "0", ""},
		{"some are invalid", `{"touser":"ZhangSan|Nobody","toparty":"9","msgtype":"text","agentid":1000002,"text":{"content":"a"}}`, "0", "nobody 9"},
		{"all are invalid", `{"touser":"Nobody","msgtype":"text","agentid":1000002,"text":{"content":"a"}}`, "81013", "nobody"},
		{"nobody", `{"msgtype":"text","agentid":1000002,"text":{"content":"a"}}`, "82001", ""},
		{"no agentid", `{"touser":"LiSi","msgtype":"text","text":{"content":"a"}}`, "41011", ""},
		{"bad agentid", `{"touser":"LiSi","msgtype":"text","agentid":"x","text":{"content":"a"}}`, "40056", ""},
		{"another agentid", `{"touser":"LiSi","msgtype":"text","agentid":7,"text":{"content":"a"}}`, "301002", ""},
		{"unknown type", `{"touser":"LiSi","msgtype":"poem","agentid":1000002}`, "40008", ""},
		{"empty text", `{"touser":"LiSi","msgtype":"text","agentid":1000002,"text":{"content":""}}`, "44004", ""},
		{"long markdown", `{"touser":"LiSi","msgtype":"markdown","agentid":1000002,"markdown":{"content":"` + strings.Repeat("长", 700) + `"}}`, "40058", ""},
		{"image without media", `{"touser":"LiSi","msgtype":"image","agentid":1000002,"image":{"media_id":"x"}}`, "40007", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			b := open(t)
			out := b.post("message/send", tc.body)
			if errcode(out) != tc.want {
				t.Fatal(out)
			}
			if got := strings.TrimSpace(fmt.Sprint(orEmpty(out["invaliduser"]), " ", orEmpty(out["invalidparty"]))); got != tc.more {
				t.Errorf("invalid: %q in %v", got, out)
			}
			if tc.want != "0" && !strings.Contains(fmt.Sprint(out["errmsg"]), "hint: [") {
				t.Errorf("no hint: %v", out)
			}
			if shown := b.Stats().Shown; (shown > 0) != (tc.want == "0") {
				t.Errorf("%d people saw it", shown)
			}
		})
	}
}

func orEmpty(v any) any {
	if v == nil {
		return ""
	}
	return v
}

func TestTextIsCutNotRefused(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.post("message/send", `{"touser":"LiSi","msgtype":"text","agentid":1000002,"text":{"content":"`+strings.Repeat("长", 1000)+`"}}`)
	if got := b.messages("LiSi")[0].Text; got != strings.Repeat("长", 682) {
		t.Errorf("%d bytes", len(got))
	}
}

func TestCardIsDrawnForEach(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.sendCard()
	c := b.card("ZhangSan")
	want := `{ID:lead_1 Title:新线索 State:待领取 Body:官网表单 Fields:[{Name:联系人 Value:王女士}] Actions:[{ID:claim Label:认领 Style:primary Enabled:true Inputs:[{ID:prio Label:优先级 Options:[{ID:h Label:高} {ID:n Label:普通}] Optional:false}]} {ID:skip Label:放弃 Style:danger Enabled:true Inputs:[{ID:prio Label:优先级 Options:[{ID:h Label:高} {ID:n Label:普通}] Optional:false}]} {ID:https://x Label:打开 Style:primary Enabled:true Inputs:[]}] Note: Hint:}`
	if got := fmt.Sprintf("%+v", c); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if len(b.messages("WangFang")) != 0 {
		t.Error("somebody else saw it")
	}
}

func TestCardCodes(t *testing.T) {
	t.Parallel()
	list := func(item string, n int) string {
		return "[" + strings.TrimSuffix(strings.Repeat(item+",", n), ",") + "]"
	}
	notice := func(more string) string {
		return `{"card_type":"text_notice","main_title":{"title":"t"},"card_action":{"type":1,"url":"https://x"}` + more + `}`
	}
	buttons := func(more string) string {
		return `{"card_type":"button_interaction","task_id":"t1","main_title":{"title":"t"}` + more + `}`
	}
	one := `,"button_list":[{"text":"a","key":"k"}]`
	options := `"option_list":[{"id":"1","text":"a"}]`
	for _, tc := range []struct{ name, card, want string }{
		{"text notice", notice(""), "0"},
		{"notice with a menu", notice(`,"task_id":"m","action_menu":{"action_list":[{"text":"a","key":"k"}]}`), "0"},
		{"news", `{"card_type":"news_notice","main_title":{"title":"t"},"card_action":{"type":1,"url":"https://x"},"card_image":{"url":"https://i"}}`, "0"},
		{"vote", `{"card_type":"vote_interaction","task_id":"v","main_title":{"title":"t"},"checkbox":{"question_key":"q",` + options + `},"submit_button":{"key":"s"}}`, "0"},
		{"multiple", `{"card_type":"multiple_interaction","task_id":"v","main_title":{"title":"t"},"select_list":[{"question_key":"q",` + options + `}],"submit_button":{"key":"s"}}`, "0"},
		{"buttons", buttons(one), "0"},
		{"unknown type", `{"card_type":"x"}`, "42031"},
		{"no card", `null`, "42031"},
		{"no task_id", `{"card_type":"button_interaction","main_title":{"title":"t"}` + one + `}`, "42014"},
		{"task_id with a space", `{"card_type":"button_interaction","task_id":"a b","main_title":{"title":"t"}` + one + `}`, "42014"},
		{"no title", `{"card_type":"button_interaction","task_id":"a"` + one + `}`, "41016"},
		{"no card_action", `{"card_type":"text_notice","main_title":{"title":"t"}}`, "42045"},
		{"card_action without url", `{"card_type":"text_notice","main_title":{"title":"t"},"card_action":{"type":1}}`, "42028"},
		{"card_action without appid", `{"card_type":"text_notice","main_title":{"title":"t"},"card_action":{"type":2}}`, "42030"},
		{"seven lines", notice(`,"horizontal_content_list":` + list(`{"keyname":"k"}`, 7)), "42035"},
		{"line without name", notice(`,"horizontal_content_list":[{"value":"v"}]`), "42027"},
		{"line without url", notice(`,"horizontal_content_list":[{"type":1,"keyname":"k"}]`), "42028"},
		{"line without media", notice(`,"horizontal_content_list":[{"type":2,"keyname":"k"}]`), "42029"},
		{"line of nobody", notice(`,"horizontal_content_list":[{"type":3,"keyname":"k","userid":"x"}]`), "42050"},
		{"five vertical lines", notice(`,"vertical_content_list":` + list(`{"title":"k"}`, 5)), "42036"},
		{"vertical line without title", notice(`,"vertical_content_list":[{"desc":"k"}]`), "42033"},
		{"four jumps", notice(`,"jump_list":` + list(`{"title":"k"}`, 4)), "42042"},
		{"jump without title", notice(`,"jump_list":[{"type":1}]`), "42033"},
		{"menu with equal keys", notice(`,"task_id":"m","action_menu":{"action_list":[{"text":"a","key":"k"},{"text":"b","key":"k"}]}`), "42051"},
		{"news without image", `{"card_type":"news_notice","main_title":{"title":"t"},"card_action":{"type":1,"url":"https://x"}}`, "42044"},
		{"no buttons", buttons(""), "40058"},
		{"seven buttons", buttons(`,"button_list":` + list(`{"text":"a","key":"k"}`, 7)), "40058"},
		{"button without text", buttons(`,"button_list":[{"key":"k"}]`), "42038"},
		{"button without key", buttons(`,"button_list":[{"text":"a"}]`), "42039"},
		{"equal keys", buttons(`,"button_list":[{"text":"a","key":"k"},{"text":"b","key":"k"}]`), "42039"},
		{"link button without url", buttons(`,"button_list":[{"type":1,"text":"a"}]`), "42028"},
		{"selection without key", buttons(one + `,"button_selection":{` + options + `}`), "42043"},
		{"eleven options", buttons(one + `,"button_selection":{"question_key":"q","option_list":` + list(`{"id":"1","text":"a"}`, 11) + `}`), "42037"},
		{"equal option ids", buttons(one + `,"button_selection":{"question_key":"q","option_list":` + list(`{"id":"1","text":"a"}`, 2) + `}`), "42040"},
		{"option without text", buttons(one + `,"button_selection":{"question_key":"q","option_list":[{"id":"1"}]}`), "42041"},
		{"no submit key", `{"card_type":"vote_interaction","task_id":"v","main_title":{"title":"t"},"checkbox":{"question_key":"q",` + options + `}}`, "42046"},
		{"four questions", `{"card_type":"multiple_interaction","task_id":"v","main_title":{"title":"t"},"select_list":` + list(`{}`, 4) + `}`, "42047"},
		{"wrong JSON type", `{"card_type":7}`, "40058"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if out := open(t).post("message/send", cardMessage("LiSi", tc.card)); errcode(out) != tc.want {
				t.Error(out)
			}
		})
	}
}

func TestCardNeedsACallbackURL(t *testing.T) {
	t.Parallel()
	b := open(t, func(o *Options) { o.CallbackURL = "" })
	if out := b.post("message/send", cardMessage("LiSi", buttonBody)); errcode(out) != "43012" {
		t.Error(out)
	}
}

func TestUsedTaskID(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.sendCard()
	if out := b.post("message/send", cardMessage("LiSi", buttonBody)); errcode(out) != "42014" {
		t.Error(out)
	}
	b.opts.RepeatTaskIDs = true
	if out := b.post("message/send", cardMessage("LiSi", buttonBody)); errcode(out) != "0" {
		t.Error(out)
	}
}

func TestDuplicateCheck(t *testing.T) {
	t.Parallel()
	b := open(t)
	const body = `{"touser":"LiSi","msgtype":"text","agentid":1000002,"enable_duplicate_check":1,"duplicate_check_interval":60,"text":{"content":"a"}}`
	first, second := b.post("message/send", body), b.post("message/send", body)
	if errcode(second) != "0" || second["msgid"] != first["msgid"] || len(b.messages("LiSi")) != 1 {
		t.Errorf("%v: %d messages", second, len(b.messages("LiSi")))
	}
	b.world.SetNow(start.Add(time.Minute))
	if b.post("message/send", body); len(b.messages("LiSi")) != 2 {
		t.Error("after the interval it is a new message")
	}
}

func TestTooManyForOneMemberVanish(t *testing.T) {
	t.Parallel()
	b := open(t)
	for range 31 {
		if out := b.post("message/send", `{"touser":"LiSi","msgtype":"text","agentid":1000002,"text":{"content":"a"}}`); errcode(out) != "0" || out["msgid"] == nil {
			t.Fatal(out)
		}
	}
	if got := len(b.messages("LiSi")); got != 30 || b.Stats().Dropped != 1 {
		t.Errorf("%d messages, %+v", got, b.Stats())
	}
	b.world.SetNow(start.Add(time.Minute))
	if b.post("message/send", `{"touser":"LiSi","msgtype":"text","agentid":1000002,"text":{"content":"a"}}`); len(b.messages("LiSi")) != 31 {
		t.Error("a minute later there is room again")
	}
}

func TestDayAndAPILimits(t *testing.T) {
	t.Parallel()
	b := open(t, func(o *Options) { o.AccountCap, o.PerMemberMin, o.CallsPerMin = 1, -1, 2 })
	for n := range 201 {
		want := "0"
		if n == 200 {
			want = "45009"
		}
		if out := b.post("message/send", `{"touser":"LiSi","msgtype":"text","agentid":1000002,"text":{"content":"a"}}`); errcode(out) != want {
			t.Fatalf("%d: %v", n, out)
		}
	}
	for n, want := range []string{"0", "0", "45009"} {
		if out := b.get("getcallbackip?access_token=" + b.token); errcode(out) != want {
			t.Errorf("%d: %v", n, out)
		}
	}
}

func TestAddressBook(t *testing.T) {
	t.Parallel()
	b := open(t)
	for _, tc := range []struct{ path, want string }{
		{"user/get?userid=zhangsan", `高级销售 ZhangSan`}, {"user/get?userid=x", "60111"}, {"user/get?userid=a%20b", "40003"},
		{"user/simplelist?department_id=1", "WangFang"}, {"user/simplelist?department_id=2", "LiSi"}, {"user/list?department_id=3", "WangFang"},
		{"user/list?department_id=x", "60123"}, {"user/list?department_id=99", "60003"},
		{"department/list?x=", "高级销售"}, {"department/get?id=2", "高级销售"}, {"department/simplelist?id=1", "parentid:1"},
		{"getcallbackip?x=", "ip_list"}, {"get_api_domain_ip?x=", "ip_list"},
	} {
		out := b.get(tc.path + "&access_token=" + b.token)
		want := strings.Fields(tc.want)[len(strings.Fields(tc.want))-1]
		if got := fmt.Sprint(out); !strings.Contains(got, want) || strings.Contains(got, "mobile") {
			t.Errorf("%s: %s", tc.path, got)
		}
	}
}

func TestGroups(t *testing.T) {
	t.Parallel()
	b := open(t)
	for _, tc := range []struct{ path, body, want string }{
		{"appchat/create", `{"name":"项目群","owner":"ZhangSan","userlist":["ZhangSan","LiSi"],"chatid":"c1"}`, "0"},
		{"appchat/create", `{"name":"项目群","userlist":["ZhangSan","LiSi"],"chatid":"c1"}`, "86215"},
		{"appchat/create", `{"userlist":["ZhangSan"]}`, "86006"}, {"appchat/create", `{}`, "86204"},
		{"appchat/create", `{"userlist":["ZhangSan","x"]}`, "86216"}, {"appchat/create", `{"owner":"WangFang","userlist":["ZhangSan","LiSi"]}`, "86207"},
		{"appchat/create", `{"userlist":["ZhangSan","LiSi"],"chatid":"` + strings.Repeat("x", 33) + `"}`, "86205"},
		{"appchat/send", `{"chatid":"c1","msgtype":"text","text":{"content":"大家好"}}`, "0"},
		{"appchat/send", `{"chatid":"c1","msgtype":"template_card","template_card":{}}`, "40008"},
		{"appchat/send", `{"chatid":"c9","msgtype":"text"}`, "86003"}, {"appchat/send", `{"chatid":"g1","msgtype":"text"}`, "86008"},
		{"appchat/send", `{"chatid":"c-1","msgtype":"text"}`, "86001"},
		{"appchat/update", `{"chatid":"c1","name":"新名","add_user_list":["WangFang"],"del_user_list":["lisi"]}`, "0"},
		{"appchat/update", `{"chatid":"c1","del_user_list":["ZhangSan"]}`, "86006"},
	} {
		if out := b.post(tc.path, tc.body); errcode(out) != tc.want {
			t.Errorf("%s %s: %v", tc.path, tc.body, out)
		}
	}
	if out := b.get("appchat/get?chatid=c1&access_token=" + b.token); !strings.Contains(fmt.Sprint(out), "userlist:[ZhangSan WangFang]") {
		t.Error(out)
	}
	for _, c := range b.world.Conversations(Platform, "LiSi") {
		if c.ID == "c1" && (len(c.Messages) != 1 || c.Messages[0].Text != "大家好") {
			t.Errorf("%+v", c)
		}
	}
}

func TestRobot(t *testing.T) {
	t.Parallel()
	b := open(t)
	robot := func(key, body string) string {
		_, out := b.do(http.MethodPost, "webhook/send?key="+key, body)
		return errcode(out)
	}
	const text = `{"msgtype":"text","text":{"content":"a"}}`
	for _, tc := range []struct{ key, body, want string }{
		{"robot", text, "0"}, {"x", text, "93000"}, {"robot", `{"msgtype":"poem"}`, "40008"},
		{"robot", `{"msgtype":"template_card","template_card":` + buttonBody + `}`, "40008"},
		{"robot", `{"msgtype":"markdown","markdown":{"content":"` + strings.Repeat("a", 4097) + `"}}`, "40058"},
		{"robot", `{"msgtype":"markdown_v2","markdown_v2":{"content":"a"}}`, "0"},
	} {
		if got := robot(tc.key, tc.body); got != tc.want {
			t.Errorf("%s %.80s: %s", tc.key, tc.body, got)
		}
	}
	for range 15 {
		robot("robot", text)
	}
	if got := robot("robot", text); got != "45009" {
		t.Error(got)
	}
}

// FuzzSend: whatever the body, the answer is JSON with an errcode, and only errcode 0 shows anything to anybody.
func FuzzSend(f *testing.F) {
	for _, seed := range []string{cardMessage("LiSi", buttonBody), `{"touser":"LiSi","msgtype":"text","agentid":"1000002","text":{"content":"a"}}`, `{"template_card":null}`, `[]`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		s := fuzzServer()
		s.opts.AgentID = 1000002
		a := s.send(nil, body)
		if shown := len(s.world.Conversations(Platform, "LiSi")[0].Messages); shown > 0 && a.code != 0 {
			t.Errorf("%q: errcode %d, and somebody saw it", body, a.code)
		}
	})
}
