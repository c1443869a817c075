package app

import (
	"context"
	"fmt"
	"slices"
	"time"

	"lingke/internal/calendar"
	"lingke/schedules"
)

// review is something that managers are asked to look at on the first workday of some months.
type review struct {
	name   string
	months []time.Month // none: every month
	text   string
}

// reviews are the shipped ones: the table of customers each month, the model each quarter, the tiers each year.
var reviews = []review{
	{"review-table", nil, "📋 请更新客户分级表：核对联系方式、新采购和市场变化，确认每位客户的层级和原因。发“名单”查看，或用 lingke export 导出后修改再导入。"},
	{"review-model", []time.Month{time.January, time.April, time.July, time.October}, "📐 请做季度评分模型回顾：发“报表 上季”看各层和各得分段的成交、留存与线索质量反馈，再用 lingke validate 检验，用 lingke model dry-run 看修改后谁会变动。"},
	{"review-tiers", []time.Month{time.January}, "🔁 请做年度分层重评：确认各层的界线和目标，检查仍在生效的人工调整，再重新发布评分模型。"},
}

// latest is the last day up to that of an instant on which a review was due: the first workday of one of its months; false where that is more than a year ago.
func (r review) latest(cal *calendar.Calendar, at time.Time, zone *time.Location) (calendar.Day, bool) {
	today := calendar.DayOf(at, zone)
	year, month, _ := today.Date()
	for back := range 13 {
		begins := calendar.DayOf(time.Date(year, month-time.Month(back), 1, 12, 0, 0, 0, zone), zone)
		_, its, _ := begins.Date()
		first := cal.AddWorkdays(begins-1, 1)
		if first <= today && (len(r.months) == 0 || slices.Contains(r.months, its)) {
			return first, true
		}
	}
	return 0, false
}

// reviewJobs ask managers, once each time.
func (a *App) reviewJobs(due map[string]schedules.Spec) (jobs []schedules.Job) {
	for _, r := range reviews {
		jobs = append(jobs, schedules.Job{Name: r.name, Spec: due[r.name], Run: func(ctx context.Context, at time.Time) (string, error) {
			return a.review(ctx, r, at)
		}})
	}
	return jobs
}

// asksFor finds the day of a review that is due and the text that asks for it, also where it was missed because no gateway ran on its day. A new installation is not asked for what
// was due before it: fresh then. Where nobody is asked now, outcome says why.
func (a *App) asksFor(ctx context.Context, r review, at time.Time) (day calendar.Day, text, outcome string, fresh bool, err error) {
	cal := a.working.Load().calendar
	day, ever := r.latest(cal, at, a.cfg.Location)
	if !ever {
		return day, "", "not its day", false, nil
	}
	told, err := a.store.Document(ctx, r.document())
	if err != nil {
		return day, "", "", false, err
	}
	today := calendar.DayOf(at, a.cfg.Location)
	switch {
	case string(told) >= day.String():
		return day, "", "not its day", false, nil
	case len(told) == 0 && day != today:
		return day, "", "not its day", true, nil
	case !cal.Workday(today):
		return day, "", "waits for a workday", false, nil
	}
	if text = r.text; day != today {
		_, month, date := day.Date()
		text += fmt.Sprintf("（%d月%d日应提醒，当时系统未运行，今天补发。）", month, date)
	}
	return day, text, "told the managers", false, nil
}

// document is the name under which the store remembers the day that was asked for last.
func (r review) document() string { return "review/" + r.name }

// review asks managers for a review that is due. A crash before the store remembers so asks again under the same id, which shows nothing twice.
func (a *App) review(ctx context.Context, r review, at time.Time) (string, error) {
	day, text, outcome, fresh, err := a.asksFor(ctx, r, at)
	if err != nil || text == "" && !fresh {
		return outcome, err
	}
	if text != "" {
		if err := a.dispatch.TellManagers(ctx, fmt.Sprintf("%s %s", r.name, day), text); err != nil {
			return "", err
		}
	}
	return outcome, a.store.PutDocument(ctx, r.document(), []byte(day.String()))
}
