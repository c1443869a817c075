package e2e_test

import (
	"flag"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"lingke/bots"
	"lingke/internal/app"
	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/emulator"
	"lingke/internal/emulator/world"
	"lingke/internal/followup"
	"lingke/internal/store"
)

// reminderReps times remindersEach are the reminders, 2,000 for 40 reps; the run takes minutes. One more rep is unknown to every platform.
var reminderReps = flag.Int("reminders.reps", 0, "how many reps get 50 reminders each in TestTwoThousandReminders; 0 skips it")

// Of so many reminders for each rep, some are due in the evening.
const (
	remindersEach = 50
	remindersSoon = 10
)

// evening is a Monday at 20:50 by the clock of Shanghai, with a workday behind it.
var evening = time.Date(2026, 3, 2, 20, 50, 0, 0, time.FixedZone("CST", 8*3600))

// TestTwoThousandReminders: the job warns 40 reps of 10 tasks each before nine in the evening and of 40 during the night, while the platforms enforce their limits and the
// gateway is killed in the middle of sending, in the evening and in the morning.
func TestTwoThousandReminders(t *testing.T) {
	if *reminderReps == 0 {
		t.Skip("takes minutes: -reminders.reps 40")
	}
	people := crowd(*reminderReps)
	s := &reminding{site: newSite(t, plan{people: people, quiet: "21:00-08:00", above: 5, budgets: true, tune: func(o *emulator.Options) {
		o.DingTalk.Limits.QPS, o.DingTalk.Limits.MonthCalls, o.DingTalk.OncePerDay = 20, 5000, true
		o.WeCom.PerMemberMin, o.WeCom.PerMemberHour, o.WeCom.CallsPerMin = 30, 1000, 10_000
	}})}
	s.advance(evening.Sub(s.now())) // gateways that start from now on have the same clock
	s.people = append(s.people, world.Person{ID: "gone", Name: "已离职", Role: "rep", Team: team, DingTalk: "nobody-there"})
	s.open()
	s.fill(people)
	addr := freeAddr(t)

	g := s.spawn(addr, "")
	s.eventuallySent(8)
	g.kill(t)
	g = s.spawn(addr, "")
	s.settled("in the evening", remindersSoon, 0)
	g.kill(t)

	s.advance(evening.Add(70 * time.Minute).Sub(s.now())) // 22:00
	before := s.shownTo(people)
	g = s.spawn(addr, "")
	s.settled("at night", remindersEach, (remindersEach-remindersSoon)*(*reminderReps+1))
	if _, err := s.say(t.Context(), "dingtalk", people[0], "今日"); err != nil { // what somebody asks for is answered at night
		t.Fatal(err)
	}
	eventually(t, 20*time.Second, "an answer at night", func() error {
		if n := s.shownTo(people) - before; n < 1 {
			return fmt.Errorf("%d new messages", n)
		}
		return nil
	})
	if n := s.shownTo(people) - before; n != 1 {
		t.Errorf("%d messages were shown at night, want the one answer", n)
	}
	g.kill(t)

	s.advance(evening.Add(11*time.Hour + 9*time.Minute + 58*time.Second).Sub(s.now())) // two seconds before eight
	before = s.shownTo(people)
	g = s.spawn(addr, "")
	eventually(t, 30*time.Second, "the morning's first messages", func() error {
		if s.shownTo(people) < before+5 {
			return fmt.Errorf("%d", s.shownTo(people)-before)
		}
		return nil
	})
	g.kill(t) // in the middle of the morning's sending
	g = s.spawn(addr, "")
	s.twins(people[0])
	s.settled("in the morning", remindersEach, 0)
	g.kill(t)
	s.checkReminders(people)
	s.checkTwins(people[0])
	s.checkLimits()
}

// reminding is a site whose store is looked at beside its gateways, opened once.
type reminding struct {
	*site

	st store.Store
}

func (s *reminding) open() {
	s.t.Helper()
	a, err := app.New(s.t.Context(), s.config("127.0.0.1:1"), app.WithClock(s.now))
	if err != nil {
		s.t.Fatal(err)
	}
	s.st = a.Store()
	s.t.Cleanup(func() { _ = a.Close() })
}

func (s *reminding) look(fn func(store.Store)) { fn(s.st) }

// fill stores a customer and the open tasks of every rep, of which the timetable's job warns: of a fifth at once, of the others from 21:30 on.
func (s *reminding) fill(people []world.Person) {
	s.t.Helper()
	s.look(func(st store.Store) {
		for _, p := range append(people, s.people[len(s.people)-1]) {
			c := customer.Customer{ID: "c-" + p.ID, Name: "客户" + p.ID, Stage: customer.Active, Owner: p.ID, OwnedAt: evening.UTC()}
			if err := st.PutCustomer(s.t.Context(), c); err != nil {
				s.t.Fatal(err)
			}
			for i := range remindersEach {
				wake := evening
				if i >= remindersSoon {
					wake = evening.Add(40 * time.Minute)
				}
				task := followup.Task{
					ID: fmt.Sprintf("%s-%02d", p.ID, i), Customer: c.ID, Owner: p.ID, Kind: "cadence", Title: fmt.Sprintf("回访%s第%02d次", p.ID, i), State: followup.Open,
					Due: evening.Add(21 * time.Hour).UTC(), Wake: wake.UTC(), Created: evening.UTC(),
				}
				if _, err := st.AddTask(s.t.Context(), task); err != nil {
					s.t.Fatal(err)
				}
			}
		}
	})
}

// shownTo counts the messages that people see.
func (s *reminding) shownTo(people []world.Person) (n int) {
	for _, p := range people {
		for _, platform := range platforms {
			n += len(s.messages(platform, p, 0))
		}
	}
	return n
}

func (s *reminding) eventuallySent(n int) {
	s.t.Helper()
	eventually(s.t, 90*time.Second, "the first messages", func() error {
		have := s.shownTo(s.people)
		if have >= n {
			return nil
		}
		var detail string
		s.look(func(st store.Store) {
			all := s.reminders(st)
			run, err := st.LastRun(s.t.Context(), "due-tasks")
			detail = fmt.Sprintf("%d deliveries, last run %+v %v", len(all), run, err)
			for _, d := range all[:min(len(all), 2)] {
				detail += fmt.Sprintf("; %s %s due %s: %s", d.ID, d.State, d.Due, d.Why)
			}
		})
		return fmt.Errorf("%d of %d: %s", have, n, detail)
	})
}

// settled waits until there are so many reminders of each rep and exactly so many of all still wait.
func (s *reminding) settled(when string, each, waiting int) {
	s.t.Helper()
	eventually(s.t, 3*time.Minute, "the reminders "+when, func() (err error) {
		s.look(func(st store.Store) {
			all := s.reminders(st)
			open := 0
			for _, d := range all {
				if d.State == delivery.Due {
					open++
				}
			}
			if reminders := count(all, delivery.KindReminder); reminders != each*(*reminderReps+1) || open != waiting {
				err = fmt.Errorf("%d reminders, %d wait of %d messages", reminders, open, len(all))
			}
		})
		return err
	})
}

func count(all []delivery.Delivery, kind string) (n int) {
	for _, d := range all {
		if d.Kind == kind {
			n++
		}
	}
	return n
}

// reminders are all deliveries but answers.
func (s *reminding) reminders(st store.Store) (all []delivery.Delivery) {
	s.t.Helper()
	for q := (delivery.Query{Limit: 1000}); ; {
		page, next, err := st.Deliveries(s.t.Context(), q)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, d := range page {
			if !strings.HasPrefix(d.ID, "reply-") {
				all = append(all, d)
			}
		}
		if next == "" {
			return all
		}
		q.After = next
	}
}

// twins are two anniversaries of the same words for one person on the same day.
func (s *reminding) twins(p world.Person) {
	s.t.Helper()
	s.look(func(st store.Store) {
		for _, id := range []string{"anniversary-1", "anniversary-2"} {
			d := delivery.NewPlanner(nil, 0, nil).Arrange(delivery.Delivery{
				ID: id, Platform: bots.DingTalk, Kind: "anniversary", To: []string{p.DingTalk}, Text: twinText, Rev: 1, State: delivery.Due, Due: s.now().UTC().Truncate(time.Millisecond),
				Created: s.now().UTC().Truncate(time.Millisecond),
			})
			d.Merges = false
			if _, err := st.Show(s.t.Context(), d); err != nil {
				s.t.Fatal(err)
			}
		}
	})
}

const twinText = "客户华星机械三天后是签约周年"

func (s *reminding) checkTwins(p world.Person) {
	s.t.Helper()
	n := 0
	for _, m := range s.messages("dingtalk", p, 0) {
		if strings.HasPrefix(m.Text, twinText) {
			n++
		}
	}
	if n != 2 {
		s.t.Errorf("of two anniversaries of the same words %d arrived", n)
	}
}

// checkReminders looks what became of each reminder, and that people saw each message once and none at night.
func (s *reminding) checkReminders(people []world.Person) {
	s.t.Helper()
	s.look(func(st store.Store) {
		ended := map[delivery.State]int{}
		digests := map[string]int{}
		for _, d := range s.reminders(st) {
			if d.Kind != delivery.KindReminder {
				continue
			}
			ended[d.State]++
			switch d.State {
			case delivery.Merged:
				digests[d.Into]++
			case delivery.Dead:
				if d.Why == "" || d.To[0] != "nobody-there" {
					s.t.Errorf("%s to %v was given up: %q", d.ID, d.To, d.Why)
				}
			case delivery.Done:
			default:
				s.t.Errorf("%s is %s: %s", d.ID, d.State, d.Why)
			}
		}
		dead := 0
		for id, n := range digests {
			d, err := st.Delivery(s.t.Context(), id)
			switch {
			case err != nil:
				s.t.Error(err)
			case d.State == delivery.Dead && d.To[0] == "nobody-there":
				dead++
			case d.State != delivery.Done:
				s.t.Errorf("digest %s of %d is %s: %s", id, n, d.State, d.Why)
			case d.Card == nil || !strings.Contains(d.Card.Title, fmt.Sprint(n)):
				s.t.Errorf("digest %s of %d is stored with another text than was sent: %+v", id, n, d.Card)
			}
		}
		s.t.Logf("of %d reminders %d were sent, %d merged into %d digests (%d of them dead), %d are listed as dead", remindersEach*(*reminderReps+1), ended[delivery.Done], ended[delivery.Merged], len(digests), dead, ended[delivery.Dead])
	})
	s.checkSeen(people)
}

// checkSeen looks at the conversations: no message twice, none between nine and eight but answers.
func (s *reminding) checkSeen(people []world.Person) {
	s.t.Helper()
	total := 0
	for _, p := range people {
		seen := map[string]int{}
		told := 0
		for _, platform := range platforms {
			for _, m := range s.messages(platform, p, 0) {
				text := m.Text
				if m.Card != nil {
					text = m.Card.ID + m.Card.Title
				}
				if m.From != "" && m.From == p.ID || strings.Contains(text, "今天还可领取") || text == "今日" {
					continue
				}
				total++
				seen[text]++
				told += toldBy(text)
				if hour := m.At.In(evening.Location()).Hour(); hour >= 21 || hour < 8 {
					s.t.Errorf("%s got %q at %s", p.Name, text, m.At.In(evening.Location()))
				}
			}
		}
		if told != remindersEach {
			s.t.Errorf("%s was told %d of %d reminders: %v", p.Name, told, remindersEach, seen)
		}
		for text, n := range seen {
			if n > 1 {
				s.t.Errorf("%s got %d times %q", p.Name, n, text)
			}
		}
	}
	s.t.Logf("%d messages were shown to %d people", total, len(people))
}

// checkLimits asks the platforms whether anything went beyond their limits.
func (s *reminding) checkLimits() {
	s.t.Helper()
	if st := s.em.WeCom().Stats(); st.Dropped != 0 {
		s.t.Errorf("WeCom dropped %d messages beyond a member's limits", st.Dropped)
	}
	stats := s.em.DingTalk().Stats()
	for _, r := range s.requests() {
		if r.Status == 403 || r.Status == 429 {
			s.t.Errorf("%s %s was refused with %d", r.Method, r.Path, r.Status)
		}
	}
	s.t.Logf("DingTalk counted %d calls of %d", stats.Calls, stats.CallBudget)
}

var digestTitle = regexp.MustCompile(`提醒摘要：(\d+) 条`)

// toldBy is how many reminders a message tells.
func toldBy(text string) int {
	if m := digestTitle.FindStringSubmatch(text); m != nil {
		n, _ := strconv.Atoi(m[1])
		return n
	}
	if strings.HasPrefix(text, "⏰ 即将到期") {
		return 1
	}
	return 0
}
