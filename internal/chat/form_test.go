package chat

import (
	"testing"
	"time"

	"lingke/bots"
	"lingke/internal/cards"
)

// TestWhatACardAsksForMayBeTyped reads what somebody types, while a card asks for it, as what it asks for.
func TestWhatACardAsksForMayBeTyped(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, action, text, want string }{
		{"progress", cards.ActionProgress, "已加微信，等报价", "已记录 华星机械 的跟进：已加微信，等报价"},
		{"a time and a reason", cards.ActionPostpone, "2天 客户出差", "已延期到"},
		{"a time alone, of which the rest is asked", cards.ActionPostpone, "2天", "请写成：延期"},
		{"a colleague", cards.ActionHand, "李娜", "李娜"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c := w.lead("1", "华星机械", 800)
			w.handle(w.press(bots.DingTalk, "zw", c, cards.KindLead, cards.ActionClaim))
			in := w.press(bots.DingTalk, "zw", w.customer(c.ID), cards.KindTask, tt.action)
			if a := w.handle(in); a.Ask == nil {
				t.Fatalf("the card asks for nothing: %+v", a)
			}
			wantText(t, w.answer(w.say(bots.DingTalk, "zw", tt.text, true)).Text, "没看懂") // others read along
			wantText(t, w.answer(w.say(bots.DingTalk, "lina", "已加微信", false)).Text, "没看懂")
			wantText(t, w.answer(w.say(bots.DingTalk, "zw", "今日", false)).Text, "待办")
			wantText(t, w.answer(w.say(bots.DingTalk, "zw", tt.text, false)).Text, tt.want)
			wantText(t, w.answer(w.say(bots.DingTalk, "zw", "天气不错", false)).Text, "没看懂") // it counts once
		})
	}
}

func TestAFormThatWasFilledInOrIsOldAsksNoMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.lead("1", "华星机械", 800)
	w.handle(w.press(bots.DingTalk, "zw", c, cards.KindLead, cards.ActionClaim))
	press := func(inputs map[string]string) bots.Answer {
		in := w.press(bots.DingTalk, "zw", w.customer(c.ID), cards.KindTask, cards.ActionProgress)
		in.Click.Inputs = inputs
		return w.handle(in)
	}
	press(nil)
	press(map[string]string{cards.InputResult: "已通电话"})
	wantText(t, w.answer(w.say(bots.DingTalk, "zw", "已加微信", false)).Text, "没看懂")
	press(nil)
	w.clock.Add(int64((inputFor + time.Minute) / time.Millisecond))
	wantText(t, w.answer(w.say(bots.DingTalk, "zw", "已加微信", false)).Text, "没看懂")
}
