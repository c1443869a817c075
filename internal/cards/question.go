package cards

import (
	"fmt"
	"strings"
	"time"

	"lingke/bots"
	"lingke/connectors"
	"lingke/internal/access"
	"lingke/internal/customer"
	"lingke/scoring"
)

// Question asks managers whether two customers are one, with what is known of both. person tells what somebody is called.
func (p *Printer) Question(q customer.Question, a, b customer.Customer, person func(id string) string) bots.Card {
	return bots.Card{
		Kind: KindMerge, Title: "是同一家客户吗？", State: "待确认", Fields: []bots.Field{{Name: "依据", Value: grounds(q)}},
		Body: p.side(a, person) + "\n" + p.side(b, person),
		Actions: []bots.Action{
			{ID: ActionMerge, Label: "合并", Style: bots.Primary},
			{ID: ActionApart, Label: "不是同一家"},
			{ID: ActionLater, Label: "稍后"},
		},
	}
}

// grounds says why a question is asked.
func grounds(q customer.Question) string {
	text := "名称相近"
	if q.Grade == "same" {
		text = "名称相同"
	}
	var numbers []string
	for _, n := range q.Phones {
		numbers = append(numbers, access.MaskPhone(n))
	}
	if len(numbers) > 0 {
		text += "，电话相同：" + strings.Join(numbers, "、")
	}
	return text
}

// side is one customer of a question.
func (p *Printer) side(c customer.Customer, person func(id string) string) string {
	lines := []string{"**" + Name(c) + "**", "- 来源：" + strings.Join(sources(c), "、")}
	add := func(label, value string) {
		if value != "" {
			lines = append(lines, "- "+label+"："+value)
		}
	}
	add("信用代码", c.CreditCode)
	add("地区", c.Text("region"))
	add("联系人", c.Text(connectors.FieldContact))
	add("电话", access.MaskPhone(strings.TrimSpace(c.Text(connectors.FieldPhone)+" "+c.Text(connectors.FieldMobile))))
	if c.Owner != "" {
		add("负责人", person(c.Owner))
	}
	add("层级", p.Tier(c.Tier))
	return strings.Join(lines, "\n")
}

// sources are the records of a customer as people can look them up.
func sources(c customer.Customer) []string {
	out := make([]string, 0, len(c.Records))
	for _, ref := range c.Refs() {
		out = append(out, string(ref))
	}
	return out
}

// Answered is what a closed question says; by is what the person is called who answered.
func (p *Printer) Answered(q customer.Question, by string) string {
	switch q.Answer {
	case customer.AnswerSame:
		return "已合并（" + by + "）"
	case customer.AnswerApart:
		return "不是同一家（" + by + "）"
	case customer.AnswerMoot:
		return "已由其他资料确定"
	default:
		return "稍后再问"
	}
}

// Sources is the answer to 查 … 来源: field by field what every source says, since when, and which value counts and why. Numbers of telephones are masked.
func (p *Printer) Sources(c customer.Customer, conflicts []customer.Conflict) string {
	lines := []string{fmt.Sprintf("**%s** 的资料来自 %s", Name(c), strings.Join(sources(c), "、"))}
	for _, f := range conflicts {
		mark := ""
		if f.Disputed {
			mark = "（不一致）"
		}
		lines = append(lines, fmt.Sprintf("**%s**%s", fieldName(f.Field), mark))
		for _, v := range f.Values {
			line := fmt.Sprintf("- %s（%s %s）", p.shownValue(f.Field, v.Text), v.Ref, v.At.In(p.zone).Format(time.DateOnly))
			if v.Counts {
				line = strings.TrimSpace(line + " ✓ " + whyCounts[f.Why])
			}
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// fieldNames are what people call the fields that most sources tell.
var fieldNames = map[string]string{
	connectors.FieldName: "名称", connectors.FieldCreditCode: "信用代码", connectors.FieldTaxNumber: "税号", connectors.FieldPhone: "电话", connectors.FieldMobile: "手机",
	connectors.FieldContact: "联系人", connectors.FieldKind: "类型", connectors.FieldSameAs: "同一客户的编号", "contact_role": "联系人职务", "region": "地区", "industry": "行业",
	"headcount": "人数", "address": "地址",
}

func fieldName(field string) string {
	if name, known := fieldNames[field]; known {
		return name
	}
	return field
}

var builtIn = scoring.BuiltIn()

var whyCounts = map[customer.Preference]string{
	customer.OnlyValue: "", customer.ByRank: "来源优先", customer.ByTime: "最新", customer.ByText: "同时提供，取较大者", customer.ByRef: "同时提供，取较小编号", customer.Agreed: "一致",
}

func (p *Printer) shownValue(field, text string) string {
	if text == "" {
		return "（空）"
	}
	if f, _, known := builtIn.Lookup(field); known && access.Amount(f.Name, f.Unit) && !p.sight.Money {
		return "金额保密"
	}
	if field == connectors.FieldPhone || field == connectors.FieldMobile {
		return access.MaskPhone(text)
	}
	return bots.CutRunes(text, 60)
}
