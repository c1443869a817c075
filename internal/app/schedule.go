package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/google/uuid"

	"lingke/configs"
	"lingke/internal/calendar"
	"lingke/internal/followup"
	"lingke/internal/ingest"
	"lingke/internal/outbound"
	"lingke/schedules"
)

const (
	scanSpec   = "40 3 * * 0" // lists everything that a source has, so in the quietest night
	keepReads  = 366 * 24 * time.Hour
	keepRuns   = 30 * 24 * time.Hour
	keepEvents = 7 * 24 * time.Hour // as long as any platform might deliver something again
)

// schedule makes the timetable.
func (a *App) schedule() error {
	due, err := a.specs()
	if err != nil {
		return err
	}
	jobs := append(a.keepingJobs(due), a.tellingJobs(due)...)
	jobs = slices.DeleteFunc(jobs, func(j schedules.Job) bool { return a.jobOff(j.Name) })
	for _, more := range []func() ([]schedules.Job, error){a.bookJobs, a.scans, a.pulls} {
		found, err := more()
		if err != nil {
			return err
		}
		jobs = append(jobs, found...)
	}
	a.table, err = schedules.New(a.store, jobs, a.now, uuid.NewString, a.log)
	return err
}

// specs are when the jobs are due that the config may name. One that is off has none.
func (a *App) specs() (map[string]schedules.Spec, error) {
	all := make(map[string]schedules.Spec)
	for name, text := range a.cfg.JobSpecs() {
		if text == configs.JobOff {
			continue
		}
		spec, err := schedules.ParseSpec(text, a.cfg.Location)
		if err != nil {
			return nil, fmt.Errorf("jobs.%s: %w", name, err)
		}
		all[name] = spec
	}
	return all, nil
}

// jobOff reports whether the config turns a job off.
func (a *App) jobOff(name string) bool { return a.cfg.JobSpecs()[name] == configs.JobOff }

// keepingJobs are those without which the gateway would not do what it says.
func (a *App) keepingJobs(due map[string]schedules.Spec) []schedules.Job {
	return []schedules.Job{
		schedules.DueTasks(due[schedules.DueTasksName], a.tellOfTasks),
		schedules.Sweep(due["sweep"], keepEvents, a.dispatch.Sweep, a.store.PurgeEvents),
		schedules.Rescore(due["rescore"], func(ctx context.Context) (int, error) { return a.Rescore(ctx, nil) }),
		schedules.Ranks(due["ranks"], a.rankGrown),
		schedules.Lapses(due["lapses"], a.ingest.RescoreLapsed),
		schedules.HandOut(due["hand-out"], a.dispatch.HandOutWaiting),
		schedules.Ownership(due["ownership"], a.runClocks),
		schedules.Imports(due["imports"], a.imports.Resume),
		schedules.Purge(due["purge"], a.purges()),
		schedules.CheckReads(due["check-reads"], a.checkReads),
		schedules.Ask(due["ask"], a.match.Ask),
		schedules.Budgets(due["budgets"], a.warnOfBudgets),
	}
}

// tellingJobs are those that tell people something, each of which may be off.
func (a *App) tellingJobs(due map[string]schedules.Spec) []schedules.Job {
	jobs := []schedules.Job{
		schedules.Report("daily", due["daily"], a.tellDay),
		schedules.Report("report-weekly", due["report-weekly"], a.tellWeek),
		schedules.Report("report-monthly", due["report-monthly"], a.tellMonth),
	}
	jobs = append(jobs, schedules.Results(due["results"], a.results().Ask), schedules.DeadLetters(due["dead-letters"], a.dispatch.Undelivered),
		schedules.Figures(due["figures"], a.keepFigures))
	for _, name := range []string{"churn", "anniversaries", "cadence", "plays"} {
		jobs = append(jobs, a.followJob(name, due[name]))
	}
	return append(jobs, a.reviewJobs(due)...)
}

// pulls are the jobs that ask sources for what is new.
func (a *App) pulls() (jobs []schedules.Job, err error) {
	a.syncs = make(map[string]schedules.Spec)
	for name, c := range a.cfg.Connectors {
		if _, pulls := a.connectors[name]; !pulls || c.Every == "" {
			continue
		}
		every, err := schedules.ParseSpec(c.Every, a.cfg.Location)
		if err != nil {
			return nil, fmt.Errorf("connectors.%s.every: %w", name, err)
		}
		a.syncs[name] = every
		jobs = append(jobs, schedules.Sync(name, every, func(ctx context.Context) (int, int, error) { return counts(a.Pull(ctx, name, false, nil)) }))
	}
	return jobs, nil
}

// keepRefused is for how long it is kept at least why something was refused, also where raw records are not kept.
const keepRefused = 30 * 24 * time.Hour

// purges are what is only kept for a time. What was kept of connectors that are in the config no longer goes once no connector would keep it.
func (a *App) purges() map[string]schedules.Keep {
	out := map[string]schedules.Keep{
		"runs": {For: keepRuns, Forget: a.store.PurgeRuns}, "posts": {For: outbound.KeepPosts, Forget: a.store.PurgePosts},
		"reads":                          {For: keepReads, Forget: a.reads.Purge},
		"raw parts of former connectors": {For: configs.MostKeepRaw, Forget: func(ctx context.Context, before time.Time) (int, error) { return a.store.PurgeRaw(ctx, "", before) }},
	}
	out["what former connectors were refused"] = schedules.Keep{For: configs.MostKeepRaw, Forget: func(ctx context.Context, before time.Time) (int, error) { return a.store.PurgeRefused(ctx, "", before) }}
	out["budgets"] = schedules.Keep{For: keepBudgets, Forget: a.store.PurgeDrawn}
	for name, c := range a.cfg.Connectors {
		out["raw parts of "+name] = schedules.Keep{For: c.RawFor(), Forget: func(ctx context.Context, before time.Time) (int, error) { return a.store.PurgeRaw(ctx, name, before) }}
		out["what "+name+" was refused"] = schedules.Keep{For: max(c.RawFor(), keepRefused), Forget: func(ctx context.Context, before time.Time) (int, error) {
			return a.store.PurgeRefused(ctx, name, before)
		}}
	}
	return out
}

func counts(r ingest.Report, err error) (taken, refused int, _ error) { return r.Records, r.Bad, err }

// tellOfTasks warns the owners of tasks that are due soon, and tells managers of those that are late. Before, it sees to the tasks of those on leave.
func (a *App) tellOfTasks(ctx context.Context, at time.Time) (int, error) {
	covered, coverErr := a.dispatch.CoverLeave(ctx, at)
	told, err := a.tasks.Tick(ctx, at,
		func(t followup.Task) error { return a.dispatch.Remind(ctx, t) },
		func(t followup.Task) error { return a.dispatch.Escalate(ctx, t) })
	return covered + told, errors.Join(coverErr, err)
}

// deputy is who sees to somebody's tasks at an instant in a leave: whom the leave names, else whom the config does.
func (a *App) deputy(person string, at time.Time) string {
	if named := a.leave.Deputy(person, at); named != "" {
		return named
	}
	p, _ := a.people.ByID(person)
	return p.Deputy
}

// workday reports whether the company works on the day of an instant.
func (a *App) workday(at time.Time) bool {
	return a.working.Load().calendar.Workday(calendar.DayOf(at, a.cfg.Location))
}

// followJob looks at every customer on the occasion that the job is named for.
func (a *App) followJob(name string, spec schedules.Spec) schedules.Job {
	return schedules.Follow(name, spec, a.workday, func(ctx context.Context) (int, error) { return a.followUp(ctx, occasions[name]) })
}

// RunDue runs by hand what was due after an instant and not after another; see schedules.Timetable.Step. What a gateway takes over from others every few seconds it takes
// over before, and it looks at once for what has become due.
func (a *App) RunDue(ctx context.Context, from, to time.Time) int {
	a.catchUp(ctx)
	n := a.table.Step(ctx, from, to)
	a.wakeAll()
	return n
}

// Resume makes by hand the runs that a process left behind when it ended; see schedules.Timetable.Resume.
func (a *App) Resume(ctx context.Context) int {
	a.catchUp(ctx)
	n := a.table.Resume(ctx)
	a.wakeAll()
	return n
}

func (a *App) catchUp(ctx context.Context) {
	if err := errors.Join(a.loadCuts(ctx), a.leave.Refresh(ctx)); err != nil {
		a.log.LogAttrs(ctx, slog.LevelWarn, "take over what others decided", slog.Any("err", err))
	}
	a.wakeAll()
}

func (a *App) wakeAll() {
	a.inbox.Wake()
	for _, s := range a.senders {
		s.Wake()
	}
	for _, t := range a.targets {
		t.Wake()
	}
}
