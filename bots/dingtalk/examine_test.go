package dingtalk_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"lingke/bots"
	"lingke/bots/dingtalk"
	emulated "lingke/internal/emulator/dingtalk"
)

// Each fault of an app is named with the console page where it is mended, and nothing else is wrong then.
func TestExamineNamesEachFaultAndItsPage(t *testing.T) {
	for _, c := range []struct {
		name    string
		emulate func(*emulated.Options)
		config  func(*dingtalk.Config)
		address string
		want    map[string]string // part → words of What and Fix, separated by "…"; all other parts are well
	}{
		{name: "all is well", want: nil},
		{name: "a wrong secret", config: func(c *dingtalk.Config) { c.ClientSecret = "other" }, want: map[string]string{"": "invalidClientIdOrSecret…凭证与基础信息"}},
		{name: "an address that is not trusted", emulate: func(o *emulated.Options) { o.TrustedIPs = []string{"10.1.2.3"} },
			want: map[string]string{"robot": "服务器出口 IP: add 127.0.0.1", "card": "服务器出口 IP", "contacts": "60020…安全设置…127.0.0.1", "notices": "60020…安全设置"}},
		{name: "the robot may not send", emulate: func(o *emulated.Options) { o.Denied = []string{"qyapi_robot_sendmsg"} }, want: map[string]string{"robot": "权限管理…企业内机器人发送消息权限"}},
		{name: "the app may not make cards", emulate: func(o *emulated.Options) { o.Denied = []string{"Card.Instance.Write"} }, want: map[string]string{"card": "Card.Instance.Write…权限管理…互动卡片实例写权限"}},
		{name: "no address book", emulate: func(o *emulated.Options) { o.Denied = []string{"qyapi_get_member"} }, want: map[string]string{"contacts": "60011…权限管理…成员信息读权限"}},
		{name: "no work notices", emulate: func(o *emulated.Options) { o.Denied = []string{"qyapi_message_corpconversation_asyncsend"} }, want: map[string]string{"notices": "60011…权限管理…工作通知发送权限"}},
		{name: "another robot code", config: func(c *dingtalk.Config) { c.RobotCode = "dingother" }, want: map[string]string{"robot": "robotCode…机器人…RobotCode"}},
		{name: "another app's template", config: func(c *dingtalk.Config) { c.CardTemplate = "other.schema" }, want: map[string]string{"card_template": "templateNotExist…卡片平台…关联应用"}},
		{name: "a template that is not published", emulate: func(o *emulated.Options) { o.Unpublished = true }, want: map[string]string{"card_template": "templateUnpublished…卡片平台…发布"}},
		{name: "no template", config: func(c *dingtalk.Config) { c.CardTemplate = "" }, want: map[string]string{"card_template": "text with words to type…lingke template --card"}},
		{name: "nobody answers", config: func(c *dingtalk.Config) { c.BaseURL = "http://127.0.0.1:1" }, want: map[string]string{"": "connection refused…proxy, DNS, firewall"}},
		{name: "HTTP mode without an address", config: httpMode, want: map[string]string{"callback": "server.public_url is empty…https address"}},
		{name: "HTTP mode, an address where nobody is", config: httpMode, address: "http://127.0.0.1:1",
			want: map[string]string{"callback.robot": "connection refused…lingke serve", "callback.card": "connection refused", "callback.event": "connection refused"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOffice(t, func(opt *emulated.Options) {
				if c.emulate != nil {
					c.emulate(opt)
				}
			})
			cfg := dingtalk.Config{ClientID: "dingapp", ClientSecret: "secret", CardTemplate: "t.schema", AgentID: 77, BaseURL: o.URL, OapiURL: o.URL}
			if c.config != nil {
				c.config(&cfg)
			}
			checkSymptoms(t, open(t, cfg).Examine(t.Context(), c.address), c.want)
		})
	}
}

func httpMode(c *dingtalk.Config) {
	c.CardRouteKey, c.CardSecret, c.EventToken, c.EventAESKey = "lingke", "secret-of-cards", eventToken, eventKey
}

func open(t *testing.T, cfg dingtalk.Config) *dingtalk.Bot {
	t.Helper()
	b, err := dingtalk.Open(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// The callbacks are called as the platform would: a gateway with the same secrets passes, one with others is told apart from none.
func TestExamineTriesTheCallbacks(t *testing.T) {
	o := newOffice(t)
	cfg := dingtalk.Config{ClientID: "dingapp", ClientSecret: "secret", CardTemplate: "t.schema", BaseURL: o.URL, OapiURL: o.URL}
	httpMode(&cfg)
	served := cfg
	gateway := httptest.NewServer(open(t, served).Callback(nil))
	defer gateway.Close()
	checkSymptoms(t, open(t, cfg).Examine(t.Context(), gateway.URL+"/"), nil)
	served.CardSecret, served.EventToken = "old", "oldToken"
	old := httptest.NewServer(open(t, served).Callback(nil))
	defer old.Close()
	checkSymptoms(t, open(t, cfg).Examine(t.Context(), old.URL), map[string]string{"callback.card": "401…other secrets", "callback.event": "401…other secrets"})
	cfg.EventToken, cfg.EventAESKey = "", ""
	checkSymptoms(t, open(t, cfg).Examine(t.Context(), gateway.URL), map[string]string{"callback.event": "events are not received…事件订阅"})
}

func checkSymptoms(t *testing.T, got []bots.Symptom, want map[string]string) {
	t.Helper()
	found := map[string]bool{}
	for _, s := range got {
		words, unwell := want[s.Part]
		if s.Well() == unwell {
			t.Errorf("%q: %q, fix %q, well %v", s.Part, s.What, s.Fix, s.Well())
			continue
		}
		found[s.Part] = unwell
		for _, w := range strings.Split(words, "…") {
			if !strings.Contains(s.What+" | "+s.Fix, w) {
				t.Errorf("%q does not say %q: %q, fix %q", s.Part, w, s.What, s.Fix)
			}
		}
		if strings.Contains(s.What+s.Fix, "secret\"") || strings.Contains(s.What, eventKey) {
			t.Errorf("a secret is told: %+v", s)
		}
	}
	for part := range want {
		if !found[part] {
			t.Errorf("nothing is said of %q: %+v", part, got)
		}
	}
}
