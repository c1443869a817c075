package cards

import (
	"fmt"
	"strings"

	"lingke/bots"
)

// KindDigest is the card that tells several messages at once.
const KindDigest = "digest"

// DigestLine is one message of a digest.
type DigestLine struct {
	Kind  string // of the message
	Title string
	State string // where it stands now, where that is worth a word
}

// digestLines is how many messages a digest lists; it says how many more there are.
const digestLines = 20

// Digest is the card of several messages that became one, in their order.
func (p *Printer) Digest(lines []DigestLine) bots.Card {
	card := bots.Card{Kind: KindDigest, Title: p.sayf("提醒摘要：%d 条", "Digest: %d messages", len(lines)), State: p.say("已合并", "Merged")}
	var body []string
	for i, l := range lines[:min(len(lines), digestLines)] {
		line := fmt.Sprintf("%d. %s", i+1, bots.CutRunes(l.Title, 60))
		if l.State != "" {
			line += p.sayf("（%s）", " (%s)", bots.CutRunes(l.State, 20))
		}
		body = append(body, line)
	}
	if more := len(lines) - digestLines; more > 0 {
		body = append(body, p.sayf("……另有 %d 条", "… and %d more", more))
	}
	body = append(body, p.say("发“今日”查看全部待办，发“查 <客户>”查看客户。", "Send “today” for everything to do, “tier <customer>” for a customer."))
	card.Body = strings.Join(body, "\n")
	return card
}
