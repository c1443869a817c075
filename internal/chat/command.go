package chat

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/width"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/store"
)

// command is one word that people type, with what it does.
type command struct {
	names   []string // the first one is shown in the help
	usage   string
	may     access.Permission
	private bool // the answer is for the person alone, also where a group reads along
	run     func(s *Service, ctx context.Context, q question) (string, error)
}

// question is a command as somebody typed it.
type question struct {
	in   bots.Incoming
	who  access.Person
	rest string // what stood behind the command's word
	// readers are who reads the answer: the asker, or everybody in the group.
	readers []access.Person
}

func (q question) group() bool { return q.in.Message.Group }

// commands in the order of the help.
func commands() []command {
	return []command{
		{[]string{"查", "查询", "查客户", "tier"}, "查 <客户>：层级、得分、负责人", access.SeeTier, false, (*Service).ask},
		{[]string{"为什么", "why"}, "为什么 <客户>：得分的每一项依据", access.SeeBasis, true, (*Service).explain},
		{[]string{"我的客户", "我的", "mine"}, "我的客户：名下客户，按得分排列", access.Claim, true, (*Service).mine},
		{[]string{"今日", "今天", "today"}, "今日：待办任务和剩余领取额度", access.Claim, true, (*Service).today},
		{[]string{"跟进", "note"}, "跟进 <客户> <内容>：记录一次跟进", access.Claim, false, (*Service).note},
		{[]string{"领取", "认领", "claim"}, "领取 <客户>：从线索池领取", access.Claim, false, (*Service).take},
		{[]string{"退回", "放弃", "release"}, "退回 <客户>：退回线索池", access.Claim, false, (*Service).giveBack},
		{[]string{"电话", "phone"}, "电话 <客户> <原因>：查看完整号码，会留下记录", access.Claim, true, (*Service).phone},
		{[]string{"来源", "sources"}, "来源 <客户>：每个字段各来源的值，以哪个为准（也可以发：查 <客户> 来源）", access.Manage, true, (*Service).sources},
		{[]string{"拆分", "split"}, "拆分 <客户> <来源/编号>：把误合并的来源拆出来", access.Manage, true, (*Service).part},
		{[]string{"同步状态", "sync"}, "同步状态：各数据来源的同步情况", access.Manage, true, (*Service).syncStatus},
		{[]string{"帮助", "help", "?"}, "帮助：这份说明", access.SeeTier, false, (*Service).help},
	}
}

// command understands a text and returns the answer.
func (s *Service) command(ctx context.Context, in bots.Incoming, who access.Person, readers []access.Person) (string, error) {
	c, rest, ok := parse(in.Message.Text)
	if !ok {
		return "没看懂“" + bots.CutRunes(in.Message.Text, 20) + "”。发“帮助”看看我会什么。", nil
	}
	if !who.May(c.may) {
		return "你没有使用“" + c.names[0] + "”的权限。", nil
	}
	q := question{in: in, who: who, rest: rest, readers: readers}
	aside := q.group() && (c.private || !access.AllMay(q.readers, access.SeeTier))
	if aside {
		q.readers = []access.Person{who}
	}
	text, err := c.run(s, ctx, q)
	if err != nil || !aside {
		return text, err
	}
	return toldAside, s.private(ctx, in, in.Message.From, text)
}

// parse finds the command at the start of a text, as people type it: an @-name before it, full-width letters, capitals, missing blanks, punctuation behind it. rest is what
// follows, with the punctuation at its end and in the width in which it was typed.
func parse(text string) (best command, rest string, ok bool) {
	text = strings.TrimLeftFunc(withoutMention(text), blank)
	folded := width.Fold.String(text) // character by character
	length := 0
	for _, c := range commands() {
		for _, name := range c.names {
			if len(name) > length && len(name) <= len(folded) && strings.EqualFold(folded[:len(name)], name) && separate(name, folded[len(name):]) {
				best, length = c, len(name)
			}
		}
	}
	for range utf8.RuneCountInString(folded[:length]) {
		_, size := utf8.DecodeRuneInString(text)
		text = text[size:]
	}
	return best, strings.TrimSpace(strings.TrimLeftFunc(text, blank)), length > 0
}

// withoutMention cuts an @-name off the start, up to the blank behind it.
func withoutMention(text string) string {
	text = strings.TrimSpace(text)
	if !strings.HasPrefix(text, "@") && !strings.HasPrefix(text, "＠") {
		return text
	}
	if end := strings.IndexFunc(text, unicode.IsSpace); end >= 0 {
		return text[end:]
	}
	return text
}

// separate reports whether a command's word ends where rest begins: Latin words need a boundary, Chinese ones do not.
func separate(name, rest string) bool {
	if rest == "" || name[0] >= 0x80 || name == "?" {
		return true
	}
	next, _ := utf8.DecodeRuneInString(rest)
	return !unicode.IsDigit(next) && !unicode.Is(unicode.Latin, next)
}

// blank reports whether a character only parts words.
func blank(r rune) bool {
	return unicode.IsSpace(r) || strings.ContainsRune("，。：:、,.．！!；;", r)
}

// around reports whether a character at the edge of a customer's name is none of it.
func around(r rune) bool { return blank(r) || strings.ContainsRune("?？“”\"", r) }

func (s *Service) help(_ context.Context, q question) (string, error) {
	lines := []string{"我会这些："}
	for _, c := range commands() {
		if q.who.May(c.may) {
			lines = append(lines, "- "+c.usage)
		}
	}
	return strings.Join(lines, "\n"), nil
}

// find returns the one customer that a name means, or a text that says why there is not one.
func (s *Service) find(ctx context.Context, name string) (customer.Customer, string, error) {
	name = strings.TrimFunc(name, around)
	if name == "" {
		return customer.Customer{}, "要查哪个客户？请在后面写上客户名称。", nil
	}
	const shown = 5
	found, err := s.Records.SearchCustomers(ctx, name, shown+1)
	if err != nil {
		return customer.Customer{}, "", fmt.Errorf("search %q: %w", name, err)
	}
	switch {
	case len(found) == 0:
		return customer.Customer{}, "没有找到名称含“" + bots.CutRunes(name, 30) + "”的客户。", nil
	case len(found) == 1 || sameName(found[0], name) && !sameName(found[1], name):
		return found[0], "", nil
	}
	lines := []string{"找到多个客户，请写全名称："}
	for _, c := range found[:min(shown, len(found))] {
		lines = append(lines, "- "+cards.Name(c))
	}
	if len(found) > shown {
		lines = append(lines, "- ……")
	}
	return customer.Customer{}, strings.Join(lines, "\n"), nil
}

func sameName(c customer.Customer, name string) bool {
	return strings.EqualFold(width.Fold.String(c.Name), width.Fold.String(name))
}

// ask answers 查. A group reads what all of it may know; the asker is told the rest in private.
func (s *Service) ask(ctx context.Context, q question) (string, error) {
	if name, wanted := strings.CutSuffix(strings.TrimRightFunc(q.rest, around), "来源"); wanted && q.who.May(access.Manage) {
		text, err := s.sources(ctx, question{in: q.in, who: q.who, rest: name})
		if err != nil || !q.group() {
			return text, err
		}
		return toldAside, s.private(ctx, q.in, q.in.Message.From, text)
	}
	c, problem, err := s.find(ctx, q.rest)
	if err != nil || problem != "" {
		return problem, err
	}
	owner := ""
	if c.Owner != "" {
		owner = s.name(c.Owner)
	}
	here, alone := s.sees(q.readers, c), s.sees([]access.Person{q.who}, c)
	text := s.Cards.For(here).Standing(c, owner)
	if here.Covers(alone) {
		return text, nil
	}
	return text + "\n" + toldMore, s.private(ctx, q.in, q.in.Message.From, s.Cards.For(alone).Standing(c, owner))
}

// sources answers 来源 and, for managers, 查 … 来源.
func (s *Service) sources(ctx context.Context, q question) (string, error) {
	c, problem, err := s.find(ctx, q.rest)
	if err != nil || problem != "" {
		return problem, err
	}
	return s.sourcesOf(c, q.who), nil
}

func (s *Service) explain(ctx context.Context, q question) (string, error) {
	c, problem, err := s.find(ctx, q.rest)
	if err != nil || problem != "" {
		return problem, err
	}
	sight := s.sees([]access.Person{q.who}, c)
	if !sight.Basis {
		return notConcerned(c), nil
	}
	return s.Cards.For(sight).Why(c), nil
}

func (s *Service) mine(ctx context.Context, q question) (string, error) {
	const shown = 20
	page, next, err := s.Records.Customers(ctx, store.CustomerQuery{Owner: q.who.ID, ByScore: true, Limit: shown})
	if err != nil {
		return "", fmt.Errorf("customers of %s: %w", q.who.ID, err)
	}
	if len(page) == 0 {
		return "你名下还没有客户。", nil
	}
	lines := []string{"你的客户："}
	for i, c := range page {
		lines = append(lines, fmt.Sprintf("%d. %s　%s　%.0f 分", i+1, cards.Name(c), s.Cards.Tier(c.Tier), c.Score.Total))
	}
	if next != "" {
		lines = append(lines, fmt.Sprintf("只列出前 %d 个。", shown))
	}
	return strings.Join(lines, "\n"), nil
}

func (s *Service) today(ctx context.Context, q question) (string, error) {
	const shown = 20
	open, err := s.Tasks.Open(ctx, q.who.ID, shown)
	if err != nil {
		return "", fmt.Errorf("tasks of %s: %w", q.who.ID, err)
	}
	daily, holding, err := s.Claims.Left(ctx, q.who)
	if err != nil {
		return "", err
	}
	var lines []string
	now := s.Now()
	for i, t := range open {
		c, err := s.Records.Customer(ctx, t.Customer)
		if err != nil {
			return "", fmt.Errorf("customer of task %s: %w", t.ID, err)
		}
		late := ""
		if now.After(t.Due) {
			late = "（已超时）"
		}
		lines = append(lines, fmt.Sprintf("%d. %s：%s，%s 前%s", i+1, t.Title, cards.Name(c), s.Cards.When(t.Due), late))
	}
	if len(lines) == 0 {
		lines = []string{"没有待办任务。"}
	} else {
		lines = append([]string{"待办任务："}, lines...)
	}
	return strings.Join(append(lines, fmt.Sprintf("今天还可领取 %d 个，名下还可增加 %d 个。", daily, holding)), "\n"), nil
}

// note records what a rep tells of a customer. The name ends at the first blank.
func (s *Service) note(ctx context.Context, q question) (string, error) {
	name, text := q.rest, ""
	if end := strings.IndexFunc(q.rest, unicode.IsSpace); end >= 0 {
		name, text = q.rest[:end], strings.TrimSpace(q.rest[end:])
	}
	if name == "" || text == "" {
		return "请写成：跟进 <客户> <内容>，例如：跟进 华星机械 已约周三拜访", nil
	}
	c, problem, err := s.find(ctx, name)
	if err != nil || problem != "" {
		return problem, err
	}
	if c.Owner != q.who.ID && !q.who.May(access.Manage) {
		return "只有负责人或主管可以记录 " + cards.Name(c) + " 的跟进。", nil
	}
	at := s.Now().UTC().Truncate(time.Millisecond)
	if m := q.in.Message.At; !m.IsZero() {
		at = m.UTC().Truncate(time.Millisecond) // the same at every attempt
	}
	err = s.Notes.Note(ctx, customer.Activity{
		ID: customer.NewRef("chat", replyID(q.in.ID)), Customer: c.Records[0].Ref, Type: "note", Text: bots.Cut(text, 2000), By: q.who.ID, At: at, ModifiedAt: at,
	})
	if err != nil {
		return "", err
	}
	if !s.sees(q.readers, c).Basis {
		return "已记录 " + cards.Name(c) + " 的跟进。", nil
	}
	return "已记录 " + cards.Name(c) + " 的跟进：" + text, nil
}

func (s *Service) take(ctx context.Context, q question) (string, error) {
	c, problem, err := s.find(ctx, q.rest)
	if err != nil || problem != "" {
		return problem, err
	}
	claimed, err := s.Claims.Claim(ctx, c.ID, q.who, string(q.in.Platform))
	if err != nil {
		if text, refused := s.refusal(err, q.who); refused {
			return cards.Name(c) + "：" + text, nil
		}
		return "", err
	}
	if err := s.Outgoing.Carry(ctx, claimed.ID); err != nil {
		return "", err
	}
	return cards.Name(c) + " 已由你领取，请尽快联系客户。", nil
}

func (s *Service) giveBack(ctx context.Context, q question) (string, error) {
	c, problem, err := s.find(ctx, q.rest)
	if err != nil || problem != "" {
		return problem, err
	}
	if c.Owner == "" { // also when the command is done again after a crash
		return cards.Name(c) + " 现在没有负责人。", s.Outgoing.Carry(ctx, c.ID)
	}
	released, err := s.Claims.Release(ctx, c.ID, q.who, string(q.in.Platform))
	if err != nil {
		if text, refused := s.refusal(err, q.who); refused {
			return cards.Name(c) + "：" + text, nil
		}
		return "", err
	}
	if err := s.Outgoing.Carry(ctx, released.ID); err != nil {
		return "", err
	}
	return cards.Name(c) + " 已退回" + released.Pool + "。", nil
}
