package scoring

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"
)

// Model is a compiled scoring model: dimensions of rules and indicators. It is immutable and safe for concurrent use.
type Model struct {
	name, version string
	schema        *Schema
	floor, cap    int64 // of the total
	dimensions    []dimension
	scope, enough test // nil: all customers
	spec          modelSpec
}

type dimension struct {
	id, name string
	english  string
	cap      int64
	rules    []rule
	gains    []gain      // of the indicators
	about    []indicator // what Score says about each gain
	fast     fast        // the same rules and indicators, arranged for Total
}

type rule struct {
	test   test
	points int64
	events func(c *cells, at float64) tally // nil for a rule that adds once
	about  about
}

// gain is what the rule gives, before caps beyond its own.
func (r *rule) gain(c *cells, at float64) int64 {
	if !r.test(c, at) {
		return 0
	}
	if r.events != nil {
		return r.events(c, at).points
	}
	return r.points
}

type indicator struct {
	about about
	max   int64
	known func(c *cells, at float64) (value string, ok bool)
}

// about is what an explanation says of a rule or indicator.
type about struct {
	id, name string
	english  string // name in English; "" where the file says none
	words    Words
	slots    []int // the fields it reads
	show     []int // those whose values the words do not tell already
	fact     bool  // the value is one field's, as it is
}

// ParseModel reads a model from YAML (at most 1 MiB) whose expressions use the fields of s, and compiles it. The error joins
// every problem as a ProblemError with file, line and column; file is only used there. The format:
//
//	name: default            # no blanks; the version is name@hash of what the model says
//	cap: 100                 # the total lies between floor and this
//	floor: 0                 # 0 if absent; -10000 for a total that is simply what all bring and take away
//	dimensions:
//	  - id: value            # ids are unique in the model: a-z, 0-9, -, _
//	    name: 价值             # what people read is one text, or {zh: 价值, en: Value} for readers of either language
//	    cap: 40              # the most that the dimension brings; without it only the total's cap holds
//	    weight: 1            # every point below counts times this; 1 if absent
//	    rules:
//	      - {id: big, name: 大客户, when: "近一年消费额 > 100000", add: 30}     # add may be negative
//	      # Once for each dated event of a field; of these types, at most so old (days), counting half after half_life days or
//	      # nothing after fade days; all together at most so many points. once: only the newest counts.
//	      - {id: trial, each: activities, of: [trial], add: 3, within: 90, half_life: 30, most: 12}
//	    indicators:
//	      - {id: nps, value: nps, weight: 4, linear: {from: 0, to: 10}}       # weight: the most points it brings
//	      - {id: acv, value: potential_acv, weight: 8, log: {from: 0, to: 1000000}}
//	      - {id: orders, value: "order_count_total - 1", steps: [{at_least: 1, points: 2}, {at_least: 5, points: 6}]}
//	      - {id: where, value: region, weight: 6, table: {华东: 1, 华南: 0.8}, match: exact, else: 0.2}
//	      - {id: amount, value: 近一年消费额, weight: 40, rank: high}        # its rank among all: see WithDistributions
//	      - {id: recency, value: 距上次下单天数, weight: 5, quintile: low}   # its fifth among all; low: few is better
//	scope: 地区 == "华东"                    # a pilot: which customers the model is for; absent: all
//	enough: has(近一年消费额)                # who is known well enough for a score to mean something; absent: all
//
// Unknown keys, double keys, anchors and tags are problems.
func ParseModel(file string, text []byte, s *Schema) (*Model, error) {
	clean := strings.ReplaceAll(strings.TrimPrefix(string(text), "\ufeff"), "\r\n", "\n")
	l := &loader{problems: problems{file: file}, schema: s, lines: strings.Split(clean, "\n"), ids: idSet{}}
	root := l.root([]byte(clean))
	if root == nil {
		return nil, l.err()
	}
	spec := l.model(root)
	if spec.items() > maxItems {
		l.at(root, "a model has at most %d rules and indicators", maxItems)
	}
	if err := l.err(); err != nil {
		return nil, err
	}
	return spec.compile(s)
}

func (m modelSpec) items() int {
	n := 0
	for _, d := range m.Dimensions {
		n += len(d.Rules) + len(d.Indicators)
	}
	return n
}

// Name returns the model's name.
func (m *Model) Name() string { return m.name }

// Version returns name@hash: eight hexadecimal digits over what the model says. Comments, layout and the order of keys do
// not change it.
func (m *Model) Version() string { return m.version }

// Schema returns the schema that the model was parsed for.
func (m *Model) Schema() *Schema { return m.schema }

// Fields lists the English ids of the fields that the model reads, in the order of its schema.
func (m *Model) Fields() []string {
	read := map[int]bool{}
	for _, d := range m.dimensions {
		for _, r := range d.rules {
			note(read, r.about.slots)
		}
		for _, i := range d.about {
			note(read, i.about.slots)
		}
	}
	for _, e := range []*expression{m.spec.scope, m.spec.enough} {
		if e != nil {
			note(read, e.slots)
		}
	}
	var out []string
	for slot, f := range m.schema.fields {
		if read[slot] {
			out = append(out, f.Name)
		}
	}
	return out
}

func note(read map[int]bool, slots []int) {
	for _, slot := range slots {
		read[slot] = true
	}
}

func (m modelSpec) compile(s *Schema) (*Model, error) {
	normal, err := json.Marshal(m)
	if err != nil {
		return nil, errors.Join(errors.New("model "+m.Name), err)
	}
	hash := sha256.Sum256(normal)
	out := &Model{name: m.Name, version: m.Name + "@" + hex.EncodeToString(hash[:4]), schema: s, floor: thousandths(m.Floor), cap: thousandths(m.Cap), spec: m}
	out.scope, out.enough = m.scope.testOrNil(), m.enough.testOrNil()
	for _, d := range m.Dimensions {
		out.dimensions = append(out.dimensions, d.compile())
	}
	return out, nil
}

func (d dimensionSpec) compile() dimension {
	out := dimension{id: d.ID, name: d.Name, english: d.NameEN, cap: noCap}
	if d.Cap >= 0 {
		out.cap = thousandths(d.Cap)
	}
	for _, spec := range d.Rules {
		r := spec.compile(d.Weight)
		out.rules = append(out.rules, r)
		switch {
		case r.events != nil:
			out.fast.gains = append(out.fast.gains, gainRule{r.gain, r.about.slots})
		default:
			out.fast.addRule(&spec, r.points)
		}
	}
	for _, i := range d.Indicators {
		g, curve := i.compileGain(d.Weight)
		out.gains = append(out.gains, g)
		out.fast.addIndicator(&i, d.Weight, g, curve)
		out.about = append(out.about, indicator{
			about: i.value.about(i.ID, i.Name, i.NameEN),
			max:   thousandths(i.Weight * d.Weight),
			known: i.known(),
		})
	}
	return out
}

func (r *ruleSpec) compile(weight float64) rule {
	out := rule{points: thousandths(r.Add * weight), test: func(*cells, float64) bool { return true }}
	if r.when != nil {
		out.test, out.about = r.when.compileTest(r.when.root, true), r.when.about(r.ID, r.Name, r.NameEN)
	}
	if r.Events != nil {
		r.aboutEvents(&out)
		out.events = r.Events.compile(r.Add * weight * 1000)
	}
	return out
}

// aboutEvents puts the events before the condition.
func (r *ruleSpec) aboutEvents(out *rule) {
	a, f := &out.about, r.Events.field
	words := Words{r.Events.words(f, chinese), r.Events.words(f, english)}
	if r.when != nil {
		words = Words{words.ZH + chinese.semicolon + a.words.ZH, words.EN + english.semicolon + a.words.EN}
	}
	a.id, a.name, a.english, a.words = r.ID, cmp.Or(r.Name, words.ZH), r.NameEN, words
	a.slots = append([]int{r.Events.slot}, a.slots...)
	a.show = a.slots
}

// testOrNil compiles a condition that may be absent.
func (e *expression) testOrNil() test {
	if e == nil {
		return nil
	}
	return e.compileTest(e.root, true)
}

// noCap is more than any dimension can bring: 1,000 items of at most 10,000 points with a weight of at most 100.
const noCap = maxItems * maxPoints * 100 * 1000

func (e *expression) about(id, name, nameEN string) about {
	a := about{id: id, name: name, english: nameEN, words: Words{ZH: e.words(chinese), EN: e.words(english)}, slots: e.slots, fact: e.plain()}
	if a.name == "" {
		a.name = a.words.ZH
	}
	if e.kind != Flag { // an indicator's name says more than its formula; a rule's condition says more than its name
		a.words.ZH, a.words.EN = a.name, cmp.Or(nameEN, a.words.EN)
	}
	a.show = e.untold()
	return a
}

// untold returns the fields whose value the text of the expression does not tell, or all if it tells every one.
func (e *expression) untold() []int {
	told := map[int]bool{}
	for _, slot := range e.told {
		told[slot] = true
	}
	var out []int
	for _, slot := range e.slots {
		if !told[slot] {
			out = append(out, slot)
		}
	}
	if len(out) == 0 {
		return e.slots
	}
	return out
}

// known is the value for its explanation; one that should be ranked and cannot be is not known.
func (i *indicatorSpec) known() func(c *cells, at float64) (string, bool) {
	if i.ranks() && (i.Spread == nil || len(i.Spread.Knots) == 0) {
		return func(*cells, float64) (string, bool) { return "", false }
	}
	return i.value.compileValue()
}

// compileValue compiles the value of an indicator for its explanation.
func (e *expression) compileValue() func(c *cells, at float64) (string, bool) {
	if e.kind == Text {
		v := e.compileText(e.root)
		return func(c *cells, at float64) (string, bool) {
			s, missing := v(c, at)
			return s, !missing
		}
	}
	v := e.compileNumber(e.root)
	return func(c *cells, at float64) (string, bool) {
		x := v(c, at)
		return decimal(points(thousandths(x))), x == x
	}
}
