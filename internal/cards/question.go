package cards

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"lingke/bots"
	"lingke/connectors"
	"lingke/internal/access"
	"lingke/internal/customer"
	"lingke/internal/lang"
	"lingke/scoring"
)

// Question asks managers whether two customers are one, with what is known of both. person tells what somebody is called.
func (p *Printer) Question(q customer.Question, a, b customer.Customer, person func(id string) string) bots.Card {
	return bots.Card{
		Kind: KindMerge, Title: p.say("是同一家客户吗？", "One and the same customer?"), State: p.say("待确认", "Open"), Fields: []bots.Field{{Name: p.say("依据", "Why"), Value: p.grounds(q)}},
		Body: p.side(a, person) + "\n" + p.side(b, person),
		Actions: []bots.Action{
			{ID: ActionMerge, Label: p.say("合并", "Merge"), Style: bots.Primary},
			{ID: ActionApart, Label: p.say("不是同一家", "Two firms")},
			{ID: ActionLater, Label: p.say("稍后", "Later")},
		},
	}
}

// grounds says why a question is asked.
func (p *Printer) grounds(q customer.Question) string {
	text := p.say("名称相近", "similar names")
	if q.Grade == "same" {
		text = p.say("名称相同", "the same name")
	}
	var numbers []string
	for _, n := range q.Phones {
		numbers = append(numbers, access.MaskPhone(n))
	}
	if len(numbers) > 0 {
		text += p.sayf("，电话相同：%s", ", the same number: %s", strings.Join(numbers, p.say("、", ", ")))
	}
	return text
}

// side is one customer of a question.
func (p *Printer) side(c customer.Customer, person func(id string) string) string {
	lines := []string{"**" + Name(c) + "**"}
	add := func(label, value string) {
		if value != "" {
			lines = append(lines, p.sayf("- %s：%s", "- %s: %s", label, value))
		}
	}
	add(p.say("来源", "Source"), strings.Join(sources(c), p.say("、", ", ")))
	add(p.say("信用代码", "Credit code"), c.CreditCode)
	add(p.say("地区", "Area"), c.Text("region"))
	add(p.say("联系人", "Who"), Line(c.Text(connectors.FieldContact)))
	add(p.say("电话", "Phone"), access.MaskPhone(strings.TrimSpace(c.Text(connectors.FieldPhone)+" "+c.Text(connectors.FieldMobile))))
	if c.Owner != "" {
		add(p.say("负责人", "Owner"), person(c.Owner))
	}
	add(p.say("层级", "Tier"), p.Tier(c.Tier))
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
		return p.sayf("已合并（%s）", "Merged (%s)", by)
	case customer.AnswerApart:
		return p.sayf("不是同一家（%s）", "Two customers (%s)", by)
	case customer.AnswerMoot:
		return p.say("已由其他资料确定", "Settled by other records")
	default:
		return p.say("稍后再问", "To be asked later")
	}
}

// Sources is the answer to 查 … 来源: field by field what every source says, since when, and which value counts and why. Numbers of telephones are masked.
func (p *Printer) Sources(c customer.Customer, conflicts []customer.Conflict) string {
	lines := []string{p.sayf("**%s** 的资料来自 %s", "**%s** is told of by %s", Name(c), strings.Join(sources(c), p.say("、", ", ")))}
	for _, f := range conflicts {
		mark := ""
		if f.Disputed {
			mark = p.say("（不一致）", " (disputed)")
		}
		lines = append(lines, fmt.Sprintf("**%s**%s", p.fieldName(f.Field), mark))
		for _, v := range f.Values {
			line := p.sayf("- %s（%s %s）", "- %s (%s %s)", p.shownValue(f.Field, v.Text), v.Ref, v.At.In(p.zone).Format(time.DateOnly))
			if v.Counts {
				line = strings.TrimSpace(line + " ✓ " + whyCounts[f.Why].In(p.lang))
			}
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "\n")
}

// fieldNames are what people call the fields that most sources tell.
var fieldNames = map[string]lang.Text{
	connectors.FieldName:       {ZH: "名称", EN: "Name"},
	connectors.FieldCreditCode: {ZH: "信用代码", EN: "Credit code"},
	connectors.FieldTaxNumber:  {ZH: "税号", EN: "Tax number"},
	connectors.FieldPhone:      {ZH: "电话", EN: "Phone"},
	connectors.FieldMobile:     {ZH: "手机", EN: "Mobile"},
	connectors.FieldContact:    {ZH: "联系人", EN: "Contact"},
	connectors.FieldKind:       {ZH: "类型", EN: "Kind"},
	connectors.FieldSameAs:     {ZH: "同一客户的编号", EN: "Id of the same customer"},
	"contact_role":             {ZH: "联系人职务", EN: "Contact's role"},
	"region":                   {ZH: "地区", EN: "Region"},
	"industry":                 {ZH: "行业", EN: "Industry"},
	"headcount":                {ZH: "人数", EN: "People"},
	"address":                  {ZH: "地址", EN: "Address"},
	connectors.FieldPool:       {ZH: "线索池", EN: "Pool"},
	connectors.FieldOwner:      {ZH: "来源中的负责人", EN: "Owner by the source"},
	"number":                   {ZH: "编码", EN: "Number"},
	"short_name":               {ZH: "简称", EN: "Short name"},
	"group":                    {ZH: "分组", EN: "Group"},
	"seller":                   {ZH: "销售员", EN: "Salesperson"},
	"department":               {ZH: "部门", EN: "Department"},
	"description":              {ZH: "描述", EN: "Description"},
	"website":                  {ZH: "网址", EN: "Website"},
	"email":                    {ZH: "邮箱", EN: "Email"},
	"price_level":              {ZH: "价格等级", EN: "Price level"},
	"credit_limit":             {ZH: "信用额度", EN: "Credit limit"},
	"enabled":                  {ZH: "是否启用", EN: "Enabled"},
	"stopped":                  {ZH: "是否停用", EN: "Stopped"},
}

// fieldName is what people call a field; one that only the company's own mapping knows, by its own name.
func (p *Printer) fieldName(field string) string {
	if name, known := fieldNames[field]; known {
		return name.In(p.lang)
	}
	if f, _, known := builtIn.Lookup(field); known {
		return cmp.Or(lang.Text{ZH: f.ZH, EN: f.EN}.In(p.lang), field)
	}
	return field
}

var builtIn = scoring.BuiltIn()

var whyCounts = map[customer.Preference]lang.Text{
	customer.OnlyValue: {},
	customer.ByRank:    {ZH: "来源优先", EN: "the source ranks first"},
	customer.ByTime:    {ZH: "最新", EN: "the latest"},
	customer.ByText:    {ZH: "同时提供，取较大者", EN: "told at once, the greater counts"},
	customer.ByRef:     {ZH: "同时提供，取较小编号", EN: "told at once, the smaller id counts"},
	customer.Agreed:    {ZH: "一致", EN: "agreed"},
}

func (p *Printer) shownValue(field, text string) string {
	if text == "" {
		return p.say("（空）", "(empty)")
	}
	if f, _, known := builtIn.Lookup(field); known && access.Amount(f.Name, f.Unit) && !p.sight.Money {
		return p.say("金额保密", "amount withheld")
	}
	if field == connectors.FieldPhone || field == connectors.FieldMobile {
		return access.MaskPhone(text)
	}
	return bots.CutRunes(Line(text), 60)
}
