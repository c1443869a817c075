package e2e_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"lingke/internal/app"
	"lingke/schedules"
)

var (
	replicaFrom = flag.String("replicas.from", "2026-05-29", "the first day that two gateways share; then come a weekend, and a Monday that is the first of its month")
	replicaDays = flag.Int("replicas.days", 5, "how many days two gateways share in TestTwoGatewaysMakeEveryDueRunOnce; 365 for a year")
	replicaKill = flag.Int("replicas.kill", 4, "after how many stops of the clock, on average, one of them is killed")
)

// TestTwoGatewaysMakeEveryDueRunOnce is the year of TestAYear with all its checks, with two gateways in processes of their own over one store: a SQLite file, or a
// MongoDB-compatible server where there is one. Both make what is due at the same moment; at moments drawn by the seed one of them is killed in the middle, stays away for some stops
// of the clock, and comes back.
func TestTwoGatewaysMakeEveryDueRunOnce(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { shareAYear(t, "") })
	t.Run("mongo", func(t *testing.T) { shareAYear(t, onMongo(t)) })
}

// shareAYear lets two gateways share a stretch of the year over the store of that URI; over a file of the site's where it is empty.
func shareAYear(t *testing.T, store string) {
	two, started := new(replicas), time.Now()
	y := newYear(t, *replicaFrom, plan{store: store}, two.start)
	defer func() { y.summary(started) }()
	y.tick = halfMinutes
	y.pass(*replicaDays)
	y.atTheEnd()
	two.verify()
}

// halfMinutes lets the clock of the first Monday morning of June stop at every due instant of the shipped timetable: the day's, the week's and the month's lists and reports
// are due in it.
func halfMinutes(from time.Time) time.Duration {
	begin := time.Date(2026, 6, 1, 8, 25, 0, 0, time.FixedZone("CST", 8*3600))
	if from.Before(begin) || !from.Before(begin.Add(70*time.Minute)) {
		return 0
	}
	return 30 * time.Second
}

// replicas are two gateways by hand, of which one may be dead.
type replicas struct {
	y      *year
	rnd    *rand.Rand
	living [2]*replica
	addrs  [2]string
	took   time.Duration // the last step with both of them
	logs   []string      // of processes that have ended
	kills  int
	cut    int // runs that were cut off by a kill
}

// start opens both gateways, and the store beside them.
func (r *replicas) start(y *year) hands {
	r.y, r.rnd = y, rand.New(rand.NewPCG(*yearSeed, 1)) //nolint:gosec // kills are drawn with a stated seed
	r.took = 50 * time.Millisecond
	for i := range r.addrs {
		r.addrs[i] = freeAddr(y.t)
		r.revive(i)
	}
	y.t.Cleanup(r.stop)
	beside, err := app.New(y.t.Context(), y.config("127.0.0.1:1"), app.WithClock(y.clock.now), app.ByHand())
	if err != nil {
		y.t.Fatal(err)
	}
	y.t.Cleanup(func() { _ = beside.Close() })
	y.app = beside
	return r
}

func (r *replicas) revive(i int) {
	r.living[i] = r.y.replica(r.addrs[i], r.y.clock)
	r.lead()
	r.y.connected(len(r.alive()))
}

// lead sends what comes to those that are alive.
func (r *replicas) lead() {
	var addrs []string
	for _, g := range r.alive() {
		addrs = append(addrs, g.addr)
	}
	r.y.front.lead(addrs...)
}

func (r *replicas) alive() []*replica {
	return slices.DeleteFunc(slices.Clone(r.living[:]), func(g *replica) bool { return g == nil })
}

// due lets all that are alive make what is due, side by side. Where one is killed meanwhile, the clock moves past the leases that it held, and the other takes over.
func (r *replicas) due(from, to time.Time) {
	r.y.t.Helper()
	if dead := slices.Index(r.living[:], nil); dead >= 0 && r.rnd.IntN(3) == 0 {
		r.revive(dead)
	}
	r.y.runs.expect(from, to)
	victim := -1
	if len(r.alive()) == 2 && r.rnd.IntN(*replicaKill) == 0 {
		victim = r.rnd.IntN(2)
	}
	r.all(fmt.Sprintf("due %d %d", from.UnixMilli(), to.UnixMilli()), victim)
	if victim >= 0 {
		r.takeOver(victim)
	}
}

// all gives an order to everybody alive and waits for the answers. victim is killed on the way; -1: nobody.
func (r *replicas) all(order string, victim int) (n int) {
	r.y.t.Helper()
	var working, killing sync.WaitGroup
	var mu sync.Mutex
	started := time.Now()
	for i, g := range r.living {
		if g == nil {
			continue
		}
		working.Go(func() {
			did, ok := g.order(order)
			mu.Lock()
			defer mu.Unlock()
			n = max(n, did)
			if !ok && i != victim {
				r.y.t.Errorf("%s: the gateway ended by itself\n%s", r.y.at, g.stderr)
			}
		})
	}
	if victim >= 0 {
		wait := rand.N(r.took) // the random moment
		killing.Go(func() { time.Sleep(wait); r.living[victim].kill(r.y.t) })
	}
	working.Wait()
	killing.Wait()
	if victim < 0 && len(r.alive()) == 2 && n > 0 {
		r.took = max(time.Since(started), time.Millisecond)
	}
	return n
}

// pastLeases is longer than any lease.
const pastLeases = 130 * time.Second

// takeOver has the survivor make what the killed one left behind.
func (r *replicas) takeOver(victim int) {
	y := r.y
	y.t.Helper()
	r.kills++
	y.killed = true
	r.logs = append(r.logs, r.living[victim].stderr.String())
	r.living[victim] = nil
	r.lead()
	cut := r.unended()
	r.cut += len(cut)
	from := y.at
	y.move(from.Add(pastLeases))
	r.all("resume", -1)
	for _, run := range r.unended() {
		y.t.Errorf("%s: run %s was cut off by a kill, and nobody took it over", y.at, runKey(run.Job, run.Due))
	}
	y.runs.expect(from, y.at)
	r.all(fmt.Sprintf("due %d %d", from.UnixMilli(), y.at.UnixMilli()), -1)
}

// unended are the runs of the last hour that were begun and did not end.
func (r *replicas) unended() []schedules.Run {
	all, err := r.y.raw.runs(r.y.t.Context(), r.y.at.Add(-time.Hour))
	if err != nil {
		r.y.t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(run schedules.Run) bool { return !run.Ended.IsZero() })
}

func (r *replicas) stop() {
	for i, g := range r.living {
		if g == nil {
			continue
		}
		if err := g.terminate(r.y.t, 30*time.Second); err != nil {
			r.y.t.Errorf("stop: %v\n%s", err, g.stderr)
		}
		r.logs, r.living[i] = append(r.logs, g.stderr.String()), nil
	}
}

// runLine is a run in a gateway's log.
var runLine = regexp.MustCompile(`level=(\w+) msg=job job=(\S+) due=(\S+)`)

// verify compares the runs that were due with those that the gateways say they made; with those that the store has, runs does.
func (r *replicas) verify() {
	y := r.y
	y.t.Helper()
	r.stop()
	made := r.made()
	for key, n := range made {
		if n > 1 || !y.runs.expected[key] {
			y.t.Errorf("run %s was made %d times, due %v", key, n, y.runs.expected[key])
		}
	}
	if silent := len(y.runs.expected) - len(made); silent < 0 || silent > r.kills { // a kill may come between the store's answer and the line of the log
		y.t.Errorf("%d runs were due, the gateways say that they made %d", len(y.runs.expected), len(made))
	}
	if r.kills == 0 || r.cut == 0 {
		y.t.Errorf("%d kills cut %d runs off: nothing was shown", r.kills, r.cut)
	}
	y.t.Logf("%d due runs of %d jobs, each once; %d kills cut %d of them off in the middle, which the other gateway made; %d processes", len(y.runs.expected), len(y.specs), r.kills, r.cut, len(r.logs))
}

// made counts the runs in the logs of all processes.
func (r *replicas) made() map[string]int {
	out := map[string]int{}
	for _, log := range r.logs {
		for line := range strings.Lines(log) {
			m := runLine.FindStringSubmatch(line)
			if m == nil {
				continue
			}
			if m[1] != "INFO" {
				r.y.t.Errorf("a run failed: %s", line)
			}
			due, err := time.Parse(time.RFC3339, m[3])
			if err != nil {
				r.y.t.Fatal(err)
			}
			if _, shipped := r.y.specs[m[2]]; shipped {
				out[runKey(m[2], due)]++
			}
		}
	}
	return out
}
