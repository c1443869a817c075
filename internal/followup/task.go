// Package followup is the work that follows from an assignment and from what customers do: tasks with a due time in working hours, their warnings, results and
// postponements, and what asks for them: a request, a customer about to be lost, a date of the year, a rhythm of contacts, a play.
//
//	customer + history ──Rules.Look──▶ customer.Work (an effect of the same write) ──Service.Take──▶ Task
//	Task ──Tick──▶ warning before it is due, the manager after it   ──Complete, Postpone, Hand, Help──▶ Task
package followup

import (
	"slices"
	"time"

	"lingke/internal/customer"
	"lingke/internal/lang"
)

// State is where a task stands.
type State string

// The states of a task.
const (
	Open      State = "open"
	Done      State = "done"
	Cancelled State = "cancelled" // the customer went back to the pool, was merged away, or the reason is gone
)

// The kinds of tasks that are not named by a file.
const (
	KindFirst   = "first_contact"
	KindChurn   = "churn"
	KindCadence = "cadence"
	KindPlay    = "play"
)

// Task is one piece of work of one person. Times are UTC with milliseconds.
type Task struct {
	ID       string    `json:"id" bson:"_id"`
	Rev      int64     `json:"-" bson:"rev"` // guards the next write
	Customer string    `json:"customer" bson:"customer"`
	Origin   string    `json:"origin,omitempty" bson:"origin,omitempty"` // the customer that it was of before a merge moved it
	Owner    string    `json:"owner" bson:"owner"`                       // a person's id
	Kind     string    `json:"kind" bson:"kind"`                         // "first_contact", "churn", a signal's name, …
	Title    string    `json:"title" bson:"title"`
	Why      string    `json:"why,omitempty" bson:"why,omitempty"`   // what it rests on and what to do: lines with **bold** and lists
	Tier     string    `json:"tier,omitempty" bson:"tier,omitempty"` // of the customer when it was created
	Play     string    `json:"play,omitempty" bson:"play,omitempty"` // the play that asked for it
	Due      time.Time `json:"due" bson:"due"`
	State    State     `json:"state" bson:"state"`
	Result   string    `json:"result,omitempty" bson:"result,omitempty"`
	Notes    []Note    `json:"notes,omitempty" bson:"notes,omitempty"` // progress, oldest first
	Created  time.Time `json:"created" bson:"created"`
	Ended    time.Time `json:"ended,omitzero" bson:"ended,omitempty"`
	// Wake is when somebody is to be told of the task next, if it is open then; zero where nobody is any more.
	Wake      time.Time `json:"wake,omitzero" bson:"wake,omitempty"`
	Reminded  time.Time `json:"reminded,omitzero" bson:"reminded,omitempty"`   // when the owner was warned of the due time
	Escalated time.Time `json:"escalated,omitzero" bson:"escalated,omitempty"` // when the managers were told that it is late
	Helped    time.Time `json:"helped,omitzero" bson:"helped,omitempty"`       // when the owner last asked the managers for help
	// FirstDue is the due time before the first postponement; Postponed counts them.
	FirstDue  time.Time `json:"first_due,omitzero" bson:"first_due,omitempty"`
	Postponed int       `json:"postponed,omitempty" bson:"postponed,omitempty"`
	Passed    []Passing `json:"passed,omitempty" bson:"passed,omitempty"` // who had it before, oldest first
	Via       string    `json:"via,omitempty" bson:"via,omitempty"`       // platform on which its card is shown
	// English is what English readers read in place of Title, Why and Result.
	English customer.Wording `json:"en,omitzero" bson:"en,omitempty"`
}

// In returns the task as it is read in a language.
func (t Task) In(l lang.Language) Task {
	t.Title = lang.Text{ZH: t.Title, EN: t.English.Title}.In(l)
	t.Why = lang.Text{ZH: t.Why, EN: t.English.Why}.In(l)
	t.Result = lang.Text{ZH: t.Result, EN: t.English.Result}.In(l)
	return t
}

// Note is what somebody told of a task's progress.
type Note struct {
	At   time.Time `json:"at" bson:"at"`
	By   string    `json:"by" bson:"by"` // a person's id
	Text string    `json:"text" bson:"text"`
	// Postponed says that the task was put off then, and that Text is the reason.
	Postponed bool `json:"postponed,omitempty" bson:"postponed,omitempty"`
}

// Passing is that a task went from one person to another.
type Passing struct {
	At   time.Time `json:"at" bson:"at"`
	From string    `json:"from" bson:"from"`
	By   string    `json:"by" bson:"by"` // who did it
}

// Same reports whether both are the same task in the same state.
func (t Task) Same(o Task) bool {
	return t.ID == o.ID && t.Rev == o.Rev && t.Owner == o.Owner && t.State == o.State && t.Due.Equal(o.Due) && t.Result == o.Result &&
		t.Ended.Equal(o.Ended) && slices.Equal(t.Notes, o.Notes) && slices.Equal(t.Passed, o.Passed)
}

// twin reports whether another task asks the same person for the same in the same words.
func (t Task) twin(o Task) bool {
	return t.ID != o.ID && t.Owner == o.Owner && t.Kind == o.Kind && t.Play == o.Play && t.Title == o.Title && t.Why == o.Why
}

// Query selects tasks; the zero value of a field does not restrict.
type Query struct {
	Owner      string
	Customer   string
	State      State
	DueFrom    time.Time // due at this instant or later
	DueBefore  time.Time // due earlier than this instant
	WakeBefore time.Time // with a Wake earlier than this instant, which restricts to those that have one; by Wake and then ID, and only with Limit
	After      string    // the ID after which to go on
	Limit      int       // 1…1000; 0 means 100
}
