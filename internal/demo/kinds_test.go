package demo

import (
	"encoding/json"
	"fmt"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"lingke/bots"
	"lingke/bots/botstest"
	"lingke/bots/dingtalk"
	"lingke/bots/wecom"
)

// kind is a card as internal/cards prints it.
type kind struct {
	name string
	card bots.Card
}

// reader is somebody with an account on both platforms, who reads the cards of one language.
type reader struct {
	id       string
	accounts map[bots.Platform]string
	kinds    []kind
}

// updater is a bot that sends cards and changes them.
type updater interface {
	bots.Bot
	bots.Updater
}

// TestEveryKindOfCardIsDrawnInTheChatPage sends each golden card through the real bots and looks at how both platforms show it, the Chinese ones to one person and the
// English ones to another. A closed card is sent while it can still be pressed and then changed, as it happens to people.
func TestEveryKindOfCardIsDrawnInTheChatPage(t *testing.T) {
	var passed atomic.Int64 // a person gets 30 messages a minute in WeCom, and there are more cards
	em, err := Emulator(1, 1, "http://127.0.0.1:1/callbacks/wecom", func() time.Time { return time.Now().Add(time.Duration(passed.Load())) })
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(em.Handler())
	t.Cleanup(func() { em.Close(); front.Close() })
	platforms := platformBots(t, front.URL)
	for _, r := range readers(t) {
		w := open(t, front.URL+"/_emulator/", "?people="+r.id+"&platforms=dingtalk,wecom", 760, 1500)
		for page := range slices.Chunk(r.kinds, perPicture) {
			for platform, bot := range platforms {
				c := w.chat(string(platform), r.id)
				for _, k := range page {
					deliver(t, bot, r.accounts[platform], k)
					c.drawn(k)
				}
				c.sees("the first of them is on top", fmt.Sprintf(`(%s.scrollIntoView({ block: 'start' }), true)`, c.message(page[0])))
			}
			w.keep(page[0].name)
			passed.Add(int64(time.Minute))
		}
	}
}

const perPicture = 3

// platformBots are the bots of both platforms, as the demo's apps.
func platformBots(t *testing.T, url string) map[bots.Platform]updater {
	t.Helper()
	ding, err := dingtalk.Open(dingtalk.Config{ClientID: dingtalkID, ClientSecret: dingtalkSecret, CardTemplate: dingtalkTemplate, BaseURL: url, OapiURL: url})
	if err != nil {
		t.Fatal(err)
	}
	we, err := wecom.Open(wecom.Config{CorpID: wecomCorp, AgentID: wecomAgent, Secret: wecomSecret, Token: wecomToken, EncodingAESKey: wecomAESKey, BaseURL: url})
	if err != nil {
		t.Fatal(err)
	}
	return map[bots.Platform]updater{bots.DingTalk: ding, bots.WeCom: we}
}

// readers share out the golden cards by their language.
func readers(t *testing.T) []reader {
	t.Helper()
	chinese := reader{id: "wangfang", accounts: map[bots.Platform]string{bots.DingTalk: "manager1001", bots.WeCom: "WangFang"}}
	english := reader{id: "zhangwei", accounts: map[bots.Platform]string{bots.DingTalk: "manager4220", bots.WeCom: "ZhangWei"}}
	for _, golden := range botstest.Kinds(t, "../cards/testdata") {
		k := kind{strings.ReplaceAll(golden.Name, ".", "_"), golden.Card}
		r := &chinese
		if strings.HasSuffix(k.name, "_en") || strings.HasSuffix(k.name, "_english") {
			r = &english
		}
		r.kinds = append(r.kinds, k)
	}
	chinese.kinds = append(chinese.kinds, long(chinese.kinds))
	return []reader{chinese, english}
}

// long is a done task with a long result, which a platform shows in two places and cuts at two lengths.
func long(kinds []kind) kind {
	k := kinds[slices.IndexFunc(kinds, func(k kind) bool { return k.name == "task_done" })]
	k.name = "task_done_long"
	k.card.State = "已完成：" + strings.Repeat("客户要两台样机，下周三上门拜访；", 4)
	k.card.Closed = k.card.State
	return k
}

// deliver shows a card to somebody. Only a hand-over is closed from the start.
func deliver(t *testing.T, bot updater, to string, k kind) {
	t.Helper()
	first := k.card
	changes := k.card.Closed != "" && k.card.Kind != "handover"
	if changes {
		first.Closed, first.Actions = "", []bots.Action{{ID: "done", Label: "完成"}}
	}
	receipt, err := bot.Send(t.Context(), bots.Outgoing{ID: k.name, To: []string{to}, Card: &first})
	if err != nil || len(receipt.Refused) > 0 {
		t.Fatalf("%s: %+v, %v", k.name, receipt, err)
	}
	if !changes {
		return
	}
	if _, err := bot.Update(t.Context(), receipt.Handle, bots.Outgoing{ID: k.name, To: []string{to}, Card: &k.card}); err != nil {
		t.Fatalf("%s: %v", k.name, err)
	}
}

// message is the JavaScript of what shows a card: the card, or the last text with its title where the platform shows it as text.
func (c chat) message(k kind) string {
	card, _ := json.Marshal(fmt.Sprintf(`%s [data-card=%q]`, c.id, k.name))
	return fmt.Sprintf(`(document.querySelector(%s) || %s)`, card, c.find(".text", k.card.Title))
}

// drawn waits until a card is shown as it is meant to be last, and looks at it: its title, one place for what closed it, no raw markdown, nothing wider than its place.
func (c chat) drawn(k kind) {
	c.t.Helper()
	message := c.message(k)
	what := c.id + " shows " + k.name
	c.sees(what, message)
	if k.card.Closed != "" && k.card.Kind != "handover" {
		c.sees(what+" closed", message+`.querySelector('[data-note]')`)
	}
	title := c.sees(what+" with a title", message+`.querySelector('h3, .rich strong, .rich .heading').innerText`)
	if begun, cut := strings.CutSuffix(title, "…"); title != k.card.Title && (!cut || !strings.HasPrefix(k.card.Title, begun)) {
		c.t.Errorf("%s: the title is %q, want %q", what, title, k.card.Title)
	}
	text := c.sees(what+" as text", message+`.innerText`)
	if strings.Contains(strings.ReplaceAll(text, "****", ""), "**") || strings.Contains(text, "<font") || strings.Contains(text, "\n- ") {
		c.t.Errorf("%s: raw markdown in %q", what, text)
	}
	if begun, _ := strings.CutSuffix(bots.CutRunes(k.card.Closed, 20), "…"); begun != "" && strings.Count(text, begun) > 1 {
		c.t.Errorf("%s: %q stands there more than once: %s", what, k.card.Closed, text)
	}
	wide := fmt.Sprintf(`(() => { const m = %s; return [m.closest('[data-messages]'), m, ...m.querySelectorAll('*')]
		.filter((e) => e.clientWidth > 0 && e.scrollWidth > e.clientWidth + 1).map((e) => e.outerHTML.slice(0, 80)).join() || 'none'; })()`, message)
	if got := c.sees(what+" measured", wide); got != "none" {
		c.t.Errorf("%s: wider than their place are %s", what, got)
	}
}
