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

// policies are those of every kind that is sent, and of the topics of tasks. One that is Urgent goes at night too; one that does not merge has something to press, or
// must be seen to have arrived, or comes once.
var policies = map[string]Policy{
	// Answers, and what a person asked for.
	KindReply: {Rank: Urgent}, KindPersonal: {Rank: Urgent}, "confirm": {Rank: Urgent}, "choice": {Rank: Urgent}, "list": {Rank: Urgent},
	// To work on.
	"lead": {}, "task": {Merges: true}, KindReminder: {Merges: true, Gathers: true, Workdays: true},
	"warning": {}, "offer": {}, "handover": {}, "top": {Workdays: true},
	// Tasks, by their topics: those that a morning's job makes come together.
	"first_contact": {Merges: true},
	"churn":         {Merges: true, Gathers: true, Workdays: true},
	"anniversary":   {Merges: true, Gathers: true, Workdays: true},
	"cadence":       {Merges: true, Gathers: true, Workdays: true},
	"play":          {Merges: true, Gathers: true, Workdays: true},
	// For managers.
	"concern": {Merges: true}, "approval": {}, "file": {}, "decision": {}, "merge": {}, "report": {}, "alert": {},
	// To know.
	"text": {}, KindNotice: {}, KindDigest: {Workdays: true},
	"tier": {Rank: Bulk, Merges: true, Gathers: true, Workdays: true},
}

// Known reports whether a kind, or a topic of tasks, has a policy. One that has none is treated as an ordinary message: it waits at night, and is never merged.
func Known(kind string) bool {
	_, known := policies[kind]
	return known
}

// Planner decides how new messages are treated. It is immutable.
type Planner struct {
	urgent map[string]bool
	gather time.Duration
	daily  func(now time.Time) time.Time
}

// NewPlanner returns a Planner. urgent are kinds and topics that do not wait at night; gather is how long those that gather wait; daily is when the next daily digest comes.
func NewPlanner(urgent []string, gather time.Duration, daily func(now time.Time) time.Time) *Planner {
	p := &Planner{urgent: make(map[string]bool), gather: gather, daily: daily}
	for _, kind := range urgent {
		p.urgent[kind] = true
	}
	return p
}

// Of is the policy of a delivery: that of its topic where it is a task's card and there is one, else that of its kind.
func (p *Planner) Of(d Delivery) Policy {
	if p.urgent[d.Kind] || p.urgent[d.Topic] {
		return Policy{Rank: Urgent}
	}
	if policy, known := policies[d.Topic]; known && d.Kind == "task" {
		return policy
	}
	return policies[d.Kind]
}

// Arrange says of a new wish how it is treated: its rank, whether it may be merged, and when it goes at the earliest. What its creator made Urgent stays so.
func (p *Planner) Arrange(d Delivery) Delivery {
	policy := p.Of(d)
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
