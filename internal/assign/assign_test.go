package assign_test

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"lingke/internal/access"
	"lingke/internal/assign"
	"lingke/internal/calendar"
	"lingke/internal/customer"
	"lingke/internal/lang"
	"lingke/internal/store"
	"lingke/internal/store/sqlite"
	"lingke/scoring"
)

var shanghai = time.FixedZone("CST", 8*3600)

// desk is a Service over a real store.
type desk struct {
	*assign.Service
	t      *testing.T
	store  *sqlite.Store
	n      int // customers made by days
	pools  assign.Pools
	people *access.Directory
	leave  map[string][]calendar.Leave // not to be changed while others work
	mu     sync.Mutex
	at     time.Time
}

var chinese = calendar.New(calendar.Shipped()...)

func (d *desk) working(person string) calendar.Working {
	return chinese.Working(nil, shanghai, d.leave[person]...)
}

func newDesk(t *testing.T, people ...access.Person) *desk {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "lingke.db"))
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	directory, err := access.NewDirectory(people)
	must(t, err)
	d := &desk{t: t, store: s, at: time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC)}
	pools := assign.Pools{
		{Name: "claim", Team: "a", Strategy: assign.ByClaim, TaskTitle: lang.Text{ZH: "首次联系"}, TaskDue: calendar.HoursSpan(time.Hour)},
		{Name: "rotate", Team: "a", Strategy: assign.Rotate},
		{Name: "equal", Team: "a", Strategy: assign.Equal},
		{Name: "weighted", Team: "a", Strategy: assign.Weighted},
		{Name: "least", Team: "a", Strategy: assign.Least},
		{Name: "region", Team: "a", Strategy: assign.Equal, Match: []assign.Match{{Same: []string{"region"}}}},
		{Name: "wait", Team: "a", Strategy: assign.ByClaim, Wait: calendar.Span{Workdays: 3}, Lock: calendar.HoursSpan(time.Hour)},
		{Name: "hold", Team: "a", Strategy: assign.Hold},
	}
	d.pools, d.people = pools, directory
	d.Service = assign.New(s, directory, func() assign.Pools { return pools }, shanghai, d.now, assign.WithWorking(d.working))
	return d
}

func (d *desk) now() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.at
}

func (d *desk) lead(id, pool, owner string) customer.Customer {
	d.t.Helper()
	must(d.t, d.store.PutCustomer(d.t.Context(), customer.Customer{ID: id, Name: id, Pool: pool, Owner: owner}))
	c, err := d.store.Customer(d.t.Context(), id)
	must(d.t, err)
	return c
}

func rep(id string) access.Person {
	return access.Person{ID: id, Name: id, Role: access.RoleRep, Team: "a", Daily: 2, Holding: 3}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestClaim(t *testing.T) {
	t.Parallel()
	stranger, boss, clerk := rep("x"), rep("boss"), rep("clerk")
	stranger.Team, boss.Role, boss.Team, clerk.Role = "b", access.RoleManager, "b", access.RoleFinance
	none := rep("none")
	none.Daily = 0
	full := rep("full")
	full.Holding = 0
	for _, tt := range []struct {
		name        string
		pool, owner string
		who         access.Person
		err         error
	}{
		{"a member takes an open one", "claim", "", rep("li"), nil},
		{"one's own again is no error", "claim", "li", rep("li"), nil},
		{"an owned one is taken", "claim", "zhang", rep("li"), assign.ErrTaken},
		{"another team may not", "claim", "", stranger, assign.ErrNotMember},
		{"a manager of another team may", "claim", "", boss, nil},
		{"who owns no customers may not", "claim", "", clerk, assign.ErrNotMember},
		{"a pool that holds is not open", "hold", "", rep("li"), assign.ErrNotOpen},
		{"but for managers", "hold", "", boss, nil},
		{"without a pool it is not open", "", "", rep("li"), assign.ErrNotOpen},
		{"nor in a pool that is no more", "old", "", rep("li"), assign.ErrNotOpen},
		{"the day's allowance", "claim", "", none, store.ErrDailySpent},
		{"the holding", "claim", "", full, store.ErrHoldingFull},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, tt.who)
			c := d.lead("c1", tt.pool, tt.owner)
			_, err := d.Claim(t.Context(), c.ID, tt.who, "wecom")
			if !errors.Is(err, tt.err) {
				t.Fatalf("%v, want %v", err, tt.err)
			}
			got, _ := d.store.Customer(t.Context(), c.ID)
			if err != nil && (got.Owner != tt.owner || got.Rev != c.Rev) {
				t.Errorf("a refused claim changed %+v", got)
			}
			if err == nil && got.Owner != tt.who.ID {
				t.Errorf("owner %q", got.Owner)
			}
			var taken *assign.TakenError
			if errors.As(err, &taken) && taken.Owner != tt.owner {
				t.Errorf("told %q", taken.Owner)
			}
		})
	}
	if _, err := newDesk(t).Claim(t.Context(), "none", rep("li"), ""); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("an unknown customer: %v", err)
	}
}

func TestClaimRecordsItsEffectsInTheSameWrite(t *testing.T) {
	t.Parallel()
	d := newDesk(t, rep("li"))
	c := d.lead("c1", "claim", "")
	got, err := d.Claim(t.Context(), c.ID, rep("li"), "wecom")
	must(t, err)
	stored, err := d.store.Customer(t.Context(), c.ID)
	must(t, err)
	if len(stored.Effects) != 2 || stored.Effects[0].Kind != customer.EffectCards || stored.Effects[1].Kind != customer.EffectTask || stored.Effects[1].Via != "wecom" {
		t.Errorf("%+v", stored.Effects)
	}
	if stored.Rev != got.Rev || !stored.OwnedAt.Equal(d.at) {
		t.Errorf("rev %d and %d, owned at %s", stored.Rev, got.Rev, stored.OwnedAt)
	}
}

func TestManyClaimsHaveOneWinnerAndEverybodyElseHearsTheName(t *testing.T) {
	t.Parallel()
	var people []access.Person
	for i := range 60 {
		people = append(people, rep(fmt.Sprintf("p%02d", i)))
	}
	d := newDesk(t, people...)
	d.lead("c1", "claim", "")
	errs := make([]error, len(people))
	var all sync.WaitGroup
	for i, p := range people {
		all.Go(func() { _, errs[i] = d.Claim(t.Context(), "c1", p, "wecom") })
	}
	all.Wait()
	c, err := d.store.Customer(t.Context(), "c1")
	must(t, err)
	winners := 0
	for i, err := range errs {
		var taken *assign.TakenError
		switch {
		case err == nil && people[i].ID == c.Owner:
			winners++
		case !errors.As(err, &taken) || taken.Owner != c.Owner:
			t.Errorf("%s heard %v", people[i].ID, err)
		}
	}
	if winners != 1 {
		t.Errorf("%d winners", winners)
	}
}

func TestTheDaysAllowanceBeginsAnewAtTheCompanysMidnight(t *testing.T) {
	t.Parallel()
	li := rep("li")
	d := newDesk(t, li)
	d.at = time.Date(2026, 3, 2, 15, 59, 0, 0, time.UTC) // 23:59 in Shanghai
	for i := range 4 {
		d.lead(fmt.Sprint(i), "claim", "")
	}
	claim := func(id string) error { _, err := d.Claim(t.Context(), id, li, ""); return err }
	must(t, claim("0"))
	must(t, claim("1"))
	if err := claim("2"); !errors.Is(err, store.ErrDailySpent) {
		t.Fatalf("the third of the day: %v", err)
	}
	d.at = d.at.Add(2 * time.Minute)
	must(t, claim("2"))
	if err := claim("3"); !errors.Is(err, store.ErrHoldingFull) {
		t.Errorf("the fourth held: %v", err)
	}
	daily, holding, err := d.Left(t.Context(), li)
	if daily != 1 || holding != 0 || err != nil {
		t.Errorf("left %d, %d, %v", daily, holding, err)
	}
}

func TestRelease(t *testing.T) {
	t.Parallel()
	boss := rep("boss")
	boss.Role = access.RoleManager
	for _, tt := range []struct {
		name  string
		owner string
		who   access.Person
		err   error
	}{
		{"by the owner", "li", rep("li"), nil},
		{"by a manager", "li", boss, nil},
		{"by somebody else is refused", "li", rep("zhang"), assign.ErrNotOwner},
		{"of an unowned one is refused", "", boss, assign.ErrNotOwner},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t)
			c := d.lead("c1", "claim", tt.owner)
			got, err := d.Release(t.Context(), c.ID, tt.who, "")
			if !errors.Is(err, tt.err) {
				t.Fatalf("%v, want %v", err, tt.err)
			}
			if err == nil && (got.Owner != "" || got.Round != 1 || len(got.Effects) != 2 || got.Effects[1].Person != tt.owner) {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestReleasingDoesNotGiveTheDaysAllowanceBack(t *testing.T) {
	t.Parallel()
	li := rep("li")
	d := newDesk(t, li)
	d.lead("c1", "claim", "")
	for i, want := range []error{nil, nil, store.ErrDailySpent} {
		_, err := d.Claim(t.Context(), "c1", li, "")
		if !errors.Is(err, want) {
			t.Fatalf("claim %d: %v, want %v", i, err, want)
		}
		if err == nil {
			_, err = d.Release(t.Context(), "c1", li, "")
			must(t, err)
		}
	}
}

func TestHandOut(t *testing.T) {
	t.Parallel()
	busy, idle, full := rep("a-busy"), rep("b-idle"), rep("c-full")
	full.Daily = 0
	clerk := rep("0-clerk")
	clerk.Role = access.RoleFinance
	for _, tt := range []struct {
		name   string
		pool   string
		people []access.Person
		owner  string
	}{
		{"to the member with the fewest customers", "least", []access.Person{busy, idle}, "b-idle"},
		{"to the first of equals", "rotate", []access.Person{full, rep("b"), rep("a")}, "a"},
		{"past members without room", "rotate", []access.Person{full, busy}, "a-busy"},
		{"past members who own no customers", "rotate", []access.Person{clerk, busy}, "a-busy"},
		{"to nobody where nobody has room", "rotate", []access.Person{full}, ""},
		{"to nobody in a pool of another strategy", "claim", []access.Person{idle}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			d := newDesk(t, tt.people...)
			d.lead("held", "claim", "a-busy")
			d.lead("c1", tt.pool, "")
			for range 2 {
				c, err := d.HandOut(t.Context(), "c1")
				if err != nil || c.Owner != tt.owner {
					t.Errorf("owner %q, %v; want %q", c.Owner, err, tt.owner)
				}
			}
		})
	}
}

func TestRouteTakesTheFirstPoolThatFits(t *testing.T) {
	t.Parallel()
	when := func(text string) *scoring.Condition {
		c, err := scoring.ParseCondition(text, scoring.BuiltIn())
		must(t, err)
		return c
	}
	pools := assign.Pools{{Name: "high", When: when("得分 > 80")}, {Name: "middle", When: when("得分 > 50")}}
	facts := scoring.BuiltIn().NewFacts()
	for total, want := range map[float64]string{81: "high", 80: "middle", 50.5: "middle", 50: "", 0: ""} {
		if got, ok := pools.Route(facts, total, ""); got.Name != want || ok != (want != "") {
			t.Errorf("%v goes to %q", total, got.Name)
		}
	}
}
