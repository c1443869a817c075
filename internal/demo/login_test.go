package demo

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
)

// clients are what DingTalk's clients put around a page: their name, and the bridge that dd.requestAuthCode asks. %s is the code that the client gives.
var clients = map[string]struct{ agent, bridge string }{
	"iOS": {
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 AliApp(DingTalk/7.6.0) com.laiwang.DingTalk",
		`window.WebViewJavascriptBridge = {
			init() {}, registerHandler() {},
			callHandler(method, params, answer) { window.name = method + ' ' + params.corpId + ' ' + params.clientId; setTimeout(() => answer({ errorCode: '0', result: { code: '%s' } })); },
		};`,
	},
	"Android": {
		"Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 Chrome/120.0 Mobile Safari/537.36 AliApp(DingTalk/7.6.0) com.alibaba.android.rimet",
		`window.nuva = { isReady: true, require: () => (done, failed, service, method, params) => {
			window.name = service + '.' + method + ' ' + params.corpId + ' ' + params.clientId; setTimeout(() => done({ code: '%s' })); } };`,
	},
	"one that refuses": {
		"Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148 AliApp(DingTalk/7.6.0) com.laiwang.DingTalk",
		`window.WebViewJavascriptBridge = { init() {}, registerHandler() {}, callHandler(m, p, answer) { setTimeout(() => answer({ errorCode: '7', errorMessage: 'no permission %s' })); } };`,
	},
}

// TestInsideDingTalkNobodyIsAsked opens a card's link inside the client (免登): its script gets a code from the client, and the page opens without a question. Where the
// client gives none, the ways to log in stay.
func TestInsideDingTalkNobodyIsAsked(t *testing.T) {
	r := start(t, Options{Customers: 60, Orders: 300, LeadEvery: time.Hour})
	lead := link(t, r.page, "wecom", "zhangwei", "新线索")
	for name, client := range clients {
		t.Run(name, func(t *testing.T) {
			code := ask[struct{ Code string }](t, http.MethodPost, r.page+"codes", `{"person":"zhangwei"}`).Code
			w := phone(t)
			if _, err := chromedp.Call(w.ctx, emulation.SetUserAgentOverride, emulation.SetUserAgentOverrideParams{UserAgent: client.agent}); err != nil {
				t.Fatal(err)
			}
			if _, err := chromedp.Call(w.ctx, page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{Source: fmt.Sprintf(client.bridge, code)}); err != nil {
				t.Fatal(err)
			}
			w.do("open the link", chromedp.Navigate(lead))
			if name == "one that refuses" {
				w.until("the waiting text goes", `document.querySelector('[data-corp]').hidden`)
				w.as("dingtalk", "zhangwei")
				w.shows("评分模型")
				return
			}
			w.shows("评分模型", "资料")
			if asked := w.until("what the client was asked", `window.name`); asked != "runtime.permission.requestAuthCode "+dingtalkCorp+" "+dingtalkID {
				t.Errorf("the client was asked %q", asked)
			}
		})
	}
}

// whole stores a picture of the page from its top to its end where LINGKE_TEST_PICTURES names a folder.
func (w *window) whole(name string) {
	dir := os.Getenv("LINGKE_TEST_PICTURES")
	if dir == "" {
		return
	}
	picture, err := chromedp.Run(w.ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, strings.ReplaceAll(w.t.Name(), "/", "-")+"-"+name+".png"), picture, 0o600)
	}
	if err != nil {
		w.t.Logf("picture %s: %v", name, err)
	}
}

func han(r rune) bool { return unicode.Is(unicode.Han, r) }

// chinese are the lines of a page with Chinese in them, but for what sources, models and people wrote.
func (w *window) chinese(written ...string) (left []string) {
	w.t.Helper()
	text := w.until("the page has a text", `document.body.innerText`)
	for line := range strings.Lines(text) {
		for _, known := range written {
			line = strings.ReplaceAll(line, known, "")
		}
		if strings.ContainsFunc(line, han) {
			left = append(left, strings.TrimSpace(line))
		}
	}
	return left
}

// TestPagesForWhoReadsEnglish follows a lead's link in English, from the login to the task's end, by keyboard alone.
func TestPagesForWhoReadsEnglish(t *testing.T) {
	r := start(t, Options{Customers: 60, Orders: 300, LeadEvery: time.Hour, English: []string{"zhangwei", "wangfang"}})
	lead := link(t, r.page, "wecom", "zhangwei", "New lead")
	w := phone(t)
	w.do("open the link", chromedp.Navigate(lead))
	w.shows("Log in with DingTalk", "Log in with WeCom")
	w.whole("1-login")
	w.as("wecom", "zhangwei")
	w.shows("Score", "Facts", "Tasks", "Activities", "Model:", "No owner")
	w.until("the chart is drawn", `document.querySelector('[data-chart] svg path')`)
	w.fits()
	w.whole("2-customer")

	w.keys("the claim", "[data-claim]", kb.Enter)
	w.shows("Owner: 张伟", "Who looked", "History", "became the owner")
	w.whole("3-claimed")
	if said := w.until("what the page itself says", `[...document.querySelectorAll('h2, button, summary, .note, footer a, dt')].map((e) => e.innerText).join(' ')`); strings.ContainsFunc(said, han) {
		t.Errorf("the page in English says %q", said)
	}
	w.keys("the task", `a[href^="/h5/tasks/"]`, kb.Enter)
	w.shows("Due", "Result")
	w.keys("the result", "textarea", "Meeting on Wednesday")
	w.whole("4-task")
	w.keys("done", "[data-complete]", kb.Enter)
	w.shows("Done", "Meeting on Wednesday")
	w.keys("the list", "footer a", kb.Enter)
	w.shows("My customers", "Without an owner", "All tiers", "At risk")
	w.fits()
	w.whole("5-list")
	names := w.until("the customers' names", `[...document.querySelectorAll('a.row > span:first-child')].map((e) => e.firstChild.textContent).join('\n')`)
	if left := w.chinese(append(strings.Split(names, "\n"), "张伟")...); len(left) > 0 {
		t.Errorf("the list in English says %q", left)
	}
	w.do("open a wrong link", chromedp.Navigate(lead+"x"))
	w.shows("The link is not valid", "Please open the link in the chat again.")
	w.whole("6-sorry")
	w.forgive("status of 403")

	boss := phone(t)
	boss.do("open the link", chromedp.Navigate(lead))
	boss.as("dingtalk", "wangfang")
	boss.shows("Orders", "Who looked", "customer page")
	boss.until("the chart is drawn", `document.querySelector('[data-chart] svg path')`)
	boss.fits()
	boss.whole("7-manager")
}

// forgive waits for a complaint of the console that the test has caused, and forgets it.
func (w *window) forgive(part string) {
	w.t.Helper()
	until(w.t, "the console says "+part, func() bool {
		w.mu.Lock()
		defer w.mu.Unlock()
		before := len(w.troubles)
		w.troubles = slices.DeleteFunc(w.troubles, func(text string) bool { return strings.Contains(text, part) })
		return len(w.troubles) < before
	})
}

// keys reaches an element with the tab key, as somebody without a mouse does, and types there.
func (w *window) keys(what, selector, typed string) {
	w.t.Helper()
	w.until(what, `document.querySelector('`+selector+`')`)
	for range 60 {
		if w.until("where the keyboard is", `String(document.activeElement === document.querySelector('`+selector+`'))`) == "true" {
			w.do("type at "+what, chromedp.KeyEvent(typed))
			return
		}
		w.do("press tab", chromedp.KeyEvent(kb.Tab))
	}
	w.keep("failed")
	w.t.Fatalf("the keyboard does not reach %s", what)
}
