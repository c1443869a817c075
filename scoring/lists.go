package scoring

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"
)

// Event is one dated thing of a field of kind Events: a visit, a download, an order line.
type Event struct {
	At     time.Time `json:"at"`
	Type   string    `json:"type,omitempty"`   // "visit", "download"; what rules tell apart
	Amount float64   `json:"amount,omitempty"` // in the field's unit, where one has an amount
}

// maxList bounds a list, so that a rule over it takes a bounded time; of longer ones the newest events are kept.
const maxList = 10000

// lists hold the values that are more than one. They are replaced, never changed in place, so that copies may share them.
type lists struct {
	texts  map[int][]string
	events map[int][]Event
}

func (c *cells) texts(slot int) []string {
	if c.more == nil {
		return nil
	}
	return c.more.texts[slot]
}

func (c *cells) events(slot int) []Event {
	if c.more == nil {
		return nil
	}
	return c.more.events[slot]
}

func (c *cells) drop(slot int) {
	if c.more != nil {
		delete(c.more.texts, slot)
		delete(c.more.events, slot)
	}
}

func (c *cells) lists() *lists {
	if c.more == nil {
		c.more = &lists{texts: map[int][]string{}, events: map[int][]Event{}}
	}
	return c.more
}

func (c *cells) copyLists(to int, of *cells, from int) {
	if texts := of.texts(from); texts != nil {
		c.lists().texts[to] = texts
	}
	if events := of.events(from); events != nil {
		c.lists().events[to] = events
	}
}

// SetTexts sets a field of kind Texts, as SetNumber does. Repeats are dropped; the order is kept. An empty list is a value.
func (f *Facts) SetTexts(name string, v []string, source string, at time.Time) bool {
	list := make([]string, 0, len(v))
	seen := make(map[string]bool, len(v))
	for _, text := range v[:min(len(v), maxList)] {
		if text = strings.ToValidUTF8(text, "\uFFFD"); !seen[text] {
			seen[text] = true
			list = append(list, text)
		}
	}
	if !f.set(name, Texts, float64(len(list)), "", source, at) {
		return false
	}
	_, slot, _ := f.schema.Lookup(name)
	f.cells.lists().texts[slot] = list
	return true
}

// SetEvents sets a field of kind Events, as SetNumber does. Events are kept by time, the oldest first, with milliseconds; of
// more than 10,000 the newest. An amount that is no finite number is refused with all.
func (f *Facts) SetEvents(name string, v []Event, source string, at time.Time) bool {
	list := slices.Clone(v)
	for i := range list {
		e := &list[i]
		if math.IsNaN(e.Amount) || math.IsInf(e.Amount, 0) {
			return false
		}
		e.At, e.Type, e.Amount = milliseconds(e.At), strings.ToValidUTF8(e.Type, "\uFFFD"), e.Amount+0
	}
	slices.SortStableFunc(list, compareEvents)
	list = list[max(0, len(list)-maxList):]
	if !f.set(name, Events, float64(len(list)), "", source, at) {
		return false
	}
	_, slot, _ := f.schema.Lookup(name)
	f.cells.lists().events[slot] = list
	return true
}

func compareEvents(a, b Event) int {
	return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Type, b.Type), cmp.Compare(a.Amount, b.Amount))
}
