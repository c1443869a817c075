package chat

// The words that answer a confirmation.
var (
	yesWords = []string{"确认", "确定", "是", "是的", "对", "好", "好的", "可以", "嗯", "行", "yes", "y", "ok", "confirm", "queren", "qr"}
	noWords  = []string{"取消", "不", "不是", "不用", "不用了", "不要", "算了", "否", "别", "no", "n", "cancel", "quxiao", "qx"}
)

// closing are the words that are said to answer a question, where none is open.
var closing = []string{"确认", "取消"}

// counters stand around the number of a choice: 第2个.
const counters = "第个家条."

// sourcesWord behind a customer that is looked up asks for its sources.
const sourcesWord = "来源"
