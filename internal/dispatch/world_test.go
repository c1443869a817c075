package dispatch_test

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"lingke/bots"
	"lingke/connectors"
	"lingke/internal/access"
	"lingke/internal/assign"
	"lingke/internal/calendar"
	"lingke/internal/cards"
	"lingke/internal/clocktest"
	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/dispatch"
	"lingke/internal/followup"
	"lingke/internal/ingest"
	"lingke/internal/lang"
	"lingke/internal/match"
	"lingke/internal/store/sqlite"
	"lingke/scoring"
)

var start = time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)

// world is the deciding parts over a real store, with a clock that stands still.
type world struct {
	t     *testing.T
	store *sqlite.Store
	*clocktest.Clock
	pools    assign.Pools
	people   *access.Directory
	assign   *assign.Service
	tasks    *followup.Service
	ingest   *ingest.Service
	match    *match.Service
	dispatch *dispatch.Dispatcher
	rules    *ingest.Rules
	working  map[string]calendar.Working // of those who do not work round the clock
	woken    []string
}

func newWorld(t *testing.T, people ...access.Person) *world {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "lingke.db"))
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	w := &world{t: t, store: s, Clock: clocktest.At(start), pools: pools(t), working: make(map[string]calendar.Working)}
	w.people, err = access.NewDirectory(append(staff(), people...))
	must(t, err)
	now := w.Now
	inForce := func() assign.Pools { return w.pools }
	w.assign = assign.New(s, w.people, inForce, time.UTC, now)
	w.tasks = followup.New(s, func(person string) calendar.Working {
		if own, ok := w.working[person]; ok {
			return own
		}
		return roundTheClock(person)
	}, now)
	w.dispatch = &dispatch.Dispatcher{
		Customers: s, Deliveries: s, Assign: w.assign, Tasks: w.tasks, Cards: cards.New(scoring.Points(), time.UTC, func(c customer.Customer) scoring.Result { return c.Score }), People: w.people,
		Pools: inForce, Now: now, Wake: func(bots.Platform) {}, Log: slog.New(slog.DiscardHandler),
	}
	model, err := scoring.ParseModel("test.yaml", []byte(sizeModel), scoring.BuiltIn())
	must(t, err)
	w.rules = &ingest.Rules{Models: scoring.Models{model}, Schemes: scoring.Alone(scoring.Points())}
	rules := func() *ingest.Rules {
		now := *w.rules
		now.Pools = w.pools
		return &now
	}
	w.ingest = ingest.New(s, rules, now, func(id string) { w.woken = append(w.woken, id) }, slog.New(slog.DiscardHandler))
	w.match = &match.Service{Store: s, Decide: w.ingest, Show: w.dispatch, Now: now}
	w.dispatch.Match = w.match
	return w
}

func staff() []access.Person {
	return []access.Person{
		{ID: "zhangwei", Name: "张伟", Role: access.RoleRep, Team: "高级销售", DingTalk: "manager4220", WeCom: "ZhangWei", Daily: 20, Holding: 20},
		{ID: "lina", Name: "李娜", Role: access.RoleRep, Team: "高级销售", DingTalk: "lina01", Daily: 20, Holding: 20},
		{ID: "zhaolei", Name: "赵磊", Role: access.RoleRep, Team: "普通销售", WeCom: "ZhaoLei", Daily: 20, Holding: 2},
		{ID: "sunli", Name: "孙丽", Role: access.RoleRep, Team: "普通销售", DingTalk: "sunli", Daily: 20, Holding: 2},
		{ID: "wangfang", Name: "王芳", Role: access.RoleManager, Team: "管理", DingTalk: "boss", WeCom: "WangFang", Daily: 20, Holding: 20},
	}
}

// sizeModel scores by head count alone: more than 600 make 85, more than 100 make 60.
const sizeModel = `
name: size
cap: 100
dimensions:
  - id: profile
    name: 画像
    cap: 100
    rules:
      - {id: middle, name: 百人企业, when: 员工人数 > 100, add: 60}
      - {id: large, name: 六百人企业, when: 员工人数 > 600, add: 25}
`

func pools(t *testing.T) assign.Pools {
	t.Helper()
	when := func(text string) *scoring.Condition {
		c, err := scoring.ParseCondition(text, scoring.BuiltIn())
		must(t, err)
		return c
	}
	return assign.Pools{
		{Name: "高价值线索", When: when("得分 > 80"), Team: "高级销售", Strategy: assign.ByClaim, Notify: []string{"team", "manager"}, TaskTitle: lang.Text{ZH: "首次联系"}, TaskDue: calendar.HoursSpan(2 * time.Hour)},
		{Name: "重点跟进池", When: when("得分 > 50"), Team: "普通销售", Strategy: assign.Rotate, TaskTitle: lang.Text{ZH: "首次联系"}, TaskDue: calendar.HoursSpan(4 * time.Hour)},
		{Name: "市场培育池", When: when("true"), Team: "市场部", Strategy: assign.Hold},
	}
}

// tell takes in a version of a record of the source "crm" and carries out what follows; fields are names and values.
func (w *world) tell(id string, headcount int, fields ...string) customer.Customer {
	w.t.Helper()
	all := map[string]string{"name": "公司" + id, "headcount": strconv.Itoa(headcount)}
	for i := 0; i+1 < len(fields); i += 2 {
		all[fields[i]] = fields[i+1]
	}
	w.Pass(time.Second)
	must(w.t, w.ingest.Apply(w.t.Context(), "crm", connectors.Record{Kind: connectors.Customer, ID: id, ModifiedAt: w.Now(), Fields: all}))
	return w.settle(id)
}

// settle carries out everything and returns the customer of a record.
func (w *world) settle(id string) customer.Customer {
	w.t.Helper()
	_, err := w.dispatch.Sweep(w.t.Context())
	must(w.t, err)
	c := w.customer(id)
	if len(c.Effects) > 0 {
		w.t.Fatalf("left over: %+v", c.Effects)
	}
	return c
}

func (w *world) customer(id string) customer.Customer {
	w.t.Helper()
	found, err := w.store.CustomersByKey(w.t.Context(), []customer.Ref{customer.NewRef("crm", id)}, nil)
	must(w.t, err)
	if len(found) != 1 {
		w.t.Fatalf("%d customers have the record %s", len(found), id)
	}
	return found[0]
}

func (w *world) person(id string) access.Person {
	w.t.Helper()
	p, ok := w.people.ByID(id)
	if !ok {
		w.t.Fatalf("nobody is %s", id)
	}
	return p
}

func (w *world) claim(c customer.Customer, who string) {
	w.t.Helper()
	w.Pass(time.Second)
	_, err := w.assign.Claim(w.t.Context(), c.ID, w.person(who), string(bots.DingTalk))
	must(w.t, err)
}

func (w *world) release(c customer.Customer, who string) {
	w.t.Helper()
	w.Pass(time.Second)
	_, err := w.assign.Release(w.t.Context(), c.ID, w.person(who), string(bots.DingTalk))
	must(w.t, err)
}

// deliveries are those of a customer and kind, oldest first.
func (w *world) deliveries(c customer.Customer, kind string) []delivery.Delivery {
	w.t.Helper()
	page, _, err := w.store.Deliveries(w.t.Context(), delivery.Query{Customer: c.ID, Limit: 1000})
	must(w.t, err)
	var out []delivery.Delivery
	for i := len(page) - 1; i >= 0; i-- {
		if page[i].Kind == kind {
			out = append(out, page[i])
		}
	}
	return out
}

// states are the lines that say where the customer's cards of a kind stand, each once a card.
func (w *world) states(c customer.Customer, kind string) map[string]int {
	out := make(map[string]int)
	for _, d := range w.deliveries(c, kind) {
		out[d.Card.State]++
	}
	return out
}

// wishes are everything that people should see, without the clock: what a second Carry must not change.
func (w *world) wishes(c customer.Customer) string {
	text := ""
	for _, kind := range []string{cards.KindLead, cards.KindTask, "text"} {
		for _, d := range w.deliveries(c, kind) {
			text += fmt.Sprintf("%s rev %d %s %v\n", d.ID, d.Rev, d.State, d.To)
		}
	}
	return text
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// roundTheClock is working time without breaks, from Monday to Friday.
func roundTheClock(string) calendar.Working {
	return calendar.New().Working(calendar.Hours{{To: 24 * time.Hour}}, time.UTC)
}
