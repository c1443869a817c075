package e2e_test

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"lingke/internal/customer"
	"lingke/internal/emulator"
	"lingke/internal/emulator/dingtalk"
	"lingke/internal/emulator/world"
	"lingke/internal/followup"
	"lingke/internal/inbox"
	"lingke/internal/store"
)

// gateways starts the gateways of a claim test and returns the store that they share.
type gateways func(t *testing.T, s *site) store.Store

// oneOnSQLite is one gateway in this process.
func oneOnSQLite(_ *testing.T, s *site) store.Store { return s.run().app.Store() }

// twoProcesses are two gateways in processes of their own; the store is opened once more beside them.
func twoProcesses(t *testing.T, s *site) store.Store {
	t.Helper()
	a, b := s.spawn(freeAddr(t), ""), s.spawn(freeAddr(t), "")
	t.Cleanup(func() {
		for _, g := range []*process{a, b} {
			if err := g.terminate(t, 30*time.Second); err != nil {
				t.Errorf("stop: %v\n%s", err, g.stderr)
			}
		}
	})
	s.front.lead(a.addr, b.addr)
	s.connected(2)
	opened := make(chan store.Store)
	release, closed := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(closed)
		s.look(func(st store.Store) {
			opened <- st
			<-release
		})
	}()
	t.Cleanup(func() { close(release); <-closed })
	return <-opened
}

// onMongo returns the URI of a database of the test's own on a server whose conditional updates are atomic, and skips the test without one.
func onMongo(t testing.TB) string {
	t.Helper()
	uri := os.Getenv("LINGKE_TEST_MONGODB_URI")
	if uri == "" || os.Getenv("LINGKE_TEST_MONGODB_ATOMIC") != "1" {
		t.Skip("two gateways need a MongoDB server that can race: LINGKE_TEST_MONGODB_URI and LINGKE_TEST_MONGODB_ATOMIC=1")
	}
	uri, query, _ := strings.Cut(uri, "?")
	if i := strings.LastIndexByte(uri, '/'); i > len("mongodb://") {
		uri = uri[:i]
	}
	uri += fmt.Sprintf("/lingke_e2e_%d", time.Now().UnixNano())
	if query != "" {
		uri += "?" + query
	}
	return uri
}

func TestTwoHundredPeopleClickOneCardAndOneOwnsTheCustomer(t *testing.T) {
	t.Run("one gateway on SQLite", func(t *testing.T) {
		oneWinner(t, plan{people: crowd(200)}, oneOnSQLite)
	})
	t.Run("two gateways on SQLite", func(t *testing.T) {
		oneWinner(t, plan{people: crowd(200)}, twoProcesses)
	})
	t.Run("two gateways on MongoDB", func(t *testing.T) {
		oneWinner(t, plan{people: crowd(200), store: onMongo(t)}, twoProcesses)
	})
}

func TestOneRepClicksFiftyCardsAndOwnsAsManyAsTheDayAllows(t *testing.T) {
	t.Run("one gateway on SQLite", func(t *testing.T) {
		twentyOfFifty(t, plan{people: crowd(5), daily: 20}, oneOnSQLite)
	})
	t.Run("two gateways on SQLite", func(t *testing.T) {
		twentyOfFifty(t, plan{people: crowd(5), daily: 20}, twoProcesses)
	})
	t.Run("two gateways on MongoDB", func(t *testing.T) {
		twentyOfFifty(t, plan{people: crowd(5), daily: 20, store: onMongo(t)}, twoProcesses)
	})
}

// pressed is one click and what it was answered with.
type pressed struct {
	view
	outcome
	err error
}

// pressAll presses the claim button of all the views at once. The callbacks are held back until every click is on its way, so that no
// answer to one can close the card before another, and then arrive together.
func (s *site) pressAll(views []view) []pressed {
	s.t.Helper()
	s.front.holdFor(len(views))
	defer s.queueWrites()()
	out := make([]pressed, len(views))
	var all sync.WaitGroup
	for i, v := range views {
		all.Go(func() {
			o, err := s.pressUntilTaken(v)
			out[i] = pressed{v, o, err}
		})
	}
	all.Wait()
	return out
}

// queueWrites keeps the clicks of a SQLite store waiting for one another: nothing is written from now on until as many callbacks as are held back were handed
// to the gateway, so that the first of them cannot be over before the second is in. It returns what ends the wait.
func (s *site) queueWrites() (end func()) {
	if s.plan.store != "" {
		return func() {} // a server's writes take long enough by themselves
	}
	s.t.Helper()
	db, err := sql.Open("sqlite3", "file:"+s.database()+"?_pragma=busy_timeout(10000)&_txlock=immediate")
	if err != nil {
		s.t.Fatal(err)
	}
	tx, err := db.BeginTx(s.t.Context(), nil)
	if err != nil {
		s.t.Fatal(err)
	}
	barrier, taken := s.front.holding(), s.front.handed.Load()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		<-barrier.open
		for deadline := time.Now().Add(time.Second); s.front.handed.Load()-taken < enoughToRace && time.Now().Before(deadline); {
			time.Sleep(time.Millisecond)
		}
		time.Sleep(20 * time.Millisecond) // loopback is quicker; oneWinner goes on until a race was counted
		_ = tx.Rollback()                 // nothing was written
	}()
	return func() {
		<-ended
		_ = db.Close()
	}
}

// enoughToRace is how many callbacks are to be at the gateway before one of them is carried out; more follow.
const enoughToRace = 50

// pressUntilTaken presses again what an overloaded gateway did not take, as a person does. WeCom itself sends a click again that was not taken in time.
func (s *site) pressUntilTaken(v view) (o outcome, err error) {
	for range 10 {
		o, err = s.click(s.t.Context(), v.platform, v.person, v.message, "claim")
		if err != nil || o.Accepted {
			return o, err
		}
		if strings.Contains(o.Error, "it will be sent again") {
			o.Accepted, o.Toast = true, ""
			return o, nil
		}
	}
	return o, nil
}

// held makes DingTalk's clicks wait at the front door's barrier too and, where twice is set, arrive twice.
func held(s *site, twice bool) func(*emulator.Options) {
	return func(o *emulator.Options) {
		o.DingTalk.Trouble = func(push string) dingtalk.Trouble {
			if push == "card" {
				s.front.holding().arrive()
			}
			return dingtalk.Trouble{Twice: twice}
		}
	}
}

// oneWinner lets all people click until it is sure that they raced: usually once, as the clicks arrive together.
func oneWinner(t *testing.T, p plan, start gateways) {
	p.hold, p.twice = true, true
	s := newSite(t, p)
	st := start(t, s)
	defer s.fault(emulator.Fault{Match: "PUSH wecom/callback", Twice: true})()
	const rounds = 6
	for round := 1; !s.race(st, round); round++ {
		if round == rounds {
			t.Fatalf("in %d rounds no two clicks were in before the customer had its owner: nothing raced", rounds)
		}
	}
}

// race lets all people click on one card and reports whether at least two clicks were in before anybody owned the customer.
func (s *site) race(st store.Store, round int) bool {
	t := s.t
	t.Helper()
	id := fmt.Sprintf("c-%d", round)
	s.lead(id, fmt.Sprintf("苏州领先%d号精密机械有限公司", round))
	c := s.offered(st, id, s.accounts())
	s.front.remember()
	began := s.now()
	clicks := s.pressAll(onePerPerson(s.leads(c.ID)))
	drained(t, st, 60*time.Second)
	owner := s.checkOneWinner(st, c.ID, clicks)
	raced := s.contention(st, c.ID, began)

	sent, taken := s.front.replay(t)
	again := s.pressAgain(c.ID)
	drained(t, st, 60*time.Second)
	if after := s.checkOneWinner(st, c.ID, nil); after.ID != owner.ID {
		t.Errorf("after the replay the owner is %s, was %s", after.Name, owner.Name)
	}
	t.Logf("owner %s; %d clicks, each delivered twice; %d were in before anybody owned the customer; %d of %d requests replayed were taken, %d buttons pressed again",
		owner.Name, len(clicks), raced, taken, sent, again)
	return raced > 1
}

// offered waits until the customer's card stands in n chats.
func (s *site) offered(st store.Store, id string, n int) customer.Customer {
	s.t.Helper()
	var c customer.Customer
	eventually(s.t, 60*time.Second, "the cards of "+id, func() error {
		found, err := st.CustomersByKey(s.t.Context(), []customer.Ref{customer.NewRef("website", id)}, nil)
		if err != nil || len(found) != 1 {
			return fmt.Errorf("%d customers, %w", len(found), err)
		}
		c = found[0]
		if have := len(s.leads(c.ID)); have != n {
			return fmt.Errorf("%d of %d chats show it", have, n)
		}
		return nil
	})
	drained(s.t, st, 60*time.Second)
	return c
}

// onePerPerson lets each person click once; those with two chats choose by turns.
func onePerPerson(views []view) []view {
	var out []view
	chosen := make(map[string]int)
	for _, v := range views {
		i, known := chosen[v.person.ID]
		switch {
		case !known:
			chosen[v.person.ID] = len(out)
			out = append(out, v)
		case len(out)%2 == 0:
			out[i] = v
		}
	}
	return out
}

// pressAgain presses every button that people saw once more: DingTalk takes the click of a phone that has not drawn the newest state,
// WeCom does not.
func (s *site) pressAgain(id string) (taken int) {
	s.t.Helper()
	for _, v := range s.leads(id) {
		o, err := s.click(s.t.Context(), v.platform, v.person, v.message, "claim")
		if err != nil {
			s.t.Fatal(err)
		}
		if o.Accepted {
			taken++
		}
	}
	return taken
}

// checkOneWinner compares the store, the people's screens and the answers.
func (s *site) checkOneWinner(st store.Store, id string, clicks []pressed) world.Person {
	t := s.t
	t.Helper()
	c, err := st.Customer(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	owner, known := s.em.World().ByID(c.Owner)
	if !known {
		t.Fatalf("the owner is %q", c.Owner)
	}
	for _, v := range s.leads(id) {
		if v.claimable() || !v.names(owner.Name) {
			t.Errorf("%s sees on %s: %+v", v.person.Name, v.platform, v.card)
		}
	}
	refused, won, toasts := 0, 0, 0
	for _, k := range clicks {
		switch {
		case k.err != nil || !k.Accepted:
			t.Errorf("the click of %s on %s: %+v, %v", k.person.Name, k.platform, k.outcome, k.err)
		case k.person.ID == owner.ID:
			won++
		default:
			refused++
		}
		if k.Toast != "" {
			toasts++
		}
		if strings.Contains(k.Toast, "领取成功") != (k.person.ID == owner.ID) && k.Toast != "" {
			t.Errorf("%s was told %q, but %s is the owner", k.person.Name, k.Toast, owner.Name)
		}
		if k.Toast != "" && k.person.ID != owner.ID && !strings.Contains(k.Toast, "已被 "+owner.Name+" 领取") {
			t.Errorf("%s was told %q", k.person.Name, k.Toast)
		}
	}
	if clicks != nil {
		if won != 1 || refused != len(clicks)-1 {
			t.Errorf("%d won and %d were refused of %d", won, refused, len(clicks))
		}
		t.Logf("%d refusals name %s, %d of the answers came as a toast at once", refused, owner.Name, toasts)
	}
	s.checkOneTask(st, id, owner)
	return owner
}

func (s *site) checkOneTask(st store.Store, id string, owner world.Person) {
	s.t.Helper()
	tasks, _, err := st.Tasks(s.t.Context(), followup.Query{Customer: id, Limit: 100})
	if err != nil {
		s.t.Fatal(err)
	}
	if len(tasks) != 1 || tasks[0].Owner != owner.ID || tasks[0].State != followup.Open {
		s.t.Errorf("tasks %+v, want one open one of %s", tasks, owner.ID)
	}
	cards := 0
	for _, p := range s.people {
		for _, platform := range platforms {
			for _, m := range s.messages(platform, p, 0) {
				if m.Card != nil && strings.HasPrefix(m.Card.ID, "task-t-"+id+"-") {
					cards++
				}
			}
		}
	}
	if cards != 1 {
		s.t.Errorf("%d task cards, want 1", cards)
	}
}

// contention counts the clicks that were stored since an instant and before anybody owned the customer: those raced.
func (s *site) contention(st store.Store, id string, began time.Time) int {
	s.t.Helper()
	c, err := st.Customer(s.t.Context(), id)
	if err != nil {
		s.t.Fatal(err)
	}
	events, err := st.Events(s.t.Context(), inbox.Done, 1000)
	if err != nil {
		s.t.Fatal(err)
	}
	n := 0
	for _, e := range events {
		if strings.Contains(e.ID, ":click:") && !e.Received.Before(began.Truncate(time.Millisecond)) && !e.Received.After(c.OwnedAt) {
			n++
		}
	}
	return n
}

func twentyOfFifty(t *testing.T, p plan, start gateways) {
	const leads, allowed = 50, 20
	p.hold = true
	s := newSite(t, p)
	st := start(t, s)
	for i := range leads {
		s.lead(fmt.Sprintf("c-%d", i), fmt.Sprintf("无锡第%03d精密机械有限公司", i))
	}
	rep := s.people[4] // on both platforms
	eventually(t, 60*time.Second, "the cards of the rep", func() error {
		for _, platform := range platforms {
			if n := len(s.leadsOf(platform, rep, "", 0)); n != leads {
				return fmt.Errorf("%d on %s", n, platform)
			}
		}
		return nil
	})
	drained(t, st, 60*time.Second)
	once, distinct := s.halfAndHalf(rep, leads)
	clicks := s.pressAll(once)
	drained(t, st, 60*time.Second)
	s.checkAllowance(t.Context(), st, rep, clicks, distinct, allowed)
}

// halfAndHalf are the rep's cards of n customers, one of each: half of them on DingTalk, the others on WeCom.
func (s *site) halfAndHalf(rep world.Person, n int) (once []view, customers int) {
	seen := make(map[string]bool)
	for _, platform := range platforms {
		for _, v := range s.leadsOf(platform, rep, "", 0) {
			if !seen[v.customer()] && (platform == "wecom" || len(once) < n/2) {
				seen[v.customer()] = true
				once = append(once, v)
			}
		}
	}
	return once, len(seen)
}

func (s *site) checkAllowance(ctx context.Context, st store.Store, rep world.Person, clicks []pressed, customers, allowed int) {
	t := s.t
	t.Helper()
	owned, _, err := st.Customers(ctx, store.CustomerQuery{Owner: rep.ID, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	day := s.now().In(shanghai).Format(time.DateOnly)
	daily, holding, err := st.Spent(ctx, rep.ID, day)
	if err != nil {
		t.Fatal(err)
	}
	if len(owned) != allowed || daily != allowed || holding != allowed {
		t.Errorf("%d owned, %d of the day spent, %d held; want %d", len(owned), daily, holding, allowed)
	}
	const why = "今天的领取额度已用完（每天 20 个），明天再来"
	toasts, texts := 0, 0
	for _, k := range clicks {
		if k.err != nil || !k.Accepted {
			t.Errorf("click on %s: %+v %v", k.card.ID, k.outcome, k.err)
		}
		if k.Toast == why {
			toasts++
		}
	}
	eventually(t, 20*time.Second, "the refusals", func() error {
		texts = 0
		for _, platform := range platforms {
			for _, m := range s.messages(platform, rep, 0) {
				if m.Text == why {
					texts++
				}
			}
		}
		if texts < len(clicks)-allowed {
			return fmt.Errorf("%d say why, want %d", texts, len(clicks)-allowed)
		}
		return nil
	})
	if texts != len(clicks)-allowed && !underRace { // pressed again where the gateway was too slow
		t.Errorf("%d refusals say why, want %d", texts, len(clicks)-allowed)
	}
	open := make(map[string]bool)
	for _, v := range s.leadsOf("dingtalk", rep, "", 0) {
		if v.claimable() {
			open[v.customer()] = true
		}
	}
	for _, c := range owned {
		if open[c.ID] {
			t.Errorf("%s is owned and its card still claimable", c.Name)
		}
	}
	t.Logf("%d clicks on %d customers: %d owned, %d refusals in chat, %d of them also as a toast", len(clicks), customers, len(owned), texts, toasts)
}

var shanghai = time.FixedZone("CST", 8*60*60)

// TestAClickAtTheFirstSightOfTheFirstCardClosesThoseThatFollow claims while the cards of the other people are still being made: none of them
// may stay claimable.
func TestAClickAtTheFirstSightOfTheFirstCardClosesThoseThatFollow(t *testing.T) {
	leads := 40
	if underRace || testing.Short() {
		leads = 8
	}
	s := newSite(t, plan{people: crowd(200)})
	st := s.run().app.Store()
	ctx, stop := context.WithCancel(t.Context())
	var rep sync.WaitGroup
	rep.Go(func() { s.pounce(ctx, s.people[0]) })
	for i := range leads {
		s.lead(fmt.Sprintf("c-%d", i), fmt.Sprintf("常州第%03d精密机械有限公司", i))
	}
	eventually(t, 60*time.Second, "all customers owned", func() error {
		owned, _, err := st.Customers(ctx, store.CustomerQuery{Owner: s.people[0].ID, Limit: 1000})
		if err == nil && len(owned) < leads {
			err = fmt.Errorf("%d of %d", len(owned), leads)
		}
		return err
	})
	stop()
	rep.Wait()
	drained(t, st, 60*time.Second)
	open := make(map[string]int)
	for _, v := range s.leads("") {
		if v.claimable() {
			open[v.card.ID]++
		}
	}
	if len(open) > 0 {
		t.Errorf("%d cards of customers that have an owner are still claimable: %v", len(open), open)
	}
}

// pounce claims every customer whose card the person sees, as soon as it is there.
func (s *site) pounce(ctx context.Context, p world.Person) {
	changed, end := s.em.World().Subscribe()
	defer end()
	tried := make(map[string]bool)
	for {
		for _, v := range s.leadsOf("dingtalk", p, "", 0) {
			if !v.claimable() || tried[v.message] {
				continue
			}
			tried[v.message] = true
			if _, err := s.click(ctx, "dingtalk", p, v.message, "claim"); err != nil && ctx.Err() == nil {
				s.t.Error(err)
			}
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return
		}
	}
}
