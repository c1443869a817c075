package scoring

import "time"

// Total returns the same number as Score(f, at).Total, without its explanation and without allocating (unless f was made by
// another schema than the model's, which costs a copy). at is the instant of scoring, used by days_since.
func (m *Model) Total(f *Facts, at time.Time) float64 {
	if f == nil || f.schema != m.schema {
		f = f.in(m.schema)
	}
	return points(m.total(f, float64(at.UnixMilli())))
}

// total is the capped total in thousandths, of facts laid out for the model's schema.
func (m *Model) total(f *Facts, now float64) int64 {
	var total int64
	for i := range m.dimensions {
		d := &m.dimensions[i]
		if f.odd {
			total += min(d.slowTotal(&f.cells, now), d.cap)
		} else {
			total += min(d.fast.total(&f.cells, now), d.cap)
		}
	}
	return min(max(total, m.floor), m.cap)
}

// slowTotal compares texts as texts; it is for customers of whom some text has no code.
func (d *dimension) slowTotal(c *cells, at float64) int64 {
	var sum int64
	for i := range d.rules {
		sum += d.rules[i].gain(c, at)
	}
	for _, g := range d.gains {
		sum += g(c, at)
	}
	return sum
}

// Score returns the total and what it is made of. Facts of another schema are taken by their fields' ids.
//
// Contributions stand in the order of the model, a dimension's rules before its indicators. Caps are applied to the last
// ones: when a dimension brings more than its cap, its last positive contributions lose points until it fits, then the same
// is done over all dimensions for the total's cap; when the total would be below the model's floor, the last negative contributions are
// made smaller. What was cut says so (Capped, Raw), so the points add up to the total.
func (m *Model) Score(f *Facts, at time.Time) Result {
	f = f.in(m.schema)
	w := writer{facts: f, now: float64(at.UnixMilli())}
	for i := range m.dimensions {
		w.dimension(&m.dimensions[i])
	}
	fit(w.parts, m.floor, m.cap)
	return w.result(m, at)
}

// part is a contribution on its way into a result.
type part struct {
	dimension   int
	about       *about
	points, raw int64
	max         int64 // 0 for a rule
	fresh       int64 // of a rule over events: before decay
	value       string
}

// writer gathers the parts of a result.
type writer struct {
	facts   *Facts
	now     float64
	parts   []part
	missing []Missing
	index   int
}

func (w *writer) dimension(d *dimension) {
	first := len(w.parts)
	for i := range d.rules {
		if r := &d.rules[i]; r.test(&w.facts.cells, w.now) {
			w.rule(r)
		}
	}
	for i := range d.about {
		w.indicator(d, i)
	}
	fit(w.parts[first:], -noCap, d.cap)
	w.index++
}

func (w *writer) rule(r *rule) {
	p := part{dimension: w.index, about: &r.about, points: r.points, raw: r.points}
	if r.events != nil {
		t := r.events(&w.facts.cells, w.now)
		if t.events == 0 {
			return
		}
		p.points, p.raw, p.fresh, p.value = t.points, t.uncapped, t.undecayed, t.value()
	}
	w.parts = append(w.parts, p)
}

func (w *writer) indicator(d *dimension, i int) {
	a := &d.about[i]
	value, known := a.known(&w.facts.cells, w.now)
	if !known {
		w.missing = append(w.missing, Missing{Rule: a.about.id, Name: a.about.name, NameEN: a.about.english, Dimension: d.id, Text: a.about.words})
		return
	}
	p := d.gains[i](&w.facts.cells, w.now)
	w.parts = append(w.parts, part{dimension: w.index, about: &a.about, points: p, raw: p, max: a.max, value: value})
}

// fit cuts the last parts until their sum lies between low and high.
func fit(parts []part, low, high int64) {
	var sum int64
	for _, p := range parts {
		sum += p.points
	}
	over, under := max(sum-high, 0), max(low-sum, 0)
	for i := len(parts) - 1; i >= 0 && over+under > 0; i-- {
		p := &parts[i].points
		down, up := min(over, max(*p, 0)), min(under, max(-*p, 0))
		*p += up - down
		over, under = over-down, under-up
	}
}

func (w *writer) result(m *Model, at time.Time) Result {
	r := Result{Model: m.version, At: milliseconds(at), Missing: w.missing, TooLittle: !m.Enough(w.facts, at)}
	sums := make([]struct{ points, raw int64 }, len(m.dimensions))
	var total int64
	for _, p := range w.parts {
		sums[p.dimension].points += p.points
		sums[p.dimension].raw += p.raw
		total += p.points
		r.Contributions = append(r.Contributions, p.contribution(w.facts, m.dimensions[p.dimension].id))
	}
	r.Total = points(total)
	for i, d := range m.dimensions {
		s := DimensionScore{ID: d.id, Name: d.name, NameEN: d.english, Points: points(sums[i].points), Raw: points(sums[i].raw)}
		if d.cap != noCap {
			s.Cap = points(d.cap)
		}
		r.Dimensions = append(r.Dimensions, s)
	}
	return r
}
