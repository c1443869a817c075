package chat

import (
	"testing"
	"time"

	"lingke/bots"
)

func TestWhoeverTalksOfACustomerNeedNotNameItAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.lead("1", "华星机械", 800)
	w.lead("2", "东方公司", 790)
	say := func(from, text string, group bool) string {
		w.clock.Add(1000)
		in := w.say(bots.DingTalk, from, text, group)
		return shown(w.answer(in)) + w.aside(in)
	}
	wantText(t, say("boss", "为什么", false), "是哪个客户") // nobody was talked of
	wantText(t, say("boss", "查 华星", false), "华星机械")
	for _, tt := range [][2]string{
		{"为什么", "**华星机械**：得分"}, {"这家公司为什么是A级", "**华星机械**：得分"}, {"它的电话", "华星机械"}, {"刚才那家谁在跟", "华星机械"}, {"东方这家公司什么级别", "东方公司"}, {"这家华星什么级别", "华星机械"},
		{"领取", "是哪一家"}, {"1", "华星机械 已由你领取"}, {"把这家转给李娜", "李娜"},
		{"查 东方", "东方公司"}, {"帮助", "我会这些"}, {"为什么", "东方公司"}, // what shows nobody changes nothing
		{"名单 全部", "东方公司"}, {"为什么", "是哪个客户"}, // there are two
	} {
		wantText(t, say("boss", tt[0], false), tt[1])
	}
	say("boss", "查 东方", false)
	wantText(t, say("boss", "跟进 hxjx 这家公司要扩产", false), "已记录 华星机械 的跟进：这家公司要扩产") // it is named, if only by its initials
	wantText(t, say("lina", "为什么", false), "是哪个客户")                            // each talks for themselves
	say("boss", "查 华星", false)
	wantText(t, say("boss", "为什么", true), "是哪个客户") // and elsewhere of others
	say("boss", "查 华星", false)
	w.clock.Add(int64((talkedFor + time.Minute) / time.Millisecond))
	wantText(t, say("boss", "为什么", false), "是哪个客户")
}
