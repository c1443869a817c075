package e2e_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"lingke/internal/calendar"
	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/emulator/world"
	"lingke/internal/followup"
)

// check looks at everything after a step. Who has the revision of the last look is as they were, and is not read again.
func (y *year) check() {
	y.t.Helper()
	revs, err := y.raw.revs(y.t.Context())
	if err != nil {
		y.t.Fatal(err)
	}
	changed := y.changed(revs)
	y.checkHandOuts(changed)
	for _, c := range changed {
		y.counts["customers checked"]++
		y.counts["scores replayed"]++
		if _, adjusted := c.Adjusted(c.Score.At); adjusted {
			y.counts["adjusted scores"]++
		}
		if was, known := y.before[c.ID]; known && was.Owner != c.Owner {
			y.checkMove(was, c)
		}
		y.before[c.ID] = c
	}
	for id := range y.before {
		if _, there := revs[id]; !there {
			y.t.Errorf("%s: customer %s is gone", y.at, id)
		}
	}
	y.checkClocks()
	if today := y.at.In(y.zone).Format(time.DateOnly); len(changed) > 0 || today != y.looked {
		y.looked = today
		y.checkAllowances(y.before)
	}
	y.checkMessages()
}

// checkers look at customers side by side.
const checkers = 4

// changed are the customers whose revision is another than at the last look, each of which was looked at by itself.
func (y *year) changed(revs map[string]int64) []customer.Customer {
	var ids []string
	for id, rev := range revs {
		if was, known := y.before[id]; !known || was.Rev != rev {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	all := make([]customer.Customer, len(ids))
	var working sync.WaitGroup
	for first := range checkers {
		working.Go(func() {
			for i := first; i < len(ids); i += checkers {
				c, err := y.store.Customer(y.t.Context(), ids[i])
				if err != nil {
					y.t.Errorf("%s: customer %s: %v", y.at, ids[i], err)
				}
				y.checkCustomer(c)
				all[i] = c
			}
		})
	}
	working.Wait()
	return all
}

// checkClocks: what is due was done at its turn.
func (y *year) checkClocks() {
	for _, c := range y.before {
		if late := y.at.Sub(c.Clock.Next); !c.Clock.Next.IsZero() && late > 10*time.Minute {
			y.t.Errorf("%s: the clock of %s is %s late", y.at, c.Name, late)
		}
	}
	tasks, _, err := y.store.Tasks(y.t.Context(), followup.Query{WakeBefore: y.at.Add(-time.Minute), Limit: 10})
	if err != nil {
		y.t.Fatal(err)
	}
	for _, t := range tasks {
		y.t.Errorf("%s: nobody was told of task %s by %s", y.at, t.ID, t.Wake)
	}
}

// checkCustomer is what holds for every customer at any time. Several are looked at side by side.
func (y *year) checkCustomer(c customer.Customer) {
	y.t.Helper()
	if c.Owner == "" && c.Waiting.Why == "" {
		y.t.Errorf("%s: nobody has %s, and nothing says why", y.at, c.Name)
	}
	if c.Owner != "" && c.Clock.Next.IsZero() && len(c.Effects) == 0 {
		y.t.Errorf("%s: no clock runs for %s of %s", y.at, c.Name, c.Owner)
	}
	if c.Score.Total < 0 || c.Score.Total > 100 || c.Score.Model == "" {
		y.t.Errorf("%s: %s has a score of %v by %q", y.at, c.Name, c.Score.Total, c.Score.Model)
	}
	y.checkTiers(c)
	y.checkScore(c)
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
		daily, holding, err := y.store.Spent(y.t.Context(), p.ID, y.at.In(y.zone).Format(time.DateOnly))
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
			if p.Account(platform) == "" {
				continue
			}
			chat := platform + p.ID
			_, all := y.em.World().Newest(platform, p.Account(platform), 0)
			if all == y.seen[chat] {
				continue
			}
			for _, m := range y.messages(platform, p, max(all-y.seen[chat], 1)) {
				if m.From != world.Bot || y.looks[chat+" "+m.ID] { // where one was taken back, the newest is looked at again
					continue
				}
				y.looks[chat+" "+m.ID] = true
				y.counts["messages"]++
				y.checkCard(chat, m)
				if hour := m.At.In(y.zone).Hour(); hour >= 21 || hour < 8 {
					y.t.Errorf("%s: %s is told at night: %s %s", m.At.In(y.zone), p.Name, m.Text, title(m))
				}
			}
			y.seen[chat] = all
		}
	}
}

// replaced is how the id of a card ends that comes in place of one that could not be changed any more.
var replaced = regexp.MustCompile(`_r\d+$`)

// checkCard: a card comes to a chat once, and nothing that says the same on the same day under another id.
func (y *year) checkCard(chat string, m world.Message) {
	y.t.Helper()
	if m.Card == nil {
		return
	}
	y.counts["cards"]++
	about := []string{chat + " " + m.Card.ID}
	if !replaced.MatchString(m.Card.ID) {
		round := "" // who gives a customer back on the day on which it came offers it anew
		if lead := leadID.FindStringSubmatch(m.Card.ID); lead != nil {
			round = lead[2]
		}
		about = append(about, fmt.Sprint(chat, round, m.At.In(y.zone).Format(time.DateOnly), m.Card.Title, m.Card.State, m.Card.Body, m.Card.Fields))
	}
	for _, what := range about {
		if twin, twice := y.shown[what]; twice {
			y.t.Errorf("%s: the card %s came to %s beside %s: %s, %s", y.at, m.Card.ID, chat, twin, m.Card.Title, m.Card.Body)
		}
		y.shown[what] = m.Card.ID
	}
}

func title(m world.Message) string {
	if m.Card == nil {
		return ""
	}
	return m.Card.Title
}
