package report

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"lingke/connectors"
	"lingke/internal/customer"
	"lingke/internal/followup"
	"lingke/internal/lang"
	"lingke/internal/store"
	"lingke/scoring"
)

var noon = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)

// shelf is a store of what reports read.
type shelf struct {
	customers  []customer.Customer // by id
	orders     map[customer.Ref][]customer.Order
	activities map[customer.Ref][]customer.Activity
	tasks      []followup.Task
}

func (s *shelf) Customer(_ context.Context, id string) (customer.Customer, error) {
	for _, c := range s.customers {
		if c.ID == id {
			return c, nil
		}
	}
	return customer.Customer{}, store.ErrNotFound
}

func (s *shelf) Customers(_ context.Context, q store.CustomerQuery) ([]customer.Customer, string, error) {
	var page []customer.Customer
	for _, c := range s.customers {
		if c.ID <= q.After || q.Through != "" && c.ID > q.Through {
			continue
		}
		if len(page) == q.Limit {
			return page, page[len(page)-1].ID, nil
		}
		page = append(page, c)
	}
	return page, "", nil
}

func (s *shelf) CustomerBound(_ context.Context, after string, n int) (string, error) {
	for _, c := range s.customers {
		if c.ID <= after {
			continue
		}
		if n--; n == 0 {
			return c.ID, nil
		}
	}
	return "", nil
}

func (s *shelf) Orders(_ context.Context, refs []customer.Ref) (out []customer.Order, _ error) {
	for _, ref := range refs {
		out = append(out, s.orders[ref]...)
	}
	return out, nil
}

func (s *shelf) Activities(_ context.Context, refs []customer.Ref, _ time.Time) (out []customer.Activity, _ error) {
	for _, ref := range refs {
		out = append(out, s.activities[ref]...)
	}
	return out, nil
}

func (s *shelf) Tasks(_ context.Context, q followup.Query) (out []followup.Task, _ string, _ error) {
	for _, t := range s.tasks {
		if !t.Due.Before(q.DueFrom) && t.Due.Before(q.DueBefore) {
			out = append(out, t)
		}
	}
	return out, "", nil
}

// trialed is a store of n customers, of whom a fifth was held out by lot of a play 60 days ago; the held out buy within a month with probability rate, the treated so
// much more often as lift says.
func trialed(seed uint64, n int, rate, lift float64) *shelf {
	g := rand.New(rand.NewPCG(seed, 7))
	s := &shelf{orders: make(map[customer.Ref][]customer.Order)}
	drawn := noon.AddDate(0, 0, -60)
	for i := range n {
		id := fmt.Sprintf("c%05d", i)
		ref := customer.NewRef("erp", id)
		c := customer.Customer{ID: id, Name: id, Records: []customer.Record{{Ref: ref, Since: noon.AddDate(-1, 0, 0)}}, Since: noon.AddDate(-1, 0, 0)}
		held := g.Float64() < 0.2
		c.Expose(customer.Exposure{Play: "vip", N: 1, At: drawn, Held: held})
		s.customers = append(s.customers, c)
		p := rate
		if !held {
			p *= 1 + lift
		}
		if g.Float64() < p {
			s.orders[ref] = []customer.Order{{
				ID: ref, Customer: ref, Amount: customer.FromYuan(1000 + 9000*g.Float64()), Status: connectors.StatusWon, Date: drawn.AddDate(0, 0, 1+g.IntN(28)),
			}}
		}
	}
	return s
}

func effectOf(t *testing.T, s *shelf) Effects {
	t.Helper()
	e, err := Effect(t.Context(), s, Question{
		Period: Period{noon.AddDate(0, 0, -90), noon}, Schemes: scoring.Alone(scoring.Points()), Plays: map[string]Play{"vip": {Title: lang.Text{ZH: "VIP 活动"}, Measure: 30 * 24 * time.Hour}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// TestAPlaysEffectIsShownOrRefused: requirements section 3, item 9, on four times as many stores: of 100 drawn with a true effect the interval holds it in at
// least 93; where there is none, "no effect shown" is said as often; 12 customers are too few. An interval of 95 % that did so in every hundred would be too wide:
// over 1,000 stores of 300, 1,000 and 2,000 customers it holds the truth in 94 to 96.5 of 100.
func TestAPlaysEffectIsShownOrRefused(t *testing.T) {
	t.Parallel()
	const runs = 400
	for _, truth := range []float64{0.25, 0} {
		held, spent, shown := 0, 0, 0
		for seed := range uint64(runs) {
			p := effectOf(t, trialed(seed, 800, 0.3, truth)).Plays[0]
			held += one(p.Bought.Low <= truth && truth <= p.Bought.High)
			spent += one(p.Spent.Low <= truth && truth <= p.Spent.High)
			shown += one(p.Bought.Shown())
			if said := strings.Contains(p.Line(lang.Chinese), "未显示效果"); said == p.Bought.Shown() {
				t.Fatalf("%s, while the interval is %v…%v", p.Line(lang.Chinese), p.Bought.Low, p.Bought.High)
			}
		}
		t.Logf("a true effect of %.0f %%: the interval of buying holds it in %d of %d runs, that of spending in %d; an effect is shown in %d", 100*truth, held, runs, spent, shown)
		if least, most := runs*93/100, runs*98/100; min(held, spent) < least || max(held, spent) > most {
			t.Errorf("a true effect of %v lies in the interval in %d (buying) and %d (spending) of %d runs", truth, held, spent, runs)
		}
		if truth == 0 && shown > runs*7/100 || truth > 0 && shown < runs*35/100 {
			t.Errorf("with a true effect of %v an effect is shown in %d of %d runs", truth, shown, runs)
		}
	}
	if p := effectOf(t, trialed(1, 12, 0.5, 0.25)).Plays[0]; p.Line(lang.Chinese) != "VIP 活动：购买率 样本太少" || p.Verdict(lang.Chinese) != "样本太少" {
		t.Errorf("of 12 customers it says %q, %q", p.Line(lang.Chinese), p.Verdict(lang.Chinese))
	}
}

// TestPartsWhoseTimeHasNotPassedDoNotCount: counting who has not had the time to buy would make every new play look bad. Nor do second parts: whoever was drawn twice would
// count twice for one and the same customer.
func TestPartsWhoseTimeHasNotPassedDoNotCount(t *testing.T) {
	t.Parallel()
	s := trialed(1, 200, 0.5, 0)
	for i := range s.customers {
		c := &s.customers[i]
		at := c.Exposures[0].At
		c.Exposures[0].At = noon.AddDate(0, 0, -10)
		responded := at.AddDate(0, 0, 20+i%20) // half of them in time
		if i%2 == 0 {
			c.Exposures = []customer.Exposure{{Play: "vip", N: 1, At: at, Responded: responded}, {Play: "vip", N: 2, At: noon.AddDate(0, 0, -40)}, {Play: "old", N: 1, At: noon.AddDate(-1, 0, 0)}}
		}
	}
	e := effectOf(t, s)
	if p := e.Plays[0]; len(e.Plays) != 1 || p.Waiting != 100 || p.Treated != 100 || p.Held != 0 || !p.Bought.TooFew || p.Answered.Value != 0.5 {
		t.Errorf("%+v", e.Plays)
	}
}
