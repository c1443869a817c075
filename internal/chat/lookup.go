package chat

import (
	"context"
	"slices"
	"strings"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/cards"
	"lingke/internal/lang"
)

// lookups tell how one customer stands.
func lookups() []command {
	return []command{
		{id: "look", words: []string{"查", "查询", "查客户", "查一查", "查查", "查看", "查找", "tier"}, forms: behindName(slices.Concat(questionTails, whoTails(), tierTails())), may: access.SeeTier, about: aboutRest, reads: true, run: (*Service).look,
			usage: lang.Text{ZH: "查 <客户>：层级、得分、负责人", EN: "tier <customer>: tier, score, owner"}},
		{id: "why", words: []string{"为什么", "为啥", "为何", "解释", "why"}, forms: behindName(whyTails), may: access.SeeBasis, about: aboutRest, reads: true, private: true, run: (*Service).explain,
			usage: lang.Text{ZH: "为什么 <客户>：得分的每一项依据", EN: "why <customer>: every reason behind the score"}},
		{id: "phone", words: []string{"电话", "phone"}, may: access.Claim, about: aboutFirstWord, reads: true, private: true, run: (*Service).phone,
			usage: lang.Text{ZH: "电话 <客户> <原因>：查看完整号码，会留下记录", EN: "phone <customer> <reason>: the whole number; it is recorded who looked"}},
	}
}

// look answers 查. A group reads what all of it may know; the asker is told the rest in private.
func (s *Service) look(ctx context.Context, q question) (reply, error) {
	c, owner := q.customer, ""
	if no, err := s.viewed(ctx, q); no != "" || err != nil {
		return said(no), err
	}
	if c.Owner != "" {
		owner = s.name(c.Owner)
	}
	here, alone := s.sees(q.readers, c), s.sees([]access.Person{q.who}, c)
	text := s.cards(q).For(here).Standing(c, owner)
	if here.Covers(alone) {
		return said(text).saw(here, c), nil
	}
	return reply{
		text: text + "\n" + q.say("详细依据已私下发给你。", "The details were sent to you in private."), aside: s.cards(q).For(alone).Standing(c, owner),
	}.saw(alone, c), nil
}

// viewed spends a look at a customer of a pool, and says why there is none left.
func (s *Service) viewed(ctx context.Context, q question) (no string, err error) {
	if !s.sees([]access.Person{q.who}, q.customer).Basis {
		return "", nil // there is not much to see
	}
	if err = s.Claims.View(ctx, q.customer, q.who); err == nil {
		return "", nil
	}
	if text, is := s.refusal(err, q.who); is {
		return text, nil
	}
	return "", err
}

func (s *Service) explain(ctx context.Context, q question) (reply, error) {
	sight := s.sees([]access.Person{q.who}, q.customer)
	if !sight.Basis {
		return said(notConcerned(q.who.Language, q.customer)), nil
	}
	if no, err := s.viewed(ctx, q); no != "" || err != nil {
		return said(no), err
	}
	return said(s.cards(q).For(sight).Why(q.customer)).saw(sight, q.customer), nil
}

// phone answers 电话: the whole number of a customer, which stands masked everywhere else, for its owner and for managers who say why.
func (s *Service) phone(_ context.Context, q question) (reply, error) {
	c, reason := q.customer, q.rest
	if reason == "" {
		return said(q.say("请写成：电话 <客户> <原因>，例如：电话 华星机械 回访。查看会留下记录。",
			"Please write: phone <customer> <reason>, for example: phone Huaxing call back. It is recorded who looked.")), nil
	}
	if c.Owner != q.who.ID && !q.who.May(access.Manage) {
		return said(q.sayf("只有负责人或主管可以查看 %s 的电话。", "Only the owner or a manager can see the number of %s.", cards.Name(c))), nil
	}
	number := cards.Phone(c).Reveal()
	if number == "" {
		return said(q.sayf("%s 没有登记电话。", "No number of %s is known.", cards.Name(c))), nil
	}
	r := said(q.sayf("%s 的电话：%s（已记录查看原因：%s）", "Number of %s: %s (recorded: %s)", cards.Name(c), number, reason)).saw(access.Sight{Tier: true, Basis: true}, c)
	r.shown.note = bots.Cut(reason, 200)
	return r, nil
}

// helps explain the bot.
func helps() []command {
	return []command{{id: "help", words: []string{"帮助", "使用帮助", "使用说明", "说明", "怎么用", "怎么使用", "菜单", "功能", "指令", "命令", "有什么功能", "有哪些功能", "你会什么", "你能做什么", "你会干什么", "能做什么", "help", "?"}, may: access.SeeTier, bare: true, run: (*Service).help,
		usage: lang.Text{ZH: "帮助：这份说明", EN: "help: this list"}}}
}

// help lists what this person may do.
func (s *Service) help(_ context.Context, q question) (reply, error) {
	lines := []string{q.say("我会这些：", "This is what I can do:")}
	for _, c := range commands() {
		if usage := c.usage.In(q.who.Language); q.who.May(c.may) && usage != "" {
			lines = append(lines, "- "+usage)
		}
	}
	return said(strings.Join(lines, "\n")), nil
}
