package report

import (
	"maps"
	"slices"
	"time"

	"lingke/internal/customer"
	"lingke/internal/lang"
	"lingke/scoring/validate"
)

// Play is what a report has to know of a play.
type Play struct {
	Title   lang.Text     // what people call it
	Measure time.Duration // how long after its beginning what a customer buys counts as its effect; 0: as long as of a play that is gone
}

// measureFor is how long that is of a play that is in no file any more, or does not say.
const measureFor = 30 * 24 * time.Hour

// PlayEffect is what a play brought, measured against those who were held out by lot. All who were drawn count, whether they were reached or not, so that
// nothing but chance tells the two groups apart; of a customer that was drawn several times in the period, the first time.
type PlayEffect struct {
	Play    string `json:"play"`
	Title   string `json:"title"`
	TitleEN string `json:"title_en,omitempty"` // what English readers read in place of Title
	Treated int    `json:"treated"`
	Held    int    `json:"held"`
	Waiting int    `json:"waiting"` // whose time to answer has not passed; they do not count yet
	// Bought is how many more of the treated bought within the time, as a share of the held out: 0.25 is a quarter more.
	Bought validate.Estimate `json:"bought"`
	// Spent is how much more the treated spent on average.
	Spent validate.Estimate `json:"spent"`
	// Of the treated and of the held out: the share that bought.
	Rate     validate.Estimate `json:"rate"`
	HeldRate validate.Estimate `json:"held_rate"`
	// Answered is the share of the treated that did what the play counts as an answer, within the time.
	Answered validate.Estimate `json:"answered"`
}

// Name is what the play is called in a language.
func (p PlayEffect) Name(l lang.Language) string { return lang.Text{ZH: p.Title, EN: p.TitleEN}.In(l) }

// playSums gathers one play.
type playSums struct {
	bought   [2]int // of the treated, of the held out
	spent    [2]validate.Sums
	answered int // of the treated
	waiting  int
}

// play takes a customer's parts in plays in that began in the period, or so long before it that their time passed in it.
func (g *gathering) play(x Subject) {
	seen := make(map[string]bool)
	for _, e := range x.Exposures { // oldest first
		measure := g.measure(e.Play)
		end := e.At.Add(measure)
		if seen[e.Play] || end.Before(g.q.From) || !e.At.Before(g.q.To) {
			continue
		}
		seen[e.Play] = true
		p := g.plays[e.Play]
		if p == nil {
			p = &playSums{}
			g.plays[e.Play] = p
		}
		if end.After(g.q.To) {
			p.waiting++
			continue
		}
		p.add(e, x, Period{e.At, end})
	}
}

func (p *playSums) add(e customer.Exposure, x Subject, during Period) {
	sum, n := x.spent(during)
	side := one(e.Held)
	p.bought[side] += one(n > 0)
	p.answered += one(!e.Held && !e.Responded.IsZero() && e.Responded.Before(during.To))
	p.spent[side].Add(sum.Yuan())
}

func (g *gathering) measure(play string) time.Duration {
	if m := g.q.Plays[play].Measure; m > 0 {
		return m
	}
	return measureFor
}

func (g *gathering) playEffects() []PlayEffect {
	var out []PlayEffect
	for _, id := range slices.Sorted(maps.Keys(g.plays)) {
		p, title := g.plays[id], g.q.Plays[id].Title
		if title.IsZero() {
			title.ZH = id
		}
		treated, held := &p.spent[0], &p.spent[1]
		out = append(out, PlayEffect{
			Play: id, Title: title.ZH, TitleEN: title.EN, Treated: treated.N, Held: held.N, Waiting: p.waiting,
			Bought: validate.Times(p.bought[0], treated.N, p.bought[1], held.N), Spent: validate.TimesOf(treated, held),
			Rate: validate.Proportion(p.bought[0], treated.N), HeldRate: validate.Proportion(p.bought[1], held.N),
			Answered: validate.Proportion(p.answered, treated.N),
		})
	}
	return out
}
