package chat

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/calendar"
	"lingke/internal/delivery"
	"lingke/internal/dispatch"
	"lingke/internal/lang"
	"lingke/internal/store"
)

// remembering are the commands by which people ask to be reminded.
func remembering() []command {
	return []command{
		{id: "remind", words: []string{"提醒", "提醒我", "remind"}, may: access.SeeTier, private: true, run: (*Service).remind, usage: lang.Text{
			ZH: "提醒 <时间> <客户> <内容>：到时单独提醒你，例如：提醒 明天10点 华星机械 报价；提醒 列表；提醒 取消 <序号>",
			EN: "remind <when> <customer> <what>: such as remind tomorrow 10:00 Huaxing quote; remind list; remind cancel <number>",
		}},
	}
}

// Bounds of what one person may ask for.
const (
	mostReminders = 100
	farthest      = 366 * 24 * time.Hour
)

// remind answers 提醒.
func (s *Service) remind(ctx context.Context, q question) (reply, error) {
	text := strings.TrimFunc(q.rest, around)
	text = strings.TrimFunc(newTyped(text).bareStart(remindedOf).String(), around)
	waiting, err := s.reminders(ctx, q.who)
	if err != nil {
		return reply{}, err
	}
	switch word := strings.ToLower(text); {
	case slices.Contains(statusWords, word):
		return said(s.reminderList(q, waiting)), nil
	default:
		for _, cancel := range cancelWords {
			if number, ok := strings.CutPrefix(word, cancel); ok {
				return s.cancelReminder(ctx, q, waiting, strings.TrimFunc(number, around))
			}
		}
	}
	when, rest, ok := calendar.ParseWhen(simplified(text), q.at.In(s.Zone))
	what := strings.TrimFunc(newTyped(rest).bareStart([]string{"to "}).String(), around)
	switch {
	case !ok:
		return said(q.say("没看懂时间，或者时间已经过去。例如：提醒 明天10点 华星机械 报价、提醒 30分钟后 回电话、提醒 3月5日 14:30 签约。",
			"I did not understand when, or it is over. For example: remind tomorrow 10:00 quote, remind 30m call back.")), nil
	case what == "":
		return said(q.say("要提醒什么？请在时间后面写上内容。", "Remind you of what? Please write it behind the time.")), nil
	case when.Sub(q.at) > farthest:
		return said(q.say("最远可以提醒一年内的事。", "A reminder may be a year ahead at most.")), nil
	case len(waiting) >= mostReminders:
		return said(q.sayf("你已有 %d 条提醒，请先取消一些。", "You have %d reminders already; please cancel some.", len(waiting))), nil
	}
	customerID, err := s.mentioned(ctx, what)
	if err != nil {
		return reply{}, err
	}
	platform, to := q.from.platform, q.from.user
	if platform == access.Terminal { // which nothing is sent to later
		if platform, to = dispatch.Reach(q.who, ""); to == "" {
			return said(q.say("你没有钉钉或企业微信账号，到时无法提醒你。", "You have no account on DingTalk or WeCom to be reminded on.")), nil
		}
	}
	err = s.Outgoing.Later(ctx, delivery.Delivery{
		ID: "remind-" + strings.TrimPrefix(replyID(q.id), "reply-"), Platform: platform, Kind: delivery.KindPersonal, Customer: customerID, To: []string{to},
		Text: q.sayf("⏰ 你定的提醒：%s", "⏰ You asked to be reminded: %s", what), Rank: delivery.Urgent, Rev: 1,
	}, when)
	if err != nil {
		return reply{}, err
	}
	return said(q.sayf("好的，%s 提醒你：%s", "All right, on %s: %s", s.Cards.In(q.who.Language).When(when), what)), nil
}

// mentioned is the customer whose name the text begins with, "" where none or several are meant: the reminder is the person's own words anyway.
func (s *Service) mentioned(ctx context.Context, text string) (string, error) {
	name := text
	if end := strings.IndexFunc(text, unicode.IsSpace); end > 0 {
		name = text[:end]
	}
	if len([]rune(name)) < 2 {
		return "", nil
	}
	found, err := s.Records.SearchCustomers(ctx, name, 2)
	if err != nil || len(found) != 1 {
		return "", err
	}
	return found[0].ID, nil
}

// reminders are those that wait for a person on any platform, the next one first.
func (s *Service) reminders(ctx context.Context, who access.Person) ([]delivery.Delivery, error) {
	var all []delivery.Delivery
	for _, platform := range bots.Platforms() {
		user := dispatch.Identity(who, platform)
		if user == "" {
			continue
		}
		for q := (delivery.Query{Platform: platform, Reader: user, Limit: 500}); ; {
			page, next, err := s.Records.Deliveries(ctx, q)
			if err != nil {
				return nil, fmt.Errorf("reminders: %w", err)
			}
			for _, d := range page {
				if d.Kind == delivery.KindPersonal {
					all = append(all, d)
				}
			}
			if next == "" {
				break
			}
			q.After = next
		}
	}
	slices.SortFunc(all, func(a, b delivery.Delivery) int { return cmp.Or(a.Due.Compare(b.Due), cmp.Compare(a.ID, b.ID)) })
	return all, nil
}

func (s *Service) reminderList(q question, waiting []delivery.Delivery) string {
	if len(waiting) == 0 {
		return q.say("你没有待提醒的事。例如：提醒 明天10点 华星机械 报价", "You have no reminders. For example: remind tomorrow 10:00 quote")
	}
	lines := []string{q.say("你的提醒：", "Your reminders:")}
	for i, d := range waiting {
		_, what, _ := strings.Cut(d.Text, q.say("：", ": "))
		if what == "" {
			what = d.Text
		}
		lines = append(lines, fmt.Sprintf("%d. %s　%s", i+1, s.Cards.In(q.who.Language).When(d.Due), bots.CutRunes(what, 50)))
	}
	return strings.Join(append(lines, q.say("取消：提醒 取消 <序号>", "To cancel one: remind cancel <number>")), "\n")
}

func (s *Service) cancelReminder(ctx context.Context, q question, waiting []delivery.Delivery, number string) (reply, error) {
	n, _ := strconv.Atoi(number) // 0 where it is no number
	if n < 1 || n > len(waiting) {
		return said(q.say("取消哪一条？", "Which one?") + "\n" + s.reminderList(q, waiting)), nil
	}
	d := waiting[n-1]
	err := s.Records.Withdraw(ctx, d.ID, s.Now().UTC().Truncate(time.Millisecond), cancelledByReader)
	if errors.Is(err, store.ErrNotFound) {
		return said(q.say("这条提醒刚刚已发出或取消。", "That reminder was just sent or cancelled.")), nil
	}
	if err != nil {
		return reply{}, fmt.Errorf("cancel a reminder: %w", err)
	}
	return said(q.sayf("已取消：%s", "Cancelled: %s", bots.CutRunes(d.Text, 60))), nil
}
