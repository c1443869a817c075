package demo

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// TestALeadIsClaimedInTheChatPage goes the demo's whole way with mouse and keyboard: a lead's card comes, one person claims it, everybody's copy says so, its owner
// works on it, and people ask the bot about it.
func TestALeadIsClaimedInTheChatPage(t *testing.T) {
	r := start(t, Options{Customers: 60, Orders: 300, LeadEvery: time.Hour})
	w := open(t, r.page, "?people=wangfang,zhangwei,lina&platforms=dingtalk,wecom", 1900, 1000)
	zhang, wang, li := w.chat("dingtalk", "zhangwei"), w.chat("dingtalk", "wangfang"), w.chat("dingtalk", "lina")
	name := leadName(zhang)
	w.keep("1-first-card")
	zhang.press(name, "claim")
	zhang.has("[data-toast]", "领取成功")
	for _, c := range []chat{zhang, w.chat("wecom", "zhangwei"), wang, w.chat("wecom", "wangfang"), li} {
		c.has(`[data-card] [data-note]`, "已被 张伟 领取")
		if n := c.buttons(name); n != "0" {
			t.Errorf("%s: the claimed card has %s buttons", c.id, n)
		}
	}
	zhang.has("[data-card]", "首次联系："+name)
	w.keep("2-claimed")

	asked(t, zhang, wang, name)
	w.keep("3-asked")
	zhang.press("首次联系："+name, "done")
	zhang.fills("result", "客户要报价")
	zhang.click(`document.querySelector('` + zhang.id + ` [data-confirm="done"]')`)
	zhang.has("[data-card] [data-note]", "已完成")
	w.keep("4-done")
}

// TestWhoClicksTooLateIsToldTheOwner keeps a card as it stood before somebody else claimed the customer, by letting DingTalk refuse to change cards.
func TestWhoClicksTooLateIsToldTheOwner(t *testing.T) {
	r := start(t, Options{Customers: 20, Orders: 60, LeadEvery: time.Hour})
	w := open(t, r.page, "?people=zhangwei,lina", 1400, 900)
	zhang, li := w.chat("wecom", "zhangwei"), w.chat("dingtalk", "lina")
	name := leadName(li)
	zhang.card(name)
	before := li.buttons(name)
	ask[map[string]any](t, "POST", r.page+"faults", `{"match":"PUT /v1.0/card/*","times":1000,"status":503,"body":{}}`)
	zhang.press(name, "claim")
	zhang.has("[data-card] [data-note]", "已被 张伟 领取")
	if n := li.buttons(name); n != before || n == "0" {
		t.Fatalf("李娜's card has %s buttons, want it as it was", n)
	}
	li.press(name, "claim")
	li.has("[data-toast]", "已被 张伟 领取")
	li.has("[data-card] [data-note]", "已被 张伟 领取")
	w.keep("too-late")
}

// TestThePageWorksOnAPhone does the main job in a window of a phone's size, where one column is seen at a time.
func TestThePageWorksOnAPhone(t *testing.T) {
	r := start(t, Options{Customers: 20, Orders: 60, LeadEvery: time.Hour})
	w := open(t, r.page, "?people=zhangwei,wangfang", 390, 844)
	zhang := w.chat("dingtalk", "zhangwei")
	name := leadName(zhang)
	w.do("张伟's tab", chromedp.Click(chromedp.CSS(`[data-tab="dingtalk-zhangwei"]`)))
	w.sees("his column is in view", inView(zhang))
	w.keep("1-card")
	w.sees("nothing is wider than the window", `document.documentElement.scrollWidth <= innerWidth`)
	zhang.press(name, "claim")
	zhang.has("[data-card] [data-note]", "已被 张伟 领取")
	w.keep("2-claimed")
	zhang.answers("为什么 "+name, "得分")
	w.keep("3-why")
	w.do("王芳's tab", chromedp.Click(chromedp.CSS(`[data-tab="wecom-wangfang"]`)))
	w.sees("her column is in view", inView(w.chat("wecom", "wangfang")))
	w.chat("wecom", "wangfang").has("[data-card] [data-note]", "已被 张伟 领取")
	w.keep("4-manager")
}

// TestANewMessageLeavesThePlaceAlone scrolls up while leads keep coming: the cards there stay where they are, and a button leads to the new ones.
func TestANewMessageLeavesThePlaceAlone(t *testing.T) {
	r := start(t, Options{Customers: 20, Orders: 60, LeadEvery: 300 * time.Millisecond})
	w := open(t, r.page, "?people=zhangwei&platforms=dingtalk", 500, 600)
	zhang := w.chat("dingtalk", "zhangwei")
	list := fmt.Sprintf(`document.querySelector(%q)`, zhang.id+" [data-messages]")
	more := fmt.Sprintf(`document.querySelector(%q)`, zhang.id+" [data-more]:not([hidden])")
	w.sees("there is something to scroll", list+`.scrollHeight > 2 * `+list+`.clientHeight`)
	w.sees("the top is shown", fmt.Sprintf(`(%s.scrollTop = 0, true)`, list))
	w.sees("the new message is told", more)
	if top := w.sees("the place is read", fmt.Sprintf(`String(%s.scrollTop)`, list)); top != "0" {
		t.Errorf("the list has moved to %s", top)
	}
	w.keep("more")
	zhang.click(more)
	w.sees("the end is shown", fmt.Sprintf(`%[1]s.scrollHeight - %[1]s.scrollTop - %[1]s.clientHeight < 80`, list))
}

// asked has the owner and the manager ask everything that the welcome tells them to try.
func asked(t *testing.T, rep, manager chat, name string) {
	t.Helper()
	for _, c := range []struct {
		who  chat
		text string
		want string
	}{
		{manager, "查 " + name, "负责人：张伟"},
		{manager, "为什么 " + name, "得分"},
		{rep, "今日", "首次联系：" + name},
		{rep, "跟进 " + name + " 已约周三上门", "已记录 " + name + " 的跟进"},
		{rep, "帮助", "查 <客户>"},
	} {
		if got := c.who.answers(c.text, c.want); !strings.Contains(got, c.want) {
			t.Errorf("%q: %q lacks %q", c.text, got, c.want)
		}
	}
	rep.types("我的客户") // with those that the ERP says are theirs: more than one card holds
	rep.has("[data-card]", "客户名单（张伟）")
}

// leadName waits for the first lead's card and returns the customer's name.
func leadName(c chat) string {
	c.t.Helper()
	title := c.has("[data-card] h3", "新线索：")
	return strings.TrimPrefix(strings.TrimSpace(title), "新线索：")
}

func (c chat) buttons(part string) string {
	c.t.Helper()
	return c.sees("the buttons are counted", fmt.Sprintf(`String(%s.querySelectorAll('[data-action]').length)`, c.find("[data-card]", "新线索："+part)))
}

func inView(c chat) string {
	return fmt.Sprintf(`(() => { const r = document.querySelector(%q).getBoundingClientRect(); return Math.abs(r.left) < 3 && r.width <= innerWidth; })()`, c.id)
}

// click is what the control API answers to a click.
type click struct {
	Accepted     bool
	Toast, Error string
}

func clicks(t *testing.T, page, platform, person, message, action string) click {
	t.Helper()
	body := fmt.Sprintf(`{"platform":%q,"person":%q,"message":%q,"action":%q,"inputs":{}}`, platform, person, message, action)
	return ask[click](t, "POST", page+"clicks", body)
}
