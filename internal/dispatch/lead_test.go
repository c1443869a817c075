package dispatch_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/dispatch"
	"lingke/internal/store"
)

func TestLeadCardGoesToThePoolsPeople(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name            string
		notify          []string
		dingtalk, wecom []string
	}{
		{"the team where nothing is said", nil, []string{"lina01", "manager4220"}, []string{"ZhangWei"}},
		{"the team", []string{"team"}, []string{"lina01", "manager4220"}, []string{"ZhangWei"}},
		{"managers of every team", []string{"manager"}, []string{"boss"}, []string{"WangFang"}},
		{"team and managers", []string{"team", "manager"}, []string{"lina01", "boss", "manager4220"}, []string{"WangFang", "ZhangWei"}},
		{"one person by id", []string{"lina"}, []string{"lina01"}, nil},
		{"nobody twice", []string{"team", "lina", "team"}, []string{"lina01", "manager4220"}, []string{"ZhangWei"}},
		{"nobody who is not there", []string{"someone"}, nil, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.pools[0].Notify = tt.notify
			c := w.tell("1", 800)
			got := make(map[bots.Platform][]string)
			for _, d := range w.deliveries(c, cards.KindLead) {
				got[d.Platform] = append(got[d.Platform], d.To...)
			}
			want := make(map[bots.Platform][]string)
			if tt.dingtalk != nil {
				want[bots.DingTalk] = tt.dingtalk
			}
			if tt.wecom != nil {
				want[bots.WeCom] = tt.wecom
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestMoreThanTwentyPeopleGetCardsInChunks(t *testing.T) {
	t.Parallel()
	var more []access.Person
	for i := range 43 {
		more = append(more, access.Person{ID: fmt.Sprintf("p%02d", i), Name: "员工", Role: access.RoleRep, Team: "高级销售", WeCom: fmt.Sprintf("p%02d", i)})
	}
	w := newWorld(t, more...)
	w.pools[0].Notify = nil
	c := w.tell("1", 800)
	var sizes []int
	told := make(map[string]int)
	for _, d := range w.deliveries(c, cards.KindLead) {
		if d.Platform != bots.WeCom {
			continue
		}
		sizes = append(sizes, len(d.To))
		for _, to := range d.To {
			told[to]++
		}
	}
	slices.Sort(sizes)
	if !slices.Equal(sizes, []int{4, 20, 20}) || len(told) != 44 {
		t.Errorf("cards for %v people, %d different ones", sizes, len(told))
	}
	w.claim(c, "zhangwei")
	w.settle("1")
	if got := w.states(c, cards.KindLead); got["已被 张伟 领取"] != 4 || len(got) != 1 {
		t.Errorf("after the claim: %v", got)
	}
}

func TestClaimClosesEveryCardAndReleaseOpensANewRound(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.tell("1", 800)
	if got := w.states(c, cards.KindLead); !cmp.Equal(got, map[string]int{"待领取": 2}) {
		t.Fatalf("offered: %v", got)
	}
	w.claim(c, "lina")
	w.settle("1")
	if got := w.states(c, cards.KindLead); !cmp.Equal(got, map[string]int{"已被 李娜 领取": 2}) {
		t.Fatalf("claimed: %v", got)
	}
	w.release(c, "lina")
	w.settle("1")
	if got := w.states(c, cards.KindLead); !cmp.Equal(got, map[string]int{"已退回线索池": 1, "已被 李娜 领取": 1, "待领取": 2}) { // WeCom's card has no permission left to change it
		t.Fatalf("released: %v", got)
	}
	w.claim(c, "zhangwei")
	w.settle("1")
	if got := w.states(c, cards.KindLead); !cmp.Equal(got, map[string]int{"已退回线索池": 1, "已被 李娜 领取": 1, "已被 张伟 领取": 2}) {
		t.Fatalf("claimed again: %v", got)
	}
}

func TestPoolChangeWithdrawsAndOffersAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.tell("1", 800)
	w.tell("1", 5)
	if got := w.states(c, cards.KindLead); !cmp.Equal(got, map[string]int{"已转入 市场培育池": 2}) {
		t.Fatalf("moved to a pool without cards: %v", got)
	}
	w.tell("1", 900)
	if got := w.states(c, cards.KindLead); !cmp.Equal(got, map[string]int{"待领取": 2}) {
		t.Fatalf("moved back: %v", got)
	}
}

func TestMergeWithdrawsTheOthersCards(t *testing.T) {
	t.Parallel()
	const code = "91110000600007156J"
	for _, tt := range []struct {
		name     string
		claimant string // of the record whose customer goes, "" for nobody
		live     int
	}{
		{"two offers become one", "", 2},
		{"an owned one closes the offer of the other", "lina", 0},
	} {
		for _, first := range []string{"1", "2"} {
			t.Run(tt.name+", claimed "+first, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				a, b := w.tell("1", 800, "credit_code", code), w.tell("2", 800)
				if tt.claimant != "" {
					w.claim(map[string]customer.Customer{"1": a, "2": b}[first], tt.claimant)
					w.settle("1")
					w.settle("2")
				}
				c := w.tell("2", 800, "credit_code", code)
				if len(c.Records) != 2 || c.Owner != tt.claimant {
					t.Fatalf("merged %d records, owner %q", len(c.Records), c.Owner)
				}
				live := 0
				for _, id := range []string{a.ID, b.ID} {
					for _, d := range w.deliveries(customer.Customer{ID: id}, cards.KindLead) {
						if d.Card.Live() {
							live++
						}
					}
				}
				if live != tt.live {
					t.Errorf("%d cards can be pressed, want %d", live, tt.live)
				}
			})
		}
	}
}

func TestCarryingOutAgainChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.tell("1", 800)
	steps := []struct {
		name string
		do   func()
	}{
		{"offered", func() { w.tell("1", 900) }},
		{"claimed", func() { w.claim(c, "lina") }},
		{"released", func() { w.release(c, "lina") }},
		{"claimed by another", func() { w.claim(c, "zhangwei") }},
	}
	for _, step := range steps {
		step.do()
		before := w.customer("1") // with its effects, as a crash before they were cleared would leave it
		w.settle("1")
		want := w.wishes(c)
		again := *w.dispatch
		again.Customers = frozen{w.dispatch.Customers, before}
		must(t, again.Carry(t.Context(), c.ID))
		if diff := cmp.Diff(want, w.wishes(c)); diff != "" {
			t.Errorf("%s: carried out again: %s", step.name, diff)
		}
	}
}

// frozen shows a customer as it was, and clears nothing.
type frozen struct {
	customersOf
	was customer.Customer
}

type customersOf = interface {
	Customer(ctx context.Context, id string) (customer.Customer, error)
	PendingCustomers(ctx context.Context, limit int) ([]customer.Customer, error)
	ClearEffects(ctx context.Context, id string, effects []string) error
	RemoveCustomer(ctx context.Context, id string, rev int64) error
}

func (f frozen) Customer(context.Context, string) (customer.Customer, error) { return f.was, nil }
func (f frozen) ClearEffects(context.Context, string, []string) error        { return nil }

// between runs something before the first new wish is stored: the worst moment for somebody else to change the customer.
type between struct {
	deliveriesOf
	once *sync.Once
	run  func()
}

type deliveriesOf = interface {
	Show(ctx context.Context, d delivery.Delivery) (bool, error)
	Delivery(ctx context.Context, id string) (delivery.Delivery, error)
	Deliveries(ctx context.Context, q delivery.Query) (page []delivery.Delivery, next string, err error)
}

func (b between) Show(ctx context.Context, d delivery.Delivery) (bool, error) {
	b.once.Do(b.run)
	return b.deliveriesOf.Show(ctx, d)
}

func TestAChangeWhileCardsAreBeingMadeLeavesNoneOpen(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		do   func(w *world, c customer.Customer)
		live int
	}{
		{"claimed and carried out by somebody else", func(w *world, c customer.Customer) { w.claim(c, "lina"); w.settle("1") }, 0},
		{"claimed only", func(w *world, c customer.Customer) { w.claim(c, "lina") }, 0},
		{"moved to another pool", func(w *world, _ customer.Customer) { w.tell("1", 5) }, 0},
		{"claimed and released", func(w *world, c customer.Customer) { w.claim(c, "lina"); w.release(c, "lina"); w.settle("1") }, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c := w.tell("1", 5)
			w.Pass(time.Second)
			must(t, w.ingest.Apply(t.Context(), "crm", record("1", w.Now())))
			slow := *w.dispatch
			slow.Deliveries = between{w.store, new(sync.Once), func() { tt.do(w, c) }}
			must(t, slow.Carry(t.Context(), c.ID))
			w.settle("1")
			live := 0
			for _, d := range w.deliveries(c, cards.KindLead) {
				if d.Card.Live() {
					live++
				}
			}
			if live != tt.live {
				t.Errorf("%d cards can be pressed, want %d: %v", live, tt.live, w.states(c, cards.KindLead))
			}
		})
	}
}

func TestHandOutGoesRoundTheTeamAndStopsWhereNobodyHasRoom(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	owners := make(map[string]int)
	for i := range 5 {
		c := w.tell(fmt.Sprint(i), 300)
		owners[c.Owner]++
		if c.Owner == "" {
			continue
		}
		if got := w.states(c, cards.KindTask); got["待办"] != 1 {
			t.Errorf("the owner's task cards: %v", got)
		}
	}
	if diff := cmp.Diff(map[string]int{"zhaolei": 2, "sunli": 2, "": 1}, owners); diff != "" {
		t.Error(diff)
	}
}

func TestSweepGoesOnBehindACustomerThatFails(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	bad := customer.Customer{ID: "bad", Effects: []customer.Effect{{ID: "1-x-0", Kind: "unheard-of"}}}
	must(t, w.store.PutCustomer(t.Context(), bad))
	must(t, w.ingest.Apply(t.Context(), "crm", record("1", w.Now())))
	if n, err := w.dispatch.Sweep(t.Context()); n != 1 || err == nil {
		t.Errorf("Sweep = %d, %v; want 1 and the failure", n, err)
	}
	if got := w.states(w.customer("1"), cards.KindLead); got["待领取"] != 2 {
		t.Errorf("cards: %v", got)
	}
}

func TestReachPrefersTheWishedPlatform(t *testing.T) {
	t.Parallel()
	both := access.Person{DingTalk: "d", WeCom: "w"}
	for _, tt := range []struct {
		name     string
		person   access.Person
		wish     bots.Platform
		platform bots.Platform
		to       string
	}{
		{"the wished one", both, bots.WeCom, bots.WeCom, "w"},
		{"DingTalk without a wish", both, "", bots.DingTalk, "d"},
		{"where the person is", access.Person{WeCom: "w"}, bots.DingTalk, bots.WeCom, "w"},
		{"the person's own choice before the wished one", access.Person{DingTalk: "d", WeCom: "w", Chosen: "wecom", Home: "dingtalk"}, bots.DingTalk, bots.WeCom, "w"},
		{"a choice where the person is not", access.Person{DingTalk: "d", Chosen: "wecom"}, "", bots.DingTalk, "d"},
		{"nowhere", access.Person{}, bots.DingTalk, "", ""},
	} {
		if platform, to := dispatch.Reach(tt.person, tt.wish); platform != tt.platform || to != tt.to {
			t.Errorf("%s: %s %s", tt.name, platform, to)
		}
	}
}

func TestACustomerOfWhomNothingIsLeftVanishesAfterItsCards(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.tell("1", 800)
	if len(w.deliveries(c, cards.KindLead)) == 0 {
		t.Fatal("no cards to close")
	}
	c, err := w.store.Customer(t.Context(), c.ID)
	must(t, err)
	c.Records[0].Withdrawn, c.Records[0].Deleted, c.Pool, c.Stage = true, true, "", customer.Lost
	c.Require(customer.Effect{Kind: customer.EffectCards, At: c.Updated})
	c.Require(customer.Effect{Kind: customer.EffectVanish, At: c.Updated})
	must(t, w.store.PutCustomer(t.Context(), c))
	must(t, w.dispatch.Carry(t.Context(), c.ID))
	if _, err := w.store.Customer(t.Context(), c.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("still there: %v", err)
	}
	for _, d := range w.deliveries(c, cards.KindLead) {
		if len(d.Card.Actions) != 0 {
			t.Errorf("the card can still be pressed: %+v", d.Card)
		}
	}
}
