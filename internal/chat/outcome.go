package chat

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/text/width"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/lang"
)

// outcomes takes in what people tell of deals.
type outcomes interface {
	Outcome(ctx context.Context, o customer.Order) error
}

// chatSource is where notes, outcomes and judgements that people tell in chat come from.
const chatSource = "chat"

// outcomings record what became of customers.
func outcomings() []command {
	return []command{
		{id: "won", words: []string{"赢单", "成交", "won", "win"}, may: access.Claim, about: aboutFirstWord, run: (*Service).won,
			usage: lang.Text{ZH: "赢单 <客户> <金额>：登记成交，可加用时，如 30天", EN: "won <customer> <amount>: record a won deal; 30d behind it says how long it took"}},
		{id: "lost", words: []string{"输单", "丢单", "lost"}, may: access.Claim, about: aboutFirstWord, run: (*Service).lost,
			usage: lang.Text{ZH: "输单 <客户> <原因>：登记丢单", EN: "lost <customer> <reason>: record a lost deal"}},
		{id: "feedback", words: []string{"反馈", "评价", "feedback"}, may: access.Claim, about: aboutFirstWord, run: (*Service).feedback,
			usage: lang.Text{ZH: "反馈 <客户> 好/一般/差 [原因]：评价线索质量", EN: "feedback <customer> good/fair/bad [reason]: judge the quality of a lead"}},
	}
}

// won answers 赢单.
func (s *Service) won(ctx context.Context, q question) (reply, error) {
	text, rest := firstWord(q.rest)
	amount, ok := parseAmount(text)
	if !ok {
		return said(q.say("请写成：赢单 <客户> <金额> [用时，如 30天] [说明]，例如：赢单 华星机械 12万 30天", "Please write: won <customer> <amount> [30d], for example: won Huaxing 120000 30d")), nil
	}
	o := customer.Outcome{Won: true, Amount: amount, By: q.who.ID, At: q.at}
	o.Days, o.Reason = dealDays(rest)
	return s.outcome(ctx, q, o)
}

// lost answers 输单.
func (s *Service) lost(ctx context.Context, q question) (reply, error) {
	o := customer.Outcome{By: q.who.ID, At: q.at}
	if o.Days, o.Reason = dealDays(q.rest); o.Reason == "" {
		return said(q.say("请写成：输单 <客户> <原因>，例如：输单 华星机械 价格太高", "Please write: lost <customer> <reason>, for example: lost Huaxing too expensive")), nil
	}
	return s.outcome(ctx, q, o)
}

func (s *Service) outcome(ctx context.Context, q question, o customer.Outcome) (reply, error) {
	c := q.customer
	if no := s.notOwn(q); no != "" {
		return said(no), nil
	}
	o.Reason = bots.Cut(o.Reason, 500)
	if err := o.Check(); errors.Is(err, customer.ErrOutcome) {
		return said(q.say("金额应大于 0，且不超过一千亿元；用时不超过 3650 天。", "An amount lies above 0 and at most at 100,000,000,000 yuan; a deal takes at most 3650 days.")), nil
	}
	if err := s.Outcomes.Outcome(ctx, o.Order(c, chatSource, s.Zone)); err != nil {
		return reply{}, err
	}
	if !s.sees(q.readers, c).Basis { // somebody reads along whom it does not concern
		return said(q.sayf("已登记 %s 的结果。", "The outcome of %s is recorded.", cards.Name(c))), nil
	}
	what := q.sayf("输单：%s", "lost: %s", o.Reason)
	if o.Won {
		what = q.sayf("赢单：%s 元", "won: %s yuan", grouped(o.Amount))
	}
	if o.Days > 0 {
		what += q.sayf("，用时 %d 天", ", in %d days", o.Days)
	}
	return said(q.sayf("已登记 %s %s。如有误，今天内重发一次即可更正。", "Recorded %s: %s. To put it right, tell it again today.", cards.Name(c), what)).saw(access.Sight{Tier: true, Basis: true}, c), nil
}

// grouped writes an amount exactly, its thousands apart: 120,000 and 8,800.50.
func grouped(m customer.Money) string {
	whole, fraction, _ := strings.Cut(m.String(), ".")
	for at := len(whole) - 3; at > 0 && whole[at-1] != '-'; at -= 3 {
		whole = whole[:at] + "," + whole[at:]
	}
	if strings.Trim(fraction, "0") == "" {
		return whole
	}
	return whole + "." + fraction
}

// feedback answers 反馈.
func (s *Service) feedback(ctx context.Context, q question) (reply, error) {
	word, note := firstWord(q.rest)
	quality, ok := qualityWords[strings.ToLower(word)]
	if !ok {
		return said(q.say("请写成：反馈 <客户> 好/一般/差 [原因]，例如：反馈 华星机械 差 没有预算", "Please write: feedback <customer> good/fair/bad [reason], for example: feedback Huaxing bad no budget")), nil
	}
	if no := s.notOwn(q); no != "" {
		return said(no), nil
	}
	if err := s.Notes.Note(ctx, customer.QualityOf(q.customer, quality, bots.Cut(note, 500), q.who.ID, chatSource, q.at)); err != nil {
		return reply{}, err
	}
	if !s.sees(q.readers, q.customer).Basis {
		return said(q.sayf("已记录对 %s 的评价。", "Your judgement of %s is recorded.", cards.Name(q.customer))), nil
	}
	return said(q.sayf("已记录：%s 是%s。", "Recorded: %s is a %s.", cards.Name(q.customer), s.cards(q).Quality(quality))).saw(access.Sight{Tier: true, Basis: true}, q.customer), nil
}

var qualityWords = map[string]customer.Quality{
	"好": customer.Good, "优": customer.Good, "优质": customer.Good, "good": customer.Good, "一般": customer.Fair, "中": customer.Fair, "fair": customer.Fair,
	"差": customer.Bad, "无效": customer.Bad, "垃圾": customer.Bad, "bad": customer.Bad,
}

// judged records what a rep says of a lead by a button of a task card.
func (s *Service) judged(ctx context.Context, p press) (bots.Answer, error) {
	c, err := s.Records.Customer(ctx, p.delivery.Customer)
	if err != nil {
		return bots.Answer{}, fmt.Errorf("judge the lead %s: %w", p.delivery.Customer, err)
	}
	if c.Owner != p.who.ID && !p.who.May(access.Manage) {
		return p.toast(p.say("只有负责人或主管可以评价线索", "Only the owner or a manager can judge the lead")), nil
	}
	quality, at := customer.Good, p.click.At
	if p.click.Action == cards.ActionBad {
		quality = customer.Bad
	}
	if at.IsZero() {
		at = s.Now()
	}
	if err := s.Notes.Note(ctx, customer.QualityOf(c, quality, "", p.who.ID, chatSource, at)); err != nil {
		return bots.Answer{}, err
	}
	return p.toast(p.sayf("已记录：%s", "Recorded: %s", s.Cards.In(p.who.Language).Quality(quality))), nil
}

// notOwn answers those who are neither the owner of the customer nor a manager; "" for the others.
func (s *Service) notOwn(q question) string {
	if q.customer.Owner == q.who.ID || q.who.May(access.Manage) {
		return ""
	}
	return q.sayf("只有 %s 的负责人或主管可以登记。", "Only the owner of %s or a manager can record that.", cards.Name(q.customer))
}

// currencies stand behind an amount, tookWord before how long a deal took and dayWord behind it.
var (
	currencies = []string{"元", "块", "人民币"}
	tookWord   = "用时"
	dayWord    = "天"
)

// units are what amounts are counted in.
var units = []struct {
	word string
	yuan float64
}{{"亿", 1e8}, {"千万", 1e7}, {"百万", 1e6}, {"万", 1e4}, {"w", 1e4}, {"千", 1e3}, {"k", 1e3}, {"", 1}}

// parseAmount reads an amount as people type it: 120000, 12万, ¥12,000.50, 1.2w, 3.5万元.
func parseAmount(text string) (customer.Money, bool) {
	text = strings.ToLower(width.Fold.String(text))
	text = strings.NewReplacer(",", "", "¥", "", "￥", "", "rmb", "").Replace(text)
	for _, tail := range currencies {
		text = strings.TrimSuffix(text, tail)
	}
	for _, u := range units {
		number, found := strings.CutSuffix(text, u.word)
		if !found {
			continue
		}
		if u.yuan == 1 {
			if m, err := customer.ParseMoney(number); err == nil {
				return m, m > 0
			}
			continue
		}
		if v, err := strconv.ParseFloat(number, 64); err == nil {
			return customer.FromYuan(v * u.yuan), v > 0 && v*u.yuan < 1e12
		}
	}
	v, ok := spokenYuan(text)
	return customer.FromYuan(v), ok && v > 0 && v < 1e12
}

// dealDays finds how long a deal took ("30天") among the words that follow, and returns the others.
func dealDays(text string) (days int, rest string) {
	words := strings.Fields(text)
	for i, w := range words {
		number, ok := strings.CutSuffix(strings.TrimPrefix(width.Fold.String(w), tookWord), dayWord)
		if !ok {
			number, ok = strings.CutSuffix(number, "d")
		}
		n, err := strconv.Atoi(number)
		if ok && err == nil && n > 0 {
			return n, strings.Join(append(words[:i:i], words[i+1:]...), " ")
		}
	}
	return 0, text
}
