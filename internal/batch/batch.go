// Package batch is what people imported in one go: who did it and what came of it, and every record that it told. A source that only
// imports tell of is exactly what its live batches told, so that one of them can be taken back at any time: the others, told again in any
// order, give what would be if it had never been.
package batch

import (
	"cmp"
	"slices"
	"time"

	"lingke/connectors"
	"lingke/internal/customer"
)

// State is where a batch stands.
type State string

// The states of a batch. Loading and Undoing are carried on after a crash.
const (
	Offered   State = "offered"   // shown to somebody who has not said yes yet; its file is kept
	Loading   State = "loading"   // its records are being noted; nothing counts yet
	Applying  State = "applying"  // its records are noted and being taken in
	Done      State = "done"      //
	Undoing   State = "undoing"   // being taken back
	Undone    State = "undone"    //
	Abandoned State = "abandoned" // refused by the one who was asked, or never got as far as counting
)

// Batch is one import. Times are UTC with milliseconds.
type Batch struct {
	ID  string `json:"id" bson:"_id"` // sorts by time
	Rev int64  `json:"-" bson:"rev"`  // counts the writes and guards the next one

	State  State     `json:"state" bson:"state"`
	File   string    `json:"file" bson:"file"` // its name
	Hash   string    `json:"hash" bson:"hash"` // SHA-256 of its content, hexadecimal
	By     string    `json:"by" bson:"by"`     // a person's id, or who started the command
	At     time.Time `json:"at" bson:"at"`
	Ended  time.Time `json:"ended,omitzero" bson:"ended,omitempty"`
	Source string    `json:"source" bson:"source"`
	Pool   string    `json:"pool,omitempty" bson:"pool,omitempty"`

	Rows       int `json:"rows" bson:"rows"`
	Good       int `json:"good" bson:"good"`
	Failed     int `json:"failed" bson:"failed"`
	Skipped    int `json:"skipped" bson:"skipped"`
	New        int `json:"new" bson:"new"` // customers
	Changed    int `json:"changed" bson:"changed"`
	Unchanged  int `json:"unchanged" bson:"unchanged"`
	Orders     int `json:"orders" bson:"orders"`
	Activities int `json:"activities" bson:"activities"`
}

// Told is one record that a batch told. It counts while it is Live.
type Told struct {
	Batch  string            `json:"batch" bson:"batch"`
	Ref    customer.Ref      `json:"ref" bson:"ref"` // of the record
	Live   bool              `json:"live" bson:"live"`
	Record connectors.Record `json:"record" bson:"record"`
}

// The names of a batch's attachments.
const (
	FileAttachment     = "file"          // what was uploaded, while the batch is offered
	ProblemsAttachment = "problems.xlsx" // the rows that failed, with the reasons
)

// Customer puts together what live batches told of one customer; ok is false where none did.
func Customer(ref customer.Ref, all []Told) (r customer.Record, ok bool) {
	r.Ref = ref
	for _, t := range all {
		r, ok = r.Tell(t.Record), true
	}
	return r, ok
}

// Sorted orders what was told: what counts most comes last.
func Sorted(all []Told) []Told {
	all = slices.Clone(all)
	slices.SortFunc(all, func(a, b Told) int {
		return cmp.Or(a.Record.ModifiedAt.Compare(b.Record.ModifiedAt), cmp.Compare(a.Batch, b.Batch))
	})
	return all
}
