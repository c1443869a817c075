package e2e_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"lingke/internal/app"
	"lingke/internal/calendar"
	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/emulator/world"
	"lingke/internal/followup"
	"lingke/internal/inbox"
	"lingke/internal/store"
)

var (
	yearSeed = flag.Uint64("year.seed", 20260101, "what the simulated year draws its events with")
	yearDays = flag.Int("year.days", 45, "how many days of it are simulated; 365 for all of it")
	yearSize = flag.Int("year.customers", 120, "how many customers come in a year of them; 500 for the demo company")
)

// year is the demo company's 2026 on a clock that is moved by hand: one gateway, twelve reps and two managers on emulated platforms, customers, orders, visits and
// complaints through the signed webhook, and people who click and type, or do nothing.
type year struct {
	*site
	gateway *inProcess
	store   store.Store
	rnd     *rand.Rand
	zone    *time.Location
	at      time.Time
	names   map[string]string // of customers that came, by their id at the source
	ids     []string
	events  int
	notes   map[string]int               // that reps wrote, by customer
	before  map[string]customer.Customer // as they stood after the last step
	acted   map[string]bool              // customers about whom somebody said something in this step
	counts  map[string]int
	seen    map[string]int // messages that were looked at, by chat
}

// TestAYear checks after each step of the year what must always hold (DESIGN, section 4).
func TestAYear(t *testing.T) {
	if testing.Short() {
		t.Skip("a year takes its time")
	}
	y := newYear(t)
	started := time.Now()
	for day := range *yearDays {
		y.day(day)
		if t.Failed() {
			break
		}
	}
	y.atTheEnd()
	t.Logf("%d days, %d customers, %v in %s", *yearDays, len(y.ids), y.counts, time.Since(started).Round(time.Second))
}

func newYear(t *testing.T) *year {
	zone, err := time.LoadLocation("Asia/Shanghai")
	if err != nil {
		t.Fatal(err)
	}
	people := append(crowd(12), world.Person{ID: "boss", Name: "王主管", Role: "manager", Team: team, DingTalk: "boss1"}, world.Person{ID: "boss2", Name: "钱主管", Role: "manager", WeCom: "Boss2"})
	y := &year{
		site: newSite(t, plan{people: people, daily: 5, holding: 60, quiet: "21:00-08:00"}),
		rnd:  rand.New(rand.NewPCG(*yearSeed, 0)), //nolint:gosec // events are drawn with a stated seed
		zone: zone, names: map[string]string{}, notes: map[string]int{}, before: map[string]customer.Customer{}, acted: map[string]bool{}, counts: map[string]int{}, seen: map[string]int{},
	}
	y.at = time.Date(2026, 1, 1, 0, 0, 0, 0, zone)
	y.em.World().SetNow(y.at)
	y.gateway = y.run(app.ByHand())
	y.store = y.gateway.app.Store()
	return y
}

var workCalendar = calendar.New(calendar.Shipped()...)

// day goes through a day: few steps where nobody works.
func (y *year) day(n int) {
	first := time.Date(2026, 1, 1+n, 0, 0, 0, 0, y.zone)
	clocks := []string{"02:45", "10:00"}
	works := workCalendar.Workday(calendar.DayOf(first, y.zone))
	if works {
		clocks = []string{"02:45", "09:10", "11:50", "15:30", "18:20"}
	}
	for _, clock := range clocks {
		at, err := time.ParseInLocation("2006-01-02 15:04", first.Format(time.DateOnly)+" "+clock, y.zone)
		if err != nil {
			y.t.Fatal(err)
		}
		y.step(at, works && clock != "02:45")
		if y.t.Failed() {
			return
		}
	}
}

// step moves the clock, lets people and customers act, runs what is due and checks.
func (y *year) step(at time.Time, works bool) {
	y.t.Helper()
	from := y.at
	y.at = at
	y.em.World().SetNow(at)
	clear(y.acted)
	if at.Hour() >= 8 { // lead cards are urgent: they would come at night too
		y.arrive()
	}
	if works {
		for range 1 + y.rnd.IntN(4) {
			y.act()
		}
	}
	y.settle()
	y.counts["jobs"] += y.gateway.app.RunDue(y.t.Context(), from, at)
	y.settle()
	y.check()
	y.counts["steps"]++
}

// arrive is what customers do: some come, some buy, visit or complain.
func (y *year) arrive() {
	perStep := float64(*yearSize) / float64(*yearDays*4)
	if y.rnd.Float64() < perStep && len(y.ids) < *yearSize {
		id := fmt.Sprintf("k%04d", len(y.ids))
		y.ids = append(y.ids, id)
		y.names[id] = fmt.Sprintf("第%04d号客户", len(y.ids))
		data := map[string]any{"id": id, "name": y.names[id], "industry": pick(y.rnd, "制造业", "零售", "教育"), "headcount": 50 + y.rnd.IntN(2000), "region": pick(y.rnd, "华东", "华南")}
		if y.rnd.IntN(5) == 0 {
			data["contract_end"] = y.at.AddDate(0, 0, 30+y.rnd.IntN(200)).Format(time.DateOnly)
		}
		y.tell(item{"customer.upsert", data})
		return
	}
	if len(y.ids) == 0 {
		return
	}
	id := y.ids[y.rnd.IntN(len(y.ids))]
	y.events++
	switch y.rnd.IntN(10) {
	case 0:
		y.tell(item{"order.upsert", map[string]any{
			"id": fmt.Sprintf("o%d", y.events), "customer_id": id, "amount": fmt.Sprint(1000 + y.rnd.IntN(200_000)), "date": y.at.UTC().Format(time.RFC3339), "status": "won",
		}})
	case 1:
		y.tell(item{"activity.created", map[string]any{"id": fmt.Sprintf("a%d", y.events), "customer_id": id, "type": "complaint", "date": y.at.UTC().Format(time.RFC3339), "text": "送货晚了"}})
	case 2, 3, 4:
		y.tell(item{"activity.created", map[string]any{"id": fmt.Sprintf("a%d", y.events), "customer_id": id, "type": pick(y.rnd, "visit", "download", "trial"), "date": y.at.UTC().Format(time.RFC3339)}})
	}
}

func pick(rnd *rand.Rand, of ...string) string { return of[rnd.IntN(len(of))] }

// tell pushes one record, sometimes twice.
func (y *year) tell(i item) {
	y.t.Helper()
	for range 1 + y.rnd.IntN(8)/7 {
		status, answer, err := y.push(y.t.Context(), fmt.Sprintf("push-%s-%v", i.Type, i.Data["id"]), i)
		if err != nil || status != 200 {
			y.t.Fatalf("push %v: %d %s %v", i, status, answer, err)
		}
	}
	y.counts["records"]++
}

// act is what people do: claim, note, finish, give back, hand over, extend, take leave.
func (y *year) act() {
	p := y.people[y.rnd.IntN(12)]
	platform := "dingtalk"
	if p.Account(platform) == "" {
		platform = "wecom"
	}
	switch y.rnd.IntN(12) {
	case 0, 1, 2, 3:
		y.claim(p, platform)
	case 4, 5, 6:
		if c, ok := y.anOwned(p); ok {
			y.speak(platform, p, "跟进 "+c.Name+" 已联系，约下周再谈", c.ID)
			y.notes[c.ID]++
		}
	case 7, 8:
		y.finish(p, platform)
	case 9:
		y.press(p, platform, "warn", "extend")
	case 10:
		if c, ok := y.anOwned(p); ok && y.rnd.IntN(4) == 0 {
			y.speak("dingtalk", y.people[12], "分配 "+c.Name+" "+y.people[y.rnd.IntN(12)].Name, c.ID)
			y.settle()
			y.speak("dingtalk", y.people[12], "确认", c.ID)
		}
	case 11:
		if y.rnd.IntN(8) == 0 {
			y.speak(platform, p, "请假 明天 家里有事", "")
		}
	}
}

// speak says something to the bot and waits for its answer, so that it does not come when the clock has been moved.
func (y *year) speak(platform string, p world.Person, text, about string) {
	y.t.Helper()
	said := func() int {
		return len(slices.DeleteFunc(slices.Clone(y.messages(platform, p, 0)), func(m world.Message) bool { return m.From != world.Bot }))
	}
	before := said()
	answered := func() error {
		if said() == before {
			return fmt.Errorf("%d messages", before)
		}
		return nil
	}
	if _, err := y.say(y.t.Context(), platform, p, text); err != nil {
		y.t.Fatalf("%s says %q: %v", p.Name, text, err)
	}
	eventually(y.t, 30*time.Second, "the answer to "+text, answered)
	if about != "" {
		y.acted[about] = true
	}
	y.counts[strings.Fields(text)[0]]++
}

// claim presses the newest claimable card that somebody sees.
func (y *year) claim(p world.Person, platform string) {
	for _, v := range slices.Backward(y.leadsOf(platform, p, "", 40)) {
		if v.claimable() {
			y.acted[v.customer()] = true
			y.clickOn(platform, p, v.message, "claim")
			return
		}
	}
}

// press presses a button of the newest card of a kind on which it can be pressed.
func (y *year) press(p world.Person, platform, kind, action string) {
	for _, m := range slices.Backward(y.messages(platform, p, 60)) {
		if m.Card == nil || !strings.Contains(m.Card.ID, kind) {
			continue
		}
		if a, ok := m.Card.Action(action); ok && a.Enabled {
			y.clickOn(platform, p, m.ID, action)
			return
		}
	}
}

func (y *year) clickOn(platform string, p world.Person, message, action string) {
	y.t.Helper()
	if _, err := y.click(y.t.Context(), platform, p, message, action); err != nil {
		y.t.Fatalf("%s presses %s: %v", p.Name, action, err)
	}
	y.counts["pressed "+action]++
}

// finish ends an open task of somebody's by its card.
func (y *year) finish(p world.Person, platform string) { y.press(p, platform, "task-", "done") }

func (y *year) anOwned(p world.Person) (customer.Customer, bool) {
	page, _, err := y.store.Customers(y.t.Context(), store.CustomerQuery{Owner: p.ID, Limit: 1000})
	if err != nil {
		y.t.Fatal(err)
	}
	if len(page) == 0 {
		return customer.Customer{}, false
	}
	return page[y.rnd.IntN(len(page))], true
}

// settle waits until nothing is to be done any more at this instant. What was added to a customer while its effects were carried out is the sweep's.
func (y *year) settle() {
	y.t.Helper()
	eventually(y.t, 60*time.Second, "everything worked off at "+y.at.String(), func() error {
		ctx, now := y.t.Context(), y.now()
		events, err := y.store.Events(ctx, inbox.Due, 100)
		if err != nil {
			return err
		}
		pending, err := y.store.PendingCustomers(ctx, 100)
		if err != nil {
			return err
		}
		if len(pending) > 0 {
			y.gateway.app.RunDue(ctx, now.Add(-30*time.Second), now)
		}
		due, err := y.dueBy(ctx, now)
		if n := len(events) + len(pending) + due; err == nil && n > 0 {
			err = fmt.Errorf("%d events, %d customers with effects, %d deliveries", len(events), len(pending), due)
		}
		return err
	})
}

// dueBy is how many deliveries are due by an instant and were not sent.
func (y *year) dueBy(ctx context.Context, now time.Time) (int, error) {
	all, _, err := y.store.Deliveries(ctx, delivery.Query{State: delivery.Due, Limit: 1000})
	n := 0
	for _, d := range all {
		if !d.Due.After(now) {
			n++
		}
	}
	return n, err
}

// check looks at everything after a step.
func (y *year) check() {
	y.t.Helper()
	now := map[string]customer.Customer{}
	if err := y.store.EachCustomer(y.t.Context(), func(c customer.Customer) error { now[c.ID] = c; return nil }); err != nil {
		y.t.Fatal(err)
	}
	for id, c := range now {
		y.checkCustomer(c)
		if was, known := y.before[id]; known && was.Owner != c.Owner {
			y.checkMove(was, c)
		}
	}
	for id := range y.before {
		if _, there := now[id]; !there {
			y.t.Errorf("%s: customer %s is gone", y.at, id)
		}
	}
	y.before = now
	y.checkAllowances(now)
	y.checkMessages()
}

// checkCustomer is what holds for every customer at any time.
func (y *year) checkCustomer(c customer.Customer) {
	y.t.Helper()
	if c.Owner == "" && c.Waiting.Why == "" {
		y.t.Errorf("%s: nobody has %s, and nothing says why", y.at, c.Name)
	}
	if c.Owner != "" && c.Clock.Next.IsZero() && len(c.Effects) == 0 {
		y.t.Errorf("%s: no clock runs for %s of %s", y.at, c.Name, c.Owner)
	}
	if late := y.at.Sub(c.Clock.Next); c.Owner != "" && late > 24*time.Hour {
		y.t.Errorf("%s: the clock of %s is %s late", y.at, c.Name, late)
	}
	if c.Score.Total < 0 || c.Score.Total > 100 || c.Score.Model == "" {
		y.t.Errorf("%s: %s has a score of %v by %q", y.at, c.Name, c.Score.Total, c.Score.Model)
	}
	y.checkTiers(c)
}

// stay is how long a tier lasts at least, by the shipped schemes.
const stay = 30 * 24 * time.Hour

// checkTiers: noise moves nobody twice within the stay of a scheme.
func (y *year) checkTiers(c customer.Customer) {
	last := map[string]time.Time{}
	for _, change := range c.Changes {
		if since := change.At.Sub(last[change.Scheme]); change.Why == customer.WhyScore && !last[change.Scheme].IsZero() && since < stay {
			y.t.Errorf("%s: the tier of %s in scheme %s moved after %s for its score alone", y.at, c.Name, change.Scheme, since)
		}
		last[change.Scheme] = change.At
	}
}

// checkMove: an owner changes by what somebody did, or by the clock after a card that arrived, outside of contracts.
func (y *year) checkMove(was, is customer.Customer) {
	y.t.Helper()
	y.counts["owners changed"]++
	if was.Owner == "" {
		if lost, _, ok := is.ReturnedBy(is.Owner); ok && lost.Lost && is.Handed.By == "" && y.workdays(lost.At) < 20 {
			y.t.Errorf("%s: %s has %s again %d workdays after losing it", y.at, is.Owner, is.Name, y.workdays(lost.At))
		}
		return
	}
	lost, _, returned := is.ReturnedBy(was.Owner)
	if !returned {
		y.t.Errorf("%s: %s lost %s without a trace", y.at, was.Owner, is.Name)
		return
	}
	if !lost.Lost {
		if !y.acted[is.ID] && is.Handed.By == "" {
			y.t.Errorf("%s: %s no longer has %s, and nobody did anything", y.at, was.Owner, is.Name)
		}
		return
	}
	y.counts["lost by the clock"]++
	if end := was.DayEnd("contract_end", y.zone); !end.IsZero() && lost.At.Before(end.AddDate(0, 0, 30)) {
		y.t.Errorf("%s: %s went although its contract ends on %s", y.at, is.Name, was.Text("contract_end"))
	}
	y.checkWarned(was, lost.At)
}

func (y *year) workdays(since time.Time) int {
	return workCalendar.Workdays(calendar.DayOf(since, y.zone), calendar.DayOf(y.at, y.zone))
}

// checkWarned: a card of that ownership had arrived at least a workday before.
func (y *year) checkWarned(was customer.Customer, lost time.Time) {
	y.t.Helper()
	all, _, err := y.store.Deliveries(y.t.Context(), delivery.Query{Customer: was.ID, Limit: 1000})
	if err != nil {
		y.t.Fatal(err)
	}
	prefix := fmt.Sprintf("lead-%s-%d-warn-", was.ID, was.Round)
	for _, d := range all {
		if strings.HasPrefix(d.ID, prefix) && d.Shown > 0 && workCalendar.Workdays(calendar.DayOf(d.Created, y.zone), calendar.DayOf(lost, y.zone)) >= 1 {
			return
		}
	}
	y.t.Errorf("%s: %s lost %s without a card before", y.at, was.Owner, was.Name)
}

// checkAllowances: nobody claimed or holds more than allowed.
func (y *year) checkAllowances(now map[string]customer.Customer) {
	y.t.Helper()
	held := map[string]int{}
	for _, c := range now {
		held[c.Owner]++
	}
	for _, p := range y.people {
		daily, holding, err := y.store.Spent(y.t.Context(), p.ID, y.at.Format(time.DateOnly))
		if err != nil {
			y.t.Fatal(err)
		}
		if daily > 5 || holding > 60 || holding != held[p.ID] {
			y.t.Errorf("%s: %s claimed %d today and holds %d (%d)", y.at, p.Name, daily, holding, held[p.ID])
		}
	}
}

// checkMessages: nobody is told anything twice, nor at night what can wait.
func (y *year) checkMessages() {
	y.t.Helper()
	for _, p := range y.people {
		for _, platform := range platforms {
			all := y.messages(platform, p, 0)
			chat := platform + p.ID
			for _, m := range all[min(y.seen[chat], len(all)):] {
				if m.From != world.Bot {
					continue
				}
				y.counts["messages"]++
				if hour := m.At.In(y.zone).Hour(); hour >= 21 || hour < 8 {
					y.t.Errorf("%s: %s is told at night: %s %s", m.At.In(y.zone), p.Name, m.Text, title(m))
				}
			}
			y.seen[chat] = len(all)
		}
	}
}

func title(m world.Message) string {
	if m.Card == nil {
		return ""
	}
	return m.Card.Title
}

// atTheEnd looks at what accumulates over a year, and whether there was something to look at.
func (y *year) atTheEnd() {
	ctx := y.t.Context()
	for _, what := range []string{"messages", "owners changed", "lost by the clock", "pressed claim", "pressed done"} {
		if *yearDays >= 45 && y.counts[what] < 10 {
			y.t.Errorf("%d %s: the year shows nothing", y.counts[what], what)
		}
	}
	dead, _, err := y.store.Deliveries(ctx, delivery.Query{State: delivery.Dead, Limit: 10})
	if err != nil || len(dead) > 0 {
		y.t.Errorf("dead deliveries: %v, %v", dead, err)
	}
	bad, err := y.store.Events(ctx, inbox.Dead, 10)
	if err != nil || len(bad) > 0 {
		y.t.Errorf("events given up: %+v, %v", bad, err)
	}
	for id, want := range y.notes {
		c, err := y.store.Customer(ctx, id)
		if err != nil {
			y.t.Fatal(err)
		}
		all, err := y.store.Activities(ctx, c.Refs(), time.Time{})
		if err != nil {
			y.t.Fatal(err)
		}
		got := 0
		for _, a := range all {
			if a.ID.Source() == "chat" && a.Type == "note" {
				got++
			}
		}
		if got < want {
			y.t.Errorf("%s: %d of %d notes", c.Name, got, want)
		}
	}
	open, _, err := y.store.Tasks(ctx, followup.Query{State: followup.Open, Limit: 1000})
	if err != nil {
		y.t.Fatal(err)
	}
	for _, task := range open {
		if c, err := y.store.Customer(ctx, task.Customer); err != nil || c.Owner != task.Owner && len(task.Passed) == 0 {
			y.t.Errorf("task %s of %s: the customer is %s's, %v", task.Title, task.Owner, c.Owner, err)
		}
	}
}
