// Package staff keeps who belongs to the company: the people of the config, made current by the platforms' address books.
//
// The way of a change: the platform tells that somebody came, changed or left (Apply), or the nightly reading finds it (Pull) → the platform's Book, one document in the
// store, is swapped → every gateway that shares the store reads it (People) and puts the result into its directory. Who left loses access with that step and is listed as
// having left; whose customers they were is for the hand-over to see.
package staff

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"lingke/bots"
)

// Book is what is known of one platform's address book.
type Book struct {
	Read    time.Time         `json:"read,omitzero"`     // when all of it was read last; zero: never
	Members map[string]Entry  `json:"members"`           // by user id; WeCom's in lower case
	Renamed map[string]string `json:"renamed,omitempty"` // user ids that became others, old → new
}

// Entry is one member.
type Entry struct {
	ID     string    `json:"id"` // as the platform writes it
	Name   string    `json:"name"`
	Teams  []string  `json:"teams,omitempty"`
	Leader bool      `json:"leader,omitempty"`
	Left   time.Time `json:"left,omitzero"` // zero while they are there
}

func parseBook(text []byte) (Book, error) {
	b := Book{Members: map[string]Entry{}, Renamed: map[string]string{}}
	if len(text) == 0 {
		return b, nil
	}
	if err := json.Unmarshal(text, &b); err != nil {
		return b, fmt.Errorf("address book: %w", err)
	}
	if b.Members == nil {
		b.Members = map[string]Entry{}
	}
	if b.Renamed == nil {
		b.Renamed = map[string]string{}
	}
	return b, nil
}

// key makes user ids comparable: WeCom does not tell upper from lower case, DingTalk does.
func key(p bots.Platform, id string) string {
	if p == bots.WeCom {
		return strings.ToLower(id)
	}
	return id
}

// put notes that somebody is there; who came back is no longer gone.
func (b *Book) put(p bots.Platform, m bots.Member) {
	b.Members[key(p, m.ID)] = Entry{ID: m.ID, Name: m.Name, Teams: m.Teams, Leader: m.Leader}
}

// leave notes that somebody is no longer there, since at. Nobody leaves twice.
func (b *Book) leave(p bots.Platform, id string, at time.Time) {
	e := b.Members[key(p, id)]
	if e.ID == "" {
		e.ID = id
	}
	if e.Left.IsZero() {
		e.Left = at
		b.Members[key(p, id)] = e
	}
}

// rename notes that an id became another.
func (b *Book) rename(p bots.Platform, old, now string) {
	b.Renamed[key(p, old)] = now
	delete(b.Members, key(p, old))
}

// current is the id that a person of the config goes by now. Ids were renamed a few times at most; a circle ends.
func (b *Book) current(p bots.Platform, id string) string {
	for range 10 {
		now, ok := b.Renamed[key(p, id)]
		if !ok {
			break
		}
		id = now
	}
	return id
}

// there counts the members who have not left.
func (b *Book) there() int {
	n := 0
	for _, e := range b.Members {
		if e.Left.IsZero() {
			n++
		}
	}
	return n
}
