package e2e_test

import (
	"cmp"
	"flag"
	"math/rand/v2"
	"runtime/debug"
	"sync"
	"testing"
	"time"

	"lingke/internal/app"
	"lingke/internal/calendar"
	"lingke/internal/customer"
	"lingke/internal/emulator/world"
	"lingke/internal/store"
	"lingke/schedules"
	"lingke/scoring"
)

var (
	yearSeed = flag.Uint64("year.seed", 20260101, "what the simulated year draws its events with")
	yearFrom = flag.String("year.from", "", "the first simulated day; the first of January for a whole year, else the twentieth")
	yearDays = flag.Int("year.days", 42, "how many days are simulated; 365 for a year")
	yearSize = flag.Int("year.customers", 120, "how many customers there are on the last day; 500 for the demo company")
)

// year is the demo company's 2026 on a clock that is moved by hand: its gateways, twelve reps and two managers on emulated platforms, customers, orders, visits and
// complaints through the signed webhook, and people who click and type, or do nothing.
//
// The clock stops at every due instant of the jobs that are due hourly or less often, whenever people act, and at the first turn of the jobs that keep looking (every
// half minute to every ten minutes) after something has become due for them: a task's warning, an owner's step, a delivery that waited for the morning. Turns
// of those jobs at which nothing is due are left out, but where tick says otherwise.
type year struct {
	*site
	hands    hands
	app      *app.App // of a gateway, or beside them
	store    store.Store
	runs     *runBook
	raw      rawStore
	rnd      *rand.Rand
	zone     *time.Location
	clock    handClock
	at       time.Time
	first    time.Time
	specs    map[string]schedules.Spec // of the shipped timetable
	sparse   []string                  // the jobs of it that are due hourly or less often
	names    map[string]string         // of customers that came, by their id at the source
	ids      []string
	events   int
	notes    map[string]int               // that reps wrote, by customer
	before   map[string]customer.Customer // as they stood after the last step
	acted    map[string]bool              // customers about whom somebody said something in this step
	counts   map[string]int
	seen     map[string]int            // messages that were looked at, by chat
	looks    map[string]bool           // messages that were looked at, by chat and id
	shown    map[string]string         // ids of cards that came, by chat and what they are about
	models   map[string]*scoring.Model // guarded by modelsMu
	modelsMu sync.Mutex
	// tick is how far the clock moves at most from an instant on; 0: to where something is due.
	tick    func(from time.Time) time.Duration
	looked  string            // the day of the last look at allowances
	answers int               // that people got
	killed  bool              // whether gateways were
	told    map[string]bool   // refs of what sources told
	terms   map[string]*terms // of reps, by id
	book    book              // the ledger as it was read last
	// expected is how many customers there are by the end of the day.
	expected int
}

// hands move the clocks of a year's gateways.
type hands interface {
	// due runs what was due after an instant and not after another.
	due(from, to time.Time)
}

// TestAYear checks at each stop of the clock what must always hold (DESIGN, section 4).
func TestAYear(t *testing.T) {
	if testing.Short() {
		t.Skip("a year takes its time")
	}
	started := time.Now()
	y := newYear(t, firstDay(), plan{}, oneByHand)
	defer func() { y.summary(started) }()
	if underRace {
		*yearDays = min(*yearDays, 14)
	}
	y.pass(*yearDays)
	y.writeDigest()
	y.atTheEnd()
	if *yearFrom == "" && *yearDays >= 42 {
		y.shows(1, "reports recomputed")
		y.shows(10, "tasks in reports", "yuan in reports", "scores replayed", "adjusted scores", "messages", "owners changed", "lost by the clock", "pressed claim", "pressed done")
		y.shows(4, "handed rotate", "handed weighted", "handed least", "handed manager", "waiting: choice", "退回")
		if *yearSize <= 120 { // a large company's people can work on more than comes to those pools
			y.shows(4, "waiting: nobody")
		}
		y.shows(1, "shares recomputed")
	}
}

// firstDay is the first day of TestAYear. A short stretch begins so that it holds a whole month, of which the reports tell.
func firstDay() string {
	if *yearDays > 300 {
		return cmp.Or(*yearFrom, "2026-01-01")
	}
	return cmp.Or(*yearFrom, "2026-01-20")
}

// summary says what was there.
func (y *year) summary(started time.Time) {
	y.t.Logf("%d customers, %v in %s", len(y.ids), y.counts, time.Since(started).Round(time.Second))
}

// pass goes through days.
func (y *year) pass(days int) {
	defer debug.SetGCPercent(debug.SetGCPercent(300)) // as the program does
	for n := range days {
		y.day(n, days)
		if y.t.Failed() {
			break
		}
	}
}

// newYear opens the company at the midnight with which a day begins. start opens its gateways.
func newYear(t *testing.T, from string, p plan, start func(*year) hands) *year {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	first, err := time.ParseInLocation(time.DateOnly, from, zone)
	if err != nil {
		t.Fatal(err)
	}
	p.people = append(crowd(12), world.Person{ID: "boss", Name: "王主管", Role: "manager", Team: team, DingTalk: "boss1"}, world.Person{ID: "boss2", Name: "钱主管", Role: "manager", WeCom: "Boss2"})
	p.daily, p.holding, p.quiet, p.pools, p.terms = 5, 60, "21:00-08:00", yearPools, map[string]string{}
	all := termsOf(zone)
	for id, one := range all {
		p.terms[id] = one.written()
	}
	clock := newHandClock(t, first)
	p.clock = clock.now
	y := &year{
		site: newSite(t, p), terms: all, clock: clock, at: first, first: first,
		rnd:    rand.New(rand.NewPCG(*yearSeed, 0)), //nolint:gosec // events are drawn with a stated seed
		models: map[string]*scoring.Model{}, told: map[string]bool{}, zone: zone, names: map[string]string{}, notes: map[string]int{}, before: map[string]customer.Customer{}, acted: map[string]bool{}, counts: map[string]int{}, seen: map[string]int{}, looks: map[string]bool{}, shown: map[string]string{}, tick: func(time.Time) time.Duration { return 0 },
	}
	y.readTimetable()
	y.runs = newRunBook(y)
	y.hands = start(y)
	y.store = y.app.Store()
	y.raw = y.site.raw()
	return y
}

var workCalendar = calendar.New(calendar.Shipped()...)

// workday reports whether the company works on the day that begins at an instant.
func (y *year) workday(at time.Time) bool { return workCalendar.Workday(calendar.DayOf(at, y.zone)) }

// Hours at which people act: reps on workdays, customers on all days.
var (
	workHours = []string{"08:40", "11:50", "15:20", "18:20"}
	freeHours = []string{"10:00"}
)

// day goes through one day.
func (y *year) day(n, of int) {
	midnight := y.first.AddDate(0, 0, n)
	end := midnight.AddDate(0, 0, 1)
	hours := freeHours
	if y.workday(midnight) {
		hours = workHours
	}
	acts := y.clocks(midnight, hours)
	y.expected = y.comers(n, of)
	for !y.t.Failed() {
		next, acting := y.next(end, acts)
		if !next.Before(end) {
			return
		}
		y.step(next, acting)
	}
}

// clocks are times of a day.
func (y *year) clocks(midnight time.Time, hours []string) (out []time.Time) {
	for _, clock := range hours {
		at, err := time.ParseInLocation("2006-01-02 15:04", midnight.Format(time.DateOnly)+" "+clock, y.zone)
		if err != nil {
			y.t.Fatal(err)
		}
		out = append(out, at)
	}
	return out
}

// step moves the clock, runs what is due, lets customers and people act, and checks.
func (y *year) step(at time.Time, acting bool) {
	y.t.Helper()
	from := y.at
	clear(y.acted)
	y.move(at)
	y.hands.due(from, at)
	y.settle()
	if acting {
		y.arrive()
		if y.workday(at) {
			for range 1 + y.rnd.IntN(4) {
				y.act()
				y.settle()
			}
		}
	}
	y.check()
	if y.specs["report-monthly"].Next(at.Add(-time.Millisecond)).Equal(at) {
		y.checkReport()
	}
	y.counts["stops"]++
}

// move sets the time for everybody.
func (y *year) move(to time.Time) {
	y.at = to
	y.clock.set(to)
}

// settle waits until nothing is to be done any more at this instant. What was added to a customer while its effects were carried out is the sweep's, which takes its next
// turn where nothing moves any more.
func (y *year) settle() {
	y.t.Helper()
	ctx, deadline := y.t.Context(), time.Now().Add(60*time.Second)
	last, since := [3]int{}, time.Now()
	for pause := y.raw.pause(); ; pause = min(2*pause, 4*y.raw.pause()) {
		events, customers, deliveries, err := y.raw.left(ctx, y.at)
		now := [3]int{events, customers, deliveries}
		switch {
		case err != nil:
			y.t.Fatal(err)
		case now == [3]int{}:
			return
		case time.Now().After(deadline):
			y.t.Fatalf("not worked off at %s: %d events, %d customers with effects, %d deliveries", y.at, events, customers, deliveries)
		case now != last:
			last, since = now, time.Now()
		case time.Since(since) > stuckFor:
			y.nudge()
			since = time.Now()
		}
		time.Sleep(pause)
	}
}

// stuckFor is after which time without any progress the sweep takes its next turn.
const stuckFor = 2 * time.Second

func (y *year) nudge() {
	y.counts["nudges"]++
	if one, ok := y.hands.(inOne); ok && one.sweep() {
		return // at the same instant, so that a slow machine ends in the same year as a quick one
	}
	from := y.at
	y.move(from.Add(30 * time.Second))
	y.hands.due(from, y.at)
}
