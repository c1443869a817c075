package chat

import (
	"regexp"
	"slices"

	"lingke/bots"
	"lingke/internal/customer"
	"lingke/internal/lang"
)

// The words that answer a confirmation.
var (
	yesWords = []string{"确认", "确定", "是", "是的", "对", "好", "好的", "可以", "嗯", "行", "yes", "y", "ok", "confirm", "queren", "qr"}
	noWords  = []string{"取消", "不", "不是", "不用", "不用了", "不要", "算了", "否", "别", "no", "n", "cancel", "quxiao", "qx"}
)

// closing are the words that are said to answer a question, where none is open.
var closing = []string{"确认", "取消"}

// counters stand around the number of a choice: 第2个.
const counters = "第个家条."

// pointWord stands behind an adjustment in points, reasonWords before its reason.
const pointWord = "分"

var reasonWords = []string{"原因", "理由", "because", "reason"}

// upWords and downWords are its sign where people write it as a word.
var (
	upWords   = []string{"上调", "调高", "提高", "加上", "加", "up "}
	downWords = []string{"下调", "调低", "降低", "减去", "减", "扣", "down "}
)

// sourcesWord behind a customer that is looked up asks for its sources.
const sourcesWord = "来源"

// leadIns are what people say before they come to the point.
var leadIns = []string{
	"嗯嗯", "嗯", "呃", "额", "诶", "哎", "喂", "那啥", "那什么", "麻烦帮我", "瞧瞧", "瞧一下", "看一看", "瞅一下", "恭喜", "好消息", "老师好", "了解下", "了解", "请教一下", "请教下", "请教", "申请", "翻", "开会呢", "帮我看一眼", "看一眼", "瞅一眼", "我想问下", "我想问一下", "想问下", "想问一下", "这个", "请问", "请帮我", "我想知道", "想知道", "想了解一下", "了解一下", "知道", "请帮忙", "请", "麻烦你", "麻烦", "帮我", "帮忙", "帮", "给我", "劳驾", "你好", "您好", "在吗", "嗨", "哈喽", "我要", "我想要", "我想", "想要", "想", "我来", "需要", "能不能", "能否", "可不可以", "可以",
	"能", "可否", "那个", "那", "就", "现在", "快", "领客", "小领", "机器人", "看一下", "看看", "看下", "看", "告诉我", "说说", "说一下", "问一下", "问下", "一下", "再", "我",
	"please", "pls", "hi", "hello", "hey", "can you", "could you", "show me", "show", "what is", "what's", "i want to",
}

// courtesies are what people say behind it.
var courtesies = []string{
	"给我看看", "看看", "for me", "呗", "哈哈", "哟", "咯", "噢", "嘞", "哒", "谢谢啦", "谢谢你", "谢谢", "谢了", "多谢", "感谢", "辛苦了", "辛苦", "麻烦了", "可以吗", "行吗", "好吗", "好不好", "行不行", "吧", "呢", "吗", "嘛", "啊", "呀", "哈", "哦", "喔", "啦", "了", "一下", "急", "谢",
	"please", "pls", "thanks", "thx", "thank you",
}

// stems are words that people have for a command in texts that are no sentence of it; see offers. Longer words come before those that they hold.
var stems = []struct {
	id    string
	words []string
}{
	{"why", []string{"为什么", "为啥", "凭什么", "怎么算", "依据", "原因", "why"}},
	{"log", []string{"谁看过", "日志", "查看记录"}},
	{"finish", []string{"完成", "办完", "做完", "搞定", "弄完", "处理好", "回访完", "拜访完", "联系完", "打完", "跟完", "已办", "done", "finish"}},
	{"release", []string{"退回", "放弃", "不跟了", "不想跟", "跟不下去", "不要了", "退公海", "回公海", "give up", "release"}},
	{"hand_over", []string{"转交", "移交", "转给", "交给", "让给", "hand over", "handover"}},
	{"assign", []string{"分配", "分给", "指派", "派给", "assign"}},
	{"postpone", []string{"延期", "推迟", "延后", "往后", "改期", "延到", "推到", "改到", "改天", "postpone"}},
	{"won", []string{"赢单", "成交", "签约", "签单", "签了", "拿下", "中标", "下单了", "won", "signed"}},
	{"lost", []string{"输单", "丢单", "黄了", "没谈成", "丢了", "没中标", "lost"}},
	{"assist", []string{"求助", "支援", "帮忙", "搞不定", "help with"}},
	{"adjust", []string{"调整", "加分", "减分", "调高", "调低", "上调", "下调", "adjust"}},
	{"answered", []string{"回应", "回信", "联系上了"}},
	{"phone", []string{"电话", "手机号", "号码", "联系方式", "phone"}},
	{"claim", []string{"认领", "领取", "领走", "我要", "给我", "归我", "抢", "claim", "take"}},
	{"note", []string{"跟进", "拜访", "聊了", "沟通", "见面", "记录", "记一", "报价", "样品", "合同", "note"}},
	{"look", []string{"级别", "层级", "几级", "得分", "多少分", "情况", "谁负责", "负责人", "谁跟", "资料", "怎么样", "tier", "score"}},
	{"leave", []string{"请假", "休假", "leave"}},
	{"mute", []string{"静音", "免打扰", "别吵", "mute"}},
	{"remind", []string{"提醒", "remind"}},
	{"report", []string{"报表", "报告", "report"}},
	{"progress", []string{"进度", "完成率", "progress"}},
	{"forecast", []string{"预测", "forecast"}},
	{"at_risk", []string{"流失", "churn"}},
	{"today", []string{"待办", "任务", "tasks"}},
	{"list", []string{"名单", "公海", "无人认领", "list"}},
	{"mine", []string{"我的客户", "my customers"}},
	{"quota", []string{"额度", "配额", "quota"}},
	{"dead", []string{"死信", "没发出去", "发送失败"}},
	{"sync", []string{"同步", "sync"}},
	{"help", []string{"帮助", "怎么用", "help"}},
}

// lookVerbs stand before what is looked at.
var lookVerbs = []string{"查看一下", "查看", "查一下", "查下", "查询", "查", "看一下", "看下", "看看"}

// untilWords stand before a time up to which something waits, figureWords behind a period, percentWord behind percents.
var (
	untilWords  = []string{"到", "至", "to ", "until ", "till ", "by "}
	figureWords = []string{"的", "报表", "进度", "情况"}
	percentWord = "个点"

	// percentBefore stands before percents in words.
	percentBefore = "百分之"
)

// listCounters count customers of a list; other words behind a number measure something else: 第二季度, 2天.
const listCounters = `(?:家|个|条|位|名|号)`

// How the customers of a list are named by their numbers; see byNumber.
var (
	// numberAlone is a text that is a number of a list and nothing else.
	numberAlone = regexp.MustCompile(`^第?(\d{1,3}|[一二两三四五六七八九十]{1,3})` + listCounters + `?$`)
	// ordinal is a number of a list anywhere in a text.
	ordinal = regexp.MustCompile(`第(\d{1,3}|[一二三四五六七八九十]{1,3})` + listCounters + `(?:客户|公司)?`)
	// behindCommand is a number that stands where the customer's name does.
	behindCommand = regexp.MustCompile(`^\s*(\d{1,3})(` + listCounters + `?)(?:$|[\s,。:、给到])`)
	// periodBehind says that an ordinal counts no customers: 第一个月.
	periodBehind = regexp.MustCompile(`^(?:月|季|星期|周|工作日|小时|任务|页)`)
)

// pronoun stands for the customer of whom people talk.
var pronoun = regexp.MustCompile(`(?:这|那|刚才那|刚刚那|上面那|该)(?:一)?(?:家|个)?(?:客户|公司|单位|企业)|(?:这|那|刚才那|刚刚那|上面那)(?:一)?家|它|\bthis (?:customer|company)\b`)

// thisWord stands before a span from now on: 这两小时.
const thisWord = "这"

// afterWord is what may follow the word of a command that stands behind the customer's name; see behindNames.
const afterWord = `(?:了|一下)?(?:{ }{say})?`

// denials are in a text that says what is not to be done.
var denials = []string{"不", "别", "没", "勿", "未", "not", "don't"}

// exceptions are in a text that says which customers are not to be listed.
var exceptions = []string{"除", "非", "以外", "except"}

// remindedOf stands before the time of a reminder.
var remindedOf = []string{"一下我", "下我", "我", "me ", "in ", "at ", "on "}

// joints join a customer's name with what follows it where no blank does.
var joints = []string{"的任务", "的跟进", "任务", "到", "至", "给", "已经", "已", "说", "是", "要", "改", "再", "被", "因为"}

// toldJoints are those of them that belong to what follows: 已同意.
var toldJoints = []string{"已经", "已", "要", "被"}

// toWords stand before the person to whom something goes, personTails behind.
var (
	toWords     = []string{"转给", "交给", "分给", "给", "到", "让", "->", "→", " to"}
	personTails = slices.Concat(courtesies, []string{"负责", "跟进", "来跟", "去跟", "跟"})
)

// chatter surrounds a question and asks nothing itself.
var chatter = []string{
	"瞧瞧", "瞧一下", "看一看", "应该", "来着", "嗯", "呃", "额", "诶", "哎", "喂", "那什么", "那边", "这边", "这块", "这个", "那个", "说的", "提到的", "上次", "才", "这么点", "还", "到", "哪", "个", "家", "下", "了", "就", "也", "吗", "么", "看一眼", "瞅瞅", "瞄一眼", "看", "想问", "问", "呗", "帮我", "查", "客户", "告诉我",
	"我们", "咱们", "一共", "有没有", "会", "要", "a", "an", "the", "is", "are", "on", "of", "for", "me", "about", "now", "customer",
}

// lookWords ask how a customer stands, wherever they are in a text; reasonAsked why.
var (
	lookWords = []string{
		"跟到哪一步", "到哪一步", "进展", "进展如何", "跟进情况", "啥情况", "咋样", "啥样", "等级和得分", "得分和等级", "是啥客户", "是什么客户", "几个a", "盯着", "在盯", "谁的客户", "分给谁", "给谁了", "谁手里", "谁手上", "在谁", "谁接了", "谁领", "有人跟吗", "有人跟", "有人领", "没人跟", "负责人是",
		"应该分给谁", "应该给谁", "该给谁", "该分给谁", "分给谁", "有人在跟", "有人跟进", "有人负责", "有人在负责", "多少级", "高不高", "doing", "什么来头", "背景", "跟得怎么样", "跟进得怎么样", "tier", "owner", "score", "level", "who", "status",
	}
	reasonAsked = []string{"为毛", "怎么掉到", "怎么掉", "怎么降到", "怎么升到", "怎么才", "怎么这么低", "怎么这么高", "掉级", "降级", "升级", "评分依据是什么", "依据是什么", "评分依据", "怎么评的", "咋评的", "扣在哪", "加分项", "扣分项", "的原因", "什么原因", "怎么算出来", "怎么得出来", "这么点分", "得这么点分", "才得", "这么少分", "why", "how come", "reason", "reasons"}
)

// particles stand between a command's word and a customer's name.
var particles = []string{"一下子", "一下", "下", "了", "那个", "这个", "那家", "这家"}

// links stand between a customer's name and what is asked of it.
var links = []string{"一家", "这家公司", "这个公司", "这家客户", "这个客户", "这家", "这个", "公司", "客户", "现在", "目前", "到底", "究竟", "最近", "今年", "的", "是", "属于", "算", "有", "在", "都", "又", "它"}

// fillers may stand behind a command that takes nothing more.
var fillers = []string{"最新的", "最新", "latest", "安排了什么", "安排了", "了什么", "事项", "还剩", "一下", "发生", "查看", "看看", "有啥", "啥", "活", "代办", "干嘛", "办什么", "做什么", "没完成", "名单", "多少", "还剩", "剩多少", "剩", "正常", "怎么样", "如何", "情况", "风险", "预警", "me", "do i have", "to do", "for me", "for", "要做什么", "做什么", "干什么", "干啥", "做啥", "有什么", "有哪些", "哪些", "什么", "要", "该", "任务", "待办", "安排", "工作", "事情", "事", "的", "列表", "清单", "有", "我", "跟进", "客户", "还有", "计划", "谁", "联系", "拜访", "几个"}

// questionTails ask how a customer stands, behind its name.
var questionTails = append(whichTier(), []string{
	"得分多少", "分数多少", "评分多少", "多少分数", "层级", "级别", "等级", "评级", "分级", "怎么样", "怎样", "如何", "情况如何", "情况怎么样", "什么情况", "情况", "状态", "资料", "信息", "详情", "档案",
	"多少分", "几分", "得分", "分数", "评分", "谁的", "归谁", "负责人", "负责人是谁", "哪个销售", "重要吗", "值不值得跟", "重要", "值不值得跟", "a级吗", "是不是a级", "'s tier", " tier", " score", " owner",
}...)

// whoTails ask for the owner.
func whoTails() (out []string) {
	for _, who := range []string{"谁", "哪个销售", "哪位", "哪位同事", "哪个人"} {
		for _, does := range []string{"负责", "在负责", "跟", "在跟", "跟的", "跟进", "在跟进", "跟进的", "管", "在管", "领了", "领取了", "名下", "手上", "手里"} {
			out = append(out, who+does, "归"+who+does, "由"+who+does)
		}
	}
	return out
}

// whyTails ask for the reasons behind it.
var whyTails = []string{
	"为什么", "为啥", "为何", "凭什么", "什么原因", "怎么算的", "怎么来的", "怎么算", "依据", "得分依据", "评分依据", "评分明细", "得分明细", "分数怎么来的", "得分怎么来的", "分怎么来的", "分怎么算的", "分数明细", "扣分原因", "为什么分这么低", "为什么分这么高",
	"为什么这么低", "为什么这么高", "为什么这个分", "为什么是a级", "为什么是b级", "为什么是c级", "为什么是d级", "为什么是a", "为什么是b", "为什么是c", "为什么是d", "为什么不是a级", "为什么降级", "为什么升级", "怎么降级", "怎么掉级", "怎么是c级", "怎么才b级",
}

// whyWords part a customer's name from what is asked to be explained: 华星为什么降级了.
var whyWords = []string{"为什么", "为啥", "为何", "凭什么", "凭啥", "怎么会", "咋"}

// around a name that is asked for, whatever the command; tried where the whole text names nobody.
var nameTails = slices.Concat(tierTails(), questionTails, whoTails(), whyTails, []string{"得分低", "得分高", "分低", "分高", "分数低", "分数高", "这家公司", "这个客户", "这家客户", "这个公司", "这家", "公司", "客户", "那家", "那个", "最近", "现在", "的", "是", "吧", "呢", "这么低", "这么高", "分这么低", "分这么高", "分数这么低", "分数这么高"})

// tierTails say of which tier somebody is: 是A级客户.
func tierTails() (out []string) {
	for _, tier := range []string{"a", "b", "c", "d"} {
		for _, verb := range []string{"是", "是不是", "算不算", "算", "够不够", "为", "成了", "变成", "降到", "掉到", "升到", "才", ""} {
			for _, unit := range []string{"级", "级客户", "类", "类客户"} {
				out = append(out, verb+tier+unit)
			}
			if verb != "" {
				out = append(out, verb+tier)
			}
		}
	}
	return out
}

// whichTier asks for it: 哪个级别.
func whichTier() (out []string) {
	for _, which := range []string{"什么", "啥", "哪个", "哪一个", "多高的", "哪种", "哪一", "哪", "几"} {
		for _, unit := range []string{"层级", "级别", "等级", "级", "类", "档"} {
			out = append(out, which+unit, which+unit+"的客户", which+unit+"客户")
		}
	}
	return out
}

// behindName makes forms of tails.
func behindName(tails []string) []string {
	out := make([]string, len(tails))
	for i, t := range tails {
		out[i] = "{}" + t
	}
	return out
}

// textPair names something in both languages.
type textPair struct{ zh, en string }

func (p textPair) in(l lang.Language) string { return lang.Text{ZH: p.zh, EN: p.en}.In(l) }

var lastDays = regexp.MustCompile(`^(?:最近|近|过去|last )(\d{1,3}|[一二两三四五六七八九十百]{1,4}|半)(?:个)?(天|日|周|月|年| days?| weeks?| months?)`)

// The spans of time that have a name.
var (
	thisWeek    = textPair{"本周", "this week"}
	lastWeek    = textPair{"上周", "last week"}
	thisMonth   = textPair{"本月", "this month"}
	lastMonth   = textPair{"上月", "last month"}
	thisQuarter = textPair{"本季度", "this quarter"}
	lastQuarter = textPair{"上季度", "last quarter"}
	thisYear    = textPair{"今年", "this year"}
	lastYear    = textPair{"去年", "last year"}
)

var periodWords = map[textPair][]string{
	thisWeek:    {"本周", "这周", "这个星期", "这星期", "this week"},
	lastWeek:    {"上周", "上星期", "上个星期", "last week"},
	thisMonth:   {"本月", "这个月", "当月", "this month"},
	lastMonth:   {"上月", "上个月", "last month"},
	thisQuarter: {"本季度", "这个季度", "这季度", "本季", "当季", "this quarter"},
	lastQuarter: {"上季度", "上个季度", "上季", "last quarter"},
	thisYear:    {"今年", "本年", "本年度", "this year"},
	lastYear:    {"去年", "上年", "last year"},
}

// halfWord is half of a unit: 近半年.
const halfWord = "半"

var spans = struct{ weeks, months, years []string }{[]string{"周", "week"}, []string{"月", "month"}, []string{"年", "year"}}

// What stands around a tier's letter.
var (
	tierBefore = []string{"层级", "级别", "等级", "tier "}
	tierBehind = []string{"tier", "ji", "级别", "层级", "级", "类", "档", "等", "-tier", " tier"}
)

var listNouns = [2]string{"客户", "customer"}

var (
	mineWords    = []string{"我负责", "我管", "我带的", "我手头", "我手头上", "我现在手头", "我现在手上", "我现在手里", "我现在名下", "我目前名下", "我管的", "我在跟的", "我在跟", "我跟", "我的", "我有", "我现在有", "我目前有", "我名下", "我负责的", "我跟的", "我手上", "我手里", "mine", "my"}
	unownedWords = []string{
		"无人认领", "没人认领", "没有人认领", "未认领", "没认领", "无人领取", "没人领取", "待领取", "待认领", "可领取", "可认领", "没有负责人", "无负责人", "没人负责", "没人跟进", "没人跟", "无人跟进", "无主", "未分配", "没分配", "没人要", "没人领", "没人接", "没人管", "没主", "没有主", "无人领", "无人跟", "没有人跟", "没有人领", "没分配出去", "未分配出去", "没分出去", "公海池", "公海", "unclaimed", "unowned",
	}
	riskWords    = []string{"流失", "流失风险", "有流失风险", "要流失", "快流失", "快要流失", "可能流失", "有风险", "at risk"}
	ourTeamWords = []string{"我们组", "我们团队", "本组", "本团队", "我团队", "我的团队", "我组", "咱们组", "我们部门", "my team", "our team"}
	stageWords   = map[customer.Stage][]string{
		customer.Lead: {"线索", "潜在", "未成交", "leads", "lead"}, customer.Active: {"成交", "已成交", "老客户", "active"}, customer.Dormant: {"沉睡", "休眠", "dormant"},
		customer.Lost: {"已流失", "丢失", "lost"},
	}
	// regions are the values that the field region usually has.
	regions = []string{
		"华东", "华南", "华北", "华中", "东北", "西北", "西南", "华西", "北京", "天津", "上海", "重庆", "河北", "山西", "辽宁", "吉林", "黑龙江", "江苏", "浙江", "安徽", "福建", "江西", "山东", "河南", "湖北", "湖南", "广东", "海南", "四川", "贵州",
		"云南", "陕西", "甘肃", "青海", "台湾", "内蒙古", "广西", "西藏", "宁夏", "新疆", "香港", "澳门",
	}
)

// plainTerms are words around filters that filter nothing; the loud ones say that a list is wanted.
var plainTerms = func() []term {
	var all []term
	for _, text := range []string{"客户", "名单", "列表", "清单", "一览", "有哪些", "哪些", "哪几家", "有谁", "都有谁", "是谁", "还有没有", "有没有", "导一份", "来一份", "发一份", "拉一份", "accounts", "companies", "多少家", "多少个", "几家", "几个", "customers", "customer", "list"} {
		all = append(all, term{text: text, loud: true})
	}
	for _, text := range []string{
		"的", "有", "所有", "全部", "列出", "列一下", "列个", "列", "看看", "看一下", "看", "查看", "查一下", "查询", "查", "给我", "我要", "拉一下", "拉个", "拉", "导出", "发我", "把", "列出来", "拉出来", "发给我", "发一下", "要", "显示", "一下", "是", "都", "和", "、", "在", "里", "里面", "中", "区", "地区", "大区", "省", "市", "最近", "有往来", "往来",
		"团队", "小组", "组", "池", "池子", "谁", "活跃", "下单", "名下", "手上", "手里", "手头", "跟", "跟的", "在跟", "在跟的", "负责的", "动静", "有动静", "联系过", "买过", "看一看", "看下", "家", "个", "给我看看", "都是", "of", "with", "by", "for", "are", "tier", "me", "from", "负责", "按得分", "还", "谁", "多少", "我", "show", "all", "of", "the", "in", "what", "which", "are",
	} {
		all = append(all, term{text: text})
	}
	return all
}()

const (
	standIn    = "代理"
	deputyVerb = "由"
)

// What people type behind 静音, 提醒 and 死信, and the reasons that stand in the store.
var (
	replayAllWords = []string{"全部重发", "重发全部", "replay all"}
	replayWords    = []string{"重发", "replay"}
	// deputyWords stand before the name of who stands in; standIn may also stand behind it, and deputyVerb begins many other words.
	deputyWords  = []string{"代理人", standIn, deputyVerb, "deputy"}
	statusWords  = []string{"", "查看", "列表", "status", "list"}
	offWords     = []string{"取消", "关闭", "解除", "off"}
	defaultWords = []string{"默认", "恢复", "恢复默认", "default"}
	// tellMe may stand behind the platform on which somebody wants to be told things.
	tellMe        = []string{"", "提醒我", "通知我", "告诉我", "联系我", "发我", "发给我", "提醒", "通知", "接收", "收消息", "接收消息", "发消息", "收提醒", "收通知", "收卡片", "接收提醒", "提醒我吧"}
	platformWords = map[bots.Platform][]string{
		bots.WeCom: {"企业微信", "企微", "用企业微信", "wecom", "wework"}, bots.DingTalk: {"钉钉", "用钉钉", "dingtalk", "ding"},
	}
	cancelWords = []string{"取消", "删除", "cancel"}

	// kindWords are what people call the kinds of messages; the first of a kind is shown.
	kindWords = []struct{ word, kind string }{
		{"流失", "churn"}, {"churn", "churn"}, {"纪念日", "anniversary"}, {"周年", "anniversary"}, {"anniversary", "anniversary"}, {"线索", "lead"}, {"lead", "lead"},
		{"任务", "task"}, {"task", "task"}, {"提醒", "reminder"}, {"reminder", "reminder"}, {"联系节奏", "cadence"}, {"节奏", "cadence"}, {"cadence", "cadence"}, {"打法", "play"}, {"play", "play"}, {"层级", "tier"}, {"tier", "tier"},
	}
)

// cancelledByReader is why a reminder was withdrawn that a person cancelled.
const cancelledByReader = "本人取消"
