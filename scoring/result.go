package scoring

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// Result is a score and everything it is made of.
type Result struct {
	Model         string           `json:"model" bson:"model"` // name@hash, so that an old score can still be explained
	At            time.Time        `json:"at" bson:"at"`       // the instant of scoring, UTC, milliseconds
	Total         float64          `json:"total" bson:"total"` // whole thousandths
	Contributions []Contribution   `json:"contributions,omitempty" bson:"contributions,omitempty"`
	Dimensions    []DimensionScore `json:"dimensions,omitempty" bson:"dimensions,omitempty"`
	Missing       []Missing        `json:"missing,omitempty" bson:"missing,omitempty"`       // indicators without data
	TooLittle     bool             `json:"too_little,omitempty" bson:"too_little,omitempty"` // less is known than the model asks for
}

// Contribution is what one rule or indicator gave. Points of a result, added as thousandths, are its Total; see Sum.
type Contribution struct {
	Rule      string     `json:"rule" bson:"rule"` // the stable id in the model
	Name      string     `json:"name" bson:"name"`
	NameEN    string     `json:"name_en,omitempty" bson:"name_en,omitempty"`   // where the model says one
	Dimension string     `json:"dimension" bson:"dimension"`                   // the dimension's id
	Points    float64    `json:"points" bson:"points"`                         // what counts, after caps
	Raw       float64    `json:"raw,omitempty" bson:"raw,omitempty"`           // before caps
	Fresh     float64    `json:"fresh,omitempty" bson:"fresh,omitempty"`       // before decay, where age took something away
	Max       float64    `json:"max,omitempty" bson:"max,omitempty"`           // the most that an indicator can give; absent for a rule
	Capped    bool       `json:"capped,omitempty" bson:"capped,omitempty"`     // a cap changed Raw to Points
	Value     string     `json:"value,omitempty" bson:"value,omitempty"`       // the value it follows from: "1200"
	Source    string     `json:"source,omitempty" bson:"source,omitempty"`     // who said so; several are joined by "+"
	At        time.Time  `json:"at,omitzero" bson:"at,omitempty"`              // when; the latest of several
	Text      Words      `json:"text,omitzero" bson:"text,omitempty"`          // what was asked of the value
	Evidence  []Evidence `json:"evidence,omitempty" bson:"evidence,omitempty"` // each field that it read
}

// Called is what the rule or indicator is called: "en" in English, where the model says no name by what it looks at, else in Chinese.
func (c Contribution) Called(lang string) string { return called(lang, c.Name, c.NameEN, c.Text) }

// Called is what the indicator is called, as Contribution.Called.
func (m Missing) Called(lang string) string { return called(lang, m.Name, m.NameEN, m.Text) }

// Called is what the dimension is called, as Contribution.Called.
func (d DimensionScore) Called(lang string) string { return called(lang, d.Name, d.NameEN, Words{}) }

func called(lang, name, english string, text Words) string {
	if languageOf(lang).chinese {
		return name
	}
	return cmp.Or(english, text.EN, name)
}

// Words say one thing in both languages.
type Words struct {
	ZH string `json:"zh" bson:"zh"`
	EN string `json:"en" bson:"en"`
}

// Evidence is one field's value behind a contribution.
type Evidence struct {
	Field  string    `json:"field" bson:"field"` // the English id
	Name   Words     `json:"name" bson:"name"`
	Value  string    `json:"value" bson:"value"`
	Unit   string    `json:"unit,omitempty" bson:"unit,omitempty"`
	Source string    `json:"source,omitempty" bson:"source,omitempty"`
	At     time.Time `json:"at,omitzero" bson:"at,omitempty"`
	Told   bool      `json:"told,omitempty" bson:"told,omitempty"` // the contribution's Text tells the value already
}

// DimensionScore is what one dimension gave; the Points of all add up to the total, too.
type DimensionScore struct {
	ID     string  `json:"id" bson:"id"`
	Name   string  `json:"name" bson:"name"`
	NameEN string  `json:"name_en,omitempty" bson:"name_en,omitempty"` // where the model says one
	Points float64 `json:"points" bson:"points"`
	Raw    float64 `json:"raw" bson:"raw"`                     // before caps
	Cap    float64 `json:"cap,omitempty" bson:"cap,omitempty"` // 0: none of its own
}

// Missing is an indicator whose value was not known: it gave nothing, which is not the same as a value that gave 0.
type Missing struct {
	Rule      string `json:"rule" bson:"rule"`
	Name      string `json:"name" bson:"name"`
	NameEN    string `json:"name_en,omitempty" bson:"name_en,omitempty"` // where the model says one
	Dimension string `json:"dimension" bson:"dimension"`
	Text      Words  `json:"text" bson:"text"`
}

// Brief returns the result without what a replay of its facts under its model says again: the dimensions, the evidence and English of the contributions, and
// what was missing. Its contributions still add up to the total, each with its value, source and time.
func (r Result) Brief() Result {
	r.Dimensions, r.Missing = nil, nil
	r.Contributions = slices.Clone(r.Contributions)
	for i := range r.Contributions {
		r.Contributions[i].NameEN, r.Contributions[i].Text, r.Contributions[i].Evidence = "", Words{}, nil
	}
	return r
}

// Sum adds the contributions' points exactly. It equals Total in every result that Score made; a result that was read from
// elsewhere can be checked by it.
func (r Result) Sum() float64 {
	var sum int64
	for _, c := range r.Contributions {
		sum += thousandths(c.Points)
	}
	return points(sum)
}

func (p part) contribution(f *Facts, dimension string) Contribution {
	c := Contribution{
		Rule: p.about.id, Name: p.about.name, NameEN: p.about.english, Dimension: dimension,
		Points: points(p.points), Raw: points(p.raw), Max: points(p.max), Capped: p.points != p.raw,
		Text: p.about.words, Value: p.value,
	}
	if p.fresh != p.raw {
		c.Fresh = points(p.fresh)
	}
	for _, slot := range p.about.slots {
		if !f.cells.missing(slot) {
			c.Evidence = append(c.Evidence, f.evidence(slot, !slices.Contains(p.about.show, slot)))
		}
	}
	c.summarise(p.about.fact || p.value == "")
	return c
}

func (f *Facts) evidence(slot int, told bool) Evidence {
	field, v := f.schema.fields[slot], f.value(slot)
	return Evidence{
		Field: field.Name, Name: Words{field.ZH, field.EN}, Value: v.String(), Unit: field.Unit,
		Source: v.Source, At: v.At, Told: told,
	}
}

// summarise fills Value (unless an indicator computed it), Source and At from the evidence.
func (c *Contribution) summarise(value bool) {
	var values, sources []string
	for _, e := range c.Evidence {
		if !e.Told {
			values = append(values, e.Value)
		}
		if e.Source != "" && !slices.Contains(sources, e.Source) {
			sources = append(sources, e.Source)
		}
		if e.At.After(c.At) {
			c.At = e.At
		}
	}
	c.Source = strings.Join(sources, "+")
	if value {
		c.Value = strings.Join(values, ", ")
	}
}
