package chat

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/lang"
)

// lists are about several customers, and about what is to be done.
func lists() []command {
	return []command{
		{id: "list", words: []string{"名单", "列表", "清单", "list"}, may: access.SeeTier, reads: true, private: true, run: (*Service).list, usage: lang.Text{
			ZH: "名单 <条件>：A级、无人认领、我的、团队、姓名、线索池、地区或城市、本季度……可以合用，例如：名单 A级 苏州 本季度", EN: "list <filters>: A-tier, unclaimed, mine, a team, a name, a pool, a region or city, this quarter … together, too",
		}},
		{id: "mine", words: []string{"我的客户", "我的", "mine"}, may: access.Claim, reads: true, private: true, run: (*Service).mine,
			usage: lang.Text{ZH: "我的客户：名下客户，按得分排列", EN: "mine: your customers, by score"}},
		{id: "today", words: []string{"今日", "今天", "今儿", "今日待办", "今天待办", "今天任务", "今天的任务", "今天的待办", "待办", "任务", "我的待办", "我的任务", "今日任务", "today", "todo"}, may: access.Claim, reads: true, private: true, bare: true, run: (*Service).today,
			usage: lang.Text{ZH: "今日：待办任务和剩余领取额度", EN: "today: open tasks, and how many customers you can claim"}},
		{id: "next", words: []string{"下一页", "下页", "翻页", "往下翻", "更多", "继续", "next", "more"}, may: access.SeeTier, reads: true, private: true, bare: true, run: (*Service).nextPage,
			usage: lang.Text{ZH: "下一页：继续看上一份名单", EN: "next: go on with the last list"}},
		{id: "previous", words: []string{"上一页", "上页", "前一页", "previous page", "page back", "back page", "previous", "prev"}, may: access.SeeTier, reads: true, private: true, bare: true, run: (*Service).previousPage,
			usage: lang.Text{ZH: "上一页：回看名单的前一页", EN: "previous: one page back"}},
	}
}

// listed is how long a list can be gone on with.
const listed = time.Hour

// mostCounted bounds what is counted of a list.
const mostCounted = 100_000

// list answers 名单: customers by score that fulfil what was named.
func (s *Service) list(ctx context.Context, q question) (reply, error) {
	f := s.filter(q, q.rest)
	if f.left != "" {
		return said(q.sayf("名单里没看懂“%s”。可以用：层级（A级）、无人认领、我的、团队、姓名、线索池、地区或城市、本月、本季度、近30天。", "I did not understand “%s” as a filter. Known are: a tier (A-tier), unclaimed, mine, a team, a name, a pool, a region or city, this month, this quarter, last 30 days.",
			bots.CutRunes(f.left, 20))), nil
	}
	if f.clash != "" {
		return said(q.sayf("一份名单只列一个层级，请分两次发，例如：名单 %s级。", "A list shows one tier; please ask for each, for example: list %s-tier.", f.clash)), nil
	}
	return s.page(ctx, q, f, "")
}

// mine is a list of the asker's own.
func (s *Service) mine(ctx context.Context, q question) (reply, error) {
	q.rest = mineWords[0] + q.rest
	return s.list(ctx, q)
}

// page shows the page of a list behind the last of some cursors, which are those of the pages up to it; all pages before it are full.
func (s *Service) page(ctx context.Context, q question, f filter, pages ...string) (reply, error) {
	first := 1 + (len(pages)-1)*cards.ListPage
	f.query.ByScore, f.query.Limit, f.query.After = true, cards.ListPage, pages[len(pages)-1]
	found, next, err := s.Records.Customers(ctx, f.query)
	if err != nil {
		return reply{}, fmt.Errorf("list %q: %w", q.rest, err)
	}
	if len(found) == 0 {
		return said(q.sayf("%s：没有符合的客户。", "%s: no customers.", s.titled(q, f))), nil
	}
	total, err := s.total(ctx, q, f, first+len(found)-1, next != "")
	if err != nil {
		return reply{}, err
	}
	sight := s.seesAll(q, found)
	p := s.cards(q).For(sight)
	more := &dialog{
		Asks: asksMore, Command: "list", Question: q.id, Rest: q.rest, At: q.at, Cursor: next, Place: first + len(found), Pages: pages, Listed: numbersOf(first, found), Until: q.at.Add(listed),
	}
	if next == "" && first == 1 {
		r := said(s.whole(q, f, found, total, p)).saw(sight, found...)
		r.dialog = more
		return r, nil
	}
	card := p.List(s.titled(q, f), found, first, total, next != "", s.name)
	r := reply{card: &card}.saw(sight, found...)
	r.dialog = more
	return r, nil
}

// whole is a list that fits on one page: no card is needed for what has no button.
func (s *Service) whole(q question, f filter, found []customer.Customer, total string, p *cards.Printer) string {
	lines := []string{q.sayf("%s，共 %s 家：", "%s, %s in all:", s.titled(q, f), total)}
	for i, c := range found {
		lines = append(lines, fmt.Sprintf("%d. %s", i+1, p.Line(c, s.name)))
	}
	lines = append(lines, p.ByNumber())
	return strings.Join(lines, "\n")
}

// total tells how many customers a list has; known are those up to the end of the page.
func (s *Service) total(ctx context.Context, q question, f filter, known int, more bool) (string, error) {
	if !more {
		return strconv.Itoa(known), nil
	}
	n, err := s.Records.CountCustomers(ctx, f.query, mostCounted+1)
	if err != nil {
		return "", fmt.Errorf("count list %q: %w", q.rest, err)
	}
	if n > mostCounted {
		return q.sayf("%d 以上", "more than %d", mostCounted), nil
	}
	return strconv.Itoa(n), nil
}

// seesAll is what the asker may know of each of some customers.
func (s *Service) seesAll(q question, all []customer.Customer) access.Sight {
	sight := access.Sight{Tier: true, Basis: true, Money: true}
	for _, c := range all {
		one := s.sees([]access.Person{q.who}, c)
		sight.Basis, sight.Money, sight.Tier = sight.Basis && one.Basis, sight.Money && one.Money, sight.Tier && one.Tier
	}
	return sight
}

// titled says what was understood.
func (s *Service) titled(q question, f filter) string {
	var parts []string
	add := func(when bool, text string) {
		if when {
			parts = append(parts, text)
		}
	}
	add(f.tier.ID != "", q.sayf("%s 级", "tier %s", f.tier.ID))
	add(f.query.Stage != "", s.stage(q, f.query.Stage))
	add(f.query.AtRisk, q.say("有流失风险", "at risk"))
	add(f.query.Unowned, q.say("无人认领", "without an owner"))
	add(f.owner.ID != "", f.owner.Name)
	add(f.team != "", f.team)
	add(f.query.Pool != "", f.query.Pool)
	add(f.query.Place != "", f.query.Place)
	add(f.period.name.zh != "", q.sayf("%s有往来", "active %s", f.period.name.in(q.who.Language)))
	if len(parts) == 0 {
		parts = []string{q.say("全部", "all")}
	}
	return q.sayf("客户名单（%s）", "Customers (%s)", strings.Join(parts, q.say("，", ", ")))
}

func (s *Service) stage(q question, stage customer.Stage) string {
	switch stage {
	case customer.Lead:
		return q.say("线索", "leads")
	case customer.Active:
		return q.say("成交", "active")
	case customer.Dormant:
		return q.say("沉睡", "dormant")
	}
	return q.say("流失", "lost")
}

// nextPage answers 下一页.
func (s *Service) nextPage(ctx context.Context, q question) (reply, error) {
	return s.turned(ctx, q, func(d dialog) ([]string, string) {
		if d.Cursor == "" {
			return nil, q.say("已经是最后一页。", "This is the last page.")
		}
		return append(slices.Clone(d.pages()), d.Cursor), ""
	})
}

// previousPage answers 上一页.
func (s *Service) previousPage(ctx context.Context, q question) (reply, error) {
	return s.turned(ctx, q, func(d dialog) ([]string, string) {
		if len(d.Pages) < 2 {
			return nil, q.say("已经是第一页。", "This is the first page.")
		}
		return d.Pages[:len(d.Pages)-1], ""
	})
}

// turned shows another page of the open list; to tells which, or why there is none.
func (s *Service) turned(ctx context.Context, q question, to func(dialog) (pages []string, no string)) (reply, error) {
	d, open, err := s.openList(ctx, q)
	if err != nil {
		return reply{}, err
	}
	if !open {
		return said(q.say("没有可以继续的名单。发“名单 A级”试试。", "There is no list to go on with. Try “list A-tier”.")), nil
	}
	pages, no := to(d)
	if no != "" {
		return said(no), nil
	}
	return s.paged(ctx, q, d, pages)
}

// openList is the newest list that the person may go on with where the question was asked.
func (s *Service) openList(ctx context.Context, q question) (dialog, bool, error) {
	all, _, err := s.dialogs(ctx, q.who.ID)
	for _, d := range slices.Backward(all) {
		if d.Asks == asksMore && !d.Until.Before(q.at) && d.heardAt(q.from) {
			return d, true, err
		}
	}
	return dialog{}, false, err
}

// paged shows a page of an open list.
func (s *Service) paged(ctx context.Context, q question, d dialog, pages []string) (reply, error) {
	q.rest, q.at = d.Rest, d.At
	r, err := s.page(ctx, q, s.filter(q, d.Rest), pages...)
	if r.dialog != nil {
		r.dialog.Listed = withPagesBefore(r.dialog.Listed, d.Listed)
	}
	return r, err
}

// pages are the cursors up to the page that is shown. A dialog of an older version has none of them, and there is no way back from it.
func (d dialog) pages() []string {
	if len(d.Pages) == 0 {
		return make([]string, (d.Place-1)/cards.ListPage)
	}
	return d.Pages
}

// turn shows the next page of a list in the place of the one whose button was pressed. The same click shows the same page.
func (s *Service) turn(ctx context.Context, p press) (bots.Answer, error) {
	all, _, err := s.dialogs(ctx, p.who.ID)
	if err != nil {
		return bots.Answer{}, err
	}
	q := s.question(p.in, p.who)
	for _, d := range all {
		if d.ID != p.delivery.ID || d.Asks != asksMore || d.Until.Before(q.at) {
			continue
		}
		if d.By == p.in.ID { // shown before a crash
			return bots.Answer{Card: p.delivery.Card}, nil
		}
		return s.turnTo(ctx, p, q, d)
	}
	return p.toast(p.say("这份名单已过期，请重新查询", "This list is over; please ask again")), nil
}

func (s *Service) turnTo(ctx context.Context, p press, q question, d dialog) (bots.Answer, error) {
	if d.Cursor == "" {
		return p.toast(p.say("已经是最后一页", "This is the last page")), nil
	}
	r, err := s.paged(ctx, q, d, append(slices.Clone(d.pages()), d.Cursor))
	if err != nil || r.card == nil {
		return p.toast(r.text), err
	}
	r.shown.command = cards.LoggedClick + p.click.Action
	if err := s.log(ctx, p.in, p.who, r.shown); err != nil {
		return bots.Answer{}, err
	}
	x := p.delivery
	x.Card, x.Rev = r.card, x.Rev+1
	if err := s.Outgoing.Change(ctx, x); err != nil {
		return bots.Answer{}, err
	}
	next := d
	next.By, next.Cursor = p.in.ID, ""
	if r.dialog != nil {
		next.Cursor, next.Place, next.Pages, next.Listed = r.dialog.Cursor, r.dialog.Place, r.dialog.Pages, r.dialog.Listed
	}
	err = s.changeDialogs(ctx, p.who.ID, func(all []dialog) ([]dialog, bool) {
		for i := range all {
			if all[i].ID == d.ID {
				all[i] = next
			}
		}
		return all, true
	})
	return bots.Answer{Card: r.card}, err
}

func (s *Service) today(ctx context.Context, q question) (reply, error) {
	const shown = 20
	open, err := s.Tasks.Open(ctx, q.who.ID, shown)
	if err != nil {
		return reply{}, fmt.Errorf("tasks of %s: %w", q.who.ID, err)
	}
	daily, holding, err := s.Claims.Left(ctx, q.who)
	if err != nil {
		return reply{}, err
	}
	lines := []string{q.say("待办任务：", "Open tasks:")}
	var about []customer.Customer
	for i, t := range open {
		c, err := s.Records.Customer(ctx, t.Customer)
		if err != nil {
			return reply{}, fmt.Errorf("customer of task %s: %w", t.ID, err)
		}
		about = append(about, c)
		line := q.sayf("%d. %s：%s，%s 前", "%d. %s: %s, by %s", i+1, t.In(q.who.Language).Title, cards.Name(c), s.cards(q).When(t.Due))
		if s.Now().After(t.Due) {
			line += q.say("（已超时）", " (late)")
		}
		lines = append(lines, line)
	}
	if len(open) == 0 {
		lines = []string{q.say("没有待办任务。", "No open tasks.")}
	}
	lines = append(lines, q.sayf("今天还可领取 %d 个，名下还可增加 %d 个。", "You can claim %d more today, and own %d more.", daily, holding))
	r := said(strings.Join(lines, "\n"))
	if len(about) > 0 {
		r = r.saw(access.Sight{Tier: true, Basis: true}, about...)
		r.dialog = &dialog{Asks: asksNothing, Listed: numbersOf(1, about), Until: q.at.Add(listed)}
	}
	return r, nil
}
