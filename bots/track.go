package bots

import (
	"context"
	"errors"
)

// Tracker is a Bot that can tell what became of a message after the platform took it.
type Tracker interface {
	// Track asks for what became of the message of h. The error wraps ErrUntracked where the platform tells nothing of it, or no longer.
	Track(ctx context.Context, h Handle) (Tracked, error)
}

// ErrUntracked: the platform does not tell what became of this message.
var ErrUntracked = errors.New("the platform tells nothing of this message")

// Tracked is what became of a message. The ids are the platform's user ids.
type Tracked struct {
	Done    bool // the platform is through with it; until then the lists are not complete
	Read    []string
	Unread  []string
	Refused []Refusal // who was left out after the message had been taken
}

// Fate is what helps against a refusal that came after the message had been taken.
type Fate int

// The fates.
const (
	Lost    Fate = iota // this way does not lead to the person: another one may
	Twin                // the platform takes it for a message that the person has: other words are not refused
	Tonight             // the person's limit of the day: tomorrow it is not refused
)
