// Package world is the emulated organisation: its people, its clock, and what each person sees in the chat products.
//
// The emulated platforms write into it (Post, SetCard, Recall), the control API and the chat page read from it
// (Conversations) and learn through Subscribe that something changed. Every person has an own copy of every message, so
// that two people can see the same card in different states, as on the real platforms.
package world

import (
	"strings"
	"sync"
	"time"
)

// Person is one member of the organisation, with an account on one platform or both.
type Person struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Role     string `json:"role"`
	Team     string `json:"team"`
	DingTalk string `json:"dingtalk"` // userId; "" without an account there
	WeCom    string `json:"wecom"`    // UserID; compared without regard to case
	// Language is what the gateway's config says that the person reads; the platforms do not know it.
	Language string `json:"language,omitempty"`
}

// Account returns the person's user id on a platform ("dingtalk", "wecom"), or "".
func (p Person) Account(platform string) string {
	switch platform {
	case "dingtalk":
		return p.DingTalk
	case "wecom":
		return p.WeCom
	}
	return ""
}

// World holds the organisation. Its methods may be called from several goroutines.
type World struct {
	mu     sync.Mutex
	people []Person
	base   func() time.Time
	offset time.Duration
	serial int
	groups map[place]*group
	boxes  map[place]*mailbox

	watch watchers
}

// place is a platform and an id on it: of a user or of a group.
type place struct{ platform, id string }

// New returns a world of people whose clock follows now. Nobody has seen a message yet.
func New(people []Person, now func() time.Time) *World {
	return &World{
		people: append([]Person(nil), people...),
		base:   now,
		groups: map[place]*group{},
		boxes:  map[place]*mailbox{},
	}
}

// Now returns the emulator's time: what now of New says, moved by the last SetNow.
func (w *World) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.base().Add(w.offset)
}

// SetNow makes t the present; the clock goes on from there at the pace of New's now.
func (w *World) SetNow(t time.Time) {
	w.mu.Lock()
	w.offset = t.Sub(w.base())
	w.mu.Unlock()
	w.watch.tell()
}

// People returns everybody, in the order of New and of their coming.
func (w *World) People() []Person {
	w.mu.Lock()
	defer w.mu.Unlock()
	return append([]Person(nil), w.people...)
}

// Put adds a person to the organisation, or changes the one of the same ID. It returns the person as they were.
func (w *World) Put(p Person) (before Person, known bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, old := range w.people {
		if old.ID == p.ID {
			w.people[i] = p
			return old, true
		}
	}
	w.people = append(w.people, p)
	return Person{}, false
}

// Leave takes a person out of the organisation. Their conversations stay.
func (w *World) Leave(id string) (Person, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, p := range w.people {
		if p.ID == id {
			w.people = append(w.people[:i:i], w.people[i+1:]...)
			return p, true
		}
	}
	return Person{}, false
}

// ByID finds a person by the organisation's own id.
func (w *World) ByID(id string) (Person, bool) {
	return w.find(func(p Person) bool { return p.ID == id })
}

// ByDingTalk finds a person by DingTalk userId.
func (w *World) ByDingTalk(id string) (Person, bool) {
	return w.find(func(p Person) bool { return p.DingTalk == id && id != "" })
}

// ByWeCom finds a person by WeCom UserID in any case.
func (w *World) ByWeCom(id string) (Person, bool) {
	return w.find(func(p Person) bool { return strings.EqualFold(p.WeCom, id) && id != "" })
}

func (w *World) find(match func(Person) bool) (Person, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, p := range w.people {
		if match(p) {
			return p, true
		}
	}
	return Person{}, false
}

// at names a user's or group's place; WeCom ids are one in any case.
func at(platform, id string) place {
	if platform == "wecom" {
		id = strings.ToLower(id)
	}
	return place{platform, id}
}
