package schedules

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/robfig/cron/v3"
)

// Job is something that is done by the clock. Run must be safe to repeat; due is the instant for which it runs. The outcome is one line for people.
type Job struct {
	Name    string
	Spec    Spec
	AtStart bool // also run when the timetable starts and the job never ran before
	Run     func(ctx context.Context, due time.Time) (outcome string, err error)
}

// runs is the part of the store that keeps the rows.
type runs interface {
	StartRun(ctx context.Context, job string, due, now, until time.Time, token string) (bool, error)
	ExtendRun(ctx context.Context, job string, due, until time.Time, token string) error
	EndRun(ctx context.Context, job string, due, ended time.Time, token, outcome string) error
	// LastRun's error means "none" or "not known now": both leave catching up to the next due instant.
	LastRun(ctx context.Context, job string) (Run, error)
}

// lease is how long a run belongs to a process that no longer says anything; it is extended every third of it.
const lease = time.Minute

// Timetable runs jobs when they are due, each due run once over all processes that share the store.
type Timetable struct {
	runs  runs
	jobs  []Job
	now   func() time.Time
	token func() string
	log   *slog.Logger
}

// New returns a Timetable. token returns a new text at every call. The jobs' names are unique.
func New(r runs, jobs []Job, now func() time.Time, token func() string, log *slog.Logger) (*Timetable, error) {
	names := make(map[string]bool)
	for _, j := range jobs {
		if j.Name == "" || j.Run == nil || j.Spec.schedule == nil || names[j.Name] {
			return nil, fmt.Errorf("job %q: needs a name of its own, a spec and something to run", j.Name)
		}
		names[j.Name] = true
	}
	return &Timetable{runs: r, jobs: jobs, now: now, token: token, log: log}, nil
}

// Run runs due jobs until ctx ends, and waits for those under way, whose contexts end too. A job that is still running when it is due again skips that time. Where
// another process has a run, this one sees to it that the run is made to its end: a process that was killed may never come back.
func (t *Timetable) Run(ctx context.Context) {
	driver := cron.New(cron.WithLogger(cron.DiscardLogger))
	var running sync.WaitGroup
	for _, j := range t.jobs {
		var busy, waiting sync.Mutex
		var id cron.EntryID
		once := func(due time.Time) (mine bool, err error) {
			if !busy.TryLock() {
				return true, nil
			}
			defer busy.Unlock()
			return t.run(ctx, j, due)
		}
		turn := func() {
			if mine := t.insist(ctx, j, t.due(driver.Entry(id).Prev), once); !mine && waiting.TryLock() {
				defer waiting.Unlock()
				t.takeOver(ctx, j, once)
			}
		}
		id = driver.Schedule(j.Spec.schedule, cron.FuncJob(turn))
		running.Go(func() { t.catchUp(ctx, j, once) })
	}
	driver.Start()
	<-ctx.Done()
	<-driver.Stop().Done()
	running.Wait()
}

// due is the instant of a run that the machine's clock set off, by the timetable's own clock: where that one is elsewhere, what is due is due now.
func (t *Timetable) due(prev time.Time) time.Time {
	if now := t.now(); time.Until(now).Abs() > time.Minute {
		return now.Truncate(time.Second)
	}
	return prev
}

// storeAgain is how long after the store failed it is asked again.
const storeAgain = time.Second

// insist makes a due run, trying again while the store is away and the next one is not due. It reports whether there is nothing left to see to.
func (t *Timetable) insist(ctx context.Context, j Job, due time.Time, once func(time.Time) (bool, error)) (mine bool) {
	for next := j.Spec.Next(due); ; {
		mine, err := once(due)
		if err == nil || !pause(ctx, storeAgain) || !t.now().Before(next) {
			return mine
		}
	}
}

// pause waits; it reports false where ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

// catchUp runs the job once if it was due while nobody was there, or never ran and wants to.
func (t *Timetable) catchUp(ctx context.Context, j Job, once func(time.Time) (bool, error)) {
	now := t.now()
	last, err := t.runs.LastRun(ctx, j.Name)
	switch {
	case err == nil:
		if due := j.Spec.Missed(last.Due, now); !due.IsZero() && t.insist(ctx, j, due, once) {
			return
		}
		t.takeOver(ctx, j, once)
	case j.AtStart:
		t.insist(ctx, j, now.Truncate(time.Second), once)
	}
}

// takeOver waits until the last run of a job has ended, and makes it if nobody who holds it is alive: whoever does extends the lease.
func (t *Timetable) takeOver(ctx context.Context, j Job, once func(time.Time) (bool, error)) {
	for {
		last, err := t.runs.LastRun(ctx, j.Name)
		wait := last.Until.Sub(t.now())
		switch {
		case err != nil:
			wait = lease
		case !last.Ended.IsZero():
			return
		case wait <= 0:
			if mine, err := once(last.Due); mine && err == nil {
				return
			}
			wait = storeAgain // somebody was faster, or the store is away
		}
		if !pause(ctx, wait) {
			return
		}
	}
}

// elsewhere reports whether another process is still at an earlier run of the job.
func (t *Timetable) elsewhere(ctx context.Context, j Job, due time.Time) bool {
	last, err := t.runs.LastRun(ctx, j.Name)
	return err == nil && last.Ended.IsZero() && last.Due.Before(due) && last.Until.After(t.now())
}

// turn is a due run that this process has.
type turn struct {
	job     Job
	due     time.Time
	token   string
	started time.Time
	outcome string
	err     error
	stopped bool // ctx ended while it ran
}

// run makes one due run if nobody else has it. mine is false where somebody else has, or is at an earlier run of the job; an error says that this is not known.
func (t *Timetable) run(ctx context.Context, j Job, due time.Time) (mine bool, err error) {
	mine = true
	if !due.IsZero() && ctx.Err() == nil {
		var x turn
		if x, mine, err = t.begin(ctx, j, due); mine {
			t.perform(ctx, &x)
			t.finish(ctx, x)
		}
	}
	return mine, err
}

// begin takes a due run; mine and err are as of run.
func (t *Timetable) begin(ctx context.Context, j Job, due time.Time) (x turn, mine bool, err error) {
	x = turn{job: j, due: due.UTC().Truncate(time.Millisecond), token: t.token(), started: t.now()}
	if t.elsewhere(ctx, j, x.due) {
		return x, false, nil
	}
	if mine, err = t.runs.StartRun(ctx, j.Name, x.due, x.started, x.started.Add(lease), x.token); err != nil && ctx.Err() == nil {
		t.log.LogAttrs(ctx, slog.LevelError, "start job", slog.String("job", j.Name), slog.Any("err", err))
	}
	return x, mine && err == nil, err
}

// perform makes a run that begin took.
func (t *Timetable) perform(ctx context.Context, x *turn) {
	x.started = t.now()
	x.outcome, x.err = t.held(ctx, x.job, x.due, x.token)
	x.stopped = x.err != nil && ctx.Err() != nil
	if x.err != nil {
		x.outcome = x.err.Error()
	}
}

// finish records what came of a run.
func (t *Timetable) finish(ctx context.Context, x turn) {
	took := t.now().Sub(x.started)
	endErr := t.end(ctx, x.job, x.due, x.token, x.outcome, x.stopped)
	level := slog.LevelInfo
	if x.err != nil && !errors.Is(x.err, context.Canceled) {
		level = slog.LevelError
	}
	t.log.LogAttrs(ctx, level, "job", slog.String("job", x.job.Name), slog.Time("due", x.due), slog.Duration("took", took),
		slog.String("outcome", x.outcome), slog.Any("err", endErr))
}

// end records a run's outcome. One that was stopped midway has none: giving its lease up lets whoever comes next do it.
func (t *Timetable) end(ctx context.Context, j Job, due time.Time, token, outcome string, stopped bool) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	if stopped {
		return t.runs.ExtendRun(ctx, j.Name, due, t.now(), token)
	}
	return t.runs.EndRun(ctx, j.Name, due, t.now().UTC().Truncate(time.Millisecond), token, outcome)
}

// keep extends the lease until ctx ends, and calls lost when the lease as it was last extended would end before the next try.
func (t *Timetable) keep(ctx context.Context, j Job, due time.Time, token string, lost func(error)) {
	const every = lease / 3
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	until := t.now().Add(lease)
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
		next := t.now().Add(lease)
		err := t.runs.ExtendRun(ctx, j.Name, due, next, token)
		switch {
		case err == nil:
			until = next
		case !t.now().Add(every).Before(until):
			lost(fmt.Errorf("keep the lease: %w", err))
			return
		}
	}
}

// held runs the job while the lease holds: losing it ends the job's context.
func (t *Timetable) held(ctx context.Context, j Job, due time.Time, token string) (outcome string, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	var keeper sync.WaitGroup
	keeper.Go(func() { t.keep(ctx, j, due, token, cancel) })
	defer keeper.Wait()
	defer cancel(nil)
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v", r)
		}
	}()
	return j.Run(ctx, due)
}

// Once runs a job that stands in no timetable as the run due at an instant, unless somebody has that run or it has ended. It returns when the job has.
func (t *Timetable) Once(ctx context.Context, j Job, due time.Time) { _, _ = t.run(ctx, j, due) }

// RunNow runs a job at once, as a run due now. It reports whether there is such a job.
func (t *Timetable) RunNow(ctx context.Context, name string) bool {
	for _, j := range t.jobs {
		if j.Name == name {
			_, _ = t.run(ctx, j, t.now()) // an error is in the log
			return true
		}
	}
	return false
}

// Job returns the job of a name.
func (t *Timetable) Job(name string) (Job, bool) {
	for _, j := range t.jobs {
		if j.Name == name {
			return j, true
		}
	}
	return Job{}, false
}

// Jobs returns all jobs, in the order in which they were given.
func (t *Timetable) Jobs() []Job { return slices.Clone(t.jobs) }
