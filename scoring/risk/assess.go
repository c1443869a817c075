package risk

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"lingke/scoring"
)

// Rules are the thresholds of one tier or product line. A threshold of 0 switches its rule off.
type Rules struct {
	SilentDays    int     // no order for so many days, and no push opened meanwhile
	WithoutPushes bool    // the former holds too where no push was sent; else it takes one that stayed unopened
	PeriodDays    int     // the length of the two periods that are compared
	Drop          float64 // 0.5: orders fell by at least half against the previous period
	MinOrders     int     // of the previous period: fewer say too little
	HintDays      int     // how long a hint counts, as a signal and as a cause
	Own           Alert
}

// Alert is when the own rhythm speaks up.
type Alert struct {
	Probability float64 // stated: no purchase in the next Horizon days
	Horizon     float64 // days
	Overdue     float64 // only where at most this share of the customer's intervals lasts longer than the silence
}

// DefaultRules are the shipped ones.
func DefaultRules() Rules {
	return Rules{
		SilentDays: 180, WithoutPushes: true, PeriodDays: 90, Drop: 0.5, MinOrders: 2, HintDays: 90,
		Own: Alert{Probability: 0.8, Horizon: 90, Overdue: 0.8},
	}
}

// The rules' ids.
const (
	SilentRule     = "silent"
	DropRule       = "drop"
	CompetitorRule = "competitor"
	LeftRule       = "left"
	RhythmRule     = "rhythm"
)

// Signal is one warning with what it rests on.
type Signal struct {
	Rule        string             `json:"rule" bson:"rule"`
	Cause       Cause              `json:"cause" bson:"cause"`                                 // the weightiest that is known
	Probability float64            `json:"probability,omitempty" bson:"probability,omitempty"` // the rhythm's: of no purchase in the next Horizon days
	Anchor      string             `json:"anchor" bson:"anchor"`                               // what it began with; the same while the same silence goes on
	Text        scoring.Words      `json:"text" bson:"text"`
	Evidence    []scoring.Evidence `json:"evidence" bson:"evidence"`
}

// Assess returns the signals at an instant, whose time zone decides what a day is. m is nil where no rhythm could be fitted; then only the
// fixed rules speak. A customer that never ordered is no customer yet and can only be at risk by a hint.
func Assess(b Behaviour, r Rules, m *Rhythm, at time.Time) []Signal {
	a := assessment{Behaviour: b.until(at), rules: r, at: at}
	a.causes()
	var out []Signal
	for _, look := range []func() (Signal, bool){a.named, a.left, a.silent, a.dropped, func() (Signal, bool) { return a.rhythm(m) }} {
		if s, ok := look(); ok {
			out = append(out, s)
		}
	}
	return out
}

type assessment struct {
	Behaviour
	rules Rules
	at    time.Time
	cause Cause
	why   []scoring.Evidence
}

// causes finds the weightiest cause among the hints that still count, and keeps the latest hint of it as evidence.
func (a *assessment) causes() {
	a.cause = Silence
	for _, cause := range []Cause{Competitor, Service, Price} {
		for _, h := range slices.Backward(a.Hints) {
			if h.Cause == cause && a.days(h.At) <= a.rules.HintDays {
				a.cause, a.why = cause, []scoring.Evidence{h.evidence()}
				return
			}
		}
	}
}

func (h Hint) evidence() scoring.Evidence {
	return scoring.Evidence{
		Field: "hint_" + string(h.Cause), Name: scoring.Words{ZH: h.Cause.Chinese() + "线索", EN: string(h.Cause) + " hint"},
		Value: h.Text, Source: h.Source, At: h.At,
	}
}

// days is the number of calendar days since t.
func (a *assessment) days(t time.Time) int {
	return dayNumber(a.at, a.at.Location()) - dayNumber(t, a.at.Location())
}

func (a *assessment) signal(rule, anchor string, text scoring.Words, evidence ...scoring.Evidence) (Signal, bool) {
	return Signal{Rule: rule, Cause: a.cause, Anchor: anchor, Text: text, Evidence: append(evidence, a.why...)}, true
}

// lastOrder is the order that a silence began with.
func (a *assessment) lastOrder() (Order, string) {
	o := a.Orders[len(a.Orders)-1]
	return o, "order " + o.At.In(a.at.Location()).Format(time.DateOnly)
}

func number(field, zh, en, unit string, value float64, o Order) scoring.Evidence {
	return scoring.Evidence{
		Field: field, Name: scoring.Words{ZH: zh, EN: en}, Unit: unit, Source: o.Source, At: o.At,
		Value: strconv.FormatFloat(math.Round(value*1000)/1000, 'f', -1, 64),
	}
}

func (a *assessment) named() (Signal, bool) {
	if a.cause != Competitor {
		return Signal{}, false
	}
	h := a.why[0]
	text := quoting("提到竞品", "competitor named", h.Value)
	return a.signal(CompetitorRule, "hint "+h.At.UTC().Format(time.RFC3339), text)
}

// left is that the customer ended the contact: it deleted the sales person in WeCom.
func (a *assessment) left() (Signal, bool) {
	for _, h := range slices.Backward(a.Hints) {
		if h.Left && a.days(h.At) <= a.rules.HintDays {
			text := quoting("客户主动断开联系", "the customer ended the contact", h.Text)
			return a.signal(LeftRule, "left "+h.At.UTC().Format(time.RFC3339), text, h.evidence())
		}
	}
	return Signal{}, false
}

// quoting says something with the words in which it was told, where there are any.
func quoting(zh, en, words string) scoring.Words {
	if words == "" {
		return scoring.Words{ZH: zh, EN: en}
	}
	return scoring.Words{ZH: zh + "：" + words, EN: en + ": " + words}
}

// silent is the fixed rule: no order for so long, and what was sent meanwhile stayed unopened.
func (a *assessment) silent() (Signal, bool) {
	if a.rules.SilentDays <= 0 || len(a.Orders) == 0 {
		return Signal{}, false
	}
	last, anchor := a.lastOrder()
	sent, opened := 0, 0
	for _, p := range a.Pushes {
		if p.Opened.After(last.At) {
			opened++
		}
		if p.Sent.After(last.At) {
			sent++
		}
	}
	days := a.days(last.At)
	if days < a.rules.SilentDays || opened > 0 || sent == 0 && !a.rules.WithoutPushes {
		return Signal{}, false
	}
	text := scoring.Words{ZH: fmt.Sprintf("%d 天未下单，推送 %d 条未打开", days, sent), EN: fmt.Sprintf("no order for %d days, %d pushes unopened", days, sent)}
	if sent == 0 {
		text = scoring.Words{ZH: fmt.Sprintf("%d 天未下单，期间未发送推送", days), EN: fmt.Sprintf("no order for %d days, no push sent", days)}
	}
	return a.signal(SilentRule, anchor, text, number("days_since_order", "距上次下单天数", "days since last order", "天", float64(days), last),
		number("pushes_unopened", "未打开推送数", "pushes unopened", "条", float64(sent), Order{}))
}

// dropped compares the orders of the last period with those of the one before.
func (a *assessment) dropped() (Signal, bool) {
	if a.rules.Drop <= 0 || a.rules.PeriodDays <= 0 || len(a.Orders) == 0 {
		return Signal{}, false
	}
	now, before := 0, 0
	for _, o := range a.Orders {
		switch days := a.days(o.At); {
		case days < a.rules.PeriodDays:
			now++
		case days < 2*a.rules.PeriodDays:
			before++
		}
	}
	if before < max(a.rules.MinOrders, 1) || float64(before-now) < a.rules.Drop*float64(before) {
		return Signal{}, false
	}
	last, anchor := a.lastOrder()
	share, period := 100*float64(before-now)/float64(before), a.rules.PeriodDays
	text := scoring.Words{
		ZH: fmt.Sprintf("近 %d 天下单 %d 次，前 %d 天 %d 次，下降 %.0f%%", period, now, period, before, share),
		EN: fmt.Sprintf("orders in the last %d days: %d, in the %d before: %d, down %.0f%%", period, now, period, before, share),
	}
	return a.signal(DropRule, anchor, text, number("orders_period", "本期订单数", "orders this period", "单", float64(now), last),
		number("orders_previous", "上期订单数", "orders of the previous period", "单", float64(before), Order{}))
}

// rhythm states the probability by the customer's own rhythm.
func (a *assessment) rhythm(m *Rhythm) (Signal, bool) {
	alert := a.rules.Own
	if m == nil || alert.Probability <= 0 || len(a.Orders) == 0 {
		return Signal{}, false
	}
	s, _ := SpellAt(a.times(), a.at)
	p := m.Quiet(s, alert.Horizon)
	if p < alert.Probability || m.Stays(s) > alert.Overdue {
		return Signal{}, false
	}
	last, anchor := a.lastOrder()
	usual := m.Usual(s.Gaps)
	text := scoring.Words{
		ZH: fmt.Sprintf("通常约 %.0f 天下单一次，已 %.0f 天未下单；未来 %.0f 天不再下单的概率 %.0f%%", usual, s.Silence, alert.Horizon, 100*p),
		EN: fmt.Sprintf("usually orders about every %.0f days, silent for %.0f: no order in the next %.0f days with a probability of %.0f%%", usual, s.Silence, alert.Horizon, 100*p),
	}
	out, ok := a.signal(RhythmRule, anchor, text,
		number("days_since_order", "距上次下单天数", "days since last order", "天", s.Silence, last),
		number("usual_interval", "通常间隔", "usual interval", "天", usual, Order{}),
		number("intervals_known", "已知间隔数", "intervals known", "个", float64(len(s.Gaps)), Order{}),
		number("stopped_probability", "已流失概率", "probability of having stopped", "", m.Stopped(s), Order{}))
	out.Probability = p
	return out, ok
}

// Gravest orders signals by how much they say: a named competitor, an ended contact, the own rhythm, then the fixed rules.
func Gravest(a, b Signal) int {
	rank := map[string]int{CompetitorRule: 0, LeftRule: 1, RhythmRule: 2, DropRule: 3, SilentRule: 4}
	return cmp.Compare(rank[a.Rule], rank[b.Rule])
}
