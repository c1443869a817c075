package cards

import (
	"strings"
	"time"

	"lingke/bots"
)

// KindAlert tells managers of messages that were given up.
const KindAlert = "alert"

// The actions of an alert: to try everything again, and to see what it is.
const (
	ActionReplay = "replay_all"
	ActionDead   = "dead_list"
)

// GivenUp is how many messages of a platform were given up for one reason.
type GivenUp struct {
	Platform bots.Platform
	Why      string
	N        int
}

// alertReasons is how many reasons an alert names.
const alertReasons = 5

// Undelivered is the card that tells how many messages were given up since an instant, and why, the most frequent reason first.
func (p *Printer) Undelivered(all []GivenUp, since time.Time) bots.Card {
	n := 0
	var lines []string
	for i, g := range all {
		n += g.N
		if i < alertReasons {
			lines = append(lines, p.sayf("- %s %d 条：%s", "- %s, %d: %s", p.Platform(g.Platform), g.N, bots.CutRunes(g.Why, 80)))
		}
	}
	if more := len(all) - alertReasons; more > 0 {
		lines = append(lines, p.sayf("- 另有 %d 种原因", "- and %d other reasons", more))
	}
	lines = append(lines, p.say("请先按原因处理（权限、额度、离职人员等），再点“全部重发”。", "Please mend the reason first (permission, budget, people who left), then send them again."))
	return bots.Card{
		Kind: KindAlert, Title: p.sayf("⚠️ %d 条消息没有送达", "⚠️ %d messages were given up", n), State: p.sayf("%s 以来", "since %s", p.When(since)), Body: strings.Join(lines, "\n"),
		Actions: []bots.Action{
			{ID: ActionReplay, Label: p.say("全部重发", "Send again"), Style: bots.Primary, Say: p.say("死信 全部重发", "deadletters replay all")},
			{ID: ActionDead, Label: p.say("查看明细", "List"), Say: p.say("死信", "deadletters")},
		},
	}
}

// Platform is what people call a platform.
func (p *Printer) Platform(of bots.Platform) string {
	if of == bots.WeCom {
		return p.say("企业微信", "WeCom")
	}
	return p.say("钉钉", "DingTalk")
}
