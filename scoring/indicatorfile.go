package scoring

import (
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// indicator reads one indicator: a value, the points it can bring, and one of six ways from the value to these.
func (l *loader) indicator(n ast.Node) indicatorSpec {
	i := indicatorSpec{Weight: -1}
	var field, table ast.Node
	ways := 0
	way := func(read func(ast.Node)) func(ast.Node) {
		return func(v ast.Node) { ways++; read(v) }
	}
	if !l.object(n, "an indicator", object{
		"id":       func(v ast.Node) { i.ID = l.id(v) },
		"name":     func(v ast.Node) { i.Name, i.NameEN = l.words(v, "name") },
		"value":    func(v ast.Node) { field = v },
		"weight":   func(v ast.Node) { i.Weight = l.points(v, "weight", false) },
		"linear":   way(func(v ast.Node) { i.Linear = l.span(v, "linear") }),
		"log":      way(func(v ast.Node) { i.Log = l.logSpan(v) }),
		"rank":     way(func(v ast.Node) { i.Rank = l.ranking(v, "rank") }),
		"quintile": way(func(v ast.Node) { i.Quintile = l.ranking(v, "quintile") }),
		"steps":    way(func(v ast.Node) { i.Steps = l.steps(v) }),
		"table":    way(func(v ast.Node) { table, i.Table = v, l.table(v) }),
		"match":    func(v ast.Node) { i.Match = l.choice(v, "match", "exact", "contains") },
		"else":     func(v ast.Node) { i.Else = l.share(v, "else") },
	}, "id", "value") {
		return i
	}
	if ways != 1 {
		l.at(n, "an indicator needs exactly one of linear, log, steps, rank, quintile and table")
	}
	if table == nil && (i.Match != "" || i.Else != 0) {
		l.at(n, "match and else belong to a table")
	}
	if field != nil {
		l.indicatorValue(field, table != nil, &i)
	}
	l.indicatorWeight(n, &i)
	return i
}

func (l *loader) indicatorValue(n ast.Node, table bool, i *indicatorSpec) {
	want := Number
	if table {
		want = Text
	}
	i.Value, i.value = l.expression(n, want)
}

// indicatorWeight checks the most that an indicator can bring; for steps it is the highest step unless told.
func (l *loader) indicatorWeight(n ast.Node, i *indicatorSpec) {
	highest := 0.0
	for _, s := range i.Steps {
		highest = max(highest, s.Points)
	}
	switch {
	case i.Weight <= 0 && i.Steps == nil:
		l.at(n, "an indicator needs a weight above 0: the most points it can bring")
	case i.Weight < 0:
		i.Weight = highest
	case highest > i.Weight:
		l.at(n, "a step brings %s points, more than the weight %s", decimal(highest), decimal(i.Weight))
	}
}

func (l *loader) span(n ast.Node, what string) *span {
	s := &span{}
	l.object(n, what, object{
		"from": func(v ast.Node) { s.From = l.number(v, "from") },
		"to":   func(v ast.Node) { s.To = l.number(v, "to") },
	}, "to")
	if s.From == s.To {
		l.at(n, "%s needs from and to that differ", what)
	}
	return s
}

// ranking reads high (more is better) or low.
func (l *loader) ranking(n ast.Node, what string) *ranking {
	return &ranking{Reverse: l.choice(n, what, "high", "low") == "low"}
}

func (l *loader) logSpan(n ast.Node) *span {
	s := l.span(n, "log")
	if s.From < 0 || s.To < s.From {
		l.at(n, "log needs a from of at least 0 and a to above it")
	}
	return s
}

func (l *loader) steps(n ast.Node) []step {
	var out []step
	l.list(n, "steps", func(item ast.Node) {
		var s step
		l.object(item, "a step", object{
			"at_least": func(v ast.Node) { s.AtLeast = l.number(v, "at_least") },
			"points":   func(v ast.Node) { s.Points = l.points(v, "points", true) },
		}, "at_least", "points")
		if len(out) > 0 && s.AtLeast <= out[len(out)-1].AtLeast {
			l.at(item, "steps go upwards: %s is not above %s", decimal(s.AtLeast), decimal(out[len(out)-1].AtLeast))
		}
		out = append(out, s)
	})
	if len(out) == 0 {
		l.at(n, "steps needs at least one step")
	}
	return out
}

func (l *loader) table(n ast.Node) []tableEntry {
	var out []tableEntry
	entries, _ := l.entries(n, "table")
	for _, e := range entries {
		if strings.TrimSpace(e.key) == "" {
			l.at(e.keyAt, "a table's text must not be empty; else: gives the share of all others")
		}
		out = append(out, tableEntry{e.key, l.share(e.value, e.key)})
	}
	return out
}

func (l *loader) share(n ast.Node, what string) float64 {
	v := l.number(n, what)
	if v < 0 || v > 1 {
		l.at(n, "%s must be a share between 0 and 1", what)
	}
	return v
}
