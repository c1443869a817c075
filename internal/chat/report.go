package chat

import (
	"context"
	"errors"
	"slices"
	"strings"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/lang"
	"lingke/internal/report"
)

// reports is what managers ask figures of.
type reports interface {
	Period(text string) (report.Period, error)
	Progress(ctx context.Context, p report.Period) (report.Progress, error)
}

// figures are what was done and what it brought.
func figures() []command {
	return []command{
		{id: "report", words: []string{"报表", "效果", "report"}, may: access.SeeMoney, private: true, run: (*Service).report,
			usage: lang.Text{ZH: "报表 [期间] [最新]：各层留存、消费、任务与打法的效果，如 报表 上月", EN: "report [period] [latest]: what tiers and plays brought, for example: report last-month"}},
		{id: "progress", words: []string{"进度", "任务进度", "progress"}, may: access.Claim, private: true, run: (*Service).standings,
			usage: lang.Text{ZH: "进度 [姓名] [期间]：任务完成情况，主管看全员", EN: "progress [person] [period]: how the tasks stand; managers see everybody's"}},
		{id: "forecast", words: []string{"预测", "forecast"}, may: access.SeeMoney, private: true, bare: true, run: (*Service).forecast,
			usage: lang.Text{ZH: "预测：今后一季各层的销售预测", EN: "forecast: what each tier will buy in the next quarter"}},
	}
}

// period reads the period that stands behind a command; no says what is wrong with it.
func (s *Service) period(q question, usual string) (p report.Period, no string, err error) {
	text := periodOf(q.rest)
	if text == "" {
		text = usual
	}
	p, err = s.Reports.Period(text)
	if errors.Is(err, report.ErrPeriod) {
		return p, q.say("期间请写成：本周、上周、本月、上月、本季、上季、今年、去年、近90天、2026-02 或 2026-01-01至2026-03-01",
			"Please name the period: this-week, last-week, this-month, last-month, this-quarter, last-quarter, last-90d, 2026-02, or 2026-01-01..2026-03-01"), nil
	}
	return p, "", err
}

// periodOf is what people call a period, as it is read: 上个月的 and last month are 上月.
func periodOf(text string) string {
	text = newTyped(text).trimmed().without(figureWords).text()
	for name, forms := range periodWords {
		if slices.Contains(forms, text) {
			return name.zh
		}
	}
	return text
}

// report answers 报表 with the figures in words and a picture of them.
func (s *Service) report(ctx context.Context, q question) (reply, error) {
	rest, latest := wantsLatest(q.rest)
	q.rest = rest
	if _, no, err := s.period(q, ""); err != nil || no != "" {
		return said(no), err
	}
	m, err := madeFor(ctx, s, q, s.Effects, periodOf(q.rest), latest)
	if err != nil {
		return reply{}, err
	}
	e := m.Report
	r := said(q.say("分层效果　", "What the tiers brought: ") + e.Brief(q.who.Language, s.Zone) + s.asOf(q, m.At))
	if data, err := e.Chart(q.who.Language); err == nil && len(data) <= bots.MaxAttachment {
		r.file = &bots.Attachment{Name: "report.png", Data: data, Alt: q.say("图表：各层留存率与新客户各得分段成交率", "Chart: retention by tier, conversion of newcomers by score band")}
	}
	return r.saw(amounts), nil
}

// amounts is what figures tell that are made of amounts by tier: nothing of one customer.
var amounts = access.Sight{Tier: true, Money: true}

// standings answers 进度: managers see everybody, others themselves.
func (s *Service) standings(ctx context.Context, q question) (reply, error) {
	var whose access.Person
	if whose, q.rest = s.someone(q.rest); !q.who.May(access.Manage) && whose.ID != "" && whose.ID != q.who.ID {
		return said(q.say("只有主管能看别人的进度。", "Only managers see how others' tasks stand.")), nil
	}
	p, no, err := s.period(q, "this-month")
	if err != nil || no != "" {
		return said(no), err
	}
	all, err := s.Reports.Progress(ctx, p)
	if err != nil {
		return reply{}, err
	}
	if !q.who.May(access.Manage) {
		whose = q.who
	}
	if whose.ID != "" {
		all = onlyOf(all, whose.ID)
	}
	r := said(q.say("任务进度　", "Tasks: ") + all.Brief(q.who.Language, s.Zone))
	if data, err := all.Chart(q.who.Language); err == nil && all.All.Due > 0 && len(all.Teams) > 0 && len(data) <= bots.MaxAttachment {
		r.file = &bots.Attachment{Name: "progress.png", Data: data, Alt: q.say("图表：团队与个人的任务完成率", "Chart: tasks done by team and by person")}
	}
	return r, nil
}

// onlyOf is how one person's tasks stand.
func onlyOf(all report.Progress, id string) report.Progress {
	all.Teams, all.All = nil, report.Standing{}
	all.People = slices.DeleteFunc(all.People, func(x report.Standing) bool { return x.ID != id })
	for i := range all.People {
		all.All = all.People[i]
		all.People[i].Team = ""
	}
	return all
}

// someone takes a colleague's name or id out of a text: 张伟 本周.
func (s *Service) someone(text string) (access.Person, string) {
	t := newTyped(text)
	for _, p := range s.People.All() {
		for _, called := range []string{p.Name, p.ID} {
			called = newTyped(called).text()
			before, _, found := strings.Cut(t.text(), called)
			if at := len([]rune(before)); found && called != "" && (!letter([]rune(called)[0]) || wholeWord(t, at, len([]rune(called)))) {
				return p, strings.TrimFunc(t.to(at).without([]string{"@"}).String()+" "+t.from(at+len([]rune(called))).bareStart(figureWords[:1]).String(), around)
			}
		}
	}
	return access.Person{}, text
}

// forecast answers 预测.
func (s *Service) forecast(ctx context.Context, q question) (reply, error) {
	_, latest := wantsLatest(q.rest)
	m, err := madeFor(ctx, s, q, s.Forecasts, "", latest)
	if err != nil {
		return reply{}, err
	}
	return said(m.Report.Brief(q.who.Language) + s.asOf(q, m.At)).saw(amounts), nil
}
