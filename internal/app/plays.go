package app

import (
	"fmt"
	"time"

	"lingke/configs"
	"lingke/internal/calendar"
	"lingke/internal/followup"
	"lingke/scoring"
)

// playRules makes of the config's plays file what follows from customers; nil where it names none.
func playRules(cfg *configs.Config, schema *scoring.Schema) (*followup.Rules, error) {
	plays, err := cfg.LoadPlays(playChecks()...)
	if err != nil || plays == nil {
		return nil, err
	}
	working, err := loadWorkingTime(cfg)
	if err != nil {
		return nil, err
	}
	r := &followup.Rules{Zone: cfg.Location, Leading: cfg.Leading, Company: working.company, Names: make(map[string]string, len(cfg.People))}
	for _, p := range cfg.People {
		r.Names[p.ID] = p.Name
	}
	if r.Clock, err = taskClock(plays.SLA); err != nil {
		return nil, err
	}
	for _, s := range plays.Signals {
		r.Signals = append(r.Signals, followup.Signal{
			Name: s.Name, Title: s.Title, Activities: s.Activities, Within: time.Duration(s.Within), Due: s.Due, Tiers: s.Tiers, Advice: s.Advice,
		})
	}
	return r, nil
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
