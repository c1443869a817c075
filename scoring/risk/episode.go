package risk

import (
	"slices"
	"time"
)

// Episode is one customer's time at risk, from the first signal to a response. The zero Episode is a customer that never was at risk.
//
//	(none, closed) ──a signal that is news──▶ open ──response, or no signal left──▶ closed
//	                                           └─ another kind of signal: grown, without a second alert
type Episode struct {
	ID      string    `json:"id" bson:"id"` // the same for the same signals and day, on any machine
	Opened  time.Time `json:"opened" bson:"opened"`
	Closed  time.Time `json:"closed,omitzero" bson:"closed,omitempty"`
	Reason  string    `json:"reason,omitempty" bson:"reason,omitempty"` // ByResponse or Cleared
	Cause   Cause     `json:"cause" bson:"cause"`
	Signals []Signal  `json:"signals" bson:"signals"` // the gravest first, as they were when each was first seen
}

// Why an episode closed.
const (
	ByResponse = "response" // the customer ordered, opened a message or answered
	Cleared    = "cleared"  // no signal holds any more
)

// Step is what Next did.
type Step string

// The steps. Only Opened is worth an alert.
const (
	Nothing Step = ""
	Opened  Step = "opened"
	Grown   Step = "grown"
	Closed  Step = "closed"
)

// Calm says how long a closed episode keeps quiet.
type Calm struct {
	Days int // after a response, only a hint that is newer than it opens an episode
	Same int // days after which the same silence may open one again
}

// DefaultCalm is the shipped one.
func DefaultCalm() Calm { return Calm{Days: 30, Same: 90} }

// Open reports whether the customer is at risk.
func (e Episode) Open() bool { return !e.Opened.IsZero() && e.Closed.IsZero() }

// Next takes an episode one step on: signals as Assess found them at an instant, and the customer's last response by then. A step that is
// repeated does nothing more, except that a competitor who was named together with the response opens the next episode.
func Next(e Episode, found []Signal, response time.Time, calm Calm, at time.Time) (Episode, Step) {
	if !e.Open() {
		return e.open(found, calm, at)
	}
	if response.After(e.Opened) && !response.After(at) {
		return e.close(ByResponse, at)
	}
	if len(found) == 0 {
		return e.close(Cleared, at)
	}
	return e.grow(found)
}

func (e Episode) close(reason string, at time.Time) (Episode, Step) {
	e.Closed, e.Reason = at, reason
	return e, Closed
}

// open begins an episode if any signal is news. All that hold then belong to it.
func (e Episode) open(found []Signal, calm Calm, at time.Time) (Episode, Step) {
	if !slices.ContainsFunc(found, func(s Signal) bool { return e.news(s, calm, at) }) {
		return e, Nothing
	}
	signals := slices.Clone(found)
	slices.SortStableFunc(signals, Gravest)
	return Episode{
		ID:     signals[0].Rule + " " + signals[0].Anchor + " " + at.UTC().Format(time.DateOnly),
		Opened: at, Cause: signals[0].Cause, Signals: signals,
	}, Opened
}

// news tells a signal that the last episode did not know yet, or has not known for long.
func (e Episode) news(s Signal, calm Calm, at time.Time) bool {
	if e.Opened.IsZero() {
		return true
	}
	since := at.Sub(e.Closed)
	known := slices.ContainsFunc(e.Signals, func(old Signal) bool { return old.Anchor == s.Anchor })
	switch {
	case known:
		return since >= days(calm.Same)
	case s.Rule == CompetitorRule || s.Rule == LeftRule:
		return true
	}
	return e.Reason != ByResponse || since >= days(calm.Days)
}

func days(n int) time.Duration { return time.Duration(n) * 24 * time.Hour }

// grow adds the kinds of signals that are new to an open episode.
func (e Episode) grow(found []Signal) (Episode, Step) {
	signals := slices.Clone(e.Signals)
	for _, s := range found {
		if !slices.ContainsFunc(signals, func(old Signal) bool { return old.Rule == s.Rule && old.Anchor == s.Anchor }) {
			signals = append(signals, s)
		}
	}
	if len(signals) == len(e.Signals) {
		return e, Nothing
	}
	slices.SortStableFunc(signals, Gravest)
	e.Signals, e.Cause = signals, signals[0].Cause
	return e, Grown
}
