// Package delivery brings one message to one conversation, and keeps what is shown there in step with what should be.
//
// A Delivery is a wish with a number (Rev): "these people should see this card in this state". Showing it again with a greater
// Rev changes the wish. A worker leases deliveries that are due, sends the first state as a new message and every later one as
// an update of it, and records what the platform now shows (Shown). So a lost answer, a crash or a race between two changes
// ends in the newest state, under one stable id.
package delivery

import (
	"time"

	"lingke/bots"
)

// State is where a delivery stands.
type State string

// The states of a delivery.
const (
	Due  State = "due"  // to be sent at Delivery.Due
	Done State = "done" // the platform shows the newest wish
	Dead State = "dead" // given up; Why says why, and it can be replayed
)

// Delivery is one message on its way to one conversation. Times are UTC with milliseconds.
type Delivery struct {
	ID       string        `json:"id" bson:"_id"` // also bots.Outgoing.ID
	Platform bots.Platform `json:"platform" bson:"platform"`
	Kind     string        `json:"kind" bson:"kind"`                             // of the card, or "text"
	Customer string        `json:"customer,omitempty" bson:"customer,omitempty"` // what it is about
	Task     string        `json:"task,omitempty" bson:"task,omitempty"`
	Question string        `json:"question,omitempty" bson:"question,omitempty"` // which of those in store.Identity it asks

	To           []string  `json:"to,omitempty" bson:"to,omitempty"` // platform user ids
	Conversation string    `json:"conversation,omitempty" bson:"conversation,omitempty"`
	ReplyURL     string    `json:"-" bson:"reply_url,omitempty"`
	ReplyUntil   time.Time `json:"-" bson:"reply_until,omitempty"`

	Text string     `json:"text,omitempty" bson:"text,omitempty"`
	Card *bots.Card `json:"card,omitempty" bson:"card,omitempty"`

	Rev   int64 `json:"rev" bson:"rev"`     // number of the wished state, from 1
	Shown int64 `json:"shown" bson:"shown"` // number of the state that the platform shows; 0 before it was sent

	State    State          `json:"state" bson:"state"`
	Attempts int            `json:"attempts" bson:"attempts"` // since the last success or change of wish
	Due      time.Time      `json:"due" bson:"due"`
	Why      string         `json:"why,omitempty" bson:"why,omitempty"` // the last failure
	Handle   bots.Handle    `json:"-" bson:"handle"`
	Replaced int            `json:"replaced,omitempty" bson:"replaced,omitempty"` // how often a new card took the place of one that could not be changed
	Refused  []bots.Refusal `json:"refused,omitempty" bson:"refused,omitempty"`
	Created  time.Time      `json:"created" bson:"created"`
	Ended    time.Time      `json:"ended,omitzero" bson:"ended,omitempty"` // when it became Done or Dead
}

// Query selects deliveries, newest first; the zero value of a field does not restrict.
type Query struct {
	State    State
	Customer string
	After    string // the ID after which to go on
	Limit    int    // 1…1000; 0 means 100
}
