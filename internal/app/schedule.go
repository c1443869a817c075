package app

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"lingke/configs"
	"lingke/internal/calendar"
	"lingke/internal/followup"
	"lingke/internal/ingest"
	"lingke/internal/outbound"
	"lingke/schedules"
)

// When the jobs that no config names are due.
const (
	dueTasksSpec      = "* * * * *"
	importsSpec       = "*/5 * * * *"
	askSpec           = "*/10 * * * *"
	sweepSpec         = "@every 30s"
	rescoreSpec       = "30 2 * * *" // recency changes by the day
	handOutSpec       = "*/10 * * * *"
	ranksSpec         = "*/10 * * * *"
	lapsesSpec        = "* * * * *" // an adjustment ends at its minute
	churnSpec         = "0 9 * * *" // these on workdays
	anniversariesSpec = "5 9 * * *"
	cadenceSpec       = "10 9 * * *"
	playsSpec         = "15 9 * * *"
	purgeSpec         = "10 3 * * *"
	// after the purge, so that a day's head is told when the day's purge is in it
	checkReadsSpec = "30 3 * * *"
	scanSpec       = "40 3 * * 0" // lists everything that a source has, so in the quietest night
	keepReads      = 366 * 24 * time.Hour
	keepRuns       = 30 * 24 * time.Hour
	keepEvents     = 7 * 24 * time.Hour // as long as any platform might deliver something again
)

// schedule makes the timetable.
func (a *App) schedule() error {
	zone := a.cfg.Location
	spec := func(text string) schedules.Spec {
		s, err := schedules.ParseSpec(text, zone)
		if err != nil {
			panic(err) // a constant of this file
		}
		return s
	}
	jobs := []schedules.Job{
		schedules.DueTasks(spec(dueTasksSpec), a.tellOfTasks),
		schedules.Sweep(spec(sweepSpec), keepEvents, a.dispatch.Sweep, a.store.PurgeEvents),
		schedules.Rescore(spec(rescoreSpec), func(ctx context.Context) (int, error) { return a.Rescore(ctx, nil) }),
		schedules.Ranks(spec(ranksSpec), a.rankGrown),
		schedules.Lapses(spec(lapsesSpec), a.ingest.RescoreLapsed),
		schedules.HandOut(spec(handOutSpec), a.dispatch.HandOutWaiting),
		schedules.Ownership(spec(clocksSpec), a.runClocks),
		schedules.Imports(spec(importsSpec), a.imports.Resume),
		schedules.Purge(spec(purgeSpec), a.purges()),
		schedules.Ask(spec(askSpec), a.match.Ask),
		schedules.Report("daily", spec(dailySpec), a.tellDay),
		schedules.Report("report-weekly", spec(weeklySpec), a.tellWeek),
		schedules.Report("report-monthly", spec(monthlySpec), a.tellMonth),
		a.followJob("churn", spec(churnSpec)),
		a.followJob("anniversaries", spec(anniversariesSpec)),
		a.followJob("cadence", spec(cadenceSpec)),
		a.followJob("plays", spec(playsSpec)),
	}
	jobs = append(jobs, a.reviewJobs(spec(reviewSpec))...)
	books, err := a.bookJobs()
	if err != nil {
		return err
	}
	jobs = append(jobs, books...)
	jobs = append(jobs, schedules.CheckReads(spec(checkReadsSpec), a.checkReads))
	scans, err := a.scans()
	if err != nil {
		return err
	}
	jobs = append(jobs, scans...)
	jobs = append(jobs, a.deliveryJobs(spec)...)
	a.syncs = make(map[string]schedules.Spec)
	for name, c := range a.cfg.Connectors {
		if _, pulls := a.connectors[name]; !pulls || c.Every == "" {
			continue
		}
		every, err := schedules.ParseSpec(c.Every, zone)
		if err != nil {
			return fmt.Errorf("connectors.%s.every: %w", name, err)
		}
		a.syncs[name] = every
		jobs = append(jobs, schedules.Sync(name, every, func(ctx context.Context) (int, int, error) { return counts(a.Pull(ctx, name, false, nil)) }))
	}
	a.table, err = schedules.New(a.store, jobs, a.now, uuid.NewString, a.log)
	return err
}

// purges are what is only kept for a time. What was kept of connectors that are in the config no longer goes once no connector would keep it.
func (a *App) purges() map[string]schedules.Keep {
	out := map[string]schedules.Keep{
		"runs": {For: keepRuns, Forget: a.store.PurgeRuns}, "posts": {For: outbound.KeepPosts, Forget: a.store.PurgePosts},
		"reads":                          {For: keepReads, Forget: a.reads.Purge},
		"raw parts of former connectors": {For: configs.MostKeepRaw, Forget: func(ctx context.Context, before time.Time) (int, error) { return a.store.PurgeRaw(ctx, "", before) }},
	}
	out["budgets"] = schedules.Keep{For: keepBudgets, Forget: a.store.PurgeDrawn}
	for name, c := range a.cfg.Connectors {
		out["raw parts of "+name] = schedules.Keep{For: c.RawFor(), Forget: func(ctx context.Context, before time.Time) (int, error) { return a.store.PurgeRaw(ctx, name, before) }}
	}
	return out
}

func counts(r ingest.Report, err error) (taken, refused int, _ error) { return r.Records, r.Bad, err }

// tellOfTasks warns the owners of tasks that are due soon, and tells managers of those that are late.
func (a *App) tellOfTasks(ctx context.Context, at time.Time) (int, error) {
	return a.tasks.Tick(ctx, at,
		func(t followup.Task) error { return a.dispatch.Remind(ctx, t) },
		func(t followup.Task) error { return a.dispatch.Escalate(ctx, t) })
}

// workday reports whether the company works on the day of an instant.
func (a *App) workday(at time.Time) bool {
	return a.working.Load().calendar.Workday(calendar.DayOf(at, a.cfg.Location))
}

// followJob looks at every customer on the occasion that the job is named for.
func (a *App) followJob(name string, spec schedules.Spec) schedules.Job {
	return schedules.Follow(name, spec, a.workday, func(ctx context.Context) (int, error) { return a.followUp(ctx, occasions[name]) })
}

// RunDue runs by hand what was due after an instant and not after another; see schedules.Timetable.Step.
func (a *App) RunDue(ctx context.Context, from, to time.Time) int { return a.table.Step(ctx, from, to) }
