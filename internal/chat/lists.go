package chat

import (
	"context"
	"fmt"
	"strings"

	"lingke/internal/access"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/lang"
	"lingke/internal/store"
)

// lists are about several customers, and about what is to be done.
func lists() []command {
	return []command{
		{id: "mine", words: []string{"我的客户", "我的", "mine"}, may: access.Claim, private: true, run: (*Service).mine,
			usage: lang.Text{ZH: "我的客户：名下客户，按得分排列", EN: "mine: your customers, by score"}},
		{id: "today", words: []string{"今日", "今天", "today"}, may: access.Claim, private: true, run: (*Service).today,
			usage: lang.Text{ZH: "今日：待办任务和剩余领取额度", EN: "today: open tasks, and how many customers you can claim"}},
	}
}

func (s *Service) mine(ctx context.Context, q question) (reply, error) {
	const shown = 20
	page, next, err := s.Records.Customers(ctx, store.CustomerQuery{Owner: q.who.ID, ByScore: true, Limit: shown})
	if err != nil {
		return reply{}, fmt.Errorf("customers of %s: %w", q.who.ID, err)
	}
	if len(page) == 0 {
		return said(q.say("你名下还没有客户。", "You own no customers yet.")), nil
	}
	lines := []string{q.say("你的客户：", "Your customers:")}
	for i, c := range page {
		lines = append(lines, q.sayf("%d. %s　%s　%.0f 分", "%d. %s, %s, %.0f points", i+1, cards.Name(c), s.cards(q).Tier(c.Tier), c.Score.Total))
	}
	if next != "" {
		lines = append(lines, q.sayf("只列出前 %d 个。", "These are the first %d.", shown))
	}
	return said(strings.Join(lines, "\n")).saw(access.Sight{Tier: true, Basis: true}, page...), nil
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
		line := q.sayf("%d. %s：%s，%s 前", "%d. %s: %s, by %s", i+1, t.Title, cards.Name(c), s.cards(q).When(t.Due))
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
	}
	return r, nil
}
