package report

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"

	"lingke/scoring/validate"
)

// Validation tells whether a sample's scores are worth anything.
type Validation struct {
	Model    string             `json:"model,omitempty"`   // the version; "" for scores that were given
	Open     int                `json:"open"`              // without an outcome, left out
	Read     []string           `json:"read,omitempty"`    // the fields that the model reads and the sample tells
	Lacking  []string           `json:"lacking,omitempty"` // those that it reads and the sample does not tell
	Measured validate.Report    `json:"measured"`
	Bands    []validate.Band    `json:"bands"`
	Verdicts []validate.Verdict `json:"verdicts"`
	Best     *Best              `json:"best,omitempty"`    // nil where the facts or outcomes do not allow a fit
	Weights  []Weight           `json:"weights,omitempty"` // nil without a model, or where outcomes do not allow a fit
}

// Best is what the same facts could give: a logistic regression that learned from the first rows, measured on the others.
type Best struct {
	Learned int               `json:"learned"` // rows
	AUC     validate.Estimate `json:"auc"`
	Scores  validate.Estimate `json:"scores"` // the AUC of the sample's scores on the same other rows
}

// Weight sets a rule's points beside those that the outcomes speak for.
type Weight struct {
	Rule    string            `json:"rule"`
	Name    string            `json:"name"`
	NameEN  string            `json:"name_en,omitempty"`
	Present float64           `json:"present"`
	Fitted  float64           `json:"fitted"` // on the scale of the present ones; no claim where TooFew
	With    validate.Estimate `json:"with"`   // conversion of those whom the rule gave something
	Without validate.Estimate `json:"without"`
	TooFew  bool              `json:"too_few,omitempty"`
}

// Options are what Validate has to know.
type Options struct {
	Edges         []float64 // of the score bands; the sample's fifths if nil
	Probabilities bool      // the scores are probabilities
	Learn         float64   // share of the rows that the fit learns from, in the sample's order; 0.7 if 0
	Seed          uint64    // of the intervals by resampling
}

// Validate measures a sample. Too few outcomes are no error: the figures say so. validate.ErrCase for scores that are no probabilities where they are said to be.
func Validate(s *Sample, o Options) (Validation, error) {
	v := Validation{Model: s.Model, Open: s.Open}
	v.Read, v.Lacking = s.told()
	var err error
	if v.Measured, err = validate.Measure(s.Cases, validate.Options{Probabilities: o.Probabilities, Seed: o.Seed}); err != nil {
		return v, err
	}
	v.Bands = validate.Bands(s.Cases, edges(s.Cases, o.Edges), o.Seed)
	v.Verdicts = validate.Verdicts(v.Bands)
	if v.Best, err = best(s, o.Learn); err != nil {
		return v, err
	}
	v.Weights, err = weights(s)
	return v, err
}

// edges are those given, else the fifths of the scores.
func edges(cases []validate.Case, given []float64) []float64 {
	if given != nil {
		return given
	}
	scores := make([]float64, len(cases))
	for i, c := range cases {
		scores[i] = c.Score
	}
	var out []float64
	for _, cut := range validate.QuintileCuts(scores) {
		if !math.IsNaN(cut) {
			out = append(out, short(cut))
		}
	}
	return slices.Compact(out)
}

// short is a number with three digits, as people read an edge.
func short(v float64) float64 {
	n, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 3, 64), 64)
	if err != nil {
		return v
	}
	return n
}

// best is nil where there is nothing to learn from.
func best(s *Sample, learn float64) (*Best, error) {
	if learn <= 0 || learn >= 1 {
		learn = 0.7
	}
	n := int(math.Floor(learn * float64(len(s.Cases))))
	if n == 0 || len(s.Table.Numbers)+len(s.Table.Categories) == 0 {
		return nil, nil //nolint:nilnil // nothing to learn from is no error
	}
	encoder := validate.NewEncoder(s.Table.Rows(0, n))
	fit, err := validate.FitLogistic(encoder.Encode(s.Table.Rows(0, n)), s.outcomes()[:n], 1)
	if errors.Is(err, validate.ErrOutcomes) {
		return nil, nil //nolint:nilnil // too few is an answer
	}
	if err != nil {
		return nil, fmt.Errorf("fit the outcomes: %w", err)
	}
	rest := slices.Clone(s.Cases[n:])
	for i, row := range encoder.Encode(s.Table.Rows(n, len(s.Cases))) {
		rest[i].Score = fit.Probability(row)
	}
	return &Best{Learned: n, AUC: validate.AUC(rest), Scores: validate.AUC(s.Cases[n:])}, nil
}

// minMatched is how many customers a rule must have given something, and how many not, for a claim about it.
const minMatched = 30

// weights fits what the rules gave to the outcomes, and scales the weights so that those that bring something add up to what they bring today.
func weights(s *Sample) ([]Weight, error) {
	if len(s.Rules) == 0 {
		return nil, nil
	}
	rows, won := make([][]float64, len(s.Cases)), s.outcomes()
	for i := range rows {
		rows[i] = make([]float64, len(s.Rules))
		for k, r := range s.Rules {
			if r.Present != 0 {
				rows[i][k] = r.Points[i] / r.Present
			}
		}
	}
	fit, err := validate.FitLogistic(rows, won, 1)
	if errors.Is(err, validate.ErrOutcomes) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("fit the rules: %w", err)
	}
	present, fitted := 0.0, 0.0
	for k, r := range s.Rules {
		present, fitted = present+max(r.Present, 0), fitted+max(fit.Weights[k], 0)
	}
	out := make([]Weight, len(s.Rules))
	for k, r := range s.Rules {
		out[k] = weight(r, won)
		if fitted > 0 {
			out[k].Fitted = math.Round(fit.Weights[k]*present/fitted*10) / 10
		}
	}
	return out, nil
}

func weight(r Rule, won []bool) Weight {
	var hits, n [2]int
	for i, points := range r.Points {
		side := 0
		if points != 0 {
			side = 1
		}
		n[side]++
		if won[i] {
			hits[side]++
		}
	}
	return Weight{
		Rule: r.ID, Name: r.Name, NameEN: r.NameEN, Present: r.Present, With: validate.Proportion(hits[1], n[1]), Without: validate.Proportion(hits[0], n[0]),
		TooFew: n[1] < minMatched || n[0] < minMatched,
	}
}
