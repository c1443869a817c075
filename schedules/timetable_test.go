package schedules_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"lingke/internal/store/sqlite"
	"lingke/schedules"
)

// The bubbles' clocks begin at midnight UTC, 2000-01-01.

type jobFunc func(ctx context.Context, due time.Time) (string, error)

func job(t *testing.T, name, spec string, run jobFunc) schedules.Job {
	t.Helper()
	s, err := schedules.ParseSpec(spec, time.UTC)
	must(t, err)
	return schedules.Job{Name: name, Spec: s, Run: run}
}

func openStore(t *testing.T) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "lingke.db"))
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	return s
}

var tokens atomic.Int64

func newTable(t *testing.T, s runs, jobs ...schedules.Job) *schedules.Timetable {
	t.Helper()
	token := func() string { return fmt.Sprint("token", tokens.Add(1)) }
	table, err := schedules.New(s, jobs, time.Now, token, slog.New(slog.DiscardHandler))
	must(t, err)
	return table
}

// runs is what a timetable keeps its rows in.
type runs = interface {
	StartRun(ctx context.Context, job string, due, now, until time.Time, token string) (bool, error)
	ExtendRun(ctx context.Context, job string, due, until time.Time, token string) error
	EndRun(ctx context.Context, job string, due, ended time.Time, token, outcome string) error
	LastRun(ctx context.Context, job string) (schedules.Run, error)
}

// start runs a timetable until stop, which waits.
func start(t *testing.T, table *schedules.Timetable) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { table.Run(ctx) })
	stop = func() { cancel(); running.Wait() }
	t.Cleanup(stop)
	return stop
}

// dues keeps for which instants a job ran, as offsets from the bubble's start.
type dues struct {
	mu    sync.Mutex
	start time.Time
	all   []time.Duration
}

func newDues() *dues { return &dues{start: time.Now()} }

func (d *dues) run(_ context.Context, due time.Time) (string, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.all = append(d.all, due.Sub(d.start))
	return "ok", nil
}

func (d *dues) want(t *testing.T, want ...time.Duration) {
	t.Helper()
	d.mu.Lock()
	defer d.mu.Unlock()
	if !slices.Equal(d.all, want) {
		t.Errorf("ran for %v, want %v", d.all, want)
	}
}

func last(t *testing.T, s runs, name string) schedules.Run {
	t.Helper()
	r, err := s.LastRun(context.Background(), name)
	must(t, err)
	return r
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestTwoTimetablesOverOneStoreRunEachDueRunOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, ran := openStore(t), newDues()
		start(t, newTable(t, s, job(t, "j", "* * * * *", ran.run)))
		start(t, newTable(t, s, job(t, "j", "* * * * *", ran.run)))
		time.Sleep(3*time.Minute + time.Second)
		ran.want(t, time.Minute, 2*time.Minute, 3*time.Minute)
		if r := last(t, s, "j"); r.Outcome != "ok" || r.Ended.IsZero() {
			t.Errorf("%+v", r)
		}
	})
}

func TestAPanicOrAnErrorIsRecordedAndStopsNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, ran := openStore(t), newDues()
		start(t, newTable(t, s,
			job(t, "panics", "* * * * *", func(context.Context, time.Time) (string, error) { panic("nil map") }),
			job(t, "fails", "* * * * *", func(context.Context, time.Time) (string, error) { return "half", errors.New("down") }),
			job(t, "good", "* * * * *", ran.run)))
		time.Sleep(2*time.Minute + time.Second)
		ran.want(t, time.Minute, 2*time.Minute)
		for name, outcome := range map[string]string{"panics": "panic: nil map", "fails": "down", "good": "ok"} {
			if r := last(t, s, name); r.Outcome != outcome || r.Ended.IsZero() || r.Due.Minute() != 2 {
				t.Errorf("%s: %+v", name, r)
			}
		}
	})
}

func TestAfterDowntimeTheLatestMissedRunIsMadeUpForOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, ran := openStore(t), newDues()
		stop := start(t, newTable(t, s, job(t, "j", "0 * * * *", ran.run)))
		time.Sleep(time.Hour + time.Second)
		stop()
		time.Sleep(5*time.Hour + 30*time.Minute)
		start(t, newTable(t, s, job(t, "j", "0 * * * *", ran.run)))
		time.Sleep(10 * time.Minute)
		ran.want(t, time.Hour, 6*time.Hour)
	})
}

func TestAtStartRunsOnlyWhatNeverRan(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, eager, lazy := openStore(t), newDues(), newDues()
		table := func() *schedules.Timetable {
			first := job(t, "eager", "0 8 * * *", eager.run)
			first.AtStart = true
			return newTable(t, s, first, job(t, "lazy", "0 8 * * *", lazy.run))
		}
		stop := start(t, table())
		time.Sleep(time.Second)
		stop()
		start(t, table())
		time.Sleep(time.Minute)
		eager.want(t, 0)
		lazy.want(t)
	})
}

func TestAJobThatIsStillRunningSkipsItsNextTime(t *testing.T) {
	t.Parallel()
	for _, tables := range []int{1, 2} {
		t.Run(fmt.Sprint(tables, " timetables"), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, ran := openStore(t), newDues()
				slow := func(ctx context.Context, due time.Time) (string, error) {
					time.Sleep(150 * time.Second)
					return ran.run(ctx, due)
				}
				for range tables {
					start(t, newTable(t, s, job(t, "j", "* * * * *", slow)))
				}
				time.Sleep(7 * time.Minute)
				ran.want(t, time.Minute, 4*time.Minute)
			})
		})
	}
}

// shaky loses leases and forgets to extend as its fields say.
type shaky struct {
	*sqlite.Store
	failing  atomic.Int64 // so many extensions fail from now on
	starting atomic.Int64 // so many starts fail from now on
}

func (s *shaky) StartRun(ctx context.Context, job string, due, now, until time.Time, token string) (bool, error) {
	if s.starting.Add(-1) >= 0 {
		return false, errors.New("down")
	}
	return s.Store.StartRun(ctx, job, due, now, until, token)
}

func (s *shaky) ExtendRun(ctx context.Context, job string, due, until time.Time, token string) error {
	if s.failing.Add(-1) >= 0 {
		return errors.New("down")
	}
	return s.Store.ExtendRun(ctx, job, due, until, token)
}

func TestALostLeaseEndsTheJobsContextAndOneFailureDoesNot(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		failures int64
		lost     bool
	}{{"one failure", 1, false}, {"the store is away", 100, true}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s := &shaky{Store: openStore(t)}
				s.failing.Store(tt.failures)
				var took time.Duration
				long := func(ctx context.Context, _ time.Time) (string, error) {
					begun := time.Now()
					select {
					case <-ctx.Done():
					case <-time.After(10 * time.Minute):
					}
					took = time.Since(begun)
					return "", context.Cause(ctx)
				}
				stop := start(t, newTable(t, s, job(t, "j", "0 1 * * *", long)))
				time.Sleep(time.Hour + 15*time.Minute)
				stop()
				if lost := took < time.Minute; lost != tt.lost {
					t.Errorf("the job's context lasted %s", took)
				}
			})
		})
	}
}

func TestARunThatWasCutOffIsDoneAgain(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		crash bool // the process dies; else it stops
		after time.Duration
	}{
		{"at once after a stop", false, 0},
		{"when its lease has ended after a crash", true, 30 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, ran := openStore(t), newDues()
				if tt.crash {
					at := time.Now()
					mine, err := s.StartRun(context.Background(), "j", at, at, at.Add(time.Minute), "gone")
					if !mine || err != nil {
						t.Fatal(mine, err)
					}
				} else {
					stop := start(t, newTable(t, s, job(t, "j", "0 0 * * *", func(ctx context.Context, _ time.Time) (string, error) {
						<-ctx.Done()
						return "half", ctx.Err()
					})))
					time.Sleep(24*time.Hour + 30*time.Second)
					stop()
				}
				cut := last(t, s, "j").Due
				if !tt.crash && !cut.Equal(ran.start.Add(24*time.Hour)) {
					t.Fatalf("cut off: %s", cut)
				}
				time.Sleep(30 * time.Second)
				start(t, newTable(t, s, job(t, "j", "0 0 * * *", ran.run)))
				synctest.Wait()
				if tt.after > 0 {
					ran.want(t)
				}
				time.Sleep(tt.after)
				synctest.Wait()
				ran.want(t, cut.Sub(ran.start))
				if r := last(t, s, "j"); r.Outcome != "ok" || !r.Due.Equal(cut) {
					t.Errorf("%+v", r)
				}
			})
		})
	}
}

// TestARunWhoseProcessNeverComesBackIsTakenOver: the other gateway, which was there all the time, makes it when the lease has ended, and no more than once.
func TestARunWhoseProcessNeverComesBackIsTakenOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, ran := openStore(t), newDues()
		for range 2 {
			start(t, newTable(t, s, job(t, "j", "30 8 * * *", ran.run)))
		}
		time.Sleep(8*time.Hour + 29*time.Minute + 59*time.Second)
		at := time.Now()
		mine, err := s.StartRun(context.Background(), "j", ran.start.Add(8*time.Hour+30*time.Minute), at, at.Add(time.Minute), "gone")
		if !mine || err != nil {
			t.Fatal(mine, err)
		}
		time.Sleep(50 * time.Second)
		ran.want(t)
		time.Sleep(12 * time.Second)
		ran.want(t, 8*time.Hour+30*time.Minute)
		if r := last(t, s, "j"); r.Outcome != "ok" {
			t.Errorf("%+v", r)
		}
		time.Sleep(23 * time.Hour)
		ran.want(t, 8*time.Hour+30*time.Minute)
	})
}

func TestADueRunWaitsForAStoreThatIsAway(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		away int64 // in seconds
		want []time.Duration
	}{{"for a while", 20, []time.Duration{time.Minute, 2 * time.Minute}}, {"until the next is due", 65, []time.Duration{2 * time.Minute}}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				s, ran := &shaky{Store: openStore(t)}, newDues()
				s.starting.Store(tt.away)
				start(t, newTable(t, s, job(t, "j", "* * * * *", ran.run)))
				time.Sleep(2*time.Minute + 30*time.Second)
				ran.want(t, tt.want...)
			})
		})
	}
}

// TestByHandWhatWasLeftBehindIsResumed: a run whose lease has not ended is left alone.
func TestByHandWhatWasLeftBehindIsResumed(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, ran := openStore(t), newDues()
		table := newTable(t, s, job(t, "j", "0 0 * * *", ran.run), job(t, "other", "0 0 * * *", ran.run))
		at := time.Now()
		mine, err := s.StartRun(context.Background(), "j", at, at, at.Add(time.Minute), "gone")
		if !mine || err != nil {
			t.Fatal(mine, err)
		}
		if n := table.Resume(t.Context()); n != 0 {
			t.Errorf("%d resumed from the living", n)
		}
		time.Sleep(time.Minute)
		if n := table.Resume(t.Context()); n != 1 || table.Resume(t.Context()) != 0 {
			t.Errorf("%d resumed", n)
		}
		ran.want(t, 0)
	})
}

func TestALiveRunElsewhereIsNotTakenOver(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, ran := openStore(t), newDues()
		long := func(ctx context.Context, due time.Time) (string, error) {
			time.Sleep(20 * time.Minute)
			return ran.run(ctx, due)
		}
		start(t, newTable(t, s, job(t, "j", "0 1 * * *", long)))
		time.Sleep(time.Hour + time.Minute)
		start(t, newTable(t, s, job(t, "j", "0 1 * * *", long)))
		time.Sleep(time.Hour)
		ran.want(t, time.Hour)
	})
}

func TestStoppingEndsTheJobsContextAndWaits(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := openStore(t)
		ended := false
		stop := start(t, newTable(t, s, job(t, "j", "* * * * *", func(ctx context.Context, _ time.Time) (string, error) {
			<-ctx.Done()
			time.Sleep(3 * time.Second)
			ended = true
			return "", ctx.Err()
		})))
		time.Sleep(90 * time.Second)
		stop()
		if !ended {
			t.Error("the job was still running")
		}
	})
}

func TestJobsRunNowByName(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, ran := openStore(t), newDues()
		table := newTable(t, s, job(t, "j", "0 8 * * *", ran.run))
		if !table.RunNow(t.Context(), "j") || table.RunNow(t.Context(), "none") {
			t.Error("only known jobs run")
		}
		ran.want(t, 0)
	})
}

func TestUnusableJobsAreRefused(t *testing.T) {
	t.Parallel()
	good := job(t, "j", "* * * * *", newDues().run)
	nameless, idle := good, good
	nameless.Name, idle.Run = "", nil
	for name, jobs := range map[string][]schedules.Job{
		"no name": {nameless}, "nothing to run": {idle}, "no spec": {{Name: "x", Run: good.Run}}, "the same name twice": {good, good},
	} {
		if _, err := schedules.New(openStore(t), jobs, time.Now, nil, slog.New(slog.DiscardHandler)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestSweepForgetsOldEventsAlsoWhenCarryingOutFails(t *testing.T) {
	t.Parallel()
	due := time.Date(2026, 3, 8, 0, 0, 0, 0, time.UTC)
	spec, err := schedules.ParseSpec("@every 30s", time.UTC)
	must(t, err)
	down := errors.New("down")
	sweep := schedules.Sweep(spec, 7*24*time.Hour,
		func(context.Context) (int, error) { return 3, down },
		func(_ context.Context, before time.Time) (int, error) {
			if !before.Equal(due.AddDate(0, 0, -7)) {
				t.Errorf("forgets what came before %s", before)
			}
			return 5, nil
		})
	outcome, err := sweep.Run(t.Context(), due)
	if !errors.Is(err, down) || !strings.Contains(outcome, "5 events") {
		t.Errorf("%q, %v", outcome, err)
	}
}

func TestJobsTellWhatTheyDid(t *testing.T) {
	t.Parallel()
	spec, err := schedules.ParseSpec("@daily", time.UTC)
	must(t, err)
	due := time.Date(2026, 3, 8, 0, 0, 0, 0, time.UTC)
	ahead := func(_ context.Context, before time.Time) (int, error) { return int(before.Sub(due).Minutes()), nil }
	for name, j := range map[string]schedules.Job{
		"sync:erp, 7 records, 1 refused": schedules.Sync("erp", spec, func(context.Context) (int, int, error) { return 7, 1, nil }),
		"due-tasks, 0 tasks":             schedules.DueTasks(spec, ahead),
		"rescore, 9 customers":           schedules.Rescore(spec, func(context.Context) (int, error) { return 9, nil }),
	} {
		outcome, err := j.Run(t.Context(), due)
		if got := j.Name + ", " + outcome; got != name || err != nil {
			t.Errorf("%q, %v; want %q", got, err, name)
		}
	}
}
