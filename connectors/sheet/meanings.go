package sheet

import "lingke/connectors"

// What common words in cells mean. A mapping's own values come before these.
var (
	statusWords = meanings(map[string][]string{
		connectors.StatusWon:       {"成交", "已成交", "赢单", "已赢单", "完成", "已完成", "已付款", "已支付", "已收款", "已审核", "已签约", "签约", "已发货", "won", "closedwon", "paid", "completed", "complete"},
		connectors.StatusOpen:      {"进行中", "跟进中", "未付款", "待付款", "新建", "草稿", "待审核", "审核中", "谈判", "报价", "open", "engaging", "prospecting", "pending", "new"},
		connectors.StatusLost:      {"丢单", "已丢单", "输单", "已输单", "失败", "流失", "lost", "closedlost"},
		connectors.StatusCancelled: {"取消", "已取消", "作废", "已作废", "退货", "已退货", "已关闭", "cancelled", "canceled", "void"},
	})
	activityWords = meanings(map[string][]string{
		"visit": {"拜访", "到访", "来访", "访问"}, "login": {"登录"}, "trial": {"试用"}, "event": {"活动", "会议", "展会", "研讨会", "webinar"}, "download": {"下载"},
		"content": {"阅读", "内容"}, "ticket": {"工单", "服务", "报修"}, "complaint": {"投诉"}, "referral": {"推荐", "转介绍"},
		"note": {"备注", "跟进", "电话", "微信", "邮件", "call", "email", "mail"},
	})
	flagWords = meanings(map[string][]string{
		"true": {"是", "有", "对", "y", "yes", "1", "√", "✓"}, "false": {"否", "无", "没有", "n", "no", "0", "×"},
	})

	notStatus = because("应为订单状态：成交、进行中、丢单、取消", "expected a status: won, open, lost or cancelled")
	notFlag   = because("应为 是 或 否", "expected yes or no")
)

// meanings turns lists of words around. What a word means is a word for itself.
func meanings(words map[string][]string) map[string]string {
	out := map[string]string{}
	for meaning, all := range words {
		out[meaning] = meaning
		for _, w := range all {
			out[fold(w)] = meaning
		}
	}
	return out
}

func lookUp(words map[string]string, text string, otherwise Reason) (string, bool, error) {
	t := fold(text)
	if t == "" {
		return "", false, nil
	}
	if v, ok := words[t]; ok {
		return v, true, nil
	}
	return "", false, otherwise
}
