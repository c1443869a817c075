package delivery

import "time"

// KindDigest is the kind of the one message that several became. KindReply answers what a person just did.
const (
	KindDigest   = "digest"
	KindReply    = "reply"
	KindReminder = "reminder" // of a task's due time
	KindPersonal = "personal" // that a person asked for, at a time of their choice
	KindNotice   = "notice"   // what people or a group are told besides cards
)

// Policy is how messages of a kind are treated.
type Policy struct {
	Rank     Rank
	Merges   bool // may become a line of a digest
	Gathers  bool // waits a little for others, so that a job that makes many ends in one digest
	Workdays bool // comes on workdays only
}

// policies are those of the kinds that are not treated as an ordinary message. A kind that nobody knows is one: it waits at night, and is never merged.
var policies = map[string]Policy{
	KindReply: {Rank: Urgent}, KindPersonal: {Rank: Urgent}, "confirm": {Rank: Urgent}, "choice": {Rank: Urgent},
	"task":        {Merges: true},
	KindReminder:  {Merges: true, Gathers: true, Workdays: true},
	"anniversary": {Merges: true, Gathers: true, Workdays: true},
	"churn":       {Merges: true, Gathers: true, Workdays: true},
	"ownership":   {Merges: true, Gathers: true, Workdays: true},
	"sla":         {Merges: true, Gathers: true, Workdays: true},
	"tier":        {Rank: Bulk, Merges: true, Gathers: true, Workdays: true},
	KindDigest:    {Workdays: true},
}

// Planner decides how new messages are treated. It is immutable.
type Planner struct {
	urgent map[string]bool
	gather time.Duration
	daily  func(now time.Time) time.Time
}

// NewPlanner returns a Planner. urgent are kinds that do not wait at night; gather is how long those that gather wait; daily is when the next daily digest comes.
func NewPlanner(urgent []string, gather time.Duration, daily func(now time.Time) time.Time) *Planner {
	p := &Planner{urgent: make(map[string]bool), gather: gather, daily: daily}
	for _, kind := range urgent {
		p.urgent[kind] = true
	}
	return p
}

// Of is the policy of a kind.
func (p *Planner) Of(kind string) Policy {
	policy := policies[kind]
	if p.urgent[kind] {
		return Policy{Rank: Urgent}
	}
	return policy
}

// Arrange says of a new wish how it is treated: its rank, whether it may be merged, and when it goes at the earliest. What its creator made Urgent stays so.
func (p *Planner) Arrange(d Delivery) Delivery {
	policy := p.Of(d.Kind)
	if len(d.To) == 1 {
		d.Reader = d.To[0]
	}
	if d.Rank == Urgent {
		return d
	}
	d.Rank, d.Merges = policy.Rank, policy.Merges && d.Reader != ""
	switch {
	case d.Rev > 1 || !d.Merges:
	case policy.Rank == Bulk:
		d.Due = later(d.Due, p.daily(d.Due))
	case policy.Gathers:
		d.Due = d.Due.Add(p.gather)
	}
	return d
}
