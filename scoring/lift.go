package scoring

import (
	"math"
	"strconv"
	"strings"
	"time"
)

// Lift is what would bring a customer to the next better tier.
type Lift struct {
	Tier  string  `json:"tier"` // the tier that is next
	Title string  `json:"title,omitempty"`
	Gap   float64 `json:"gap"`  // points that are missing
	Ways  []Way   `json:"ways"` // each is enough by itself; the least effort of its kind
}

// Way is one thing that a customer could do.
type Way struct {
	Action string  `json:"action"` // the stable id: "order", "event", "visit", "trial", "content", "referral"
	Amount float64 `json:"amount"` // yuan for an order, else how many times
	Total  float64 `json:"total"`  // the score that it would bring
	Text   Words   `json:"text"`   // "再消费 12,000 元"
}

// action is something a customer can do: how it changes the facts, and in which steps it is looked for.
type action struct {
	id    string
	step  float64 // the smallest amount worth naming
	most  float64 // more is no advice
	add   []string
	count []string // rise by 1, however large the amount
	zero  []string // what counts days since, and is 0 then
	raise []string // become the amount where that is more
	event string   // one more event of this type for each
	words func(n float64) Words
}

func times(zh, en string) func(n float64) Words {
	return func(n float64) Words {
		return Words{strings.Replace(zh, "%", grouped(n), 1), strings.Replace(en, "%", grouped(n), 1)}
	}
}

// actions are those that fields tell of. What a rep only knows (a role, an industry) is nothing that a customer does.
var actions = []action{
	{
		id: "order", step: 100, most: 1e8, words: times("再消费 % 元", "orders of ¥%"),
		add:   []string{"order_amount_total", "order_amount_365d", "order_amount_180d", "order_amount_90d", "order_amount_30d"},
		count: []string{"order_count_total", "order_count_365d", "order_count_180d", "order_count_90d", "order_count_30d"},
		zero:  []string{"days_since_order"}, raise: []string{"largest_order", "largest_order_365d"},
	},
	{
		id: "event", step: 1, most: 24, words: times("参加 % 次活动", "% events"), event: "event",
		add: []string{"events_365d", "activity_count_90d", "activity_count_365d"}, zero: []string{"last_activity_days"},
	},
	{
		id: "visit", step: 1, most: 60, words: times("再访问 % 次", "% visits"), event: "visit",
		add: []string{"visits_30d", "activity_count_90d", "activity_count_365d"}, zero: []string{"last_visit_days", "last_activity_days"},
	},
	{id: "trial", step: 1, most: 20, words: times("再试用 % 项功能", "% more features tried"), event: "trial", add: []string{"trial_features"}},
	{id: "content", step: 1, most: 60, words: times("再看 % 份资料", "% documents read"), event: "content", add: []string{"content_90d"}},
	{id: "referral", step: 1, most: 20, words: times("推荐 % 位新客户", "% customers referred"), event: "referral", add: []string{"referrals"}},
}

// Lift returns what would bring the customer to the next better tier of a scheme over the total, entry band included. It is
// false for a customer of the best tier. Ways is empty where nothing a customer does is enough by itself. It scores the
// customer some hundred times; it is meant for one customer that somebody asks about.
func (m *Model) Lift(f *Facts, at time.Time, s Scheme, p Policy) (Lift, bool) {
	f = f.in(m.schema)
	total := m.Total(f, at)
	next := s.better(s.index(total, nil))
	if next < 0 {
		return Lift{}, false
	}
	cut := s.Cuts[next]
	reaches := func(total float64) bool { return s.index(total, p.entry) <= next }
	need := cut.edge() + p.entry(cut)
	out := Lift{Tier: cut.Tier, Title: cut.Title, Gap: points(max(thousandths(need-total), 1))}
	for i := range actions {
		if w, ok := m.way(f, at, &actions[i], reaches); ok {
			out.Ways = append(out.Ways, w)
		}
	}
	return out, true
}

// better is the nearest tier above the place that can be reached at all; -1 if there is none.
func (s Scheme) better(place int) int {
	for place--; place >= 0; place-- {
		if c := s.Cuts[place]; c.Above != nil || c.AtLeast != nil {
			return place
		}
	}
	return -1
}

// way finds the least of an action that is enough, doubling first and halving then.
func (m *Model) way(f *Facts, at time.Time, a *action, reaches func(float64) bool) (Way, bool) {
	try := func(steps float64) float64 { return m.Total(f.after(a, steps*a.step, at), at) }
	low, high := 0.0, 1.0
	for !reaches(try(high)) {
		if low, high = high, 2*high; low*a.step >= a.most {
			return Way{}, false
		}
	}
	for high-low > 1 {
		if middle := math.Floor((low + high) / 2); reaches(try(middle)) {
			high = middle
		} else {
			low = middle
		}
	}
	n := high * a.step
	return Way{Action: a.id, Amount: n, Total: try(high), Text: a.words(n)}, n <= a.most
}

// after returns the facts as they would be after the action.
func (f *Facts) after(a *action, n float64, at time.Time) *Facts {
	out := f.clone()
	out.change(a.add, func(old float64) float64 { return old + n })
	out.change(a.count, func(old float64) float64 { return old + 1 })
	out.change(a.zero, func(float64) float64 { return 0 })
	out.change(a.raise, func(old float64) float64 { return max(old, n) })
	if a.event != "" && out.has("activities") {
		v, _ := f.Get("activities")
		events := v.Events[:len(v.Events):len(v.Events)]
		for range int(n) {
			events = append(events, Event{At: at, Type: a.event})
		}
		out.SetEvents("activities", events, "", at)
	}
	return out
}

// has reports whether the facts' schema has the field.
func (f *Facts) has(name string) bool {
	_, _, ok := f.schema.Lookup(name)
	return ok
}

// change sets numbers by their old values; what is missing was 0.
func (f *Facts) change(names []string, to func(old float64) float64) {
	for _, name := range names {
		old, _ := f.Get(name)
		f.SetNumber(name, to(old.Number), "", time.Time{})
	}
}

// Sentence says it for chat: "再消费 12,000 元或参加 1 次活动即可升至 A". lang is as for Result.Sentences.
func (l Lift) Sentence(lang string) string {
	var ways []string
	chat := languageOf(lang)
	for _, w := range l.Ways {
		ways = append(ways, w.Text.in(chat))
	}
	switch {
	case len(ways) == 0 && chat.chinese:
		return "距 " + l.Tier + " 还差 " + decimal(l.Gap) + " 分"
	case len(ways) == 0:
		return decimal(l.Gap) + " points are missing to " + l.Tier
	case chat.chinese:
		return strings.Join(ways, "或") + "即可升至 " + l.Tier
	}
	return strings.Join(ways, " or ") + " would lift to " + l.Tier
}

// grouped writes a whole number with commas: "12,000".
func grouped(v float64) string {
	digits := strconv.FormatFloat(v, 'f', 0, 64)
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	return digits
}
