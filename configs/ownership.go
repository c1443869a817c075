package configs

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
)

// Ownership says for how long an owner may do nothing with a customer, and what happens then. All spans are working time, as Task.Due.
type Ownership struct {
	Ladders  []Ladder // the first that fits a customer holds for it; none: everybody keeps what they have
	Counts   []string // the types of activities that are work of the owner
	Notice   string   // how long the owner's card warns before the customer can go
	Extend   Extend
	Delay    Delay
	Contract Contract
	Cooldown Cooldown
	Accept   bool  // who is to take a customer over from its owner is asked
	Task     *Task // of who takes a customer over; nil: the pool's
	Leavers  Leavers
}

// Ladder is after how long of doing nothing each step comes; an empty step is left out.
type Ladder struct {
	Tiers    []string // of the leading scheme; none: all
	Stages   []string // lead, active, dormant, lost; none: all
	Remind   string   // the owner gets a card that warns
	Manager  string   // the managers are told
	Offer    string   // a colleague is asked
	Reassign string   // it is handed to somebody else of the team
	Pool     string   // it goes back to its pool
}

// Extend is how owners extend the time.
type Extend struct {
	By    string
	Times int // until the owner works on the customer
}

// Delay is how owners put customers off.
type Delay struct {
	Days  int // calendar days at most
	Times int // until the owner works on the customer
}

// Contract keeps customers where they are.
type Contract struct {
	Field string // the customer's field with the last day of the contract; empty: none
	Days  int    // calendar days after it
}

// Cooldown is for how long a customer that went back cannot be claimed.
type Cooldown struct {
	Former string // by who lost it
	All    string // by anybody but managers
}

// Leavers is what becomes of the customers of somebody who is missed among the people.
type Leavers struct {
	After string
	To    string // LeaversToTeam or LeaversToPool
}

// Where the customers of somebody go who left.
const (
	LeaversToTeam = "team"
	LeaversToPool = "pool"
)

// The stages of customers.
var stages = []string{"lead", "active", "dormant", "lost"}

// ShippedOwnership is what holds where a file says nothing: ownership.yaml.
func ShippedOwnership() Ownership {
	const name = "ownership.yaml"
	text, err := FS.ReadFile(name)
	if err != nil {
		panic(err) // it is embedded
	}
	root, broken := parse(name, text)
	d, out := newDecoder(name, func(string) (string, bool) { return "", false }), Ownership{}
	if broken == nil {
		d.value("", root, reflect.ValueOf(&out).Elem())
	}
	if broken != nil || len(d.problems) > 0 {
		panic(fmt.Sprint(broken, d.problems)) // a test reads it
	}
	return out
}

// WithLadder checks that a ladder's steps come one after the other.
func WithLadder(check func(l Ladder) error) Option {
	return func(c *checker) { c.ladder = check }
}

func (c *checker) ownership() {
	o := c.cfg.Ownership
	for i, l := range o.Ladders {
		c.ladders(fmt.Sprintf("ownership.ladders[%d]", i), l)
	}
	for path, text := range map[string]string{
		"notice": o.Notice, "extend.by": o.Extend.By, "cooldown.former": o.Cooldown.Former, "cooldown.all": o.Cooldown.All, "leavers.after": o.Leavers.After,
	} {
		c.words("ownership."+path, text, c.workingSpan)
	}
	c.between("ownership.extend.times", o.Extend.Times, 0, 100)
	c.between("ownership.delay.days", o.Delay.Days, 0, 3650)
	c.between("ownership.delay.times", o.Delay.Times, 0, 100)
	c.between("ownership.contract.days", o.Contract.Days, 0, 3650)
	c.oneOf("ownership.leavers.to", o.Leavers.To, LeaversToTeam, LeaversToPool)
	if o.Task != nil && c.given("ownership.task") {
		c.required("ownership.task", "title", o.Task.Title.empty())
		c.required("ownership.task", "due", strings.TrimSpace(o.Task.Due) == "")
		c.words("ownership.task.due", o.Task.Due, c.workingSpan)
	}
}

var errNoWarning = errors.New("a customer can go without a card before")

func (c *checker) ladders(path string, l Ladder) {
	if !c.given(path) {
		return
	}
	for i, stage := range l.Stages {
		c.oneOf(fmt.Sprintf("%s.stages[%d]", path, i), stage, stages...)
	}
	if tiers := c.leadingTiers(); len(tiers) > 0 {
		for i, tier := range l.Tiers {
			c.oneOf(fmt.Sprintf("%s.tiers[%d]", path, i), tier, tiers...)
		}
	}
	fine := true
	for key, text := range map[string]string{"remind": l.Remind, "manager": l.Manager, "offer": l.Offer, "reassign": l.Reassign, "pool": l.Pool} {
		at := join(path, key)
		before := len(c.problems)
		c.words(at, text, c.workingSpan)
		fine = fine && len(c.problems) == before
	}
	switch {
	case l.Remind == "" && l.Offer+l.Reassign+l.Pool != "":
		c.refuse(path, "remind is missing: "+errNoWarning.Error(), "write remind: with a shorter time than the steps behind it")
	case fine && c.ladder != nil:
		if err := c.ladder(l); err != nil {
			c.refuse(path, err.Error(), "each step has to come later than the one before: remind, manager, offer, reassign, pool")
		}
	}
}

// leadingTiers are the tiers of the scheme that leads.
func (c *checker) leadingTiers() (tiers []string) {
	i := slices.IndexFunc(c.cfg.Schemes, func(s Scheme) bool { return s.Name == c.cfg.Leading })
	if i < 0 {
		return nil
	}
	for _, cut := range c.cfg.Schemes[i].Cuts {
		tiers = append(tiers, cut.Tier)
	}
	return append(tiers, c.cfg.Schemes[i].Else)
}

func (o Ownership) lines() (lines []string) {
	for _, l := range o.Ladders {
		who := strings.TrimSpace(strings.Join(l.Tiers, " ") + " " + strings.Join(l.Stages, " "))
		if who == "" {
			who = "all"
		}
		var steps []string
		for _, s := range [][2]string{{"remind", l.Remind}, {"manager", l.Manager}, {"offer", l.Offer}, {"reassign", l.Reassign}, {"pool", l.Pool}} {
			if s[1] != "" {
				steps = append(steps, s[0]+" "+s[1])
			}
		}
		lines = append(lines, entry("ownership", who+": "+strings.Join(steps, ", ")))
	}
	if lines == nil {
		return []string{entry("ownership", "no clock: owners keep what they have")}
	}
	return lines
}
