package chat

import (
	"testing"

	"lingke/bots"
)

// TestWhatIsUnsureIsAskedAbout: a text near to a command is answered by a choice; picking what cannot be taken back still asks to confirm it.
func TestWhatIsUnsureIsAskedAbout(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.lead("1", "沈阳机床厂", 800)
	_, err := w.claims.Claim(t.Context(), c.ID, person(t, w, "boss"), "dingtalk")
	must(t, err)

	d := w.answer(w.say(bots.DingTalk, "boss", "沈阳机床我放弃算球", false))
	wantText(t, shown(d), "你是想", "1. 退回 沈阳机床", "帮助")
	d = w.answer(w.say(bots.DingTalk, "boss", "1", false))
	wantText(t, shown(d), "请确认", "沈阳机床厂")
	if w.customer(c.ID).Owner == "" {
		t.Fatal("it was given back without having been confirmed")
	}
	d = w.answer(w.say(bots.DingTalk, "boss", "确认", false))
	if w.customer(c.ID).Owner != "" {
		t.Errorf("not given back: %s", shown(d))
	}

	for text, want := range map[string]string{"今天天气怎么样": "没看懂", "千万别退回沈阳机床": "没看懂", "沈阳机床的号码本丢哪": "电话"} {
		wantText(t, shown(w.answer(w.say(bots.DingTalk, "boss", text, false))), want)
	}
	d = w.answer(w.say(bots.DingTalk, "money", "把沈阳机床领走算了", false)) // finance may not claim
	wantText(t, shown(d), "!领取")
}

func TestAChoiceOfMeaningsIsForTheOneWhoWrote(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.lead("1", "沈阳机床厂", 800)
	w.answer(w.say(bots.DingTalk, "lina", "沈阳机床领走看行情", false))
	wantText(t, shown(w.answer(w.say(bots.DingTalk, "zhaolei", "1", false))), "没看懂")
	wantText(t, shown(w.answer(w.say(bots.DingTalk, "lina", "2", false))), "没看懂") // one meaning only
	wantText(t, shown(w.answer(w.say(bots.DingTalk, "lina", "是", false))), "已由你领取")
}
