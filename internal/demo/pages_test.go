package demo

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"

	"lingke/internal/emulator/world"
)

// phone opens a fresh browser the size of a phone, in which nobody is logged in. What a page's console says fails the test: a script or style that the page's policy
// refuses is told there.
func phone(t *testing.T) *window {
	t.Helper()
	ctx, cancel := chromedp.NewContext(browser.get(t), chromedp.WithNewBrowserContext())
	t.Cleanup(cancel)
	w := &window{t: t, ctx: ctx}
	console := chromedp.Console(ctx)
	w.do("open a browser", chromedp.EmulateViewport(390, 844))
	go func() {
		for m, err := range console {
			if err == nil && (m.Type == chromedp.ConsoleError || m.Type == chromedp.ConsoleException) && !strings.Contains(m.Text, "favicon") {
				w.trouble("console: %s: %s", m.Type, m.Text)
			}
		}
	}()
	t.Cleanup(w.quiet)
	return w
}

// until waits as sees does, also while one page gives way to another.
func (w *window) until(what, expression string) string {
	w.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		text, err := chromedp.Run(w.ctx, chromedp.Evaluate[string](`(() => { const v = `+expression+`; return v ? String(v) : ''; })()`))
		if err == nil && text != "" {
			return text
		}
		if time.Now().After(deadline) {
			w.keep("failed")
			w.t.Fatalf("waited in vain until %s: %v", what, err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// as logs in at the emulated platform as somebody.
func (w *window) as(platform, person string) {
	w.t.Helper()
	w.until("the login page", `document.querySelector('[data-login=`+platform+`]')`)
	w.tap(`[data-login=` + platform + `]`)
	w.until("the platform's page", `document.querySelector('[data-person=`+person+`]')`)
	w.tap(`[data-person=` + person + `]`)
}

func (w *window) tap(selector string) {
	w.t.Helper()
	w.do("tap "+selector, chromedp.Click(chromedp.CSS(selector)))
}

// shows waits for a text on the page; lacks fails where one is there.
func (w *window) shows(parts ...string) {
	w.t.Helper()
	for _, part := range parts {
		w.until("the page shows "+part, fmt.Sprintf(`document.body && document.body.innerText.includes(%q)`, part))
	}
}

func (w *window) lacks(parts ...string) {
	w.t.Helper()
	text := w.until("the page has a text", `document.body.innerText`)
	for _, part := range parts {
		if strings.Contains(text, part) {
			w.t.Errorf("the page shows %q: %s", part, text)
		}
	}
}

// fits fails where the page is wider than the phone.
func (w *window) fits() {
	w.t.Helper()
	w.until("the page fits the phone", `document.documentElement.scrollWidth <= window.innerWidth`)
}

// link is the address behind a card's button of a person; part is of the card's title.
func link(t *testing.T, page, platform, person, part string) string {
	t.Helper()
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		for _, c := range ask[[]world.Conversation](t, "GET", page+"conversations?platform="+platform+"&person="+person, "") {
			for _, m := range c.Messages {
				if m.Card == nil || !strings.Contains(m.Card.Title, part) {
					continue
				}
				for _, a := range m.Card.Actions {
					if strings.HasPrefix(a.ID, "http") && strings.Contains(a.ID, "/h5/") {
						return a.ID
					}
				}
			}
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatalf("no card of %s on %s with %q leads to a page", person, platform, part)
	return ""
}

// TestTheLinkOfACardOpensThePageForWhoeverOpensIt follows the link of a lead's card as three people, claims on the page, finishes the task on its page, and looks at who looked.
func TestTheLinkOfACardOpensThePageForWhoeverOpensIt(t *testing.T) {
	r := start(t, Options{Customers: 60, Orders: 300, LeadEvery: time.Hour})
	lead := link(t, r.page, "wecom", "zhangwei", "新线索")

	zhang := phone(t)
	zhang.do("open the link", chromedp.Navigate(lead))
	zhang.keep("1-login")
	zhang.as("wecom", "zhangwei")
	zhang.shows("得分", "资料", "任务", "评分模型")
	name := zhang.until("the name", `document.querySelector('h1').innerText`)
	zhang.until("the chart is drawn", `document.querySelector('[data-chart] svg path')`)
	zhang.lacks("累计 ", "谁看过") // amounts are not for reps, who looked is for the owner
	zhang.fits()
	zhang.keep("2-customer")

	stranger := phone(t) // of another team: the same link, that person's layers
	stranger.do("open the link", chromedp.Navigate(lead))
	stranger.as("wecom", outsider(t, r.page))
	stranger.shows(name, "只对相关团队和主管开放")
	stranger.lacks("评分模型", "138", "领取成功")
	stranger.fits()
	stranger.shows("我的客户", "退出")
	stranger.keep("3-another-team")

	zhang.tap("[data-claim]")
	zhang.shows("负责人 张伟", "谁看过")
	zhang.keep("4-claimed")
	zhang.tap(`a[href^="/h5/tasks/"]`)
	zhang.shows("首次联系", "完成任务")
	zhang.do("write the result", chromedp.SendKeys(chromedp.CSS("textarea"), "已约周三拜访"))
	zhang.keep("5-task")
	zhang.tap("[data-complete]")
	zhang.shows("已完成", "已约周三拜访")
	zhang.do("open the list", chromedp.Click(chromedp.CSS("footer a")))
	zhang.shows("我的客户", name)
	zhang.fits()
	zhang.keep("6-list")

	manager := phone(t)
	manager.do("open the link", chromedp.Navigate(lead))
	manager.as("dingtalk", "wangfang")
	manager.shows("负责人 张伟", "订单", "谁看过", "张伟")
	manager.do("look at the end", chromedp.Evaluate[chromedp.Void](`scrollTo(0, document.body.scrollHeight)`))
	manager.keep("7-manager")
}

// outsider is a rep on WeCom whom no lead was offered.
func outsider(t *testing.T, page string) string {
	t.Helper()
	for _, p := range ask[[]world.Person](t, "GET", page+"people", "") {
		if p.WeCom == "" || p.Role != "rep" || p.ID == "zhangwei" {
			continue
		}
		offered := false
		for _, c := range ask[[]world.Conversation](t, "GET", page+"conversations?platform=wecom&person="+p.ID, "") {
			for _, m := range c.Messages {
				offered = offered || m.Card != nil
			}
		}
		if !offered {
			return p.ID
		}
	}
	t.Fatal("every rep was offered a lead")
	return ""
}

// TestALinkIsNothingWithoutItsSignatureAndALogin asks for pages as nobody would by chance.
func TestALinkIsNothingWithoutItsSignatureAndALogin(t *testing.T) {
	r := start(t, Options{Customers: 60, Orders: 300, LeadEvery: time.Hour})
	lead := link(t, r.page, "wecom", "zhangwei", "新线索")
	u, err := url.Parse(lead)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	base := u.Scheme + "://" + u.Host
	for _, tt := range []struct {
		name, method, address string
		want                  int
	}{
		{"a good link without a login", "GET", lead, http.StatusSeeOther},
		{"without a signature", "GET", base + u.Path, http.StatusForbidden},
		{"of another page", "GET", base + u.Path + "x?" + u.RawQuery, http.StatusForbidden},
		{"a changed signature", "GET", lead + "A", http.StatusForbidden},
		{"a claim without a session", "POST", base + u.Path + "/claim", http.StatusUnauthorized},
		{"a login that nobody began", "GET", base + "/h5/login/wecom?code=x&state=y", http.StatusBadRequest},
		{"a login that leads elsewhere", "GET", base + "/h5/login?next=https://evil.example", http.StatusBadRequest},
		{"a login that leads elsewhere without a scheme", "GET", base + "/h5/login?next=//evil.example/h5/", http.StatusBadRequest},
		{"a file that is not there", "GET", base + "/h5/static/..%2fh5.go", http.StatusNotFound},
		{"no such page", "GET", base + "/h5/x", http.StatusNotFound},
		{"the charts", "GET", base + "/h5/static/echarts.js", http.StatusOK},
		{"their licences", "GET", base + "/h5/static/LICENSES.txt", http.StatusOK},
	} {
		req, err := http.NewRequestWithContext(t.Context(), tt.method, tt.address, nil)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := client.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = answer.Body.Close()
		policy := answer.Header.Get("Content-Security-Policy")
		if answer.StatusCode != tt.want || !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: %d, want %d; policy %q", tt.name, answer.StatusCode, tt.want, policy)
		}
	}
}
