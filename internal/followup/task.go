// Package followup is the work that follows from an assignment: tasks with a due time, their reminders and results.
package followup

import "time"

// State is where a task stands.
type State string

// The states of a task.
const (
	Open      State = "open"
	Done      State = "done"
	Cancelled State = "cancelled" // the customer went back to the pool, or was merged away
)

// Task is one piece of work of one person. Times are UTC with milliseconds.
type Task struct {
	ID       string    `json:"id" bson:"_id"`
	Rev      int64     `json:"-" bson:"rev"` // guards the next write
	Customer string    `json:"customer" bson:"customer"`
	Origin   string    `json:"origin,omitempty" bson:"origin,omitempty"` // the customer that it was of before a merge moved it
	Owner    string    `json:"owner" bson:"owner"`                       // a person's id
	Kind     string    `json:"kind" bson:"kind"`                         // "first_contact", …
	Title    string    `json:"title" bson:"title"`
	Due      time.Time `json:"due" bson:"due"`
	State    State     `json:"state" bson:"state"`
	Result   string    `json:"result,omitempty" bson:"result,omitempty"`
	Created  time.Time `json:"created" bson:"created"`
	Ended    time.Time `json:"ended,omitzero" bson:"ended,omitempty"`
	Reminded time.Time `json:"reminded,omitzero" bson:"reminded,omitempty"` // when the owner was reminded of the due time
	Via      string    `json:"via,omitempty" bson:"via,omitempty"`          // platform on which its card is shown
}

// Query selects tasks; the zero value of a field does not restrict.
type Query struct {
	Owner     string
	Customer  string
	State     State
	DueBefore time.Time // due earlier than this instant
	After     string    // the ID after which to go on
	Limit     int       // 1…1000; 0 means 100
}
