package chat

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/lang"
	"lingke/internal/leave"
)

// leaves is when people do not work.
type leaves interface {
	Add(ctx context.Context, e leave.Entry) error
	Return(ctx context.Context, person string, from, to time.Time) ([]leave.Entry, error)
	Entries(person string) []leave.Entry
}

// leaving is how people say when they do not work.
func leaving() []command {
	return []command{
		{id: "leave", words: []string{"请假", "休假", "leave"}, may: access.SeeTier, run: (*Service).takeLeave,
			usage: lang.Text{ZH: "请假 <日期> <原因>：如 请假 明天、请假 3月2日-3月5日 年假 代理 李娜；期间不分配客户，期限顺延，写了代理人的，到期的任务转给代理人", EN: "leave <days> <reason>: nothing is handed to you, deadlines wait; “deputy <name>” gets the tasks that are due"}},
		{id: "back", words: []string{"销假", "back"}, may: access.SeeTier, run: (*Service).endLeave,
			usage: lang.Text{ZH: "销假：提前回来，或取消还没开始的请假", EN: "back: end your leave"}},
	}
}

// takeLeave notes leave of the one who asks; a manager may begin with somebody else's name.
func (s *Service) takeLeave(ctx context.Context, q question) (reply, error) {
	if s.Leave == nil {
		return said(q.say("这里不能登记请假。", "Leave cannot be noted here.")), nil
	}
	who, rest := s.leaveOf(q)
	if rest == "" {
		return said(s.leaveList(q, who)), nil
	}
	from, to, why, ok := s.leaveDays(rest, q.at)
	if !ok {
		return said(q.say("没看懂日期。请写成：请假 明天、请假 3月2日-3月5日 年假、请假 周五下午。", "Write: leave 2026-03-02 or leave 2026-03-02..2026-03-05 and a reason.")), nil
	}
	deputy, why, no := s.deputyIn(q.who.Language, why)
	if no != "" {
		return said(no), nil
	}
	e := leave.Entry{Person: who.ID, From: from, To: to, Why: bots.CutRunes(why, 100), Deputy: deputy.ID}
	if who.ID != q.who.ID {
		e.By = q.who.ID
	}
	err := s.Leave.Add(ctx, e)
	switch {
	case errors.Is(err, leave.ErrPast):
		return said(q.say("这段时间已经过去了。", "That is over.")), nil
	case errors.Is(err, leave.ErrLong):
		return said(q.say("时间太长了：一次最多 200 天，也不能早于一年登记。请检查日期。", "That is more than 200 days, or more than a year away.")), nil
	case errors.Is(err, leave.ErrDeputy):
		return said(q.say("请假时不能由本人代理，请写另一位同事。", "Nobody stands in for themselves; name a colleague.")), nil
	case errors.Is(err, leave.ErrOrder):
		return said(q.say("结束早于开始，请检查日期。", "It ends before it begins.")), nil
	case err != nil:
		return reply{}, err
	}
	tasks := q.say("跟进和任务的期限顺延", "deadlines wait")
	if d, known := s.People.ByID(cmp.Or(deputy.ID, who.Deputy)); known {
		tasks = q.sayf("期间到期的任务转给 %s，跟进期限顺延", "tasks that are due go to %s", d.Name)
	}
	return said(q.sayf("已登记 %s 请假：%s。期间不给 %s 分配客户，%s。提前回来请发：销假", "%s is on leave: %s. Nothing is handed to %s, and %s.", who.Name, s.spanText(q.who.Language, from, to), who.Name, tasks)), nil
}

// deputyIn finds who stands in, in the reason of a leave: "年假 代理 李娜". no says why nobody was found.
func (s *Service) deputyIn(l lang.Language, text string) (found access.Person, rest, no string) {
	words := strings.Fields(text)
	for i, w := range words {
		name := ""
		for _, word := range deputyWords {
			if after, ok := strings.CutPrefix(w, word); ok {
				name = strings.TrimLeft(after, "：:@")
				break
			}
		}
		last := i + 1
		switch {
		case slices.Contains(deputyWords, strings.TrimRight(w, "：:")) && i+1 < len(words):
			name, last = words[i+1], i+2
		case name == "":
			continue
		}
		who, why := s.person(l, strings.TrimSuffix(name, standIn))
		if why != "" || !who.May(access.Claim) {
			if strings.HasPrefix(w, deputyVerb) {
				continue // a word that begins like that
			}
			return found, text, cmp.Or(why, l.Sayf("%s 不能代理客户的任务。", "%s cannot take tasks.", who.Name))
		}
		return who, strings.Join(slices.Concat(words[:i], words[last:]), " "), ""
	}
	return found, text, ""
}

// leaveOf is whose leave is meant, and the rest of the text.
func (s *Service) leaveOf(q question) (access.Person, string) {
	rest := strings.TrimSpace(q.rest)
	if q.who.May(access.Manage) {
		name, after := firstWord(rest)
		if p, no := s.person(q.who.Language, name); no == "" {
			return p, after
		}
	}
	return q.who, rest
}

// leaveDays finds the days at the beginning of a text; the reason follows.
func (s *Service) leaveDays(text string, at time.Time) (from, to time.Time, why string, ok bool) {
	words := strings.Fields(simplified(text))
	for n := min(3, len(words)); n >= 1; n-- { // "3月2日 - 3月5日" has blanks
		if from, to, ok = parseDays(strings.Join(words[:n], ""), at, s.Zone); ok {
			return from, to, strings.Join(words[n:], " "), true
		}
	}
	return from, to, "", false
}

func (s *Service) endLeave(ctx context.Context, q question) (reply, error) {
	if s.Leave == nil {
		return said(q.say("这里不能登记请假。", "Leave cannot be noted here.")), nil
	}
	who, rest := s.leaveOf(q)
	var from, to time.Time
	if rest != "" {
		var ok bool
		if from, to, _, ok = s.leaveDays(rest, q.at); !ok {
			return said(q.say("没看懂日期。请写成：销假，或 销假 3月5日。", "Write: back, or back 2026-03-05.")), nil
		}
	}
	cut, err := s.Leave.Return(ctx, who.ID, from, to)
	if err != nil {
		return reply{}, err
	}
	if len(cut) == 0 {
		return said(q.sayf("%s 没有登记的请假。", "%s has no leave.", who.Name)), nil
	}
	var lines []string
	for _, e := range cut {
		lines = append(lines, s.spanText(q.who.Language, e.From, e.To))
	}
	return said(q.sayf("已为 %s 销假：%s。", "Leave of %s is over: %s.", who.Name, strings.Join(lines, q.say("；", "; ")))), nil
}

func (s *Service) leaveList(q question, who access.Person) string {
	entries := s.Leave.Entries(who.ID)
	if len(entries) == 0 {
		return q.sayf("%s 没有登记的请假。登记请写：请假 明天 <原因>", "%s has no leave. Write: leave 2026-03-02 <reason>", who.Name)
	}
	lines := []string{q.sayf("%s 的请假：", "Leave of %s:", who.Name)}
	for _, e := range entries {
		line := "- " + s.spanText(q.who.Language, e.From, e.To)
		if e.Why != "" {
			line += " " + e.Why
		}
		if d, known := s.People.ByID(e.Deputy); known {
			line += q.sayf("（代理 %s）", " (deputy %s)", d.Name)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// spanText is a leave as people say it: "3月2日", "3月2日至3月5日", "3月2日下午".
func (s *Service) spanText(l lang.Language, from, to time.Time) string {
	from, to = from.In(s.Zone), to.In(s.Zone)
	day := func(at time.Time) string { return at.Format(l.Say("1月2日", "2 Jan")) }
	halfFirst, halfLast := from.Hour() >= int(noon/time.Hour), to.Hour() == int(noon/time.Hour)
	last := to
	if to.Hour() == 0 && to.Minute() == 0 {
		last = to.AddDate(0, 0, -1)
	}
	first, end := day(from), day(last)
	one := first == end
	if halfFirst {
		first = l.Sayf("%s下午", "%s, afternoon", first)
	}
	if halfLast {
		end = l.Sayf("%s上午", "%s, morning", end)
	}
	switch {
	case one && halfLast:
		return end
	case one:
		return first
	}
	return l.Sayf("%s至%s", "%s to %s", first, end)
}
