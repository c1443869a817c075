package app

import (
	"context"
	"errors"
	"fmt"
	"time"

	"lingke/configs"
	"lingke/internal/assign"
	"lingke/internal/calendar"
	"lingke/internal/customer"
	"lingke/internal/followup"
	"lingke/internal/lang"
)

// ownershipOf are the rules of the owners' clock as the config says them.
func ownershipOf(cfg *configs.Config) (assign.Ownership, error) {
	o := cfg.Ownership
	out := assign.Ownership{
		Signs: customer.Signs{Types: o.Counts}, ExtendTimes: o.Extend.Times, DelayDays: o.Delay.Days, DelayTimes: o.Delay.Times, Contract: o.Contract.Field,
		ProtectDays: o.Contract.Days, Accept: o.Accept, LeaverTo: assign.LeaverTo(o.Leavers.To),
	}
	var problems []error
	span := func(key, text string) (s calendar.Span) {
		if text == "" {
			return s
		}
		s, err := calendar.ParseSpan(text)
		if err != nil {
			problems = append(problems, fmt.Errorf("ownership: %s: %w", key, err))
		}
		return s
	}
	out.Notice, out.ExtendBy = span("notice", o.Notice), span("extend.by", o.Extend.By)
	out.Former, out.All = span("cooldown.former", o.Cooldown.Former), span("cooldown.all", o.Cooldown.All)
	out.LeaverAfter = span("leavers.after", o.Leavers.After)
	if o.Task != nil {
		out.TaskTitle, out.TaskDue = lang.Text(o.Task.Title), span("task.due", o.Task.Due)
	}
	for _, l := range o.Ladders {
		ladder, err := ladderOf(l)
		problems = append(problems, err)
		out.Ladders = append(out.Ladders, ladder)
	}
	return out, errors.Join(problems...)
}

var errSteps = errors.New("comes no later than the step before")

// ladderOf is a ladder of the config; its steps have to come one after the other.
func ladderOf(l configs.Ladder) (assign.Ladder, error) {
	out := assign.Ladder{Tiers: l.Tiers}
	for _, s := range l.Stages {
		out.Stages = append(out.Stages, customer.Stage(s))
	}
	written := map[customer.Step]string{
		customer.StepRemind: l.Remind, customer.StepManager: l.Manager, customer.StepOffer: l.Offer, customer.StepReassign: l.Reassign, customer.StepPool: l.Pool,
	}
	var before time.Time
	for _, step := range customer.Steps() {
		if written[step] == "" {
			continue
		}
		after, err := calendar.ParseSpan(written[step])
		if err != nil {
			return out, fmt.Errorf("ownership: %s: %w", step, err)
		}
		if at := someMonday.Deadline(someMorning, after); !at.After(before) {
			return out, fmt.Errorf("ownership: %s %s %w", step, written[step], errSteps)
		} else {
			before = at
		}
		out.Rungs = append(out.Rungs, assign.Rung{Step: step, After: after})
	}
	return out, nil
}

// Spans are compared in working time without holidays, from a Monday morning on.
var (
	someMorning = time.Date(2024, 1, 1, 9, 0, 0, 0, time.UTC)
	someMonday  = calendar.New().Working(nil, time.UTC)
)

// terms are the rules of the owners' clock in force.
func (a *App) terms() assign.Ownership { return *a.ownership.Load() }

// doneSince is when a person last ended a task of a customer's as done, since an instant.
func (a *App) doneSince(ctx context.Context, c customer.Customer, since time.Time) (last time.Time, err error) {
	q := followup.Query{Owner: c.Owner, Customer: c.ID, State: followup.Done, Limit: 1000}
	for {
		page, next, err := a.store.Tasks(ctx, q)
		if err != nil {
			return last, err
		}
		for _, t := range page {
			if t.Ended.After(since) && t.Ended.After(last) {
				last = t.Ended
			}
		}
		if next == "" {
			return last, nil
		}
		q.After = next
	}
}

// runClocks makes the steps of the owners' clocks that are due; after a change of the rules all of them are looked at anew before.
func (a *App) runClocks(ctx context.Context) (int, error) {
	if a.rewind.Swap(false) {
		if err := a.assign.RewindAll(ctx); err != nil {
			a.rewind.Store(true)
			return 0, err
		}
	}
	return a.dispatch.RunClocks(ctx)
}
