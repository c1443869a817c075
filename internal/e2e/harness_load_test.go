package e2e_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strings"
	"sync"
	"time"

	"lingke/internal/emulator/world"
)

// load is what a company's day does to the gateway, and a book of what was promised: pushes that got their 200, clicks whose answer said
// success, messages that the gateway took. It goes on while gateways die; verify compares the book with what came of it.
type load struct {
	s    *site
	stop context.CancelFunc
	all  sync.WaitGroup
	rest time.Duration // of each worker between two actions
	lost bool          // answers of the platforms were lost, or gateways killed before they kept them: WeCom cards without a code close at the next click

	mu        sync.Mutex
	customers map[string]*told  // by the source's id
	won       map[string]string // customer → person, where the answer to a click said success
	named     map[string]string // customer → the owner's name, where an answer said who it is
	pressed   map[string]bool   // customers with a claim that the gateway took
	echoes    map[string]echo   // by a text that the answer repeats
	notes     map[string]note   // by the note's text
	erp       map[string]int    // number → newest version in Kingdee
	broken    []string          // promises that contradict each other
	counts    map[string]int
}

// told is what was pushed about one customer. Versions count up from 1.
type told struct {
	name         string
	acked, tried int
	visits       map[string]bool // activity → whether its push got 200
	last         time.Time
}

type echo struct {
	platform string
	person   world.Person
	taken    bool
	times    int
}

type note struct{ customer, name, person string }

// drive starts the load; each worker rests so long, on average, between two actions, and longer where the race detector slows the gateway.
func (s *site) drive(rest time.Duration) *load {
	if underRace {
		rest *= 3
	}
	ctx, stop := context.WithCancel(s.t.Context())
	l := &load{
		s: s, stop: stop, rest: rest, customers: map[string]*told{}, won: map[string]string{}, named: map[string]string{}, pressed: map[string]bool{},
		echoes: map[string]echo{}, notes: map[string]note{}, erp: map[string]int{}, counts: map[string]int{},
	}
	for i := range 3 {
		l.worker(ctx, uint64(i), l.push)
	}
	for i := range 3 {
		l.worker(ctx, uint64(10+i), l.press)
	}
	l.worker(ctx, 20, l.write)
	l.worker(ctx, 21, l.keepNote)
	if s.plan.erp {
		l.worker(ctx, 30, l.enter)
	}
	return l
}

// end stops the load and waits for the actions under way.
func (l *load) end() {
	l.stop()
	l.all.Wait()
}

func (l *load) worker(ctx context.Context, id uint64, act func(ctx context.Context, rnd *rand.Rand, worker uint64, n int)) {
	rnd := rand.New(rand.NewPCG(7, id))
	l.all.Go(func() {
		for n := 0; ctx.Err() == nil; n++ {
			act(ctx, rnd, id, n)
			select {
			case <-ctx.Done():
			case <-time.After(l.rest/2 + rand.N(l.rest)):
			}
		}
	})
}

func (l *load) count(what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts[what]++
}

// push tells of a new customer or a new version of one of the worker's own, with visits, and repeats the push as a sender does that got no
// answer, up to a point.
func (l *load) push(ctx context.Context, rnd *rand.Rand, worker uint64, n int) {
	id := fmt.Sprintf("c%d-%d", worker, n)
	if n > 0 && rnd.IntN(2) == 0 {
		id = fmt.Sprintf("c%d-%d", worker, rnd.IntN(n))
	}
	key := fmt.Sprintf("push-%d-%d", worker, n)
	body, version, visits := l.tell(id, key, rnd.IntN(3))
	for range 1 + rnd.IntN(4) {
		status, _, err := l.s.post(ctx, key, body)
		if err == nil && status == http.StatusOK {
			l.acked(id, version, visits)
			return
		}
		l.count("pushes without an answer")
		select {
		case <-ctx.Done():
			return
		case <-time.After(l.rest / 2):
		}
	}
}

// tell makes the body of a push and books what it tells.
func (l *load) tell(id, key string, visits int) (body []byte, version int, ids []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.customers[id]
	if c == nil {
		c = &told{name: "泰州" + strings.ToUpper(id) + "机械有限公司", visits: map[string]bool{}}
		l.customers[id] = c
	}
	c.tried++
	at := l.s.now().UTC().Truncate(time.Millisecond)
	if !at.After(c.last) {
		at = c.last.Add(time.Millisecond)
	}
	c.last = at
	items := []item{{"customer.upsert", map[string]any{"id": id, "name": c.name, "industry": "制造业", "headcount": c.tried, "modified_at": at.Format(time.RFC3339Nano)}}}
	for i := range visits {
		visit := fmt.Sprintf("%s-v%d", key, i)
		c.visits[visit] = false
		ids = append(ids, visit)
		items = append(items, item{"activity.created", map[string]any{"id": visit, "customer_id": id, "type": "visit", "date": at.Format(time.RFC3339), "modified_at": at.Format(time.RFC3339Nano)}})
	}
	body, err := json.Marshal(map[string]any{"type": "customer.upsert", "timestamp": at.Format(time.RFC3339Nano), "data": items})
	if err != nil {
		panic(err) // it is made of texts and numbers
	}
	return body, c.tried, ids
}

func (l *load) acked(id string, version int, visits []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.customers[id]
	c.acked = max(c.acked, version)
	for _, v := range visits {
		c.visits[v] = true
	}
	l.counts["pushes that got 200"]++
}

// press claims a customer whose card somebody sees.
func (l *load) press(ctx context.Context, rnd *rand.Rand, _ uint64, _ int) {
	p := l.s.people[rnd.IntN(len(l.s.people))]
	platform := platforms[rnd.IntN(2)]
	var open []view
	for _, v := range l.s.leadsOf(platform, p, "", 100) {
		if v.claimable() {
			open = append(open, v)
		}
	}
	if len(open) == 0 {
		return
	}
	v := open[rnd.IntN(len(open))]
	o, err := l.s.click(ctx, platform, p, v.message, "claim")
	if err == nil {
		l.book(v, o)
	}
}

// book notes what a click was answered with. Two answers that name different owners are a broken promise at once.
func (l *load) book(v view, o outcome) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !o.Accepted {
		l.counts["clicks refused by the platform"]++
		return
	}
	l.counts["clicks taken"]++
	if v.platform == "wecom" { // DingTalk's acknowledgement may have come from a handler that ran out of time
		l.pressed[v.customer()] = true
	}
	owner := ""
	switch {
	case strings.Contains(o.Toast, "领取成功"):
		l.counts["clicks answered with success"]++
		owner = v.person.Name
		l.won[v.customer()] = v.person.ID
	case strings.HasPrefix(o.Toast, "已被 "):
		l.counts["clicks answered with another's name"]++
		owner = strings.TrimSuffix(strings.TrimPrefix(o.Toast, "已被 "), " 领取")
	default:
		return
	}
	if said, ok := l.named[v.customer()]; ok && said != owner {
		l.broken = append(l.broken, fmt.Sprintf("customer %s: %s was told as the owner, and now %s", v.customer(), said, owner))
	}
	l.named[v.customer()] = owner
}

// write sends something to the bot that it repeats in its answer. DingTalk does not tell whether the gateway took a message, WeCom does.
func (l *load) write(ctx context.Context, rnd *rand.Rand, worker uint64, n int) {
	p := l.s.people[rnd.IntN(len(l.s.people))]
	platform := platforms[rnd.IntN(2)]
	if p.Account(platform) == "" {
		return
	}
	text := fmt.Sprintf("咦%d-%d号", worker, n)
	o, err := l.s.say(ctx, platform, p, text)
	taken := err == nil && o.Accepted && platform == "wecom"
	l.mu.Lock()
	defer l.mu.Unlock()
	l.echoes[text] = echo{platform: platform, person: p, taken: taken}
	if taken {
		l.counts["messages taken"]++
	}
}

// keepNote lets an owner who is on WeCom note something about the customer.
func (l *load) keepNote(ctx context.Context, _ *rand.Rand, worker uint64, n int) {
	c, p, name, ok := l.anOwned()
	if !ok {
		return
	}
	text := fmt.Sprintf("备注%d-%d号", worker, n)
	o, err := l.s.say(ctx, "wecom", p, "跟进 "+name+" "+text)
	if err != nil || !o.Accepted {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.notes[text] = note{c, name, p.ID}
	l.counts["notes taken"]++
}

// anOwned is any customer that somebody on WeCom was told to own.
func (l *load) anOwned() (customer string, p world.Person, name string, ok bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for c, person := range l.won {
		p, _ := l.s.em.World().ByID(person)
		for _, v := range l.s.leadsOf("wecom", p, c, 0) {
			return c, p, strings.TrimPrefix(v.card.Title, "新线索："), true
		}
	}
	return "", world.Person{}, "", false
}

// enter creates or changes a customer in Kingdee. Its times have whole seconds, so a record rests for three before it changes again.
func (l *load) enter(_ context.Context, rnd *rand.Rand, _ uint64, n int) {
	number := fmt.Sprintf("K%05d", n)
	if n > 10 && rnd.IntN(2) == 0 {
		number = fmt.Sprintf("K%05d", rnd.IntN(n-5))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	c := l.customers["erp "+number]
	if c == nil {
		c = &told{}
		l.customers["erp "+number] = c
	}
	if l.s.now().Sub(c.last) < 3*time.Second {
		return
	}
	err := l.s.em.Kingdee().PutRecord("BD_Customer", map[string]any{"FNumber": number, "FName": "盐城" + number + "轴承有限公司", "F_LK_HEADCOUNT": l.erp[number] + 1})
	if err != nil {
		l.broken = append(l.broken, err.Error())
		return
	}
	c.last = l.s.now()
	l.erp[number]++
	l.counts["changes in Kingdee"]++
}
