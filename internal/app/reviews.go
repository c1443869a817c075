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

// dueOn reports whether a review is told on the day of an instant.
func (r review) dueOn(cal *calendar.Calendar, at time.Time, zone *time.Location) bool {
	today := calendar.DayOf(at, zone)
	year, month, _ := today.Date()
	first := cal.AddWorkdays(calendar.Date(year, month, 1)-1, 1)
	return today == first && (len(r.months) == 0 || slices.Contains(r.months, month))
}

// reviewJobs ask managers, once each time.
func (a *App) reviewJobs(due map[string]schedules.Spec) (jobs []schedules.Job) {
	for _, r := range reviews {
		jobs = append(jobs, schedules.Job{Name: r.name, Spec: due[r.name], Run: func(ctx context.Context, at time.Time) (string, error) {
			if !r.dueOn(a.working.Load().calendar, at, a.cfg.Location) {
				return "not its day", nil
			}
			day := calendar.DayOf(at, a.cfg.Location)
			return "told the managers", a.dispatch.TellManagers(ctx, fmt.Sprintf("%s %s", r.name, day), r.text)
		}})
	}
	return jobs
}
