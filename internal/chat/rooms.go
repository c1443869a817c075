package chat

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/store"
)

// Roster returns the user ids of a group's members, and whether that is all of them. A platform that does not tell returns false.
type Roster func(ctx context.Context, conversation string) (users []string, all bool, err error)

// roomNotes is where it is kept who was seen in a group.
type roomNotes interface {
	Document(ctx context.Context, name string) ([]byte, error)
	SwapDocument(ctx context.Context, name string, old, text []byte) error
}

// Rooms knows who reads along in groups. Its methods may be called from several goroutines and processes; of a nil one nobody is known.
//
// Where the platform tells all members of a group (WeCom of groups that the app made), they are who reads along. Elsewhere (DingTalk has no call for ordinary groups)
// nobody knows who is silent: such a group counts as if a member were in it whom no customer concerns. Who wrote there can only lower that: a group in which
// somebody from outside spoke is told nothing of customers any more.
type Rooms struct {
	people  *access.Directory
	notes   roomNotes
	rosters map[bots.Platform]Roster
	seen    sync.Map // of room names: the users whom this process knows to be noted
}

// NewRooms returns Rooms that ask rosters first.
func NewRooms(people *access.Directory, notes roomNotes, rosters map[bots.Platform]Roster) *Rooms {
	return &Rooms{people: people, notes: notes, rosters: rosters}
}

// unseen stands for members of whom nothing is known but that they belong to the organisation.
var unseen = access.Person{Role: access.RoleRep}

// Readers returns who reads along in a group in which asker has just written; somebody whom Lingke does not know is the zero Person.
func (r *Rooms) Readers(ctx context.Context, p bots.Platform, conversation, asker string) ([]access.Person, error) {
	if r == nil {
		return []access.Person{unseen}, nil
	}
	if roster := r.rosters[p]; roster != nil {
		users, all, err := roster(ctx, conversation)
		if err == nil && all {
			return r.named(p, append(users, asker)), nil
		}
	}
	users, err := r.note(ctx, p, conversation, asker)
	if err != nil {
		return nil, err
	}
	return append(r.named(p, users), unseen), nil
}

func (r *Rooms) named(p bots.Platform, users []string) []access.Person {
	out := make([]access.Person, 0, len(users)+1)
	for _, u := range users {
		person, _ := r.people.ByPlatform(string(p), u)
		out = append(out, person)
	}
	return out
}

// most is how many of those who write in a group are noted; where more do, nothing is said there any more but the tier.
const most = 500

// note adds a user to those who were seen in a group and returns all of them. An outsider has the id "".
func (r *Rooms) note(ctx context.Context, p bots.Platform, conversation, user string) ([]string, error) {
	sum := sha256.Sum256([]byte(conversation))
	name := "room/" + string(p) + "/" + hex.EncodeToString(sum[:16])
	if known, ok := r.seen.Load(name); ok && slices.Contains(known.([]string), user) {
		return known.([]string), nil
	}
	for {
		old, err := r.notes.Document(ctx, name)
		if err != nil {
			return nil, fmt.Errorf("who is in group %s: %w", conversation, err)
		}
		var users []string
		if len(old) > 0 {
			if err := json.Unmarshal(old, &users); err != nil {
				return nil, fmt.Errorf("who is in group %s: %w", conversation, err)
			}
		}
		if !slices.Contains(users, user) && len(users) < most {
			users = append(users, user)
			text, _ := json.Marshal(users) // strings always encode
			err = r.notes.SwapDocument(ctx, name, old, text)
			if errors.Is(err, store.ErrConflict) {
				continue // somebody else wrote there at this moment
			}
			if err != nil {
				return nil, fmt.Errorf("who is in group %s: %w", conversation, err)
			}
		}
		r.seen.Store(name, users)
		return users, nil
	}
}
