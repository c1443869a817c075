package chat

import (
	"strings"
	"testing"

	"lingke/bots"
	"lingke/internal/cards"
)

func TestDetailsOfPoolsCustomersAreLimitedADay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.lead("1", "华星机械", 800)
	c := w.lead("2", "东方轴承", 800)
	people := staff()
	people[0].Views = 1
	must(t, w.chat.People.Replace(people))
	say := func(from, text string, want ...string) {
		t.Helper()
		wantText(t, w.answer(w.say(bots.DingTalk, from, text, false)).Text, want...)
	}
	say("zw", "查 华星机械", "主要依据")
	say("zw", "为什么 华星机械", "评分模型") // the same customer counts once
	say("zw", "查 东方轴承", "今天已查看 1 个公海客户", "!主要依据")
	say("zw", "为什么 东方轴承", "今天已查看 1 个公海客户", "!评分模型")
	if a := w.handle(w.press(bots.DingTalk, "zw", c, cards.KindLead, cards.ActionWhy)); !strings.Contains(a.Toast, "今天已查看 1 个公海客户") {
		t.Errorf("the card's button: %q", a.Toast)
	}
	say("boss", "查 东方轴承", "主要依据")
	w.handle(w.press(bots.DingTalk, "zw", c, cards.KindLead, cards.ActionClaim))
	say("zw", "查 东方轴承", "主要依据") // one's own
}
