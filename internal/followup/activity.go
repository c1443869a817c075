package followup

import (
	"strings"

	"lingke/connectors"
	"lingke/internal/lang"
)

// activityNames are what people call the types of activities.
var activityNames = map[string]lang.Text{
	connectors.ActivityVisit:      {ZH: "访问", EN: "visit"},
	connectors.ActivityLogin:      {ZH: "登录", EN: "login"},
	connectors.ActivityTrial:      {ZH: "试用", EN: "trial"},
	connectors.ActivityEvent:      {ZH: "参加活动", EN: "event attended"},
	connectors.ActivityContent:    {ZH: "浏览内容", EN: "content viewed"},
	connectors.ActivityDownload:   {ZH: "下载资料", EN: "download"},
	connectors.ActivityTicket:     {ZH: "服务请求", EN: "service request"},
	connectors.ActivityInquiry:    {ZH: "咨询", EN: "inquiry"},
	connectors.ActivityComplaint:  {ZH: "投诉", EN: "complaint"},
	connectors.ActivityEscalation: {ZH: "升级投诉", EN: "escalated complaint"},
	connectors.ActivityReferral:   {ZH: "推荐客户", EN: "referral"},
	connectors.ActivityReply:      {ZH: "回复邮件", EN: "email reply"},
	connectors.ActivitySocial:     {ZH: "点赞分享评论", EN: "like, share or comment"},
	connectors.ActivityReview:     {ZH: "评价", EN: "review"},
	connectors.ActivityOpened:     {ZH: "打开推送", EN: "message opened"},
	connectors.ActivityUnopened:   {ZH: "未打开推送", EN: "message not opened"},
	connectors.ActivityCompetitor: {ZH: "提到竞品", EN: "competitor named"},
	connectors.ActivityDelivery:   {ZH: "发货", EN: "goods shipped"},
	connectors.ActivityUnfollow:   {ZH: "删除好友", EN: "contact removed"},
	connectors.ActivityResponded:  {ZH: "客户有回应", EN: "answered"},
	connectors.ActivityCause:      {ZH: "流失原因", EN: "why it may leave"},
	connectors.ActivityQuality:    {ZH: "线索评价", EN: "judgement of the lead"},
	connectors.ActivityNote:       {ZH: "跟进记录", EN: "note"},
	"call":                        {ZH: "电话", EN: "call"},
	"talk":                        {ZH: "沟通", EN: "conversation"},
	"meeting":                     {ZH: "会面", EN: "meeting"},
}

// ActivityName is what people call a type of activities; where it has no name, its own word.
func ActivityName(kind string) lang.Text {
	if name, ok := activityNames[kind]; ok {
		return name
	}
	return lang.Text{ZH: kind, EN: strings.ReplaceAll(kind, "_", " ")}
}
