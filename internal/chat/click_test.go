package chat

import (
	"errors"
	"strings"
	"testing"
	"time"

	"lingke/bots"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/lang"
	"lingke/internal/store"
	"lingke/scoring"
)

func TestClicksOnALeadCard(t *testing.T) {
	t.Parallel()
	claim := func(w *world, c customer.Customer) bots.Incoming {
		return w.press(bots.DingTalk, "zw", c, cards.KindLead, cards.ActionClaim)
	}
	for _, tt := range []struct {
		name  string
		in    func(w *world, c customer.Customer) bots.Incoming
		toast string
		state string // of the answered card
		owner string
		aside string
	}{
		{"the first wins", claim, "领取成功", "已被 张伟 领取", "zhangwei", ""},
		{"one's own again is still a success", func(w *world, c customer.Customer) bots.Incoming {
			w.handle(claim(w, c))
			return claim(w, c)
		}, "领取成功", "已被 张伟 领取", "zhangwei", ""},
		{"the second reads the owner's name", func(w *world, c customer.Customer) bots.Incoming {
			w.handle(claim(w, c))
			return w.press(bots.DingTalk, "lina", c, cards.KindLead, cards.ActionClaim)
		}, "已被 张伟 领取", "已被 张伟 领取", "zhangwei", ""},
		{"on the other platform too", func(w *world, c customer.Customer) bots.Incoming {
			w.handle(w.press(bots.DingTalk, "lina", c, cards.KindLead, cards.ActionClaim))
			return w.press(bots.WeCom, "zhangwei", c, cards.KindLead, cards.ActionClaim)
		}, "已被 李娜 领取", "已被 李娜 领取", "lina", ""},
		{"WeCom ids are the same in any case", func(w *world, c customer.Customer) bots.Incoming {
			return w.press(bots.WeCom, "ZHANGWEI", c, cards.KindLead, cards.ActionClaim)
		}, "领取成功", "已被 张伟 领取", "zhangwei", ""},
		{"DingTalk ids are not", func(w *world, c customer.Customer) bots.Incoming {
			return w.press(bots.DingTalk, "ZW", c, cards.KindLead, cards.ActionClaim)
		}, "不是发给你", "", "", ""},
		{"somebody else's card", func(w *world, c customer.Customer) bots.Incoming {
			return w.press(bots.DingTalk, "boss", c, cards.KindLead, cards.ActionClaim)
		}, "不是发给你", "", "", ""},
		{"a stranger", func(w *world, c customer.Customer) bots.Incoming {
			return w.press(bots.DingTalk, "nobody", c, cards.KindLead, cards.ActionClaim)
		}, "不是发给你", "", "", ""},
		{"a card of the other platform", func(w *world, c customer.Customer) bots.Incoming {
			in := w.press(bots.WeCom, "zw", c, cards.KindLead, cards.ActionClaim)
			in.Platform = bots.DingTalk
			return in
		}, "不是发给你", "", "", ""},
		{"a member of another team who was told", func(w *world, c customer.Customer) bots.Incoming {
			return w.press(bots.DingTalk, "zhaolei", c, cards.KindLead, cards.ActionClaim)
		}, "只对所属团队开放", "", "", "只对所属团队开放"},
		{"an action of another kind of card", func(w *world, c customer.Customer) bots.Incoming {
			return w.press(bots.DingTalk, "zw", c, cards.KindLead, cards.ActionDone)
		}, "已失效", "", "", ""},
		{"an action that is no more", func(w *world, c customer.Customer) bots.Incoming {
			return w.press(bots.DingTalk, "zw", c, cards.KindLead, "snooze")
		}, "已失效", "", "", ""},
		{"why answers the person alone", func(w *world, c customer.Customer) bots.Incoming {
			return w.press(bots.DingTalk, "zw", c, cards.KindLead, cards.ActionWhy)
		}, "", "", "", "六百人企业"},
		{"details answer the person alone", func(w *world, c customer.Customer) bots.Incoming {
			return w.press(bots.DingTalk, "zw", c, cards.KindLead, cards.ActionDetail)
		}, "", "", "", "得分 85"},
		{"not for me tells why and leaves it to the others", func(w *world, c customer.Customer) bots.Incoming {
			in := w.press(bots.DingTalk, "zw", c, cards.KindLead, cards.ActionPass)
			in.Click.Inputs = map[string]string{cards.InputReason: "busy"}
			return in
		}, "近期没空", "", "", "其他同事仍可领取"},
		{"the day's allowance is spent", func(w *world, c customer.Customer) bots.Incoming {
			w.lead("8", "第八", 800)
			w.lead("9", "第九", 800)
			w.handle(w.say(bots.DingTalk, "zw", "领取 第八", false))
			w.handle(w.say(bots.DingTalk, "zw", "领取 第九", false))
			return claim(w, c)
		}, "每天 2 个", "", "", "每天 2 个"},
		{"one holds as many as one may", func(w *world, c customer.Customer) bots.Incoming {
			w.lead("9", "第九", 800)
			w.handle(w.say(bots.DingTalk, "lina", "领取 第九", false))
			return w.press(bots.DingTalk, "lina", c, cards.KindLead, cards.ActionClaim)
		}, "最多 1 个", "", "", "最多 1 个"},
		{"the card of an earlier round", func(w *world, c customer.Customer) bots.Incoming {
			old := claim(w, c)
			w.handle(w.press(bots.DingTalk, "lina", c, cards.KindLead, cards.ActionClaim))
			w.handle(w.press(bots.DingTalk, "lina", c, cards.KindTask, cards.ActionRelease))
			return old
		}, "已失效", "已退回线索池", "", ""},
		{"the card of the new round", func(w *world, c customer.Customer) bots.Incoming {
			w.handle(w.press(bots.DingTalk, "lina", c, cards.KindLead, cards.ActionClaim))
			w.handle(w.press(bots.DingTalk, "lina", c, cards.KindTask, cards.ActionRelease))
			return claim(w, c)
		}, "领取成功", "已被 张伟 领取", "zhangwei", ""},
		{"an offer that was withdrawn", func(w *world, c customer.Customer) bots.Incoming {
			in := claim(w, c)
			w.lead("1", "华星机械", 5)
			return in
		}, "已失效", "已不在线索池", "", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c := w.lead("1", "华星机械", 800)
			in := tt.in(w, c)
			for again := range 2 { // a click that is done again after a crash changes nothing more
				a := w.handle(in)
				wantText(t, a.Toast, tt.toast)
				if a.Card == nil && tt.state != "" || a.Card != nil && a.Card.State != tt.state {
					t.Errorf("time %d: the card is %+v, want %q", again, a.Card, tt.state)
				}
				got := w.customer(c.ID)
				if got.Owner != tt.owner || len(got.Effects) > 0 {
					t.Errorf("time %d: owner %q, want %q; left to do %v", again, got.Owner, tt.owner, got.Effects)
				}
				wantText(t, w.aside(in), tt.aside)
			}
		})
	}
}

func TestClicksOnATaskCard(t *testing.T) {
	t.Parallel()
	press := func(from, action string) func(w *world, c customer.Customer) bots.Incoming {
		return func(w *world, c customer.Customer) bots.Incoming {
			return w.press(bots.DingTalk, from, c, cards.KindTask, action)
		}
	}
	for _, tt := range []struct {
		name  string
		in    func(w *world, c customer.Customer) bots.Incoming
		toast string
		state string
		owner string
	}{
		{"done", press("zw", cards.ActionDone), "", "已完成", "zhangwei"},
		{"release", press("zw", cards.ActionRelease), "已退回公海", "已取消：客户已退回公海", ""},
		{"somebody else's", press("lina", cards.ActionDone), "不是发给你", "", "zhangwei"},
		{"release of what is done shows how it stands", func(w *world, c customer.Customer) bots.Incoming {
			w.handle(press("zw", cards.ActionDone)(w, c))
			return press("zw", cards.ActionRelease)(w, c)
		}, "", "已完成", "zhangwei"},
		{"done of what was given back shows how it stands", func(w *world, c customer.Customer) bots.Incoming {
			w.handle(press("zw", cards.ActionRelease)(w, c))
			return press("zw", cards.ActionDone)(w, c)
		}, "", "已取消：客户已退回公海", ""},
		{"an old release does not take the customer from who has it now", func(w *world, c customer.Customer) bots.Incoming {
			old := press("zw", cards.ActionRelease)(w, c)
			w.handle(old)
			w.handle(w.press(bots.DingTalk, "lina", c, cards.KindLead, cards.ActionClaim))
			return old
		}, "已退回公海", "已取消：客户已退回公海", "lina"},
		{"nor from the same person", func(w *world, c customer.Customer) bots.Incoming {
			old := press("zw", cards.ActionRelease)(w, c)
			w.handle(old)
			w.handle(w.press(bots.DingTalk, "zw", c, cards.KindLead, cards.ActionClaim))
			return old
		}, "已退回公海", "已取消：客户已退回公海", "zhangwei"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c := w.lead("1", "华星机械", 800)
			w.handle(w.press(bots.DingTalk, "zw", c, cards.KindLead, cards.ActionClaim))
			in := tt.in(w, c)
			for again := range 2 {
				a := w.handle(in)
				wantText(t, a.Toast, tt.toast)
				if a.Card == nil && tt.state != "" || a.Card != nil && a.Card.State != tt.state {
					t.Errorf("time %d: the card is %+v, want %q", again, a.Card, tt.state)
				}
				if got := w.customer(c.ID); got.Owner != tt.owner {
					t.Errorf("time %d: owner %q, want %q", again, got.Owner, tt.owner)
				}
			}
		})
	}
}

func TestAClickOnAnUnknownCardIsGivenUp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, err := w.chat.Handle(t.Context(), bots.Incoming{ID: "x", Platform: bots.WeCom, Click: &bots.Click{From: "ZhangWei", Card: "lead-none-0", Action: cards.ActionClaim}})
	if !errors.Is(err, store.ErrNotFound) || a.Toast == "" {
		t.Errorf("%+v, %v", a, err)
	}
}

func TestACardsCodeIsKeptForItsNextChange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.lead("1", "华星机械", 800)
	in := w.press(bots.WeCom, "ZhangWei", c, cards.KindLead, cards.ActionWhy)
	in.Click.Code = "code-1"
	w.handle(in)
	w.handle(in)
	d, err := w.store.Delivery(t.Context(), in.Click.Card)
	must(t, err)
	if len(d.Handle.Codes) != 1 || d.Handle.Codes[0] != "code-1" {
		t.Errorf("codes %v", d.Handle.Codes)
	}
}

// TestEveryButtonHasANameInTheLog keeps ids of buttons out of what people read of the log.
func TestEveryButtonHasANameInTheLog(t *testing.T) {
	t.Parallel()
	p := cards.New(scoring.Points(), time.UTC, nil)
	for _, a := range actions() {
		for _, l := range []lang.Language{lang.Chinese, lang.English} {
			if got := p.In(l).Logged(cards.LoggedClick + a.id); strings.Contains(got, "_") || l == lang.Chinese && strings.Contains(got, a.id) {
				t.Errorf("the log says %q of the button %s", got, a.id)
			}
		}
	}
}

func TestTheLogTellsClicksAndPlainTextInWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.lead("1", "华星机械有限公司", 800)
	w.handle(w.press(bots.DingTalk, "zw", c, cards.KindLead, cards.ActionClaim))
	w.handle(w.say(bots.DingTalk, "zw", "今天天气不错啊朋友们", false))
	text := shown(w.answer(w.say(bots.DingTalk, "boss", "日志", false)))
	wantText(t, text, "张伟 钉钉 点击“领取”")
	wantText(t, text, "张伟 钉钉 发了不是命令的话")
}
