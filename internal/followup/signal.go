package followup

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"lingke/connectors"
	"lingke/internal/customer"
)

// Signal is something that a customer does and that asks for an answer at once: the green channel.
type Signal struct {
	Name       string
	Title      string
	Activities []string
	Within     time.Duration // older ones are history
	Due        string
	Tiers      map[string]string // due by tier, where it differs
	Advice     string
}

// maxAsked bounds what a customer remembers of its requests.
const maxAsked = 50

// signals asks for an answer to what the customer asked lately and nobody was told of yet; what came together is one task.
func (r *Rules) signals(v customer.View) {
	var asked []string
	for _, s := range r.Signals {
		var fresh []customer.Activity
		for _, a := range v.Activities {
			if !slices.Contains(s.Activities, a.Type) || a.At.After(v.Now) || a.At.Before(v.Now.Add(-s.Within)) {
				continue
			}
			asked = append(asked, string(a.ID))
			if !slices.Contains(v.Is.Asked, string(a.ID)) {
				fresh = append(fresh, a)
			}
		}
		if len(fresh) > 0 {
			r.ask(v, s, fresh)
		}
	}
	asked = asked[max(0, len(asked)-maxAsked):]
	slices.Sort(asked)
	v.Is.Asked = slices.Compact(asked)
}

// ask opens the green channel for what the customer did.
func (r *Rules) ask(v customer.View, s Signal, fresh []customer.Activity) {
	due := s.Due
	if own := s.Tiers[v.Is.Tier]; own != "" {
		due = own
	}
	var lines []string
	for _, a := range fresh[max(0, len(fresh)-3):] {
		lines = append(lines, fmt.Sprintf("- **%s**（%s，%s）", activityName(a.Type), a.ID.Source(), r.when(a.At))+withColon(firstLine(a.Text, 200)))
	}
	if s.Advice != "" {
		lines = append(lines, "- 建议："+s.Advice)
	}
	r.require(v, "signal "+s.Name+" "+string(fresh[len(fresh)-1].ID), customer.Work{
		Kind: s.Name, Title: s.Title, Why: strings.Join(lines, "\n"), Due: due, Urgent: true,
	})
}

func withColon(text string) string {
	if text == "" {
		return ""
	}
	return "：" + text
}

// activityNames are what people call the types of activities.
var activityNames = map[string]string{
	connectors.ActivityVisit: "访问", connectors.ActivityLogin: "登录", connectors.ActivityTrial: "试用", connectors.ActivityEvent: "参加活动", connectors.ActivityContent: "浏览内容",
	connectors.ActivityDownload: "下载资料", connectors.ActivityTicket: "服务请求", connectors.ActivityInquiry: "咨询", connectors.ActivityComplaint: "投诉",
	connectors.ActivityEscalation: "升级投诉", connectors.ActivityReferral: "推荐客户", connectors.ActivityReply: "回复邮件", connectors.ActivitySocial: "点赞分享评论",
	connectors.ActivityReview: "评价", connectors.ActivityOpened: "打开推送", connectors.ActivityCompetitor: "提到竞品", connectors.ActivityNote: "跟进记录",
}

func activityName(kind string) string {
	if name, ok := activityNames[kind]; ok {
		return name
	}
	return kind
}

// ActivityTypes are the types of activities that have a name.
func ActivityTypes() []string { return slices.Sorted(maps.Keys(activityNames)) }

// firstLine is a text on one line, cut to some characters.
func firstLine(text string, most int) string {
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return string(runes)
}
