package e2e_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/emulator"
	"lingke/internal/emulator/world"
	"lingke/internal/followup"
	"lingke/internal/store"
)

// evidence is what the platforms were asked to show, over all lives of the gateway.
type evidence struct {
	sends   map[string]int // by the id of a card, how often it was sent as a new one
	updates int
	texts   int
}

func newEvidence() *evidence { return &evidence{sends: map[string]int{}} }

// gather reads the requests that arrived since the last time.
func (e *evidence) gather(all []emulator.Request) {
	for _, r := range all {
		switch r.Path {
		case "/v1.0/card/instances/createAndDeliver":
			e.sends[member(r.Body, "outTrackId")]++
		case "/v1.0/card/instances", "/cgi-bin/message/update_template_card":
			e.updates++
		case "/cgi-bin/message/send":
			if id := member(r.Body, "task_id"); id != "" {
				e.sends[id]++
				continue
			}
			e.texts++
		}
	}
}

// member is the text of a JSON member, also in a body of which only the beginning was kept.
func member(body, name string) string {
	_, rest, ok := strings.Cut(body, `"`+name+`":"`)
	if !ok {
		return ""
	}
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

// verify compares the book of the load with the store and with what people see. The load has ended and everything is drained.
func (l *load) verify(t *testing.T, st store.Store, e *evidence) {
	t.Helper()
	for _, b := range l.broken {
		t.Error(b)
	}
	noneDead(t, st)
	customers := l.verifyCustomers(t, st)
	l.verifyERP(t, customers)
	l.verifyOwners(t, st, customers)
	l.verifyCards(t, st, customers, e)
	l.verifyChat(t, st, customers)
	for _, what := range slices.Sorted(maps.Keys(l.counts)) {
		t.Logf("%6d %s", l.counts[what], what)
	}
	t.Logf("%6d customers, %d owned", len(customers), len(ownedOf(customers)))
}

func ownedOf(all map[string]customer.Customer) []string {
	var out []string
	for id, c := range all {
		if c.Owner != "" {
			out = append(out, id)
		}
	}
	return out
}

// verifyCustomers checks that each push that got its 200 is applied, once, and returns the customers by id.
func (l *load) verifyCustomers(t *testing.T, st store.Store) map[string]customer.Customer {
	t.Helper()
	all := make(map[string]customer.Customer)
	byRef := make(map[customer.Ref]customer.Customer)
	err := st.EachCustomer(t.Context(), func(c customer.Customer) error {
		all[c.ID] = c
		for _, r := range c.Refs() {
			if twin, ok := byRef[r]; ok {
				t.Errorf("%s belongs to %s and %s", r, twin.ID, c.ID)
			}
			byRef[r] = c
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for id, told := range l.customers {
		if told.tried == 0 || told.acked == 0 {
			continue
		}
		c, ok := byRef[customer.NewRef("website", id)]
		if !ok {
			t.Errorf("customer %s was taken with 200 and is not there", id)
			continue
		}
		version, _ := strconv.Atoi(c.Text("headcount"))
		if version < told.acked || version > told.tried {
			t.Errorf("customer %s shows version %q, want %d or up to %d", id, c.Text("headcount"), told.acked, told.tried)
		}
		verifyVisits(t, st, c, told)
	}
	return all
}

// verifyVisits checks that each visit is there once, and that the customer's facts count them.
func verifyVisits(t *testing.T, st store.Store, c customer.Customer, told *told) {
	t.Helper()
	activities, err := st.Activities(t.Context(), c.Refs(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	seen, visits := make(map[string]int), 0
	for _, a := range activities {
		seen[a.ID.ID()]++
		if a.Type == "visit" {
			visits++
		}
	}
	for v, acked := range told.visits {
		if seen[v] > 1 || acked && seen[v] != 1 {
			t.Errorf("visit %s is there %d times, acknowledged %v", v, seen[v], acked)
		}
	}
	if counted := factOf(t, c, "visits_30d"); counted != visits {
		t.Errorf("customer %s: its facts count %d visits, %d are stored", c.Name, counted, visits)
	}
}

// factOf reads one number of a customer's facts; 0 where there is none.
func factOf(t *testing.T, c customer.Customer, name string) int {
	t.Helper()
	var facts map[string]json.RawMessage
	if err := json.Unmarshal(c.Facts, &facts); err != nil {
		t.Fatalf("facts of %s: %v: %s", c.Name, err, c.Facts)
	}
	var fact struct {
		Value float64 `json:"v"`
	}
	if text, ok := facts[name]; ok {
		if err := json.Unmarshal(text, &fact); err != nil {
			t.Fatalf("fact %s of %s: %v: %s", name, c.Name, err, text)
		}
	}
	return int(fact.Value)
}

func (l *load) verifyERP(t *testing.T, all map[string]customer.Customer) {
	t.Helper()
	if err := l.behind(all); err != nil {
		t.Error(err)
	}
}

// behind tells which customers of Kingdee do not show their newest version.
func (l *load) behind(all map[string]customer.Customer) (err error) {
	shown := make(map[string]string)
	for _, c := range all {
		if name, ok := strings.CutPrefix(c.Name, "盐城"); ok {
			shown[strings.TrimSuffix(name, "轴承有限公司")] = c.Text("headcount")
		}
	}
	for number, version := range l.erp {
		if shown[number] != strconv.Itoa(version) {
			err = errors.Join(err, fmt.Errorf("Kingdee's %s shows version %q, want %d", number, shown[number], version))
		}
	}
	return err
}

// verifyOwners checks that who was told to be the owner is, and has the one task.
func (l *load) verifyOwners(t *testing.T, st store.Store, all map[string]customer.Customer) {
	t.Helper()
	for id, person := range l.won {
		if all[id].Owner != person {
			t.Errorf("%s was told that %s is theirs; its owner is %q", person, all[id].Name, all[id].Owner)
		}
	}
	for id, name := range l.named {
		if p, _ := l.s.em.World().ByID(all[id].Owner); p.Name != name {
			t.Errorf("%s was told as the owner of %s; it is %q", name, all[id].Name, p.Name)
		}
	}
	for id := range l.pressed {
		if all[id].Owner == "" {
			t.Errorf("%s has no owner, although a claim was taken", all[id].Name)
		}
	}
	for _, id := range ownedOf(all) {
		tasks, _, err := st.Tasks(t.Context(), followup.Query{Customer: id, Limit: 100})
		if err != nil {
			t.Fatal(err)
		}
		if len(tasks) != 1 || tasks[0].Owner != all[id].Owner {
			t.Errorf("%s of %s has the tasks %+v", all[id].Name, all[id].Owner, tasks)
		}
	}
}

// verifyCards checks that every lead card came under its one id, and that nobody can claim what has an owner.
func (l *load) verifyCards(t *testing.T, st store.Store, all map[string]customer.Customer, e *evidence) {
	t.Helper()
	ids := make(map[string]map[string]bool) // offer → ids under which people see it
	stale := make(map[string]view)
	for _, v := range l.s.leads("") {
		key := v.person.ID + " " + offer(v.card.ID)
		if ids[key] == nil {
			ids[key] = map[string]bool{}
		}
		if ids[key][v.card.ID] {
			t.Errorf("%s sees the card %s twice on %s", v.person.Name, v.card.ID, v.platform)
		}
		ids[key][v.card.ID] = true
		if v.claimable() && all[v.customer()].Owner != "" {
			stale[v.card.ID] = v
		}
	}
	second := 0
	for key, under := range ids {
		if len(under) > 1 {
			second++
			t.Errorf("the offer %s is shown under %v", key, slices.Sorted(maps.Keys(under)))
		}
	}
	for id, v := range stale {
		l.verifyStale(t, v, all[v.customer()].Owner)
		if !l.lost {
			t.Errorf("the card %s is claimable although the customer has an owner", id)
		}
	}
	l.verifyDelivered(t, st, all, ids)
	repeats := 0
	for _, n := range e.sends {
		repeats += n - 1
	}
	t.Logf("%6d cards sent under ids of their own, %d sends repeated under the same id, %d shown under a second id, %d updates, %d left claimable until clicked", len(e.sends), repeats, second, e.updates, len(stale))
}

// verifyStale presses a button that should not be there. A kill between WeCom's taking a card and our keeping what it answered leaves a card that nobody
// can change or take back; a click must then be refused, and show who has the customer.
func (l *load) verifyStale(t *testing.T, v view, owner string) {
	t.Helper()
	p, _ := l.s.em.World().ByID(owner)
	if v.platform != "wecom" {
		t.Errorf("the card %s is claimable on %s although %s has the customer", v.card.ID, v.platform, p.Name)
		return
	}
	if o, err := l.s.click(t.Context(), v.platform, v.person, v.message, "claim"); err != nil || !o.Accepted {
		t.Errorf("click on the stale card %s: %+v, %v", v.card.ID, o, err)
	}
	for _, now := range l.s.leadsOf(v.platform, v.person, v.customer(), 0) {
		if now.card.ID == v.card.ID && (now.claimable() || !now.names(p.Name)) {
			t.Errorf("after a click the stale card %s shows %+v, want the owner %s", v.card.ID, now.card, p.Name)
		}
	}
}

// verifyDelivered checks that the card of every customer reached every chat.
func (l *load) verifyDelivered(t *testing.T, st store.Store, all map[string]customer.Customer, ids map[string]map[string]bool) {
	t.Helper()
	missing := 0
	for _, c := range all {
		if c.Pool == "" {
			continue
		}
		before := missing
		for _, p := range l.s.people {
			for _, platform := range platforms {
				if p.Account(platform) == "" {
					continue
				}
				if key := fmt.Sprintf("%s %s 0 %s 0", p.ID, c.ID, platform); ids[key] == nil && c.Owner == "" {
					missing++
					t.Errorf("%s never got the card of %s on %s", p.Name, c.Name, platform)
				}
			}
		}
		if missing > before {
			l.tellDeliveries(t, st, c)
		}
		if missing > 10 {
			return
		}
	}
}

// tellDeliveries logs what the store knows of a customer's messages.
func (l *load) tellDeliveries(t *testing.T, st store.Store, c customer.Customer) {
	t.Helper()
	page, _, err := st.Deliveries(t.Context(), delivery.Query{Customer: c.ID, Limit: 100})
	for _, d := range page {
		t.Logf("%s %s to %v over %s: %s, revision %d, attempt %d, handle %q, due %s, ended %s: %s", d.Kind, d.ID, d.To, d.Platform, d.State, d.Rev, d.Attempts, d.Handle, d.Due, d.Ended, d.Why)
	}
	t.Logf("%s of round %d, pool %s, owner %q (%v)", c.Name, c.Round, c.Pool, c.Owner, err)
}

// verifyChat checks that every message that was taken is answered, and every note kept, once; texts may come twice, since the platforms know no guard
// for them, and are counted.
func (l *load) verifyChat(t *testing.T, st store.Store, all map[string]customer.Customer) {
	t.Helper()
	twice := 0
	for text, x := range l.echoes {
		for _, platform := range platforms { // what one refuses for good goes over the other
			for _, m := range l.s.messages(platform, x.person, 0) {
				if m.From == world.Bot && strings.Contains(m.Text, "“"+text+"”") {
					x.times++
				}
			}
		}
		if x.taken && x.times == 0 {
			t.Errorf("%s wrote %q and got no answer", x.person.Name, text)
		}
		twice += max(0, x.times-1)
	}
	for text, n := range l.notes {
		if kept := notesOf(t.Context(), t, st, all[n.customer], text); kept != 1 {
			t.Errorf("the note %q of %s about %s is kept %d times", text, n.person, n.name, kept)
		}
	}
	t.Logf("%6d answers in chat shown a second time (texts have no guard)", twice)
}

func notesOf(ctx context.Context, t *testing.T, st store.Store, c customer.Customer, text string) int {
	t.Helper()
	activities, err := st.Activities(ctx, c.Refs(), time.Time{})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, a := range activities {
		if a.Type == "note" && a.Text == text {
			n++
		}
	}
	return n
}
