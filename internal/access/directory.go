package access

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"
)

// The platforms on which people have user ids.
const (
	DingTalk = "dingtalk"
	WeCom    = "wecom"
	// Terminal is a conversation on the gateway's own machine, where people go by Lingke's ids. Nothing from outside comes under that name.
	Terminal = "terminal"
)

// ErrPeople: a list of people cannot be told apart.
var ErrPeople = errors.New("the list of people is wrong")

// Directory finds people. Its methods may be called from several goroutines; each call answers from one list, the old or
// the new one, while Replace runs. The zero Directory knows nobody.
//
// Who has left (Person.Left) is found by ByID and Left only: their accounts open nothing any more from that instant on, and they are in no team.
type Directory struct {
	current atomic.Pointer[index]
	clock   atomic.Pointer[func() time.Time]
	chosen  atomic.Pointer[map[string]string] // platforms by person
}

// SetChosen says on which platform people themselves want to be told things (Person.Chosen), by their ids. It stays through Replace.
func (d *Directory) SetChosen(platforms map[string]string) { d.chosen.Store(&platforms) }

// wishing is the person with their own choice.
func (d *Directory) wishing(p Person) Person {
	if chosen := d.chosen.Load(); chosen != nil {
		p.Chosen = (*chosen)[p.ID]
	}
	return p
}

// SetClock makes the directory read the time from now instead of time.Now.
func (d *Directory) SetClock(now func() time.Time) { d.clock.Store(&now) }

func (d *Directory) now() time.Time {
	if now := d.clock.Load(); now != nil {
		return (*now)()
	}
	return time.Now()
}

// Gone reports whether a person has left by now.
func (p Person) Gone(now time.Time) bool { return !p.Left.IsZero() && !p.Left.After(now) }

// there are those of people who have not left, in their order.
func (d *Directory) there(people []Person) []Person {
	now := d.now()
	all := slices.DeleteFunc(slices.Clone(people), func(p Person) bool { return p.Gone(now) })
	for i := range all {
		all[i] = d.wishing(all[i])
	}
	return all
}

// Left returns everybody who has left, in the order of the list.
func (d *Directory) Left() []Person {
	now := d.now()
	return slices.DeleteFunc(slices.Clone(d.load().all), func(p Person) bool { return !p.Gone(now) })
}

// index is one list of people, never changed once it is built.
type index struct {
	all        []Person
	byID       map[string]int
	byPlatform map[account]int
	teams      map[string][]Person
}

type account struct{ platform, user string }

// NewDirectory returns a directory of people; see Replace.
func NewDirectory(people []Person) (*Directory, error) {
	d := new(Directory)
	if err := d.Replace(people); err != nil {
		return nil, err
	}
	return d, nil
}

// Replace puts people in place of everybody. When two of them share an id or an account, or one has no id, the error wraps
// ErrPeople and the old list stays.
func (d *Directory) Replace(people []Person) error {
	next := &index{
		all:        slices.Clone(people),
		byID:       make(map[string]int, len(people)),
		byPlatform: make(map[account]int, 2*len(people)),
		teams:      map[string][]Person{},
	}
	for i := range next.all {
		if err := next.add(i); err != nil {
			return fmt.Errorf("%w: %w", ErrPeople, err)
		}
	}
	d.current.Store(next)
	return nil
}

func (x *index) add(i int) error {
	p := x.all[i]
	if p.ID == "" {
		return fmt.Errorf("person %d has no id", i+1)
	}
	if _, twice := x.byID[p.ID]; twice {
		return fmt.Errorf("id %q belongs to two people", p.ID)
	}
	x.byID[p.ID] = i
	for _, a := range []account{accountOf(DingTalk, p.DingTalk), accountOf(WeCom, p.WeCom)} {
		if a.user == "" {
			continue
		}
		if _, twice := x.byPlatform[a]; twice {
			return fmt.Errorf("%s user %q belongs to two people", a.platform, a.user)
		}
		x.byPlatform[a] = i
	}
	if p.Team != "" {
		x.teams[p.Team] = append(x.teams[p.Team], p)
	}
	return nil
}

// accountOf makes user ids comparable: WeCom does not tell upper from lower case, DingTalk does.
func accountOf(platform, user string) account {
	if platform == WeCom {
		user = strings.ToLower(user)
	}
	return account{platform, user}
}

func (d *Directory) load() *index {
	if x := d.current.Load(); x != nil {
		return x
	}
	return new(index)
}

// ByID finds a person by Lingke's own id, also one who has left: what they did keeps their name.
func (d *Directory) ByID(id string) (Person, bool) {
	x := d.load()
	i, found := x.byID[id]
	if !found {
		return Person{}, false
	}
	return d.wishing(x.all[i]), true
}

// ByPlatform finds a person by the user id that platform (DingTalk or WeCom) knows them by.
func (d *Directory) ByPlatform(platform, userID string) (Person, bool) {
	x := d.load()
	i, found := x.byPlatform[accountOf(platform, userID)]
	if platform == Terminal {
		i, found = x.byID[userID]
	}
	if !found || x.all[i].Gone(d.now()) {
		return Person{}, false
	}
	return d.wishing(x.all[i]), true
}

// Team returns the members of a team in the order of the list, of every role. The team "" has none.
func (d *Directory) Team(name string) []Person { return d.there(d.load().teams[name]) }

// Managers returns everybody whose role is manager, of all teams.
func (d *Directory) Managers() []Person {
	var found []Person
	for _, p := range d.there(d.load().all) {
		if p.Role == RoleManager {
			found = append(found, p)
		}
	}
	return found
}

// All returns everybody in the order of the list.
func (d *Directory) All() []Person { return d.there(d.load().all) }
