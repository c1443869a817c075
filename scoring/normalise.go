package scoring

import (
	"math"
	"strings"
)

// gain is what a rule or an indicator brings, in thousandths of a point. A missing value brings 0.
type gain func(c *cells, at float64) int64

// compileGain compiles an indicator's way from value to points; weight is its dimension's. Where the value is a number, curve
// is the way from it to the points.
func (i *indicatorSpec) compileGain(weight float64) (g gain, curve func(x float64) int64) {
	if i.Table != nil {
		return i.tableGain(i.Weight * weight * 1000), nil
	}
	curve = i.compileCurve(weight)
	v := i.value.compileNumber(i.value.root)
	return func(c *cells, at float64) int64 { return curve(v(c, at)) }, curve
}

func (i *indicatorSpec) compileCurve(weight float64) func(x float64) int64 {
	full := i.Weight * weight * 1000
	switch {
	case i.Linear != nil:
		return i.linearCurve(full)
	case i.Log != nil:
		return i.logCurve(full)
	case i.ranks():
		return i.rankCurve(full)
	}
	return i.stepsCurve(weight)
}

// linearCurve rises (or, with from above to, falls) evenly from 0 at from to full at to.
func (i *indicatorSpec) linearCurve(full float64) func(x float64) int64 {
	from, width := i.Linear.From, i.Linear.To-i.Linear.From
	return func(x float64) int64 { return portion((x-from)/width, full) }
}

// logCurve rises by equal points for equal ratios: from 1,000 to 10,000 as much as from 10,000 to 100,000. A from of 0 has no
// ratios, so that 1 is added to the value and to both ends.
func (i *indicatorSpec) logCurve(full float64) func(x float64) int64 {
	from, to, shift := i.Log.From, i.Log.To, 0.0
	if from == 0 {
		from, to, shift = 1, to+1, 1
	}
	width := logarithm(to / from)
	return func(x float64) int64 {
		ratio := (x + shift) / from
		if !(ratio > 1) { // also NaN
			return 0
		}
		return portion(logarithm(min(ratio, math.MaxFloat64))/width, full)
	}
}

// stepsCurve brings the points of the highest step that the value reaches, 0 below the first.
func (i *indicatorSpec) stepsCurve(weight float64) func(x float64) int64 {
	steps := make([]struct {
		atLeast float64
		points  int64
	}, len(i.Steps))
	for k, s := range i.Steps {
		steps[k].atLeast, steps[k].points = s.AtLeast, thousandths(s.Points*weight)
	}
	return func(x float64) int64 {
		reached := int64(0)
		for k := range steps {
			if !(x >= steps[k].atLeast) {
				break
			}
			reached = steps[k].points
		}
		return reached
	}
}

// tableGain brings the share of the first entry whose text the value is (match: exact) or holds (match: contains); Latin
// letters match in either case.
func (i *indicatorSpec) tableGain(full float64) gain {
	type row struct {
		text   string
		points int64
	}
	rows := make([]row, len(i.Table))
	for k, e := range i.Table {
		rows[k] = row{e.Text, portion(e.Share, full)}
	}
	otherwise := portion(i.Else, full)
	matches := strings.EqualFold
	if i.Match == "contains" {
		matches = containsFold
	}
	v := i.value.compileText(i.value.root)
	return func(c *cells, at float64) int64 {
		s, missing := v(c, at)
		if missing {
			return 0
		}
		for k := range rows {
			if matches(s, rows[k].text) {
				return rows[k].points
			}
		}
		return otherwise
	}
}

// containsFold is strings.Contains without regard to the case of ASCII letters, and without allocation.
func containsFold(s, part string) bool {
	for start := 0; start+len(part) <= len(s); start++ {
		if equalASCIIFold(s[start:start+len(part)], part) {
			return true
		}
	}
	return false
}

func equalASCIIFold(a, b string) bool {
	for i := range len(a) {
		x, y := lower(a[i]), lower(b[i])
		if x != y {
			return false
		}
	}
	return true
}

func lower(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		return b + 'a' - 'A'
	}
	return b
}
