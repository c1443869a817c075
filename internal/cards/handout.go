package cards

import (
	"fmt"
	"strings"

	"lingke/bots"
	"lingke/internal/customer"
)

// Handed is the card of a customer that a rule gave to somebody, where no task tells of it. owner is their name.
func (p *Printer) Handed(c customer.Customer, owner string) bots.Card {
	fields := append(p.leadFields(c), bots.Field{Name: "分配", Value: HandedBy(c.Handed)})
	card := bots.Card{Kind: KindLead, Title: "新客户：" + Name(c), Fields: fields, Body: p.reasons(c, 3)}
	return closed(card, "已分配给 "+owner)
}

// HandedBy says to the owner why a rule gave them a customer: "按容量轮转：你本月 12/60，最少".
func HandedBy(h customer.Handed) string {
	parts := []string{handedRule(h) + "：你本月 " + handedCount(h)}
	if h.Rule == "least" {
		parts[0] = fmt.Sprintf("%s：你名下 %d 个", handedRule(h), h.Open)
	}
	switch {
	case h.Only:
		parts = append(parts, "现在只有你能接")
	case h.Least:
		parts = append(parts, "最少")
	default:
		parts = append(parts, "轮到你")
	}
	switch fit := matchNames(h.Match); {
	case fit == "":
	case h.Unmatched:
		parts = append(parts, fit+"相符的人都不能接，改由全队分配")
	default:
		parts = append(parts, fit+"相符")
	}
	return strings.Join(parts, "，")
}

func handedRule(h customer.Handed) string {
	switch h.Rule {
	case "rotate":
		return "按容量轮转"
	case "weighted":
		return "按权重轮转（占 " + h.Share + "）"
	case "least":
		return "按在手最少分配"
	}
	return "平均轮转"
}

func handedCount(h customer.Handed) string {
	if h.Quota > 0 {
		return fmt.Sprintf("%d/%d", h.Month, h.Quota)
	}
	return fmt.Sprintf("第 %d 个", h.Month)
}

// matchNames are attributes as people call them.
func matchNames(attributes []string) string {
	known := map[string]string{"region": "地区", "seniority": "资历", "product": "产品", "tier": "层级", "industry": "行业"}
	out := make([]string, len(attributes))
	for i, a := range attributes {
		out[i] = a
		if name, ok := known[a]; ok {
			out[i] = name
		}
	}
	return strings.Join(out, "、")
}

// Waiting says why nobody owns a customer: "普通销售暂无人能接（2 人本月已满，1 人请假），3月2日 09:30 起". "" where nothing is known.
func (p *Printer) Waiting(c customer.Customer) string {
	text := waitingText(c)
	if text != "" && !c.Waiting.Since.IsZero() {
		text += "，" + p.When(c.Waiting.Since) + " 起"
	}
	return text
}

func waitingText(c customer.Customer) string {
	switch c.Waiting.Why {
	case customer.WaitOffered:
		return "等待团队领取"
	case customer.WaitHeld:
		return "暂不分配"
	case customer.WaitInTurn:
		return "正在分配"
	case customer.WaitNobody:
		return "暂无人能接" + inBrackets(blocksText(c.Waiting.Blocks))
	case customer.WaitNoPool:
		return "不符合任何线索池的条件"
	case customer.WaitNoLead:
		return "已成交过，不进线索池"
	case customer.WaitLost:
		return "所有来源都已删除"
	}
	return ""
}

func blocksText(blocks map[customer.Block]int) string {
	texts := []struct {
		why  customer.Block
		text string
	}{
		{customer.BlockMonth, "本月容量已满"}, {customer.BlockHolding, "名下客户已满"}, {customer.BlockDaily, "今日额度已用完"},
		{customer.BlockLeave, "请假"}, {customer.BlockFormer, "刚退回过该客户"}, {customer.BlockNew, "尚未入职"}, {customer.BlockRole, "不能持有客户"},
	}
	if len(blocks) == 0 {
		return "团队里没有人"
	}
	var parts []string
	for _, t := range texts {
		if n := blocks[t.why]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d 人%s", n, t.text))
		}
	}
	return strings.Join(parts, "，")
}
