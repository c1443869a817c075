package chat

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"lingke/bots"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/delivery"
)

// tap is a click on the card that answered a message.
func (w *world) tap(in bots.Incoming, from, action string) bots.Incoming {
	w.t.Helper()
	w.clock.Add(1000)
	w.events++
	id := replyID(in.ID)
	if in.Message != nil && in.Message.Group {
		id += "p"
	}
	return bots.Incoming{ID: fmt.Sprintf("%s:k%d", in.Platform, w.events), Platform: in.Platform, Click: &bots.Click{From: from, Card: id, Action: action, At: w.now()}}
}

// owned is a customer of 张伟.
func (w *world) owned() customer.Customer {
	w.t.Helper()
	c := w.lead("1", "华星机械", 800)
	w.handle(w.say(bots.DingTalk, "zw", "领取 华星", false))
	return w.customer(c.ID)
}

func TestWhatCannotBeTakenBackIsDoneOnlyOnceItIsConfirmed(t *testing.T) {
	t.Parallel()
	const gone, kept = "", "zhangwei"
	for _, tt := range []struct {
		name   string
		answer func(w *world, asked bots.Incoming) bots.Incoming
		owner  string
		says   string // as an answer or on the card
	}{
		{"by the button", func(w *world, asked bots.Incoming) bots.Incoming { return w.tap(asked, "zw", cards.ActionConfirm) }, gone, "已退回高价值线索"},
		{"by a word", func(w *world, _ bots.Incoming) bots.Incoming { return w.say(bots.DingTalk, "zw", "好的！", false) }, gone, "已退回高价值线索"},
		{"cancelled by the button", func(w *world, asked bots.Incoming) bots.Incoming { return w.tap(asked, "zw", cards.ActionCancel) }, kept, "已取消"},
		{"cancelled by a word", func(w *world, _ bots.Incoming) bots.Incoming { return w.say(bots.DingTalk, "zw", "算了", false) }, kept, "已取消"},
		{"somebody else's click", func(w *world, asked bots.Incoming) bots.Incoming { return w.tap(asked, "boss", cards.ActionConfirm) }, kept, "不是发给你"},
		{"somebody else's word", func(w *world, _ bots.Incoming) bots.Incoming { return w.say(bots.DingTalk, "boss", "确认", false) }, kept, "没有等你确认"},
		{"the same person in a group", func(w *world, _ bots.Incoming) bots.Incoming { return w.say(bots.DingTalk, "zw", "确认", true) }, kept, "没有等你确认"},
		{"another word", func(w *world, _ bots.Incoming) bots.Incoming {
			return w.say(bots.DingTalk, "zw", "好吧那个天气", false)
		}, kept, "没看懂"},
		{"too late by the button", func(w *world, asked bots.Incoming) bots.Incoming {
			w.clock.Add(confirmFor.Milliseconds())
			return w.tap(asked, "zw", cards.ActionConfirm)
		}, kept, "已过期，没有执行"},
		{"too late by a word", func(w *world, _ bots.Incoming) bots.Incoming {
			w.clock.Add(confirmFor.Milliseconds())
			return w.say(bots.DingTalk, "zw", "确认", false)
		}, kept, "没有等你确认"},
		{"in time, worked on late", func(w *world, asked bots.Incoming) bots.Incoming {
			in := w.tap(asked, "zw", cards.ActionConfirm)
			w.clock.Add(time.Hour.Milliseconds())
			return in
		}, gone, "已退回高价值线索"},
		{"an action of another card", func(w *world, asked bots.Incoming) bots.Incoming { return w.tap(asked, "zw", cards.ActionClaim) }, kept, "已失效"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c := w.owned()
			asked := w.say(bots.DingTalk, "zw", "退回 华星", false)
			w.handle(asked)
			in := tt.answer(w, asked)
			for range 2 { // done again after a crash it changes nothing more
				a := w.handle(in)
				text := a.Toast
				if d, err := w.store.Delivery(t.Context(), replyID(in.ID)); err == nil {
					text += shown(d)
				}
				wantText(t, text, tt.says)
				if got := w.customer(c.ID); got.Owner != tt.owner {
					t.Errorf("owner %q, want %q", got.Owner, tt.owner)
				}
			}
		})
	}
}

func TestOfTwoAnswersTheFirstCountsAndTheOtherReadsTheOutcome(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.owned()
	asked := w.say(bots.DingTalk, "zw", "退回 华星", false)
	w.handle(asked)
	w.handle(w.tap(asked, "zw", cards.ActionCancel))
	a := w.handle(w.tap(asked, "zw", cards.ActionConfirm))
	if a.Card == nil || a.Card.Live() || a.Card.State != "已取消" || w.customer(c.ID).Owner != "zhangwei" {
		t.Errorf("%+v, owner %q", a, w.customer(c.ID).Owner)
	}
	d, err := w.store.Delivery(t.Context(), replyID(asked.ID))
	must(t, err)
	if d.Card.Live() || d.Card.State != "已取消" {
		t.Errorf("the card stays open: %+v", d.Card)
	}
}

func TestManyClicksAtOnceConfirmOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.owned()
	asked := w.say(bots.DingTalk, "zw", "退回 华星", false)
	w.handle(asked)
	var clicks sync.WaitGroup
	for range 8 {
		in := w.tap(asked, "zw", cards.ActionConfirm)
		clicks.Go(func() {
			if _, err := w.chat.Handle(t.Context(), in); err != nil {
				t.Error(err)
			}
		})
	}
	clicks.Wait()
	if got := w.customer(c.ID); got.Owner != "" || got.Round != 1 || len(got.Returns) != 1 {
		t.Errorf("owner %q, round %d, returned %d times", got.Owner, got.Round, len(got.Returns))
	}
}

func TestADialogGoesOnAfterARestart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.owned()
	w.handle(w.say(bots.DingTalk, "zw", "退回 华星", false))
	again := *w.chat // nothing of a dialog is in memory
	w.chat = &again
	w.handle(w.say(bots.DingTalk, "zw", "确认", false))
	if got := w.customer(c.ID); got.Owner != "" {
		t.Errorf("owner %q", got.Owner)
	}
}

func TestWhatHasChangedSinceIsAskedAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.owned()
	asked := w.say(bots.DingTalk, "boss", "退回 华星", false) // 张伟's
	w.handle(asked)
	w.handle(w.say(bots.DingTalk, "zw", "退回 华星", false))
	w.handle(w.say(bots.DingTalk, "zw", "确认", false))
	w.handle(w.say(bots.DingTalk, "lina", "领取 华星", false))
	in := w.tap(asked, "boss", cards.ActionConfirm)
	wantText(t, w.handle(in).Toast, "情况有变")
	if got := w.customer(c.ID); got.Owner != "lina" {
		t.Fatalf("owner %q", got.Owner)
	}
	wantText(t, shown(w.reply(in)), "负责人 李娜", "[确认]")
	w.handle(w.tap(in, "boss", cards.ActionConfirm))
	if got := w.customer(c.ID); got.Owner != "" {
		t.Errorf("owner %q", got.Owner)
	}
}

func TestAnAmbiguousNameIsAskedBackAndGoesOn(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		answer func(w *world, asked bots.Incoming) bots.Incoming
		group  bool
		says   string
	}{
		{"by the button", func(w *world, asked bots.Incoming) bots.Incoming { return w.tap(asked, "zw", cards.PickActions[1]) }, false, "东方二号"},
		{"by its number", func(w *world, _ bots.Incoming) bots.Incoming { return w.say(bots.DingTalk, "zw", "２", false) }, false, "东方二号"},
		{"by words", func(w *world, _ bots.Incoming) bots.Incoming { return w.say(bots.DingTalk, "zw", "第2个", false) }, false, "东方二号"},
		{"asked in a group, answered there", func(w *world, _ bots.Incoming) bots.Incoming { return w.say(bots.DingTalk, "zw", "2", true) }, true, "东方二号"},
		{"asked in a group, answered in private", func(w *world, asked bots.Incoming) bots.Incoming {
			return w.tap(asked, "zw", cards.PickActions[1])
		}, true, "东方二号"},
		{"a number that is not offered", func(w *world, _ bots.Incoming) bots.Incoming { return w.say(bots.DingTalk, "zw", "3", false) }, false, "没看懂"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.lead("1", "东方一号", 800)
			w.lead("2", "东方二号", 800)
			asked := w.say(bots.DingTalk, "zw", "查 东方", tt.group)
			w.handle(asked)
			in := tt.answer(w, asked)
			wantText(t, shown(w.answer(in)), tt.says)
		})
	}
}

func TestAChoiceLeadsToTheConfirmation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one, two := w.lead("1", "东方一号", 800), w.lead("2", "东方二号", 800)
	w.handle(w.say(bots.DingTalk, "zw", "领取 东方一号", false))
	w.handle(w.say(bots.DingTalk, "zw", "领取 东方二号", false))
	asked := w.say(bots.DingTalk, "zw", "退回 东方", false)
	w.handle(asked)
	pick := w.tap(asked, "zw", cards.PickActions[0])
	a := w.handle(pick)
	if a.Card == nil || a.Card.State != "已选择：东方一号" || w.customer(one.ID).Owner == "" {
		t.Fatalf("%+v", a)
	}
	w.handle(w.tap(pick, "zw", cards.ActionConfirm))
	if w.customer(one.ID).Owner != "" || w.customer(two.ID).Owner != "zhangwei" {
		t.Errorf("owners %q, %q", w.customer(one.ID).Owner, w.customer(two.ID).Owner)
	}
}

// reply is what an incoming was answered with.
func (w *world) reply(in bots.Incoming) delivery.Delivery {
	w.t.Helper()
	d, err := w.store.Delivery(w.t.Context(), replyID(in.ID))
	must(w.t, err)
	return d
}
