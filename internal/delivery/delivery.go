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
	Due       State = "due"       // to be sent at Delivery.Due
	Done      State = "done"      // the platform shows the newest wish
	Dead      State = "dead"      // given up; Why says why, and it can be replayed
	Merged    State = "merged"    // told as a line of another message, Into
	Withdrawn State = "withdrawn" // taken back before it was sent; Why says why
)

// Rank says what goes first: lower ranks before higher ones. Once a delivery is shown, changes of it are Urgent.
type Rank int

// The ranks.
const (
	Urgent   Rank = -1 // at night too: answers to what people just did, and the kinds that the config names
	Ordinary Rank = 0
	Bulk     Rank = 1 // may wait for the daily digest
)

// share is how much of a month's budget a rank may spend: what can wait leaves something for what cannot.
func (r Rank) share() float64 {
	switch {
	case r < Ordinary:
		return 1
	case r > Ordinary:
		return 0.8
	}
	return 0.95
}

// Delivery is one message on its way to one conversation. Times are UTC with milliseconds.
type Delivery struct {
	ID       string        `json:"id" bson:"_id"` // also bots.Outgoing.ID
	Platform bots.Platform `json:"platform" bson:"platform"`
	Kind     string        `json:"kind" bson:"kind"`                             // of the card, or "text"
	Customer string        `json:"customer,omitempty" bson:"customer,omitempty"` // what it is about
	Task     string        `json:"task,omitempty" bson:"task,omitempty"`
	// Topic is what the task is about: "churn", "anniversary", a signal's name, …
	Topic    string `json:"topic,omitempty" bson:"topic,omitempty"`
	Question string `json:"question,omitempty" bson:"question,omitempty"` // which of those in store.Identity it asks

	To           []string  `json:"to,omitempty" bson:"to,omitempty"` // platform user ids
	Conversation string    `json:"conversation,omitempty" bson:"conversation,omitempty"`
	ReplyURL     string    `json:"-" bson:"reply_url,omitempty"`
	ReplyUntil   time.Time `json:"-" bson:"reply_until,omitempty"`

	Text string     `json:"text,omitempty" bson:"text,omitempty"`
	Card *bots.Card `json:"card,omitempty" bson:"card,omitempty"`
	// File is a picture or document, in place of Text and Card.
	File *bots.Attachment `json:"-" bson:"file,omitempty"`

	Rev   int64 `json:"rev" bson:"rev"`     // number of the wished state, from 1
	Shown int64 `json:"shown" bson:"shown"` // number of the state that the platform shows; 0 before it was sent

	Rank Rank `json:"-" bson:"rank"`
	// Reader is the one person of To, where there is one; Merges says that it may become a line of a digest for them.
	Reader string `json:"-" bson:"reader,omitempty"`
	Merges bool   `json:"-" bson:"merges,omitempty"`
	Into   string `json:"into,omitempty" bson:"into,omitempty"` // the digest that tells it
	Moved  bool   `json:"-" bson:"moved,omitempty"`             // it goes over another platform than at first
	// Report is what the platform tells of a sent message, Ask when it is asked (again); zero: never.
	Report *Report   `json:"report,omitempty" bson:"report,omitempty"`
	Ask    time.Time `json:"-" bson:"ask,omitempty"`

	State    State          `json:"state" bson:"state"`
	Attempts int            `json:"attempts" bson:"attempts"` // since the last success or change of wish
	Due      time.Time      `json:"due" bson:"due"`
	Why      string         `json:"why,omitempty" bson:"why,omitempty"` // the last failure
	Handle   bots.Handle    `json:"-" bson:"handle"`
	Replaced int            `json:"replaced,omitempty" bson:"replaced,omitempty"` // how often a new card took the place of one that could not be changed
	Refused  []bots.Refusal `json:"refused,omitempty" bson:"refused,omitempty"`
	Created  time.Time      `json:"created" bson:"created"`
	Ended    time.Time      `json:"ended,omitzero" bson:"ended,omitempty"` // when it became Done, Dead, Merged or Withdrawn

	// LeftOut are those of To whom a stage left out of an attempt. It is not stored: what became of them is in Refused then.
	LeftOut []bots.Refusal `json:"-" bson:"-"`
	// AsNotice is bots.Outgoing.Notice of an attempt, by the kind. It is not stored.
	AsNotice bool `json:"-" bson:"-"`
	// Rewritten says that a stage wrote Text and Card anew: what is sent is then stored. It is not stored itself.
	Rewritten bool `json:"-" bson:"-"`
}

// Report is what the platform tells of a message after it was sent.
type Report struct {
	At     time.Time      `json:"at" bson:"at"`
	Read   int            `json:"read" bson:"read"`     // people who have seen it
	Unread int            `json:"unread" bson:"unread"` // people who have it and have not looked
	Failed []bots.Refusal `json:"failed,omitempty" bson:"failed,omitempty"`
}

// Depth is how many deliveries of a platform are in a state, Due or Dead.
type Depth struct {
	State    State
	Platform bots.Platform
	N        int
	Oldest   time.Time // of those that are due: the creation of the oldest one that is due by now; else zero
}

// Query selects deliveries, newest first; the zero value of a field does not restrict.
type Query struct {
	State    State
	Customer string
	Into     string // those that are part of a digest
	Platform bots.Platform
	Reader   string // with Platform: those that wait for one person, by their ids; State is Due then
	After    string // the ID after which to go on
	Limit    int    // 1…1000; 0 means 100
}
