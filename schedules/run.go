// Package schedules is the timetable: which job is due when, who runs it, and what came of it. A job calls others and decides
// nothing. Every due run is one row in the store, so that replicas run it once and a restart catches it up.
package schedules

import "time"

// Run is one due run of a job; (Job, Due) is unique.
type Run struct {
	Job     string    `json:"job" bson:"job"`
	Due     time.Time `json:"due" bson:"due"`
	Holder  string    `json:"holder" bson:"holder"` // token of who runs it
	Until   time.Time `json:"until" bson:"until"`   // the lease's end
	Ended   time.Time `json:"ended,omitzero" bson:"ended,omitempty"`
	Outcome string    `json:"outcome,omitempty" bson:"outcome,omitempty"` // "ok" or the error
}
