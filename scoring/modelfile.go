package scoring

import (
	"maps"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// modelSpec is a model as its file tells it. Its JSON form, which knows no comments and no layout, is what the version is
// made from, so fields may be added only with omitempty.
type modelSpec struct {
	Name       string
	Cap        float64
	Floor      float64 `json:",omitempty"`
	Title      string  `json:",omitempty"`
	TitleEN    string  `json:",omitempty"`
	Scope      string  `json:",omitempty"`
	Enough     string  `json:",omitempty"`
	Dimensions []dimensionSpec
	scope      *expression // which customers it is for; nil: all
	enough     *expression // who is known well enough; nil: all
}

type dimensionSpec struct {
	ID, Name   string
	NameEN     string `json:",omitempty"`
	Cap        float64
	Weight     float64
	Rules      []ruleSpec      `json:",omitempty"`
	Indicators []indicatorSpec `json:",omitempty"`
}

type ruleSpec struct {
	ID, Name, When string
	NameEN         string `json:",omitempty"`
	Add            float64
	Events         *eventSpec `json:",omitempty"`
	when           *expression
}

type indicatorSpec struct {
	ID, Name string
	NameEN   string `json:",omitempty"`
	Value    string
	Weight   float64
	Linear   *span         `json:",omitempty"`
	Log      *span         `json:",omitempty"`
	Steps    []step        `json:",omitempty"`
	Rank     *ranking      `json:",omitempty"`
	Quintile *ranking      `json:",omitempty"`
	Table    []tableEntry  `json:",omitempty"`
	Match    string        `json:",omitempty"`
	Else     float64       `json:",omitempty"`
	Spread   *Distribution `json:",omitempty"`
	value    *expression
}

// ranking says whether the lowest value is the best.
type ranking struct{ Reverse bool }

// span is where a share of 0 and a share of 1 lie.
type span struct{ From, To float64 }

type step struct{ AtLeast, Points float64 }

type tableEntry struct {
	Text  string
	Share float64
}

// maxItems bounds the rules and indicators of a model, so that scoring takes a bounded time whatever the file says.
const maxItems = 1000

func (l *loader) model(n ast.Node) modelSpec {
	m := modelSpec{Cap: 100}
	l.object(n, "a model", object{
		"name":   func(v ast.Node) { m.Name = l.modelName(v) },
		"title":  func(v ast.Node) { m.Title, m.TitleEN = l.words(v, "title") },
		"scope":  func(v ast.Node) { m.Scope, m.scope = l.expression(v, Flag) },
		"enough": func(v ast.Node) { m.Enough, m.enough = l.expression(v, Flag) },
		"cap":    func(v ast.Node) { m.Cap = l.points(v, "cap", false) },
		"floor": func(v ast.Node) {
			if m.Floor = l.points(v, "floor", true); m.Floor > 0 {
				l.at(v, "floor is the least total, at most 0")
			}
		},
		"dimensions": func(v ast.Node) {
			l.list(v, "dimensions", func(d ast.Node) { m.Dimensions = append(m.Dimensions, l.dimension(d)) })
			if len(m.Dimensions) == 0 {
				l.at(v, "a model needs at least one dimension")
			}
		},
	}, "name", "dimensions")
	return m
}

func (l *loader) modelName(n ast.Node) string {
	name := l.text(n, "name")
	if strings.ContainsAny(name, "@/\\ \t\n") || len(name) > 100 {
		l.at(n, "a model's name has no blanks, no @ and no slashes, and at most 100 bytes")
	}
	return name
}

func (l *loader) dimension(n ast.Node) dimensionSpec {
	d := dimensionSpec{Cap: -1, Weight: 1}
	if !l.object(n, "a dimension", object{
		"id":   func(v ast.Node) { d.ID = l.id(v) },
		"name": func(v ast.Node) { d.Name, d.NameEN = l.words(v, "name") },
		"cap":  func(v ast.Node) { d.Cap = l.points(v, "cap", false) },
		"weight": func(v ast.Node) {
			if d.Weight = l.number(v, "weight"); d.Weight <= 0 || d.Weight > 100 {
				l.at(v, "a dimension's weight is above 0 and at most 100")
			}
		},
		"rules": func(v ast.Node) {
			l.list(v, "rules", func(r ast.Node) { d.Rules = append(d.Rules, l.rule(r)) })
		},
		"indicators": func(v ast.Node) {
			l.list(v, "indicators", func(i ast.Node) { d.Indicators = append(d.Indicators, l.indicator(i)) })
		},
	}, "id") {
		return d
	}
	if d.Name == "" {
		d.Name = d.ID
	}
	if len(d.Rules)+len(d.Indicators) == 0 {
		l.at(n, "a dimension needs rules or indicators")
	}
	return d
}

func (l *loader) rule(n ast.Node) ruleSpec {
	var r ruleSpec
	keys := object{
		"id":   func(v ast.Node) { r.ID = l.id(v) },
		"name": func(v ast.Node) { r.Name, r.NameEN = l.words(v, "name") },
		"when": func(v ast.Node) { r.When, r.when = l.expression(v, Flag) },
		"add":  func(v ast.Node) { r.Add = l.points(v, "add", true) },
	}
	l.eventKeys(&r, keys)
	required := []string{"id", "when", "add"}
	if hasKey(n, "each") { // what counts is the events; when may narrow it down
		required = []string{"id", "add"}
	}
	l.object(n, "a rule", keys, required...)
	l.checkEvents(n, r.Events)
	return r
}

func hasKey(n ast.Node, key string) bool {
	m, ok := n.(*ast.MappingNode)
	if !ok {
		return false
	}
	for _, v := range m.Values {
		if k, ok := scalar(v.Key); ok && k == key {
			return true
		}
	}
	return false
}

// id reads the stable name of a rule, indicator or dimension; that no two are the same is checked over the whole model.
func (l *loader) id(n ast.Node) string {
	id := l.text(n, "id")
	for _, r := range id {
		if r != '_' && r != '-' && (r < '0' || r > '9') && (r < 'a' || r > 'z') {
			l.at(n, "an id has small letters a to z, digits, - and _ only")
			break
		}
	}
	if !l.ids.add(id) {
		l.at(n, "the id %q is already taken in this model", id)
	}
	return id
}

type idSet map[string]bool

func (s idSet) add(id string) bool {
	taken := s[id]
	s[id] = true
	return !taken
}

// points reads points: at most 10,000 either way, and not finer than the thousandths that scores are kept in.
func (l *loader) points(n ast.Node, what string, negative bool) float64 {
	v := l.number(n, what)
	if v > maxPoints || v < -maxPoints || v < 0 && !negative {
		least := "0"
		if negative {
			least = "-10000"
		}
		l.at(n, "%s must be points between %s and 10000", what, least)
		return 0
	}
	if float64(thousandths(v))/1000 != v {
		l.at(n, "%s has more than three decimals: points are kept in thousandths", what)
	}
	return v
}

const maxPoints = 10000

// expression reads an expression and notes each fault at its own place in the file.
func (l *loader) expression(n ast.Node, want Kind) (string, *expression) {
	text, ok := scalar(n)
	if !ok {
		l.at(n, "an expression is needed, e.g. 员工人数 > 500")
		return "", nil
	}
	e, faults := parseExpression(text, l.schema, want)
	for _, f := range faults {
		line, column := l.placeIn(n, text, f.at)
		l.add(line, column, f.what)
	}
	return text, e
}

// placeIn finds the file's place of a rune in a scalar: exactly where the scalar stands in the file as it reads, which is
// all but texts with escapes or folded lines; else the scalar's beginning.
func (l *loader) placeIn(n ast.Node, text string, at int) (line, column int) {
	line, _ = place(n)
	runes := []rune(text)
	before := string(runes[:min(at, len(runes))])
	down := strings.Count(before, "\n")
	offset := len([]rune(before[strings.LastIndexByte(before, '\n')+1:]))
	if _, block := n.(*ast.LiteralNode); block {
		line++
	}
	part := strings.TrimRight(strings.Split(text, "\n")[down], " \r")
	for start := line - 1 + down; start < len(l.lines) && start <= line+down; start++ {
		if found := strings.Index(l.lines[start], part); found >= 0 && part != "" {
			return start + 1, len([]rune(l.lines[start][:found])) + offset + 1
		}
	}
	return place(n)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
