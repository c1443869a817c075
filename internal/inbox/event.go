// Package inbox takes in what arrives from outside: it is stored under an id of its own before the sender hears "received",
// and worked on afterwards, as often as it takes, so that nothing accepted is lost and nothing happens twice.
package inbox

import "time"

// State is where an event stands.
type State string

// The states of an event.
const (
	Due  State = "due"
	Done State = "done"
	Dead State = "dead" // given up; Why says why
)

// Event is one thing that arrived. Times are UTC with milliseconds.
type Event struct {
	ID       string    `json:"id" bson:"_id"`        // the same for every redelivery; at most 200 bytes
	Source   string    `json:"source" bson:"source"` // who handles it: "im", or "hook:" and the connector's name
	Body     []byte    `json:"-" bson:"body"`        // as the handler reads it
	Received time.Time `json:"received" bson:"received"`
	State    State     `json:"state" bson:"state"`
	Attempts int       `json:"attempts" bson:"attempts"`
	Due      time.Time `json:"due" bson:"due"`
	Why      string    `json:"why,omitempty" bson:"why,omitempty"`
}
