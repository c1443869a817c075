package report

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"lingke/connectors"
	"lingke/internal/customer"
	"lingke/internal/followup"
	"lingke/internal/store"
	"lingke/scoring"
	"lingke/scoring/validate"
)

// Question is what an effect report is asked for.
type Question struct {
	Period
	Schemes scoring.Schemes
	Models  scoring.Models  // score newcomers as of a day after they came
	Bands   []float64       // edges of the score bands
	Plays   map[string]Play // by id
}

// Effects is what the tiers, the scores and the plays brought in a period.
type Effects struct {
	Period
	Scheme    string `json:"scheme"`
	Customers int    `json:"customers"`
	Unjudged  int    `json:"unjudged"` // who were not known yet when the period began
	// Derived is how many had no tier then, because Lingke was not there yet: theirs is what the present models and schemes give for what was known of them then.
	Derived  int            `json:"derived"`
	Tiers    []TierEffect   `json:"tiers"` // the best first
	Bands    []BandEffect   `json:"bands"` // the highest first
	Plays    []PlayEffect   `json:"plays"`
	Disagree []Disagreement `json:"disagree"`
	Lost     []Reason       `json:"lost"` // why deals were lost, the commonest first
}

// TierEffect is what became in the period of the customers that had a tier when it began.
type TierEffect struct {
	Tier      string `json:"tier"`
	Title     string `json:"title"`
	TitleEN   string `json:"title_en,omitempty"`
	Customers int    `json:"customers"`
	// Retention is the share that bought in the period, of those that had bought in the year before.
	Retention validate.Estimate `json:"retention"`
	Spent     customer.Money    `json:"spent"`        // in the period
	Before    customer.Money    `json:"spent_before"` // in the period of the same length before
	Growth    validate.Estimate `json:"growth"`
	// Satisfaction is the mean of what a source tells, as it stands.
	Satisfaction validate.Estimate `json:"satisfaction"`
	Complaints   int               `json:"complaints"`
	Tasks        int               `json:"tasks"` // due in the period, those that were cancelled left out
	Done         validate.Estimate `json:"done"`
	OnTime       validate.Estimate `json:"on_time"`
	Contacts     int               `json:"contacts"`         // that people noted
	Return       customer.Money    `json:"spent_per_effort"` // what was spent for each task that was done and each contact; 0 without any
	Cost         customer.Money    `json:"cost_to_serve"`    // of a year, where a source tells it

	retained     [2]int // bought again, had bought
	pairs        validate.Pairs
	happy        validate.Sums
	done, ontime int
}

// Reason is why deals were lost.
type Reason struct {
	Reason string `json:"reason"`
	N      int    `json:"n"`
}

// Effect answers a question. It reads every customer once, in memory that grows with the tasks and the newcomers of the period only.
func Effect(ctx context.Context, s records, q Question) (Effects, error) {
	all, err := EffectAll(ctx, s, []Question{q})
	if err != nil {
		return Effects{}, err
	}
	return all[0], nil
}

// EffectAll answers several questions from one pass over all customers, which takes little longer than one answer.
func EffectAll(ctx context.Context, s records, questions []Question) ([]Effects, error) {
	all := make([]*gathering, len(questions))
	for i, q := range questions {
		var err error
		if all[i], err = newGathering(ctx, s, q); err != nil {
			return nil, err
		}
	}
	err := each(ctx, s, func(x Subject) error {
		for _, g := range all {
			g.add(x)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := make([]Effects, len(all))
	for i, g := range all {
		if err := g.addMoved(ctx, s); err != nil {
			return nil, err
		}
		out[i] = g.effects()
	}
	return out, nil
}

// gathering is a report under way.
type gathering struct {
	q      Question
	scheme string
	order  []string // of the tiers, the best first
	tiers  map[string]*TierEffect
	tasks  map[string]taskCount // by customer
	bands  bandSums
	cross  map[string]crossing // by the other scheme
	plays  map[string]*playSums
	lost   map[string]int
	all    int
	early  int
	// derived of early: see Effects.Derived.
	derived int
}

func newGathering(ctx context.Context, s records, q Question) (*gathering, error) {
	lead, ok := q.Schemes.Lead()
	if !ok {
		return nil, errors.New("report: no scheme leads")
	}
	tasks, err := tasksOf(ctx, s, q.Period)
	if err != nil {
		return nil, err
	}
	g := &gathering{q: q, scheme: lead.Name, order: lead.Tiers(), tiers: make(map[string]*TierEffect), tasks: tasks, lost: make(map[string]int), plays: make(map[string]*playSums)}
	for _, tier := range g.order {
		g.tiers[tier] = &TierEffect{Tier: tier, Title: lead.Title(tier), TitleEN: lead.English[tier]}
	}
	return g, nil
}

// derive is the tier that a customer would have had when the period began; false where nobody knew it then.
func (g *gathering) derive(x Subject) (string, bool) {
	if len(g.q.Models) == 0 {
		return "", false
	}
	f, _, known := Past{Day: g.q.From, Model: g.q.Models[0]}.facts(x)
	if !known {
		return "", false
	}
	m := g.q.Models.Lead(f, g.q.From)
	if m == nil {
		return "", false
	}
	return g.q.Schemes.Next(nil, f, m.Total(f, g.q.From), g.q.From, false)[g.scheme].Tier, true
}

func (g *gathering) add(x Subject) {
	g.all++
	g.band(x)
	g.play(x)
	g.disagree(x)
	g.loses(x)
	tier, judged := x.tierAt(g.scheme, g.q.From)
	if !judged {
		if tier, judged = g.derive(x); judged {
			g.derived++
		}
	}
	count := g.tasks[x.ID]
	delete(g.tasks, x.ID)
	t := g.tiers[tier]
	if !judged || t == nil {
		g.early++
		return
	}
	t.add(x, g.q.Period)
	t.work(count)
}

func (t *TierEffect) add(x Subject, p Period) {
	t.Customers++
	spent, n := x.spent(p)
	before, _ := x.spent(p.Before())
	t.Spent, t.Before = t.Spent+spent, t.Before+before
	t.pairs.Add(before.Yuan(), spent.Yuan())
	if _, had := x.spent(Period{p.From.AddDate(-1, 0, 0), p.From}); had > 0 {
		t.retained[1]++
		if n > 0 {
			t.retained[0]++
		}
	}
	if v, err := strconv.ParseFloat(x.Text("satisfaction"), 64); err == nil {
		t.happy.Add(v)
	}
	if v, err := customer.ParseMoney(x.Text("cost_to_serve_365d")); err == nil {
		t.Cost += v
	}
	for _, a := range x.Activities {
		switch {
		case !p.Holds(a.At):
		case a.Type == connectors.ActivityComplaint, a.Type == connectors.ActivityEscalation:
			t.Complaints++
		case a.Type == connectors.ActivityNote:
			t.Contacts++
		}
	}
}

func (t *TierEffect) work(c taskCount) {
	t.Tasks, t.done, t.ontime = t.Tasks+c.due, t.done+c.done, t.ontime+c.ontime
}

// finish makes the estimates.
func (t *TierEffect) finish() TierEffect {
	t.Retention = validate.Proportion(t.retained[0], t.retained[1])
	t.Growth, t.Satisfaction = t.pairs.Change(), t.happy.Mean()
	t.Done, t.OnTime = validate.Proportion(t.done, t.Tasks), validate.Proportion(t.ontime, t.Tasks)
	if effort := t.done + t.Contacts; effort > 0 {
		t.Return = t.Spent / customer.Money(effort)
	}
	return *t
}

// noReason is what stands for the reason that nobody gave.
const noReason = "未写明"

func (g *gathering) loses(x Subject) {
	for _, o := range x.Told {
		if o.Status == connectors.StatusLost && !o.Deleted && g.q.Holds(o.Date) {
			reason := o.Reason
			if reason == "" {
				reason = noReason
			}
			g.lost[reason]++
		}
	}
}

// shownReasons is how many reasons are told apart.
const shownReasons = 10

func (g *gathering) effects() Effects {
	out := Effects{Period: g.q.Period, Scheme: g.scheme, Customers: g.all, Unjudged: g.early, Derived: g.derived}
	for _, tier := range g.order {
		out.Tiers = append(out.Tiers, g.tiers[tier].finish())
	}
	out.Bands, out.Plays, out.Disagree = g.bands.effects(g.q.Bands), g.playEffects(), g.disagreements()
	for reason, n := range g.lost {
		out.Lost = append(out.Lost, Reason{reason, n})
	}
	slices.SortFunc(out.Lost, func(a, b Reason) int {
		if a.N != b.N {
			return b.N - a.N
		}
		if a.Reason < b.Reason {
			return -1
		}
		return 1
	})
	out.Lost = out.Lost[:min(len(out.Lost), shownReasons)]
	return out
}

// taskCount is what became of the tasks of a customer, or of a person, that were due in a period. Those that were cancelled in time do not count; one that was
// late already when its reason went, as when the next turn of its play took its place, was due and was not done.
type taskCount struct{ due, done, ontime, late int }

func (c *taskCount) add(t followup.Task, now time.Time) {
	if t.State == followup.Cancelled && !t.Ended.After(t.Due) {
		return
	}
	c.due++
	switch {
	case t.State == followup.Done && !t.Ended.After(t.Due):
		c.done, c.ontime = c.done+1, c.ontime+1
	case t.State == followup.Done:
		c.done++
	case t.State == followup.Open && t.Due.Before(now):
		c.late++
	}
}

// tasksOf counts by customer.
func tasksOf(ctx context.Context, s records, p Period) (map[string]taskCount, error) {
	out := make(map[string]taskCount)
	err := eachTask(ctx, s, p, func(t followup.Task) {
		c := out[t.Customer]
		c.add(t, p.To)
		out[t.Customer] = c
	})
	return out, err
}

// eachTask calls fn for every task that was due in a period.
func eachTask(ctx context.Context, s records, p Period, fn func(followup.Task)) error {
	for q := (followup.Query{DueFrom: p.From, DueBefore: p.To, Limit: 500}); ; {
		page, next, err := s.Tasks(ctx, q)
		if err != nil {
			return fmt.Errorf("read tasks: %w", err)
		}
		for _, t := range page {
			fn(t)
		}
		if q.After = next; next == "" {
			return nil
		}
	}
}

// addMoved counts the tasks of customers that are other names by now.
func (g *gathering) addMoved(ctx context.Context, s records) error {
	for id, count := range g.tasks {
		c, err := s.Customer(ctx, id)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return fmt.Errorf("customer of a task: %w", err)
		}
		if tier, judged := (Subject{Customer: c}).tierAt(g.scheme, g.q.From); judged && g.tiers[tier] != nil {
			g.tiers[tier].work(count)
		}
	}
	return nil
}
