package app

import (
	"fmt"
	"time"

	"lingke/configs"
	"lingke/internal/calendar"
	"lingke/internal/followup"
	"lingke/internal/lang"
	"lingke/scoring"
	"lingke/scoring/risk"
)

// playRules makes of the config's plays file what follows from customers; nil where it names none.
func playRules(cfg *configs.Config, schema *scoring.Schema) (*followup.Rules, error) {
	plays, err := cfg.LoadPlays(playChecks()...)
	if err != nil || plays == nil {
		return nil, err
	}
	working, err := loadWorkingTime(cfg, nil)
	if err != nil {
		return nil, err
	}
	r := &followup.Rules{Zone: cfg.Location, Leading: cfg.Leading, Calendar: working.calendar, Names: make(map[string]string, len(cfg.People))}
	for _, p := range cfg.People {
		r.Names[p.ID] = p.Name
	}
	if r.Clock, err = taskClock(plays.SLA); err != nil {
		return nil, err
	}
	for _, s := range plays.Signals {
		r.Signals = append(r.Signals, followup.Signal{
			Name: s.Name, Title: lang.Text(s.Title), Activities: s.Activities, Within: time.Duration(s.Within), Due: s.Due, Tiers: s.Tiers, Advice: lang.Text(s.Advice),
		})
	}
	for _, a := range plays.Anniversaries {
		r.Anniversaries = append(r.Anniversaries, followup.Anniversary{
			Name: lang.Text(a.Name), Field: a.Field, Title: lang.Text(a.Title), Ahead: a.Ahead, Tiers: a.Tiers, Advice: lang.Text(a.Advice),
		})
	}
	r.Cadence = followup.Cadence{Scheme: plays.Cadence.Scheme, Daily: plays.Cadence.Daily}
	for _, x := range plays.Cadence.Rhythms {
		r.Cadence.Rhythms = append(r.Cadence.Rhythms, followup.Rhythm{
			Tier: x.Tier, Title: lang.Text(x.Title), Every: x.Every, Cap: x.Cap, Channel: lang.Text(x.Channel), Due: x.Due, Advice: lang.Text(x.Advice),
		})
	}
	r.PlaysDaily = plays.PlaysDaily
	for _, p := range plays.Plays {
		play, err := playOf(p, schema)
		if err != nil {
			return nil, fmt.Errorf("play %q: %w", p.ID, err)
		}
		r.Plays = append(r.Plays, play)
	}
	if plays.Churn != nil {
		r.Churn = churnRules(*plays.Churn)
	}
	return r, nil
}

// playOf makes of the file what is done for some customers.
func playOf(p configs.Play, schema *scoring.Schema) (out followup.Play, err error) {
	out = followup.Play{
		ID: p.ID, Name: lang.Text(p.Name), Risk: risk.Cause(p.Risk), AtOnce: p.AtOnce, Again: time.Duration(p.Again), Holdout: float64(p.Holdout),
		Measure: time.Duration(p.Measure), Respond: p.Respond,
	}
	for _, c := range []struct {
		text string
		into **scoring.Condition
	}{{p.When, &out.When}, {p.Stop, &out.Stop}} {
		if c.text == "" {
			continue
		}
		if *c.into, err = scoring.ParseCondition(c.text, schema); err != nil {
			return out, err
		}
	}
	for _, s := range p.Steps {
		step := followup.Step{After: time.Duration(s.After), If: s.If, Tag: s.Tag, Message: s.Message, Event: s.Webhook}
		if s.Task != nil {
			step.Task = &followup.PlayTask{Title: lang.Text(s.Task.Title), Due: s.Task.Due, Why: lang.Text(s.Task.Why)}
		}
		out.Steps = append(out.Steps, step)
	}
	return out, nil
}

// churnRules make of the file who counts as about to be lost.
func churnRules(c configs.Churn) *followup.Churn {
	base := thresholds(risk.DefaultRules(), c.Rules)
	out := &followup.Churn{
		Rules: base, Tiers: make(map[string]risk.Rules), Products: make(map[string]risk.Rules), Calm: risk.DefaultCalm(), Due: c.Due, Daily: c.Daily,
		Words:  risk.Words{risk.Competitor: c.Words.Competitor, risk.Service: c.Words.Service, risk.Price: c.Words.Price},
		Advice: make(map[risk.Cause]lang.Text),
	}
	if c.Calm.Days > 0 {
		out.Calm.Days = c.Calm.Days
	}
	if c.Calm.Same > 0 {
		out.Calm.Same = c.Calm.Same
	}
	for tier, t := range c.Tiers {
		out.Tiers[tier] = thresholds(base, t)
	}
	for line, t := range c.Products {
		out.Products[line] = thresholds(base, t)
	}
	for cause, text := range c.Advice {
		out.Advice[risk.Cause(cause)] = lang.Text(text)
	}
	return out
}

// thresholds are rules with what a file says in place of them.
func thresholds(r risk.Rules, t configs.Thresholds) risk.Rules {
	set(&r.SilentDays, t.SilentDays)
	set(&r.WithoutPushes, t.WithoutPushes)
	set(&r.PeriodDays, t.PeriodDays)
	set(&r.MinOrders, t.MinOrders)
	set(&r.HintDays, t.HintDays)
	share := func(into *float64, from *configs.Share) {
		if from != nil {
			*into = float64(*from)
		}
	}
	share(&r.Drop, t.Drop)
	share(&r.Own.Probability, t.Probability)
	share(&r.Own.Overdue, t.Overdue)
	if t.Horizon != nil {
		r.Own.Horizon = float64(*t.Horizon)
	}
	return r
}

func set[T any](into, from *T) {
	if from != nil {
		*into = *from
	}
}

// playChecks are what only the gateway's parts know about a plays file.
func playChecks() []configs.Option {
	return []configs.Option{
		configs.WithCondition(func(cfg *configs.Config, text string) error {
			schema, err := schemaOf(cfg)
			if err != nil {
				return err
			}
			_, err = scoring.ParseCondition(text, schema)
			return err
		}),
		configs.WithSpan(func(text string) error {
			_, err := calendar.ParseSpan(text)
			return err
		}),
	}
}

// taskClock says when people are told of tasks.
func taskClock(s configs.SLA) (followup.Clock, error) {
	clock := followup.Clock{Times: s.Postpone.Times}
	for _, part := range []struct {
		text string
		into *time.Duration
	}{{s.Warn, &clock.Warn}, {s.WarnLong, &clock.WarnLong}, {s.Long, &clock.Long}, {s.Escalate, &clock.Escalate}} {
		span, err := calendar.ParseSpan(part.text)
		if err != nil {
			return clock, fmt.Errorf("sla: %w", err)
		}
		*part.into = span.Time
	}
	var err error
	if clock.Longest, err = calendar.ParseSpan(s.Postpone.Longest); err != nil {
		return clock, fmt.Errorf("sla.postpone.longest: %w", err)
	}
	return clock, nil
}

// followRules are those in force; nil where the config names no plays.
func (a *App) followRules() *followup.Rules {
	r, _ := a.rules.Load().Follow.(*followup.Rules)
	return r
}

func (a *App) taskClock() followup.Clock {
	if r := a.followRules(); r != nil {
		return r.Clock
	}
	return followup.DefaultClock()
}
