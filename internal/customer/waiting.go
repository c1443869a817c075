package customer

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// WaitWhy is why nobody owns a customer.
type WaitWhy string

// The reasons of the customer's place.
const (
	WaitOffered WaitWhy = "offered" // its pool's people have a card and may claim it
	WaitHeld    WaitWhy = "held"    // its pool keeps customers until a manager takes them out
	WaitInTurn  WaitWhy = "in_turn" // it is about to be handed out
	WaitNobody  WaitWhy = "nobody"  // nobody of its pool's team can get one now; Blocks says why
	WaitNoPool  WaitWhy = "no_pool" // no pool's condition fits it
	WaitNoLead  WaitWhy = "no_lead" // it has bought already, so no pool takes it by its score
	WaitLost    WaitWhy = "lost"    // every source has deleted it
	WaitChoice  WaitWhy = "choice"  // managers have a card and choose who gets it
	WaitCooling WaitWhy = "cooling" // it went back a while ago, and nobody may have it yet
)

// Block is why somebody cannot get a customer that is handed out.
type Block string

// The reasons of people.
const (
	BlockLeave   Block = "leave"      // on leave
	BlockNew     Block = "not_joined" // has not begun yet
	BlockLeft    Block = "left"       // is no longer there
	BlockMonth   Block = "month"      // got as many this month as they can work on
	BlockDaily   Block = "daily"      // the day's allowance is spent
	BlockHolding Block = "holding"    // owns as many as allowed
	BlockFormer  Block = "former"     // gave this customer back
	BlockRole    Block = "role"       // may not own customers
	BlockManager Block = "manager"    // is a manager without a share of their own
)

// Waiting says why nobody owns a customer, and since when it waits there.
type Waiting struct {
	Why   WaitWhy   `json:"why,omitempty" bson:"why,omitempty"`
	Since time.Time `json:"since,omitzero" bson:"since,omitempty"`
	// Blocks counts the people of the pool's team by why they cannot get it, for WaitNobody; a team of nobody has none.
	Blocks map[Block]int `json:"blocks,omitempty" bson:"blocks,omitempty"`
	// Choices are the people whom the managers' card proposes, the fittest first, for WaitChoice.
	Choices []Choice `json:"choices,omitempty" bson:"choices,omitempty"`
	// Handing says that it is handed out by rule although its pool does not, since its last owner lost it.
	Handing bool `json:"handing,omitempty" bson:"handing,omitempty"`
}

// Choice is somebody who could get a customer.
type Choice struct {
	Person string `json:"person" bson:"person"`
	Open   int    `json:"open" bson:"open"`                     // how many customers they own
	Month  int    `json:"month" bson:"month"`                   // how many they got this month
	Fits   bool   `json:"fits,omitempty" bson:"fits,omitempty"` // they have what the pool's conditions ask for
}

// IsZero reports whether there is nothing to say, which is so while somebody owns the customer.
func (w Waiting) IsZero() bool { return w.Same(Waiting{}) }

// Same reports whether both say the same.
func (w Waiting) Same(o Waiting) bool {
	return w.Why == o.Why && w.Since.Equal(o.Since) && maps.Equal(w.Blocks, o.Blocks) && slices.Equal(w.Choices, o.Choices) && w.Handing == o.Handing
}

// Handed says by what rule the owner got the customer; the zero value that no rule gave it.
type Handed struct {
	Rule  string `json:"rule,omitempty" bson:"rule,omitempty"`   // rotate, equal, weighted, least; or one of the Handed constants
	By    string `json:"by,omitempty" bson:"by,omitempty"`       // who gave it: a manager, the last owner; "" for a rule
	Share string `json:"share,omitempty" bson:"share,omitempty"` // the owner's part of what the pool hands out, among those who could get this one: "1/6"
	Month int    `json:"month,omitempty" bson:"month,omitempty"` // how many the owner got this month, with this one
	Quota int    `json:"quota,omitempty" bson:"quota,omitempty"` // of how many a month; 0 where there is no limit
	Open  int    `json:"open,omitempty" bson:"open,omitempty"`   // how many the owner had before
	Least bool   `json:"least,omitempty" bson:"least,omitempty"` // nobody else had fewer for their capacity
	Only  bool   `json:"only,omitempty" bson:"only,omitempty"`   // nobody else could get it
	// Match names what the owner was chosen for (region…); Unmatched says that nobody who fits could get it, so that it went to the whole team.
	Match     []string `json:"match,omitempty" bson:"match,omitempty"`
	Unmatched bool     `json:"unmatched,omitempty" bson:"unmatched,omitempty"`
}

// The rules besides the strategies of pools.
const (
	HandedByManager = "manager"  // a manager said so
	HandedBySource  = "source"   // a source named the owner of a customer that nobody here had had
	HandedByOwner   = "handover" // the last owner gave it
	HandedByOffer   = "offer"    // the owner did nothing, and the new one took it over when asked
)

// IsZero reports whether no rule gave the customer.
func (h Handed) IsZero() bool { return h.Rule == "" }

// Return is that an owner gave the customer back, or lost it.
type Return struct {
	Person string    `json:"person" bson:"person"`
	At     time.Time `json:"at" bson:"at"`
	Lost   bool      `json:"lost,omitempty" bson:"lost,omitempty"` // the clock took it
}

// maxReturns bounds how many people a customer remembers who gave it back.
const maxReturns = 50

// Returned notes that person is no longer the owner; only the last time of each person is kept.
func (c *Customer) Returned(person string, at time.Time) { c.returned(Return{Person: person, At: at}) }

// Lost is Returned by the clock, rather than of the owner's own will.
func (c *Customer) Lost(person string, at time.Time) { c.returned(Return{person, at, true}) }

// Taken reports whether somebody had the customer before who has it now.
func (c Customer) Taken() bool { return c.Round > 0 && len(c.Returns) > 0 }

func (c *Customer) returned(r Return) {
	c.Returns = slices.DeleteFunc(slices.Clone(c.Returns), func(o Return) bool { return o.Person == r.Person })
	c.Returns = append(c.Returns, r)
	c.Returns = c.Returns[max(0, len(c.Returns)-maxReturns):]
}

// ReturnedBy returns how person gave the customer back last; last reports whether nobody had it since.
func (c Customer) ReturnedBy(person string) (r Return, last, found bool) {
	i := slices.IndexFunc(c.Returns, func(r Return) bool { return r.Person == person })
	if i < 0 {
		return Return{}, false, false
	}
	return c.Returns[i], i == len(c.Returns)-1, true
}

// rememberReturns takes over who gave a customer back that is merged into this one.
func (c *Customer) rememberReturns(old []Return) {
	all := slices.Concat(c.Returns, old)
	slices.SortStableFunc(all, func(a, b Return) int { return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Person, b.Person)) })
	c.Returns = nil
	for _, r := range all {
		c.returned(r)
	}
}
