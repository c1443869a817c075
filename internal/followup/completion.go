package followup

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"
)

// Rate is how the tasks of somebody, or of a team, that were due in a time were done.
type Rate struct {
	Who       string `json:"who"`       // a person's id, or a team's name
	Due       int    `json:"due"`       // tasks that were due, cancelled ones left out
	Done      int    `json:"done"`      // of those, done by now
	InTime    int    `json:"in_time"`   // of those done, by their due time
	Open      int    `json:"open"`      // still open, late by now
	Escalated int    `json:"escalated"` // that managers had to be told of
	Postponed int    `json:"postponed"` // that were postponed at least once
}

// Share is the part of what was due that was done, from 0 to 1; 0 where nothing was due.
func (r Rate) Share() float64 {
	if r.Due == 0 {
		return 0
	}
	return float64(r.Done) / float64(r.Due)
}

func (r *Rate) add(t Task) {
	r.Due++
	switch {
	case t.State == Open:
		r.Open++
	case t.Late(t.Ended):
		r.Done++
	default:
		r.Done, r.InTime = r.Done+1, r.InTime+1
	}
	if !t.Escalated.IsZero() {
		r.Escalated++
	}
	if t.Postponed > 0 {
		r.Postponed++
	}
}

// EachDue calls fn for every task, whatever its state, that was due from one instant up to, but without, another, by its due time.
func (s *Service) EachDue(ctx context.Context, from, to time.Time, fn func(Task) error) error {
	q := Query{DueFrom: from, DueBefore: to, Limit: 1000}
	for {
		page, next, err := s.tasks.Tasks(ctx, q)
		if err != nil {
			return fmt.Errorf("tasks due: %w", err)
		}
		for _, t := range page {
			if err := fn(t); err != nil {
				return err
			}
		}
		if next == "" {
			return nil
		}
		q.After = next
	}
}

// Completion returns the rates of people and of teams by the tasks that were due from one instant up to, but without, another, each sorted by who. team tells a person's team; tasks of people
// without one count for no team.
func (s *Service) Completion(ctx context.Context, from, to time.Time, team func(person string) string) (people, teams []Rate, err error) {
	byPerson, byTeam := make(map[string]*Rate), make(map[string]*Rate)
	count := func(in map[string]*Rate, who string, t Task) {
		if who == "" {
			return
		}
		if in[who] == nil {
			in[who] = &Rate{Who: who}
		}
		in[who].add(t)
	}
	err = s.EachDue(ctx, from, to, func(t Task) error {
		if t.State != Cancelled {
			count(byPerson, t.Owner, t)
			count(byTeam, team(t.Owner), t)
		}
		return nil
	})
	return sorted(byPerson), sorted(byTeam), err
}

func sorted(rates map[string]*Rate) []Rate {
	out := make([]Rate, 0, len(rates))
	for _, r := range rates {
		out = append(out, *r)
	}
	slices.SortFunc(out, func(a, b Rate) int { return cmp.Compare(a.Who, b.Who) })
	return out
}
