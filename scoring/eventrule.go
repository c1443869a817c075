package scoring

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// eventSpec is the part of a rule that looks at dated events: each: which field; the rest is optional.
type eventSpec struct {
	Each     string
	Of       []string `json:",omitempty"` // the types that count; none: all
	Within   float64  `json:",omitempty"` // days; 0: ever
	Once     bool     `json:",omitempty"` // only the newest counts
	Most     float64  `json:",omitempty"` // the most points, either way; 0: no cap
	HalfLife float64  `json:",omitempty"` // days until an event counts half
	Fade     float64  `json:",omitempty"` // days until an event counts nothing
	slot     int
	field    Field
}

// tally is what a rule over events gives: its points, what these were before the rule's own cap and before decay, and
// how many events counted.
type tally struct{ points, uncapped, undecayed, events int64 }

const dayMillis = float64(24 * time.Hour / time.Millisecond)

// compile returns a function that counts; add is in thousandths.
func (s *eventSpec) compile(add float64) func(c *cells, at float64) tally {
	size, most := max(add, -add), thousandths(s.Most)
	sign := int64(1)
	if add < 0 {
		sign = -1
	}
	return func(c *cells, at float64) tally {
		var t tally
		events := c.events(s.slot)
		for i := len(events) - 1; i >= 0 && (!s.Once || t.events == 0); i-- {
			age := (at - float64(events[i].At.UnixMilli())) / dayMillis
			if age < 0 || s.Within > 0 && age > s.Within || len(s.Of) > 0 && !slices.Contains(s.Of, events[i].Type) {
				continue
			}
			t.events++
			t.undecayed += portion(1, size)
			t.uncapped += portion(s.decay(age), size)
		}
		t.points = t.uncapped
		if most > 0 {
			t.points = min(t.points, most)
		}
		return tally{sign * t.points, sign * t.uncapped, sign * t.undecayed, t.events}
	}
}

// decay is what an event of this age, in days, still counts for: 1 to 0.
func (s *eventSpec) decay(age float64) float64 {
	switch {
	case s.HalfLife > 0:
		return halving(age / s.HalfLife)
	case s.Fade > 0:
		return max(1-age/s.Fade, 0)
	}
	return 1
}

// halving is 2 to the power of -x for x from 0 on, by steps that every processor rounds alike (see logarithm).
func halving(x float64) float64 {
	if x > 1000 {
		return 0
	}
	whole := int(x)
	part := float64((x - float64(whole)) * -0.6931471805599453)
	sum, term := 1.0, 1.0
	for k := 1.0; k < 20; k++ {
		term = float64(term * part / k)
		sum += term
	}
	for ; whole > 0; whole-- {
		sum /= 2
	}
	return sum
}

// eventKeys reads the keys of a rule over events into s.
func (l *loader) eventKeys(r *ruleSpec, keys object) {
	s := func() *eventSpec {
		if r.Events == nil {
			r.Events = &eventSpec{}
		}
		return r.Events
	}
	keys["each"] = func(v ast.Node) { l.each(v, s()) }
	keys["of"] = func(v ast.Node) {
		l.list(v, "of", func(item ast.Node) { s().Of = append(s().Of, l.text(item, "of")) })
	}
	keys["within"] = func(v ast.Node) { s().Within = l.days(v, "within") }
	keys["once"] = func(v ast.Node) { s().Once = l.choice(v, "once", "true", "false") == "true" }
	keys["most"] = func(v ast.Node) { s().Most = l.points(v, "most", false) }
	keys["half_life"] = func(v ast.Node) { s().HalfLife = l.days(v, "half_life") }
	keys["fade"] = func(v ast.Node) { s().Fade = l.days(v, "fade") }
}

func (l *loader) each(n ast.Node, s *eventSpec) {
	s.Each = l.text(n, "each")
	f, slot, ok := l.schema.Lookup(s.Each)
	switch {
	case !ok:
		l.at(n, "unknown field %q%s", s.Each, hint(l.schema.Nearest(s.Each)))
	case f.Kind != Events:
		l.at(n, "each needs a field that is a list of events, not a %s", f.Kind)
	}
	s.slot, s.field, s.Each = slot, f, f.Name
}

// days reads a number of days above 0 and of at most a century.
func (l *loader) days(n ast.Node, what string) float64 {
	v := l.number(n, what)
	if v <= 0 || v > 36500 {
		l.at(n, "%s must be days above 0 and at most 36500", what)
		return 1
	}
	return v
}

func (l *loader) checkEvents(n ast.Node, s *eventSpec) {
	switch {
	case s == nil:
	case s.Each == "":
		l.at(n, "of, within, once, most, half_life and fade belong to each: a field that is a list of events")
	case s.HalfLife > 0 && s.Fade > 0:
		l.at(n, "a rule has either half_life or fade")
	}
}

// words say what counts: "互动（trial、login，90 天内，半衰期 30 天）".
func (s *eventSpec) words(f Field, l *language) string {
	name, days := f.EN, " days"
	if l.chinese {
		name, days = f.ZH, " 天"
	}
	var parts []string
	say := func(zh, en string, v float64) {
		if v > 0 && l.chinese {
			parts = append(parts, zh+" "+decimal(v)+days)
		} else if v > 0 {
			parts = append(parts, en+" "+decimal(v)+days)
		}
	}
	if len(s.Of) > 0 {
		parts = append(parts, strings.Join(s.Of, l.list))
	}
	say("近", "within", s.Within)
	say("半衰期", "half-life", s.HalfLife)
	say("淡出期", "fading over", s.Fade)
	if len(parts) == 0 {
		return name
	}
	return name + l.open + strings.Join(parts, l.comma) + l.close
}

func (t tally) value() string { return strconv.FormatInt(t.events, 10) }
