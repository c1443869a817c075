package customer

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"lingke/internal/lang"
	"lingke/scoring"
	"lingke/scoring/risk"
)

// Following is what is kept of how a customer is looked after: what was answered already, so that nothing is asked for twice.
type Following struct {
	// Risk is the customer's present or last time at risk of being lost; nil where it never was. AtRisk is when the present one was opened; zero without one.
	Risk   *risk.Episode `json:"risk,omitempty" bson:"risk,omitempty"`
	AtRisk time.Time     `json:"at_risk,omitzero" bson:"at_risk,omitempty"`
	// Episodes counts the times at risk, RiskCause is the cause that a person named for the present one.
	Episodes  int        `json:"episodes,omitempty" bson:"episodes,omitempty"`
	RiskCause risk.Cause `json:"risk_cause,omitempty" bson:"risk_cause,omitempty"`
	// Asked names the requests and complaints of late that work was asked for, sorted.
	Asked []string `json:"asked,omitempty" bson:"asked,omitempty"`
	// Marked are the days of the year that work was asked for, by name, each with the day that it was for: "2026-03-05".
	Marked map[string]string `json:"marked,omitempty" bson:"marked,omitempty"`
	// Contacted is when work of the customer's rhythm of contacts was asked for last.
	Contacted time.Time `json:"contacted,omitzero" bson:"contacted,omitempty"`
	// Tags are the marks that plays gave the customer, sorted; they count among its fact tags.
	Tags []string `json:"play_tags,omitempty" bson:"play_tags,omitempty"`
	// Exposures are the customer's parts in plays, oldest first.
	Exposures []Exposure `json:"exposures,omitempty" bson:"exposures,omitempty"`
}

// maxExposures bounds how many parts in plays a customer keeps.
const maxExposures = 40

// Exposure is a customer's part in a play, or that it was held out of it by lot, so that the two can be compared.
type Exposure struct {
	Play string    `json:"play" bson:"play"` // its id
	N    int       `json:"n" bson:"n"`       // which of the customer's parts in this play, from 1
	At   time.Time `json:"at" bson:"at"`     // when the play's trigger fitted
	Held bool      `json:"held,omitempty" bson:"held,omitempty"`
	Tier string    `json:"tier,omitempty" bson:"tier,omitempty"` // then
	Step int       `json:"step,omitempty" bson:"step,omitempty"` // how many of its steps were done
	Next time.Time `json:"next,omitzero" bson:"next,omitempty"`  // when the next step may be done; zero after the last
	// Responded is when the customer first did something after At that the play counts as an answer, Clicked when it opened a message of ours.
	Responded time.Time `json:"responded,omitzero" bson:"responded,omitempty"`
	Clicked   time.Time `json:"clicked,omitzero" bson:"clicked,omitempty"`
	// Ended is when the play was over for the customer, and Why: done, stopped, expired.
	Ended time.Time `json:"ended,omitzero" bson:"ended,omitempty"`
	Why   string    `json:"why,omitempty" bson:"why,omitempty"`
	// Before and After are what the customer bought in as many days before At and after it as the play looks at, once these have passed: Measured says when that was.
	Before   Money     `json:"before,omitempty" bson:"before,omitempty"`
	After    Money     `json:"after,omitempty" bson:"after,omitempty"`
	Orders   int       `json:"orders,omitempty" bson:"orders,omitempty"` // how many orders After is made of
	Measured time.Time `json:"measured,omitzero" bson:"measured,omitempty"`
}

// Expose notes a part in a play. Of too many, the oldest that was measured goes.
func (f *Following) Expose(e Exposure) {
	f.Exposures = append(slices.Clip(f.Exposures), e)
	if len(f.Exposures) > maxExposures {
		old := max(0, slices.IndexFunc(f.Exposures, func(e Exposure) bool { return !e.Measured.IsZero() }))
		f.Exposures = slices.Delete(slices.Clone(f.Exposures), old, old+1)
	}
}

// Tag gives the customer a mark, once.
func (f *Following) Tag(tag string) {
	if at, known := slices.BinarySearch(f.Tags, tag); !known {
		f.Tags = slices.Insert(slices.Clone(f.Tags), at, tag)
	}
}

// Exposed returns how often the customer had a part in a play, and the last of them.
func (f Following) Exposed(play string) (last Exposure, n int) {
	for _, e := range f.Exposures {
		if e.Play == play {
			last, n = e, max(n, e.N)
		}
	}
	return last, n
}

// follow takes over how a customer was looked after that is merged into this one: the worse of both risks, and all that was asked for.
func (f *Following) follow(old Following) {
	if old.Risk != nil && (f.Risk == nil || old.Risk.Open() && !f.Risk.Open()) {
		f.Risk, f.AtRisk, f.RiskCause = old.Risk, old.AtRisk, old.RiskCause
	}
	f.Episodes = max(f.Episodes, old.Episodes)
	for _, a := range old.Asked {
		if at, known := slices.BinarySearch(f.Asked, a); !known {
			f.Asked = slices.Insert(slices.Clip(f.Asked), at, a)
		}
	}
	marked := make(map[string]string, len(f.Marked)+len(old.Marked))
	for _, m := range []map[string]string{f.Marked, old.Marked} {
		for name, day := range m {
			marked[name] = max(marked[name], day)
		}
	}
	if len(marked) > 0 {
		f.Marked = marked
	}
	for _, t := range old.Tags {
		f.Tag(t)
	}
	if old.Contacted.After(f.Contacted) {
		f.Contacted = old.Contacted
	}
	for _, e := range old.Exposures {
		if !slices.ContainsFunc(f.Exposures, func(have Exposure) bool { return have.Play == e.Play && have.At.Equal(e.At) }) {
			f.Exposures = append(slices.Clip(f.Exposures), e)
		}
	}
	slices.SortStableFunc(f.Exposures, func(a, b Exposure) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Play, b.Play)) })
}

// Work is a task that is asked for.
type Work struct {
	Task  string    `json:"task" bson:"task"` // its id, the same however often it is asked for
	Kind  string    `json:"kind" bson:"kind"`
	Title string    `json:"title" bson:"title"`
	Why   string    `json:"why,omitempty" bson:"why,omitempty"`
	Due   string    `json:"due" bson:"due"` // working time: "2h", "2 workdays"
	At    time.Time `json:"at" bson:"at"`   // from when on
	Play  string    `json:"play,omitempty" bson:"play,omitempty"`
	// Urgent work of a customer without owner is told to the managers; other work waits for an owner.
	Urgent  bool    `json:"urgent,omitempty" bson:"urgent,omitempty"`
	English Wording `json:"en,omitzero" bson:"en,omitempty"` // what English readers read in place of Title and Why
}

// Wording is the English of what work says. What is empty was said in one language only: by a person, or by a file.
type Wording struct {
	Title  string `json:"title,omitempty" bson:"title,omitempty"`
	Why    string `json:"why,omitempty" bson:"why,omitempty"`
	Result string `json:"result,omitempty" bson:"result,omitempty"`
}

// IsZero reports whether nothing is said in English.
func (w Wording) IsZero() bool { return w == Wording{} }

// In returns the work as it is read in a language.
func (w Work) In(l lang.Language) Work {
	w.Title, w.Why = lang.Text{ZH: w.Title, EN: w.English.Title}.In(l), lang.Text{ZH: w.Why, EN: w.English.Why}.In(l)
	return w
}

// Occasion is why a customer is looked at.
type Occasion string

// The occasions. Besides Arrival, each is a job's.
const (
	Arrival       Occasion = "" // something was told of it, or the night scores it anew
	Morning       Occasion = "churn"
	Anniversaries Occasion = "anniversaries"
	Contacts      Occasion = "cadence"
	Plays         Occasion = "plays"
)

// View is a customer that is looked at: as it was stored, as it will be, and what it follows from.
type View struct {
	Was        Customer
	Is         *Customer
	Facts      *scoring.Facts
	Orders     []Order    // not deleted, by date
	Activities []Activity // not deleted, by time
	Occasion   Occasion
	Settled    bool // it is known for long enough that its records and orders have arrived
	Now        time.Time
}

// SameFollowing reports whether both remember the same.
func (f Following) SameFollowing(o Following) bool {
	return sameRisk(f.Risk, o.Risk) && f.AtRisk.Equal(o.AtRisk) && f.Episodes == o.Episodes && f.RiskCause == o.RiskCause && slices.Equal(f.Asked, o.Asked) &&
		maps.Equal(f.Marked, o.Marked) && f.Contacted.Equal(o.Contacted) && slices.Equal(f.Tags, o.Tags) && slices.EqualFunc(f.Exposures, o.Exposures, Exposure.same)
}

func sameRisk(a, b *risk.Episode) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.ID == b.ID && a.Opened.Equal(b.Opened) && a.Closed.Equal(b.Closed) && len(a.Signals) == len(b.Signals) && a.Cause == b.Cause
}

func (e Exposure) same(o Exposure) bool {
	return e.Play == o.Play && e.N == o.N && e.At.Equal(o.At) && e.Held == o.Held && e.Step == o.Step && e.Next.Equal(o.Next) && e.Responded.Equal(o.Responded) &&
		e.Clicked.Equal(o.Clicked) && e.Ended.Equal(o.Ended) && e.Why == o.Why && e.Before == o.Before && e.After == o.After && e.Orders == o.Orders && e.Measured.Equal(o.Measured)
}

// Mark notes that work was asked for: name tells what for, day for which day or when.
func (f *Following) Mark(name, day string) {
	marked := maps.Clone(f.Marked)
	if marked == nil {
		marked = make(map[string]string)
	}
	marked[name] = day
	f.Marked = marked
}
