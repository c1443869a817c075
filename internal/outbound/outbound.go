// Package outbound tells other systems what became of a customer: the systems that it came from (its tier, score and owner in fields of theirs), and whoever listens
// to signed webhooks.
//
//	customer.Announce ──effect, in the same write──▶ Carry ──▶ a Post per target, under an id that follows from the effect
//	                                                           │ leased by a Sender, retried, dead in the end
//	                                                           ▼
//	                                  Hook: POST, signed          Source: connectors.Writer
//
// What we write into a source comes back with its next pull. The customer remembers what was written (customer.Written): the same is not written again, and what comes
// back is known as an echo and is no news (customer.Echo). So two systems that both tell and are told come to rest.
package outbound

import (
	"errors"
	"time"
)

// State is where a post stands.
type State string

// The states of a post.
const (
	Due  State = "due"
	Done State = "done"
	Dead State = "dead" // given up; Why says why; it can be replayed
)

// Post is one thing that a target is to be told. Times are UTC with milliseconds.
type Post struct {
	ID       string    `json:"id" bson:"_id"`
	Target   string    `json:"target" bson:"target"` // "webhook:NAME" or "source:NAME"
	Customer string    `json:"customer" bson:"customer"`
	Event    string    `json:"event" bson:"event"`
	Body     []byte    `json:"-" bson:"body"` // of a webhook its JSON, of a source the ref of the record
	Created  time.Time `json:"created" bson:"created"`
	State    State     `json:"state" bson:"state"`
	Attempts int       `json:"attempts" bson:"attempts"`
	Due      time.Time `json:"due" bson:"due"`
	Ended    time.Time `json:"ended,omitzero" bson:"ended,omitempty"`
	Why      string    `json:"why,omitempty" bson:"why,omitempty"` // the last failure
}

// Query selects posts; the zero value of a field does not restrict.
type Query struct {
	Target string
	State  State
	After  string
	Limit  int // 1…1000; 0 means 100
}

// The kinds of failure of a target; test with errors.Is. An error of no kind is tried again.
var (
	// ErrPermanent: trying again would not help.
	ErrPermanent = errors.New("refused for good")
	// ErrGone: the target wants nothing any more.
	ErrGone = errors.New("the target wants no more")
)

// LaterError asks to wait.
type LaterError struct {
	Wait time.Duration
	Err  error
}

func (e *LaterError) Error() string { return e.Err.Error() }

// Unwrap gives the reason.
func (e *LaterError) Unwrap() error { return e.Err }
