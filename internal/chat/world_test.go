package chat

import (
	"context"
	"fmt"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lingke/bots"
	"lingke/connectors"
	"lingke/internal/access"
	"lingke/internal/assign"
	"lingke/internal/calendar"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/dispatch"
	"lingke/internal/followup"
	"lingke/internal/inbox"
	"lingke/internal/ingest"
	"lingke/internal/lang"
	"lingke/internal/leave"
	"lingke/internal/match"
	"lingke/internal/store/sqlite"
	"lingke/scoring"
)

// world is the real parts behind the chat over a real store; the clock moves a second with everything that somebody does.
type world struct {
	t      testing.TB
	store  *sqlite.Store
	clock  *atomic.Int64 // Unix milliseconds
	ingest *ingest.Service
	match  *match.Service
	chat   *Service
	claims *assign.Service
	inbox  *inbox.Inbox
	intake *Intake
	rules  *ingest.Rules
	tokens atomic.Int64
	events int
	phones map[string]string // of leads by id
	extra  map[string]string // fields of every lead
}

// migrated is a store with nothing in it. Bringing a file to the newest schema takes longer than most tests of this package, of which there are a thousand.
var migrated = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "lingke")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "lingke.db")
	s, err := sqlite.Open(context.Background(), path)
	if err == nil {
		err = s.Close()
	}
	if err != nil {
		return nil, err
	}
	return os.ReadFile(path)
})

// emptyStore returns the file of a store of the test's own.
func emptyStore(t testing.TB) string {
	t.Helper()
	file, err := migrated()
	must(t, err)
	path := filepath.Join(t.TempDir(), "lingke.db")
	must(t, os.WriteFile(path, file, 0o600))
	return path
}

func newWorld(t testing.TB) *world {
	t.Helper()
	s, err := sqlite.Open(t.Context(), emptyStore(t))
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	w := &world{t: t, store: s, clock: new(atomic.Int64)}
	w.clock.Store(time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC).UnixMilli())
	people, err := access.NewDirectory(staff())
	must(t, err)
	log := slog.New(slog.DiscardHandler)
	rules := testRules(t)
	w.rules = rules
	pools := func() assign.Pools { return rules.Pools }
	printer := cards.New(scoring.Points(), time.UTC, rules.Explain)
	out := &dispatch.Dispatcher{
		Customers: s, Deliveries: s, Cards: printer, People: people, Pools: pools, Now: w.now, Wake: func(bots.Platform) {}, Log: log, Ownership: ownership, Zone: time.UTC, History: s,
		Arrange: delivery.NewPlanner(nil, 0, nil).Arrange,
	}
	claims, todo := assign.New(s, people, pools, time.UTC, w.now, assign.WithWorking(roundTheClock), assign.WithOwnership(s, ownership, nothingDone, out.WarningShown)), followup.New(s, roundTheClock, w.now)
	out.Assign, out.Tasks = claims, todo
	w.claims = claims
	w.ingest = ingest.New(s, func() *ingest.Rules { return rules }, w.now, func(string) {}, log)
	w.match = &match.Service{Store: s, Decide: w.ingest, Show: out, Now: w.now}
	out.Match = w.match
	w.chat = &Service{
		Records: s, Claims: claims, Tasks: todo, Outgoing: out, Notes: w.ingest, Adjust: w.ingest, Outcomes: w.ingest, Merges: w.match, Leave: leave.New(s, w.now, func() {}), People: people, Pools: pools, Rooms: NewRooms(people, s, nil), Cards: printer,
		Log:   access.NewLog(s, testKeys(t), w.now),
		Ranks: func() customer.Ranks { return rules.Ranks }, Zone: time.UTC, Now: w.now,
	}
	work := func(ctx context.Context, e inbox.Event) error { return w.intake.Work(ctx, e) }
	w.inbox = inbox.New(s, map[string]inbox.Handler{Source: work}, w.now, func() string { return fmt.Sprint("token", w.tokens.Add(1)) }, 4, log)
	w.intake = NewIntake(w.inbox, w.chat)
	w.intake.patience = time.Minute // a click's outcome is looked for in place, however busy the machine is
	return w
}

func testKeys(t testing.TB) access.Keys {
	t.Helper()
	keys, err := access.Derive("test", "a secret for the tests")
	must(t, err)
	return keys
}

// ownership warns on day 3 and takes a customer back on day 7; who is to take one over is asked.
func ownership() assign.Ownership {
	day := func(n int) calendar.Span { return calendar.HoursSpan(time.Duration(n) * 24 * time.Hour) }
	return assign.Ownership{
		Ladders: []assign.Ladder{{Rungs: []assign.Rung{{Step: customer.StepRemind, After: day(3)}, {Step: customer.StepManager, After: day(5)}, {Step: customer.StepPool, After: day(7)}}}},
		Signs:   customer.Signs{Types: []string{"note"}}, Notice: day(1), ExtendBy: day(3), ExtendTimes: 2, DelayDays: 60, DelayTimes: 2, Former: day(20), Accept: true,
	}
}

func nothingDone(context.Context, customer.Customer, time.Time) (time.Time, error) {
	return time.Time{}, nil
}

func (w *world) now() time.Time { return time.UnixMilli(w.clock.Load()).UTC() }

func staff() []access.Person {
	return []access.Person{
		{ID: "zhangwei", Name: "张伟", Role: access.RoleRep, Team: "高级销售", DingTalk: "zw", WeCom: "ZhangWei", Daily: 2, Holding: 3},
		{ID: "lina", Name: "李娜", Role: access.RoleRep, Team: "高级销售", DingTalk: "lina", Daily: 20, Holding: 1},
		{ID: "zhaolei", Name: "赵磊", Role: access.RoleRep, Team: "普通销售", DingTalk: "zhaolei", Daily: 20, Holding: 20},
		{ID: "wangfang", Name: "王芳", Role: access.RoleManager, Team: "管理", DingTalk: "boss", Daily: 20, Holding: 20},
		{ID: "qianjin", Name: "钱进", Role: access.RoleFinance, Team: "财务", DingTalk: "money"},
	}
}

func testRules(t testing.TB) *ingest.Rules {
	t.Helper()
	const text = `
name: size
cap: 100
dimensions:
  - {id: profile, name: {zh: 画像, en: Profile}, cap: 100, rules: [{id: large, name: {zh: 六百人企业, en: More than 600 people}, when: 员工人数 > 600, add: 85}]}
  - {id: value, name: {zh: 价值, en: Value}, indicators: [{id: spent, name: 累计消费额, value: 累计消费额, weight: 1, linear: {from: 1000000000, to: 2000000000}}]}
`
	model, err := scoring.ParseModel("test.yaml", []byte(text), scoring.BuiltIn())
	must(t, err)
	always, err := scoring.ParseCondition("得分 > 80", scoring.BuiltIn())
	must(t, err)
	pool := assign.Pool{
		Name: "高价值线索", When: always, Team: "高级销售", Strategy: assign.ByClaim, Notify: []string{"team", "zhaolei"}, TaskTitle: lang.Text{ZH: "首次联系", EN: "First contact"}, TaskDue: calendar.HoursSpan(2 * time.Hour),
	}
	return &ingest.Rules{Models: scoring.Models{model}, Schemes: scoring.Alone(scoring.Points()), Pools: assign.Pools{pool}, Signs: ownership().Signs}
}

// lead takes a customer in and carries out what follows.
func (w *world) lead(id, name string, headcount int) customer.Customer {
	w.t.Helper()
	w.clock.Add(1000)
	r := connectors.Record{Kind: connectors.Customer, ID: id, ModifiedAt: w.now(), Fields: map[string]string{"name": name, "headcount": strconv.Itoa(headcount)}}
	if number := w.phones[id]; number != "" {
		r.Fields["phone"] = number
	}
	maps.Copy(r.Fields, w.extra)
	must(w.t, w.ingest.Apply(w.t.Context(), "crm", r))
	c := w.customer(customer.IDOf(customer.NewRef("crm", id)))
	must(w.t, w.chat.Outgoing.Carry(w.t.Context(), c.ID))
	return c
}

func (w *world) customer(id string) customer.Customer {
	w.t.Helper()
	c, err := w.store.Customer(w.t.Context(), id)
	must(w.t, err)
	return c
}

// say is what a person writes to the bot; the id is new at each call.
func (w *world) say(p bots.Platform, from, text string, group bool) bots.Incoming {
	w.clock.Add(1000)
	w.events++
	m := &bots.Message{From: from, Text: text, Group: group, At: w.now()}
	if group {
		m.Conversation = "group1"
	}
	return bots.Incoming{ID: fmt.Sprintf("%s:m%d", p, w.events), Platform: p, Message: m}
}

// press is a click on a card of a kind, the person's own where they have one; the newest where there are several.
func (w *world) press(p bots.Platform, from string, c customer.Customer, kind, action string) bots.Incoming {
	w.t.Helper()
	w.clock.Add(1000)
	w.events++
	page, _, err := w.store.Deliveries(w.t.Context(), delivery.Query{Customer: c.ID})
	must(w.t, err)
	page = slices.DeleteFunc(page, func(d delivery.Delivery) bool { return d.Kind != kind || d.Platform != p })
	slices.SortStableFunc(page, func(a, b delivery.Delivery) int {
		switch own := audience(a, p, from); {
		case own == audience(b, p, from):
			return 0
		case own:
			return -1
		}
		return 1
	})
	if len(page) == 0 {
		w.t.Fatalf("no %s card of %s on %s", kind, c.Name, p)
	}
	return bots.Incoming{ID: fmt.Sprintf("%s:k%d", p, w.events), Platform: p, Click: &bots.Click{From: from, Card: page[0].ID, Action: action, At: w.now()}}
}

// handle does it and returns the answer; an error ends the test.
func (w *world) handle(in bots.Incoming) bots.Answer {
	w.t.Helper()
	a, err := w.chat.Handle(w.t.Context(), in)
	must(w.t, err)
	return a
}

// answer is the text that a message was answered with, and where to.
func (w *world) answer(in bots.Incoming) delivery.Delivery {
	w.t.Helper()
	w.handle(in)
	d, err := w.store.Delivery(w.t.Context(), replyID(in.ID))
	must(w.t, err)
	return d
}

// shown is everything that a person reads of a delivery.
func shown(d delivery.Delivery) string {
	text := d.Text
	if c := d.Card; c != nil {
		text += strings.Join([]string{c.Title, c.State, c.Body}, "\n")
		for _, a := range c.Actions {
			text += " [" + a.Label + "]"
		}
	}
	return text
}

// aside is the private answer beside the answer, "" where there is none.
func (w *world) aside(in bots.Incoming) string {
	d, err := w.store.Delivery(w.t.Context(), replyID(in.ID)+"p")
	if err != nil {
		return ""
	}
	if d.Conversation != "" || len(d.To) != 1 {
		w.t.Errorf("a private answer goes to %q, %v", d.Conversation, d.To)
	}
	return shown(d)
}

func wantText(t testing.TB, got string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if absent, ok := strings.CutPrefix(part, "!"); ok && strings.Contains(got, absent) {
			t.Errorf("%q contains %q", got, absent)
		} else if !ok && !strings.Contains(got, part) {
			t.Errorf("%q does not contain %q", got, part)
		}
	}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// roundTheClock is working time without breaks, from Monday to Friday.
func roundTheClock(string) calendar.Working {
	return calendar.New().Working(calendar.Hours{{To: 24 * time.Hour}}, time.UTC)
}

// person is who has a DingTalk user id.
func person(t *testing.T, w *world, user string) access.Person {
	t.Helper()
	p, ok := w.chat.People.ByPlatform(access.DingTalk, user)
	if !ok {
		t.Fatalf("nobody is %s", user)
	}
	return p
}
