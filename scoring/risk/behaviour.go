package risk

import (
	"slices"
	"time"
)

// Behaviour is what is known of one customer. What lies after the instant of the assessment is left out by it.
type Behaviour struct {
	Orders []Order
	Pushes []Push
	Hints  []Hint
}

// Order is one purchase, told by a source (a connector's name).
type Order struct {
	At     time.Time
	Source string
}

// Push is one message sent to the customer; Opened is zero while it is not known to be opened.
type Push struct {
	Sent, Opened time.Time
}

// Hint is a reason to leave that somebody or something noticed: a complaint, a remark in a note, a competitor's name.
type Hint struct {
	Cause  Cause
	At     time.Time
	Text   string // as it is shown to people, e.g. "客户提到 A 公司报价更低"
	Source string
	Left   bool // the customer ended the contact: a warning by itself, whatever the cause
}

// Cause is why a customer may be leaving.
type Cause string

// The causes, and what each is called in chat.
const (
	Competitor Cause = "competitor"
	Service    Cause = "service"
	Price      Cause = "price"
	Silence    Cause = "silence" // no reason is known
)

// Chinese is the cause's name in chat.
func (c Cause) Chinese() string {
	return map[Cause]string{Competitor: "竞品", Service: "服务", Price: "价格", Silence: "沉默"}[c]
}

// English returns the cause's English name.
func (c Cause) English() string { return string(c) }

// until leaves out what is after at, and sorts the rest by time.
func (b Behaviour) until(at time.Time) Behaviour {
	orders := slices.DeleteFunc(slices.Clone(b.Orders), func(o Order) bool { return o.At.After(at) })
	slices.SortStableFunc(orders, func(x, y Order) int { return x.At.Compare(y.At) })
	hints := slices.DeleteFunc(slices.Clone(b.Hints), func(h Hint) bool { return h.At.After(at) })
	slices.SortStableFunc(hints, func(x, y Hint) int { return x.At.Compare(y.At) })
	pushes := slices.DeleteFunc(slices.Clone(b.Pushes), func(p Push) bool { return p.Sent.After(at) })
	for i := range pushes {
		if pushes[i].Opened.After(at) {
			pushes[i].Opened = time.Time{}
		}
	}
	return Behaviour{orders, pushes, hints}
}

// Response is the customer's last sign of life by an instant: an order or an opened push. It is zero without any.
func (b Behaviour) Response(at time.Time) time.Time {
	var last time.Time
	for _, o := range b.Orders {
		if o.At.After(last) && !o.At.After(at) {
			last = o.At
		}
	}
	for _, p := range b.Pushes {
		if p.Opened.After(last) && !p.Opened.After(at) {
			last = p.Opened
		}
	}
	return last
}

func (b Behaviour) times() []time.Time {
	out := make([]time.Time, len(b.Orders))
	for i, o := range b.Orders {
		out[i] = o.At
	}
	return out
}
