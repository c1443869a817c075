package httpapi

import (
	"context"
	"time"

	"lingke/internal/customer"
	"lingke/scoring"
)

// Explanation is a score with everything it is made of.
type Explanation struct {
	Customer      string         `json:"customer"`
	Name          Text           `json:"name"`
	Tier          string         `json:"tier"`
	Score         Score          `json:"score"`
	Contributions []Contribution `json:"contributions" nullable:"false"`
	Missing       []MissingValue `json:"missing" nullable:"false" doc:"Indicators without data: they gave nothing, which is not the same as 0"`
	Sentences     []Text         `json:"sentences" nullable:"false" doc:"The same in words, the weightiest first"`
}

// Contribution is what one rule or indicator gave.
type Contribution struct {
	Rule      string     `json:"rule"`
	Name      string     `json:"name"`
	Dimension string     `json:"dimension"`
	Points    float64    `json:"points" doc:"What counts, after caps"`
	Raw       float64    `json:"raw" doc:"Before caps"`
	Max       float64    `json:"max,omitempty" doc:"The most that an indicator can give; absent for a rule"`
	Capped    bool       `json:"capped,omitempty"`
	Value     Text       `json:"value,omitempty" doc:"What it follows from"`
	Source    string     `json:"source,omitempty"`
	At        time.Time  `json:"at,omitzero" required:"false"`
	Evidence  []Evidence `json:"evidence" nullable:"false"`
}

// Evidence is one field's value behind a contribution.
type Evidence struct {
	Field  string    `json:"field"`
	Name   string    `json:"name"`
	Value  Text      `json:"value"`
	Unit   string    `json:"unit,omitempty"`
	Source string    `json:"source,omitempty"`
	At     time.Time `json:"at,omitzero" required:"false"`
}

// MissingValue is an indicator without data.
type MissingValue struct {
	Rule      string `json:"rule"`
	Name      string `json:"name"`
	Dimension string `json:"dimension"`
}

type explainInput struct {
	CustomerPath
	Lang string `query:"lang" enum:"zh,en" default:"zh" doc:"Of sentences and names of values"`
}

type explainOutput struct{ Body Explanation }

func (s *server) explainCustomer(ctx context.Context, in *explainInput) (*explainOutput, error) {
	c, err := s.customer(ctx, in.CustomerPath)
	if err != nil {
		return nil, err
	}
	c.Score = s.Explain(c)
	return &explainOutput{explain(c, in.Lang)}, nil
}

func explain(c customer.Customer, lang string) Explanation {
	e := Explanation{
		Customer: c.ID, Name: Text(c.Name), Tier: c.Tier, Score: scoreOf(c.Score),
		Contributions: []Contribution{}, Missing: []MissingValue{}, Sentences: []Text{},
	}
	for _, k := range c.Score.Contributions {
		e.Contributions = append(e.Contributions, viewContribution(k, lang))
	}
	for _, m := range c.Score.Missing {
		e.Missing = append(e.Missing, MissingValue{Rule: m.Rule, Name: m.Called(lang), Dimension: m.Dimension})
	}
	for _, sentence := range c.Score.Sentences(lang) {
		e.Sentences = append(e.Sentences, Text(sentence))
	}
	return e
}

func viewContribution(k scoring.Contribution, lang string) Contribution {
	v := Contribution{
		Rule: k.Rule, Name: k.Called(lang), Dimension: k.Dimension, Points: k.Points, Raw: k.Raw, Max: k.Max, Capped: k.Capped,
		Value: Text(k.Value), Source: k.Source, At: k.At, Evidence: []Evidence{},
	}
	for _, e := range k.Evidence {
		name := e.Name.ZH
		if lang == "en" {
			name = e.Name.EN
		}
		v.Evidence = append(v.Evidence, Evidence{
			Field: e.Field, Name: name, Value: fieldText(e.Field, e.Value), Unit: e.Unit, Source: e.Source, At: e.At,
		})
	}
	return v
}
