package ingest_test

import (
	"errors"
	"fmt"
	"log/slog"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lingke/connectors"
	"lingke/internal/customer"
	"lingke/internal/ingest"
	"lingke/scoring"
)

const day = 24 * time.Hour

// steady gives the mill tiers as steady as they ship: the score is a tenth of the headcount.
func steady(t *testing.T) *mill {
	t.Helper()
	m := newMill(t)
	m.force.Settle, m.force.Big = day, ingest.Big{Order: customer.FromYuan(100_000), Complaint: true}
	m.force.Schemes = scoring.Schemes{Leading: "points", All: []scoring.TierScheme{
		{Scheme: scoring.Points(), Policy: scoring.Steady()},
		{Scheme: scoring.Money(), Policy: scoring.Steady(), By: "order_amount_365d"},
	}}
	return m
}

func (m *mill) pass(d time.Duration) { m.at = m.at.Add(d) }

func (m *mill) activity(id, of, kind string) connectors.Record {
	return connectors.Record{Kind: connectors.Activity, ID: id, Customer: of, ModifiedAt: m.at, Fields: map[string]string{"type": kind}}
}

func TestATierFollowsItsScoreAtOnceOrByPolicy(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		before int           // headcount, at first
		later  time.Duration // until it changes
		after  int
		more   func(m *mill) connectors.Record // arrives together with the change
		tier   string
		why    customer.Why // of the change; "" where the tier stays
		hold   scoring.Hold
	}{
		{"on its first day at once", 300, day - time.Millisecond, 900, nil, "A", "", ""},
		{"then the minimum stay holds", 300, day, 900, nil, "C", "", scoring.HoldStay},
		{"until it is over", 300, 30 * day, 900, nil, "A", customer.WhyScore, ""},
		{"the band holds", 700, 40 * day, 810, nil, "B", "", scoring.HoldBand},
		{"beyond the band it rises", 700, 40 * day, 840, nil, "A", customer.WhyScore, ""},
		{"the band holds below, too", 850, 40 * day, 780, nil, "A", "", scoring.HoldBand},
		{"a large order lifts at once", 700, 2 * day, 810, func(m *mill) connectors.Record { return m.order("o1", "1", "100000") }, "A", customer.WhyBig, ""},
		{"an order that is not large does not", 700, 2 * day, 810, func(m *mill) connectors.Record { return m.order("o1", "1", "99999.99") }, "B", "", scoring.HoldBand},
		{"an escalated complaint lets it fall at once", 850, 2 * day, 400, func(m *mill) connectors.Record { return m.activity("a1", "1", "escalation") }, "C", customer.WhyBig, ""},
		{"any other complaint does not", 850, 2 * day, 400, func(m *mill) connectors.Record { return m.activity("a1", "1", "complaint") }, "A", "", scoring.HoldStay},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			m := steady(t)
			m.apply(m.company("1", tt.before))
			began := m.at
			m.pass(tt.later)
			batch := []connectors.Record{m.company("1", tt.after)}
			if tt.more != nil {
				batch = append(batch, tt.more(m))
			}
			m.apply(batch...)
			c := m.customer("1")
			state := c.Tiers["points"]
			if c.Tier != tt.tier || state.Tier != tt.tier || state.Why != tt.hold {
				t.Errorf("tier %s, state %+v", c.Tier, state)
			}
			if want := float64(tt.after) / 10; c.Score.Total != want {
				t.Errorf("the score is %v, not %v at once", c.Score.Total, want)
			}
			if tt.why == "" {
				if len(c.Changes) > 0 && c.Changes[0].Scheme == "points" || !state.Since.Equal(began) {
					t.Errorf("changes %+v, since %s", c.Changes, state.Since)
				}
				return
			}
			last := c.Changes[len(c.Changes)-1]
			if last.To != tt.tier || last.Why != tt.why || !last.At.Equal(m.at) || !state.Since.Equal(m.at) {
				t.Errorf("changes %+v, since %s", c.Changes, state.Since)
			}
		})
	}
}

func TestABigEventIsFollowedOnce(t *testing.T) {
	t.Parallel()
	m := steady(t)
	m.apply(m.company("1", 700))
	m.pass(2 * day)
	m.apply(m.company("1", 810), m.order("o1", "1", "200000"))
	m.pass(time.Minute)
	m.apply(m.company("1", 700)) // the order is no reason to follow this fall, too
	if c := m.customer("1"); c.Tier != "A" || c.Tiers["points"].Why != scoring.HoldStay {
		t.Errorf("%s, %+v", c.Tier, c.Tiers)
	}
}

func TestEdgesBelongToTheTiersThatTheyAreDocumentedFor(t *testing.T) {
	t.Parallel()
	m := steady(t)
	for i, tt := range []struct {
		headcount     int
		bought        string
		points, money string
	}{
		{801, "10000", "A", "high"}, {800, "9999.99", "B", "medium"}, {501, "5000", "B", "medium"}, {500, "4999.99", "C", "low"},
	} {
		id := fmt.Sprint(i)
		m.apply(m.company(id, tt.headcount), m.order("o"+id, id, tt.bought))
		if c := m.customer(id); c.Tiers["points"].Tier != tt.points || c.Tiers["money"].Tier != tt.money {
			t.Errorf("score %v, bought %s: %+v", c.Score.Total, tt.bought, c.Tiers)
		}
	}
}

func TestAnAdjustmentKeepsItsBoundAndEnds(t *testing.T) {
	t.Parallel()
	m := steady(t)
	m.apply(m.company("1", 500))
	m.pass(2 * day)
	id := m.customer("1").ID
	try := func(points float64) error {
		_, err := m.Adjust(t.Context(), id, scoring.Adjustment{Points: points, Reason: "大项目在谈", By: "wangfang", Expires: m.at.Add(10 * day)})
		return err
	}
	for _, points := range []float64{10.05, -10.05} { // 20.1 % of 50
		var bound *scoring.BoundError
		if err := try(points); !errors.As(err, &bound) || !strings.Contains(err.Error(), "±10") {
			t.Errorf("%v: %v, want the bound named", points, err)
		}
	}
	must(t, try(10))
	adjusted := func(want float64, tier string) {
		t.Helper()
		c := m.customer("1")
		full := m.force.Explain(c)
		if c.Score.Total != want || c.Score.Sum() != want || c.Tier != tier || full.Total != want {
			t.Errorf("score %v (parts %v, explained %v) in %s, want %v in %s", c.Score.Total, c.Score.Sum(), full.Total, c.Tier, want, tier)
		}
	}
	adjusted(60, "B") // a person's decision moves the tier at once
	m.pass(time.Hour)
	m.apply(m.company("1", 520)) // it survives a new score
	adjusted(62, "B")
	m.pass(9 * day)
	_, err := m.RescoreAll(t.Context(), nil)
	must(t, err)
	adjusted(62, "B")
	lapsed := func(want int) {
		t.Helper()
		if n, err := m.RescoreLapsed(t.Context()); n != want || err != nil {
			t.Errorf("%d lapsed, %v, want %d", n, err, want)
		}
	}
	m.pass(day - time.Hour - time.Millisecond)
	lapsed(0)
	m.pass(time.Millisecond) // expired; no news of the customer and no night is needed
	lapsed(1)
	adjusted(52, "B")
	lapsed(0)
	if c := m.customer("1"); len(c.Adjustments) != 1 {
		t.Errorf("%+v is kept", c.Adjustments)
	}
}

func TestAnAdjustmentIsReplacedAndWithdrawn(t *testing.T) {
	t.Parallel()
	m := steady(t)
	m.apply(m.company("1", 500))
	id := m.customer("1").ID
	adjust := func(points float64) customer.Customer {
		m.pass(time.Minute)
		c, err := m.Adjust(t.Context(), id, scoring.Adjustment{Points: points, Reason: "r", By: "wangfang", Expires: m.at.Add(day)})
		must(t, err)
		return c
	}
	if c := adjust(10); c.Score.Total != 60 {
		t.Errorf("score %v", c.Score.Total)
	}
	c := adjust(-5)
	if c.Score.Total != 45 || len(c.Adjustments) != 2 {
		t.Errorf("score %v by %+v, want only the latest to count", c.Score.Total, c.Adjustments)
	}
	m.pass(time.Minute)
	_, err := m.Withdraw(t.Context(), id, c.Adjustments[1].ID, "lina")
	must(t, err)
	if c := m.customer("1"); c.Score.Total != 60 || c.Adjustments[1].EndedBy != "lina" {
		t.Errorf("score %v, %+v: the one before is in force again", c.Score.Total, c.Adjustments)
	}
	if _, err := m.Withdraw(t.Context(), id, c.Adjustments[1].ID, "lina"); !errors.Is(err, ingest.ErrNoAdjustment) {
		t.Errorf("twice: %v", err)
	}
	for name, a := range map[string]scoring.Adjustment{
		"unsigned": {Points: 1, Reason: "r", Expires: m.at.Add(day)}, "without a reason": {Points: 1, By: "a", Expires: m.at.Add(day)},
		"expired": {Points: 1, Reason: "r", By: "a", Expires: m.at}, "for ever": {Points: 1, Reason: "r", By: "a", Expires: m.at.Add(400 * day)},
	} {
		if _, err := m.Adjust(t.Context(), id, a); !errors.Is(err, scoring.ErrAdjustment) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestAMergeKeepsTheAdjustmentOfTheOneThatIsGone(t *testing.T) {
	t.Parallel()
	const code = "91110000600007156J"
	m := steady(t)
	m.apply(m.company("1", 500, "credit_code", code), m.company("2", 500))
	for _, id := range []string{"1", "2"} {
		_, err := m.Adjust(t.Context(), m.customer(id).ID, scoring.Adjustment{Points: 10, Reason: id, By: "wangfang", Expires: m.at.Add(day)})
		must(t, err)
	}
	m.pass(time.Minute)
	m.apply(m.company("2", 500, "credit_code", code))
	if c := m.customer("1"); len(c.Adjustments) != 2 || c.Score.Total != 60 {
		t.Errorf("score %v by %+v", c.Score.Total, c.Adjustments)
	}
}

// ranks adds the shipped scheme by rank.
func ranks(t *testing.T, m *mill) {
	t.Helper()
	when, err := scoring.ParseCondition("近一年订单数 > 0 or 近一年互动次数 > 0", m.force.Schema())
	must(t, err)
	m.force.Schemes.All = append(m.force.Schemes.All, scoring.TierScheme{
		Scheme: scoring.Scheme{Name: "rank", Cuts: []scoring.Cut{{Tier: "A"}, {Tier: "B"}, {Tier: "C", When: when}}, Else: "D"},
		Policy: scoring.Steady(), Ranks: []scoring.RankCut{{Tier: "A", Top: 0.05}, {Tier: "B", Top: 0.2}},
	})
}

// night does what the nightly run does.
func (m *mill) night() {
	m.t.Helper()
	_, err := m.RescoreAll(m.t.Context(), nil)
	must(m.t, err)
	cuts, err := m.Rank(m.t.Context())
	must(m.t, err)
	kept, err := m.Cuts(m.t.Context(), m.force)
	must(m.t, err)
	if diff := cmp.Diff(cuts, kept); diff != "" {
		m.t.Error(diff)
	}
	m.force = m.force.WithCuts(kept)
	_, err = m.FollowCuts(m.t.Context(), kept)
	must(m.t, err)
}

func TestTiersThatACrashKeptFromTheirCutOffsFollowThemLater(t *testing.T) {
	t.Parallel()
	m := steady(t)
	ranks(t, m)
	for i := range 20 {
		m.apply(m.company(fmt.Sprint(i), 40*i))
	}
	m.night()
	m.pass(40 * day)
	m.apply(m.company("0", 1000)) // the one place in A is its
	second := func(want string) {
		t.Helper()
		if got := m.customer("19").Tiers["rank"]; got.Tier != want {
			t.Errorf("the second best has %+v, want %s", got, want)
		}
	}
	_, err := m.Rank(t.Context()) // and the process ends
	must(t, err)
	m.pass(time.Hour)
	_, err = m.Rank(t.Context()) // nothing moved since, but nobody followed yet
	must(t, err)
	second("A")
	kept, err := m.Cuts(t.Context(), m.force)
	must(t, err)
	m.force = m.force.WithCuts(kept)
	broken := &cut{Store: m.store, at: 1, worked: make(chan struct{})}
	close(broken.worked)
	s := ingest.New(broken, m.rules, func() time.Time { return m.at }, func(string) {}, slog.New(slog.DiscardHandler))
	if _, err := s.FollowCuts(t.Context(), kept); !errors.Is(err, errCut) {
		t.Fatalf("the first try: %v", err)
	}
	for try, want := range []bool{true, false} {
		if n, err := s.FollowCuts(t.Context(), kept); err != nil || (n > 0) != want {
			t.Errorf("try %d judged %d, %v", try, n, err)
		}
	}
	second("B")
}

func TestRanksOfFewCustomers(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{1: "A", 2: "AD", 5: "ADDDC", 20: "ABBBDDDDDDDDDDDDDDDC"} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			t.Parallel()
			m := steady(t)
			ranks(t, m)
			for i := range n {
				m.apply(m.company(fmt.Sprint(i), 1000-10*i))
			}
			if n > 2 {
				m.apply(m.activity("a", fmt.Sprint(n-1), "visit"))
			}
			m.night()
			got := ""
			for i := range n {
				got += m.customer(fmt.Sprint(i)).Tiers["rank"].Tier
			}
			if got != want {
				t.Errorf("tiers from the best down: %s, want %s", got, want)
			}
			m.apply(m.company("late", 1000)) // has its tier at once, by the cut-offs that are kept
			if c := m.customer("late"); c.Tiers["rank"].Tier != "A" {
				t.Errorf("%+v", c.Tiers)
			}
		})
	}
}

func TestLessThanAYearAgoIsC(t *testing.T) {
	t.Parallel()
	m := steady(t)
	ranks(t, m)
	m.apply(m.company("best", 900), m.company("1", 10), m.company("2", 10), m.company("3", 10))
	m.apply(m.order("o1", "1", "1"), m.activity("a2", "2", "visit"))
	at := func(later time.Duration, want string) {
		t.Helper()
		m.pass(later)
		m.night()
		got := ""
		for _, id := range []string{"1", "2", "3"} {
			got += m.customer(id).Tiers["rank"].Tier
		}
		if got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	at(365*day, "CCD") // the last instant inside
	at(time.Millisecond, "DDD")
}

func TestEveryScoreIsTheSumOfItsPartsAndReplaysFromItsFacts(t *testing.T) {
	t.Parallel()
	m := steady(t)
	for i := range 100 {
		m.apply(m.company(fmt.Sprint(i), 13*i%1500), m.order(fmt.Sprint("o", i), fmt.Sprint(i), fmt.Sprint(i*317)))
	}
	must(t, m.store.EachCustomer(t.Context(), func(c customer.Customer) error {
		again := ingest.Replay(m.force.Models[0], c)
		if math.Abs(c.Score.Sum()-c.Score.Total) > 0.01 || again.Total != c.Score.Total || again.Sum() != c.Score.Total {
			t.Errorf("%s: %v, parts %v, again %v", c.ID, c.Score.Total, c.Score.Sum(), again.Total)
		}
		return nil
	}))
}
