package cards

import (
	"fmt"
	"strings"

	"lingke/bots"
	"lingke/internal/customer"
)

// Handed is the card of a customer that a rule gave to somebody, where no task tells of it. owner is their name.
func (p *Printer) Handed(c customer.Customer, owner string) bots.Card {
	fields := append(p.leadFields(c), bots.Field{Name: p.say("分配", "Given"), Value: p.handedBy(c.Handed)})
	card := bots.Card{Kind: KindLead, Title: p.sayf("新客户：%s", "New customer: %s", Name(c)), Fields: fields, Body: p.reasons(c)}
	return closed(card, p.sayf("已分配给 %s", "Given to %s", owner))
}

// HandedBy says to the owner why a rule gave them a customer: "按容量轮转：你本月 12/60，最少".
func HandedBy(h customer.Handed) string { return new(Printer).handedBy(h) }

func (p *Printer) handedBy(h customer.Handed) string {
	switch h.Rule {
	case customer.HandedByManager:
		return p.say("主管指定", "a manager chose you")
	case customer.HandedByOwner:
		return p.say("原负责人转交", "its last owner gave it to you")
	case customer.HandedBySource:
		return p.say("资料里写着由你负责", "its source names you")
	case customer.HandedByOffer:
		return p.say("原负责人未跟进，你已同意接手", "its last owner did nothing, and you took it over")
	}
	parts := []string{p.sayf("%s：你本月 %s", "%s: your %s this month", p.handedRule(h), p.handedCount(h))}
	if h.Rule == "least" {
		parts[0] = p.sayf("%s：你名下 %d 个", "%s: you own %d", p.handedRule(h), h.Open)
	}
	switch {
	case h.Only:
		parts = append(parts, p.say("现在只有你能接", "only you can take it now"))
	case h.Least:
		parts = append(parts, p.say("最少", "the fewest"))
	default:
		parts = append(parts, p.say("轮到你", "your turn"))
	}
	switch fit := p.matchNames(h.Match); {
	case fit == "":
	case h.Unmatched:
		parts = append(parts, p.sayf("%s相符的人都不能接，改由全队分配", "nobody of the same %s can take it, so the whole team was asked", fit))
	default:
		parts = append(parts, p.sayf("%s相符", "same %s", fit))
	}
	return strings.Join(parts, p.say("，", ", "))
}

func (p *Printer) handedRule(h customer.Handed) string {
	switch h.Rule {
	case "rotate":
		return p.say("按容量轮转", "By capacity in turn")
	case "weighted":
		return p.sayf("按权重轮转（占 %s）", "By weight in turn (share %s)", h.Share)
	case "least":
		return p.say("按在手最少分配", "To who owns fewest")
	}
	return p.say("平均轮转", "In turn")
}

func (p *Printer) handedCount(h customer.Handed) string {
	if h.Quota > 0 {
		return fmt.Sprintf("%d/%d", h.Month, h.Quota)
	}
	return p.sayf("第 %d 个", "number %d", h.Month)
}

// matchNames are attributes as people call them.
func (p *Printer) matchNames(attributes []string) string {
	known := map[string]string{
		"region": p.say("地区", "region"), "seniority": p.say("资历", "seniority"), "product": p.say("产品", "product"), "tier": p.say("层级", "tier"), "industry": p.say("行业", "industry"),
	}
	out := make([]string, len(attributes))
	for i, a := range attributes {
		out[i] = a
		if name, ok := known[a]; ok {
			out[i] = name
		}
	}
	return strings.Join(out, p.say("、", ", "))
}

// Waiting says why nobody owns a customer: "普通销售暂无人能接（2 人本月已满，1 人请假），3月2日 09:30 起". "" where nothing is known.
func (p *Printer) Waiting(c customer.Customer) string {
	text := p.waitingText(c)
	if c.Waiting.Why == customer.WaitCooling && !c.Clock.Cooled.IsZero() {
		return p.sayf("刚移回公海，%s 之后可领取", "it has just gone back to its pool and can be claimed from %s", p.When(c.Clock.Cooled))
	}
	if text != "" && !c.Waiting.Since.IsZero() {
		text += p.sayf("，%s 起", ", since %s", p.When(c.Waiting.Since))
	}
	return text
}

func (p *Printer) waitingText(c customer.Customer) string {
	switch c.Waiting.Why {
	case customer.WaitOffered:
		return p.say("等待团队领取", "it waits for the team to claim it")
	case customer.WaitHeld:
		return p.say("暂不分配", "it is not given out for now")
	case customer.WaitInTurn:
		return p.say("正在分配", "it is being given out")
	case customer.WaitNobody:
		return p.say("暂无人能接", "nobody can take it now") + p.inBrackets(p.blocksText(c.Waiting.Blocks))
	case customer.WaitNoPool:
		return p.say("不符合任何线索池的条件", "no pool's condition fits")
	case customer.WaitNoLead:
		return p.say("已成交过，不进线索池", "it has bought, so it goes to no pool")
	case customer.WaitChoice:
		return p.say("等待主管分配", "a manager is to choose who gets it")
	case customer.WaitCooling:
		return p.say("刚移回公海，暂不分配", "it has just gone back to its pool")
	case customer.WaitLost:
		return p.say("所有来源都已删除", "every source has deleted it")
	}
	return ""
}

func (p *Printer) blocksText(blocks map[customer.Block]int) string {
	texts := []struct {
		why  customer.Block
		text string
	}{
		{customer.BlockMonth, p.say("本月容量已满", "at the month's capacity")}, {customer.BlockHolding, p.say("名下客户已满", "own as many as they may")}, {customer.BlockDaily, p.say("今日额度已用完", "at the day's allowance")},
		{customer.BlockLeave, p.say("请假", "on leave")}, {customer.BlockFormer, p.say("刚退回过该客户", "gave it back lately")}, {customer.BlockNew, p.say("尚未入职", "not here yet")}, {customer.BlockLeft, p.say("已离职", "no longer here")}, {customer.BlockRole, p.say("不能持有客户", "may own no customers")},
		{customer.BlockManager, p.say("是主管、不参与分配", "are managers, who are given none")},
	}
	if len(blocks) == 0 {
		return p.say("团队里没有人", "the team is empty")
	}
	var parts []string
	for _, t := range texts {
		if n := blocks[t.why]; n > 0 {
			parts = append(parts, p.sayf("%d 人%s", "%d %s", n, t.text))
		}
	}
	return strings.Join(parts, p.say("，", ", "))
}
