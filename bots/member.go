package bots

import (
	"context"
	"errors"
)

// AddressBook is a Bot that can tell who belongs to the organisation: the platform's address book, as far as the app may see it.
type AddressBook interface {
	// Staff hands every member to emit, in no order, each once. It ends at the first error of emit.
	Staff(ctx context.Context, emit func(Member) error) error
	// Member returns one member; the error wraps ErrNoMember where there is none, or none that the app may see.
	Member(ctx context.Context, id string) (Member, error)
	// Change reads an event of the address book; ok is false for every other event.
	Change(e Event) (c MemberChange, ok bool)
}

// ErrNoMember: the address book has nobody by this id, or nobody whom the app may see.
var ErrNoMember = errors.New("the address book has no such member")

// Member is somebody of the organisation.
type Member struct {
	ID     string // the platform's user id
	Name   string
	Teams  []string // names of the departments, the person's own first
	Leader bool     // leads one of them
}

// MemberChange is what an event says of members. Only Left is believed as it stands; who was added or changed is looked up.
type MemberChange struct {
	Changed []string          // added, or changed in some way
	Left    []string          // no longer there
	Renamed map[string]string // user ids that became others: old → new
}
