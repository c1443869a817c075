package cards

import (
	"slices"
	"strings"

	"lingke/internal/lang"
)

// What the read log calls the pages, whoever reads it.
var LoggedCustomerPage, LoggedTaskPage, LoggedListPage, LoggedCorrected = "客户页", "任务页", "名单页", "更正表"

// What the read log calls what is sent because of what somebody else did, and a button, whose id follows.
const (
	LoggedApproval = "send approval" // the card that asks for a decision
	LoggedOutcome  = "send outcome"  // the text about it to who asked
	LoggedClick    = "click "
)

var loggedNames = map[string]lang.Text{
	LoggedCustomerPage: {ZH: LoggedCustomerPage, EN: "customer page"}, LoggedTaskPage: {ZH: LoggedTaskPage, EN: "task page"},
	LoggedListPage: {ZH: LoggedListPage, EN: "list page"}, LoggedCorrected: {ZH: LoggedCorrected, EN: "rows of an import to correct"},
	LoggedApproval: {ZH: "收到审批卡片", EN: "was sent an approval"}, LoggedOutcome: {ZH: "收到审批结果", EN: "was sent its outcome"},
	"": {ZH: "发了不是命令的话", EN: "wrote no command"},
}

// listNames are the lists behind the name of their page; those of a tier are called by it.
var listNames = map[string]lang.Text{"mine": {ZH: "我的客户", EN: "my customers"}, "free": {ZH: "无人认领", EN: "without an owner"}}

// buttonNames are the buttons by their ids.
var buttonNames = map[string]lang.Text{
	ActionConfirm: {ZH: "确认", EN: "confirm"}, ActionCancel: {ZH: "取消", EN: "cancel"},
	ActionClaim: {ZH: "领取", EN: "claim"}, ActionWhy: {ZH: "为什么", EN: "why"}, ActionDone: {ZH: "完成", EN: "done"}, ActionRelease: {ZH: "退回公海", EN: "give back"},
	ActionMerge: {ZH: "合并", EN: "merge"}, ActionApart: {ZH: "不是同一家", EN: "two firms"}, ActionLater: {ZH: "稍后", EN: "later"},
	ActionGood: {ZH: "好线索", EN: "good lead"}, ActionBad: {ZH: "差线索", EN: "bad lead"}, ActionMine: {ZH: "我的客户", EN: "my customers"}, ActionNext: {ZH: "下一页", EN: "next page"},
	ActionReplay: {ZH: "全部重发", EN: "send again"}, ActionDead: {ZH: "查看明细", EN: "list"}, ActionAgree: {ZH: "同意", EN: "approve"}, ActionReject: {ZH: "驳回", EN: "refuse"},
	ActionPostpone: {ZH: "延期", EN: "postpone"}, ActionHelp: {ZH: "求助主管", EN: "get help"}, ActionHand: {ZH: "转给同事", EN: "hand over"}, ActionProgress: {ZH: "记进展", EN: "progress"},
	ActionTake: {ZH: "我来处理", EN: "take it"}, ActionUrge: {ZH: "催办", EN: "urge"}, ActionResponded: {ZH: "客户有回应", EN: "it answered"}, ActionCause: {ZH: "选原因", EN: "pick the cause"},
	ActionExtend: {ZH: "延长", EN: "extend"}, ActionHandOver: {ZH: "转交", EN: "hand over"}, ActionDelay: {ZH: "暂缓到", EN: "put off"}, ActionAccept: {ZH: "接手", EN: "accept"},
	ActionDecline: {ZH: "不接", EN: "decline"}, ActionDetail: {ZH: "详情", EN: "details"}, ActionPass: {ZH: "不适合我", EN: "not for me"},
}

// Logged is what the read log says that somebody did, in people's words: a page, a button, or what was sent to them. A command is known by its own word.
func (p *Printer) Logged(command string) string {
	word, rest, _ := strings.Cut(command, " ")
	if id, pressed := strings.CutPrefix(command, LoggedClick); pressed {
		if slices.Contains(PickActions, id) {
			return p.say("点了一个选项", "picked one")
		}
		if name, known := buttonNames[id]; known {
			id = name.In(p.lang)
		}
		return p.sayf("点击“%s”", "pressed “%s”", id)
	}
	if name, known := loggedNames[command]; known {
		return name.In(p.lang)
	}
	if name, known := loggedNames[word]; known && word != "" {
		if list, known := listNames[rest]; known {
			rest = list.In(p.lang)
		}
		return strings.TrimSpace(name.In(p.lang) + " " + rest)
	}
	return command
}
