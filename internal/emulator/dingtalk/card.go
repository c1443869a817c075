package dingtalk

import (
	"maps"
	"slices"
	"sync"

	"lingke/internal/emulator/world"
)

// instance is one card: its public variables, what single people see differently, and where it was shown.
type instance struct {
	track    string
	callback string // "STREAM", "HTTP" or ""
	routeKey string // of HTTP callbacks
	idType   int    // 1 userId, 2 unionId: the form of user ids in callbacks
	public   map[string]string
	private  map[string]map[string]string // by userId
	spaces   map[string]bool              // the kinds of space that it may be delivered to
	shown    []showing
	template part
	offered  map[string]pressable // what people have seen on it to press
}

// showing is a message that carries the card for one person.
type showing struct {
	user, message, conversation string
}

// variables are what one user's template is filled with.
func (c *instance) variables(user string) map[string]string {
	v := maps.Clone(c.public)
	if v == nil {
		v = map[string]string{}
	}
	maps.Copy(v, c.private[user])
	return v
}

// view renders the card for one user and remembers what that offered to press.
func (c *instance) view(user string) world.Card {
	card, press := render(c.template, c.track, c.variables(user))
	maps.Copy(c.offered, press)
	return card
}

// asks reports whether the user's view has a form for an action.
func (c *instance) asks(user, actionID string) (pressable, bool) {
	_, press := render(c.template, c.track, c.variables(user))
	p, ok := byName(press, actionID)
	return p, ok && p.form != nil
}

// byName finds what can be pressed by its id, or by the name in it.
func byName(all map[string]pressable, actionID string) (pressable, bool) {
	if p, ok := all[actionID]; ok {
		return p, true
	}
	for id, p := range all {
		if world.Named(id, actionID) {
			return p, true
		}
	}
	return pressable{}, false
}

// change is new card data of an update call or of a callback's answer.
type change struct {
	public             map[string]string
	private            map[string]map[string]string
	byKey, privateKeys bool // only the given keys change, in place of the whole map
}

func (c *instance) apply(ch change) {
	if ch.public != nil {
		c.public = merged(c.public, ch.public, ch.byKey)
	}
	for user, vars := range ch.private {
		c.private[user] = merged(c.private[user], vars, ch.privateKeys)
	}
}

func merged(old, with map[string]string, byKey bool) map[string]string {
	if !byKey {
		return maps.Clone(with)
	}
	out := maps.Clone(old)
	if out == nil {
		out = map[string]string{}
	}
	maps.Copy(out, with)
	return out
}

// cards holds every card that was created.
type cards struct {
	mu        sync.Mutex
	byTrack   map[string]*instance
	byMessage map[string]*instance
}

func newCards() *cards {
	return &cards{byTrack: map[string]*instance{}, byMessage: map[string]*instance{}}
}

// create adds a card unless its outTrackId is known.
func (c *cards) create(card *instance) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if _, ok := c.byTrack[card.track]; ok {
		return false
	}
	c.byTrack[card.track] = card
	return true
}

// with runs f on a card while nobody else changes it.
func (c *cards) with(track string, f func(*instance)) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	card, ok := c.byTrack[track]
	if ok {
		f(card)
	}
	return ok
}

// show posts the card to people as one message and returns its id; callers are inside with.
func (s *Server) show(card *instance, users []string, conversation string) string {
	id := serial()
	s.cards.byMessage[id] = card
	for _, u := range users {
		view := card.view(u)
		s.world.PostTo(platform, u, conversation, world.Message{ID: id, Card: &view})
		card.shown = append(card.shown, showing{u, id, conversation})
	}
	return id
}

// redraw gives everybody who has the card the view of its present state; callers are inside with.
func (s *Server) redraw(card *instance) {
	for _, x := range card.shown {
		s.world.SetCard(platform, x.user, x.message, card.view(x.user))
	}
}

// find returns where a person has the card of a message.
func (c *cards) find(message, user string) (*instance, showing, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	card, ok := c.byMessage[message]
	if !ok {
		return nil, showing{}, false
	}
	i := slices.IndexFunc(card.shown, func(x showing) bool { return x.message == message && x.user == user })
	if i < 0 {
		return nil, showing{}, false
	}
	return card, card.shown[i], true
}
