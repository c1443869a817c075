package report

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"lingke/scoring/validate"
)

// Trial is one customer's part in a play: treated, or held out by lot so that the others can be compared with it.
type Trial struct {
	Play     string // its id, the same over all versions
	Title    string // what people call it
	Customer string // its id when it was drawn
	Held     bool
	At       time.Time // when it was drawn
}

// trials calls fn for every trial that was drawn in a period, in any order.
type trials func(ctx context.Context, p Period, fn func(Trial) error) error

// PlayEffect is what a play brought, measured against those who were held out by lot. All who were drawn count, whether they were reached or not, so that
// nothing but chance tells the two groups apart.
type PlayEffect struct {
	Play    string `json:"play"`
	Title   string `json:"title"`
	Treated int    `json:"treated"`
	Held    int    `json:"held"`
	Waiting int    `json:"waiting"` // whose time to answer has not passed; they do not count yet
	// Bought is how many more of the treated bought within the horizon, as a share of the held out: 0.25 is a quarter more.
	Bought validate.Estimate `json:"bought"`
	// Spent is how much more the treated spent on average.
	Spent validate.Estimate `json:"spent"`
	// Of the treated and of the held out: the share that bought.
	Rate     validate.Estimate `json:"rate"`
	HeldRate validate.Estimate `json:"held_rate"`
}

// playSums gathers one play.
type playSums struct {
	title   string
	bought  [2]int // of the treated, of the held out
	spent   [2]validate.Sums
	waiting int
}

func (g *gathering) readTrials(ctx context.Context) error {
	if g.q.Trials == nil {
		return nil
	}
	g.trials = make(map[string][]Trial)
	err := g.q.Trials(ctx, Period{g.q.From.Add(-g.q.Horizon), g.q.To}, func(t Trial) error {
		g.trials[t.Customer] = append(g.trials[t.Customer], t)
		return nil
	})
	if err != nil {
		return fmt.Errorf("read trials: %w", err)
	}
	return nil
}

// play takes a customer's trials in.
func (g *gathering) play(x Subject) {
	for _, t := range g.trials[x.ID] {
		p := g.plays[t.Play]
		if p == nil {
			p = &playSums{title: t.Title}
			g.plays[t.Play] = p
		}
		end := t.At.Add(g.q.Horizon)
		if end.After(g.q.To) {
			p.waiting++
			continue
		}
		sum, n := x.spent(Period{t.At, end})
		side := one(t.Held)
		p.bought[side] += one(n > 0)
		p.spent[side].Add(sum.Yuan())
	}
}

func (g *gathering) playEffects() []PlayEffect {
	var out []PlayEffect
	for _, id := range slices.Sorted(maps.Keys(g.plays)) {
		p := g.plays[id]
		treated, held := &p.spent[0], &p.spent[1]
		out = append(out, PlayEffect{
			Play: id, Title: p.title, Treated: treated.N, Held: held.N, Waiting: p.waiting,
			Bought: validate.Times(p.bought[0], treated.N, p.bought[1], held.N), Spent: validate.TimesOf(treated, held),
			Rate: validate.Proportion(p.bought[0], treated.N), HeldRate: validate.Proportion(p.bought[1], held.N),
		})
	}
	return out
}
