package validate

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
)

// Draft is a suggested point model. It is for a person to review: outcomes say what went together, not what caused what, and a field that
// is filled in after the sale predicts it perfectly and is worth nothing.
type Draft struct {
	Rules    []PointRule
	Cases    int // of the data it was learned from
	Won      int
	Suspects []Suspect // what a reviewer must look at
}

// Suspect is a field that tells the outcome nearly by itself: perhaps it is filled in after the sale.
type Suspect struct {
	Field string
	AUC   float64 // from 0.5 to 1
}

// PointRule is one rule of a draft: field >= At, field < At or field == Text adds Points.
type PointRule struct {
	Field  string
	Op     string // ">=", "<", "=="
	At     float64
	Text   string
	Points int
	N, Won int // customers that it matched in the data, and how many of them were won
}

// ErrNoSignal is reported where no field goes with the outcome enough for a single point.
var ErrNoSignal = errors.New("no field tells won from lost")

// Suggestion says how a draft is made.
type Suggestion struct {
	Total int     // the points that the best customer gets; 100 if 0
	C     float64 // how freely weights follow the data; 0.3 if 0, see FitLogistic
	MinN  int     // texts of fewer customers get no rule; 30 if 0
	Steps int     // thresholds per number; 4 if 0
}

// suspicious is the AUC of one field alone from which on it is more likely a leak than a finding.
const suspicious = 0.93

// Suggest learns a draft. Numbers get thresholds at quantiles, rounded to two digits, and points only ever rise along the direction in which the
// field goes with winning; texts get points by value. A missing value brings nothing. Weights come from a logistic regression whose threshold
// weights are held at or above 0 and which draws all weights to 0 as far as the data do not speak against it.
func Suggest(t Table, won []bool, s Suggestion) (Draft, error) {
	if err := enough(won); err != nil {
		return Draft{}, err
	}
	if t.len() != len(won) {
		return Draft{}, fmt.Errorf("%d rows, %d outcomes: %w", t.len(), len(won), ErrCase)
	}
	s.Total, s.C, s.MinN, s.Steps = cmp.Or(s.Total, 100), cmp.Or(s.C, 0.3), cmp.Or(s.MinN, 30), cmp.Or(s.Steps, 4)
	d := Draft{Cases: len(won)}
	for _, w := range won {
		if w {
			d.Won++
		}
	}
	candidates := d.candidates(t, won, s)
	weights := monotone(candidates, won, s.C)
	if d.points(candidates, weights, s.Total); len(d.Rules) == 0 {
		return Draft{}, fmt.Errorf("%d customers, %d won: %w", d.Cases, d.Won, ErrNoSignal)
	}
	return d, nil
}

// candidate is a rule that may get points, with the rows that it matches.
type candidate struct {
	PointRule
	rows []int
	free bool // may take points away
}

func (d *Draft) candidates(t Table, won []bool, s Suggestion) []candidate {
	var out []candidate
	for _, c := range t.Numbers {
		auc := c.auc(won)
		d.suspect(c.Field, auc.Value)
		if auc.TooFew {
			continue
		}
		rising := auc.Value >= 0.5
		for _, at := range c.thresholds(s.Steps) {
			r := candidate{PointRule: PointRule{Field: c.Field, Op: ">=", At: at}}
			if !rising {
				r.Op = "<"
			}
			for i, v := range c.Values {
				if v >= at == rising && !math.IsNaN(v) {
					r.rows = append(r.rows, i)
				}
			}
			out = append(out, r)
		}
	}
	for _, c := range t.Categories {
		of, names := c.levels()
		for _, name := range names {
			if rows := of[name]; len(rows) >= s.MinN && len(rows) <= len(won)-s.MinN {
				out = append(out, candidate{PointRule{Field: c.Field, Op: "==", Text: name}, rows, true})
			}
		}
	}
	for i := range out {
		out[i].N = len(out[i].rows)
		for _, row := range out[i].rows {
			if won[row] {
				out[i].Won++
			}
		}
	}
	return out
}

func (d *Draft) suspect(field string, auc float64) {
	if max(auc, 1-auc) >= suspicious {
		d.Suspects = append(d.Suspects, Suspect{field, max(auc, 1-auc)})
	}
}

// points scales the weights so that the best customer gets total, and drops rules without a whole point.
func (d *Draft) points(candidates []candidate, weights []float64, total int) {
	best, perText := 0.0, map[string]float64{}
	for k, r := range candidates {
		if r.free {
			perText[r.Field] = max(perText[r.Field], weights[k])
		} else {
			best += weights[k]
		}
	}
	for _, k := range sortedFields(perText) {
		best += perText[k]
	}
	if best <= 0 {
		return
	}
	for k, r := range candidates {
		if r.Points = int(math.Round(weights[k] / best * float64(total))); r.Points != 0 {
			d.Rules = append(d.Rules, r.PointRule)
		}
	}
}

func sortedFields(m map[string]float64) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// Scores are the points that the draft gives each row; a score below 0 is possible before a model's floor.
func (d Draft) Scores(t Table) []float64 {
	out := make([]float64, t.len())
	for _, r := range d.Rules {
		for _, c := range t.Numbers {
			for i, v := range c.Values {
				if c.Field == r.Field && (r.Op == ">=" && v >= r.At || r.Op == "<" && v < r.At) {
					out[i] += float64(r.Points)
				}
			}
		}
		for _, c := range t.Categories {
			for i, v := range c.Values {
				if c.Field == r.Field && r.Op == "==" && v == r.Text {
					out[i] += float64(r.Points)
				}
			}
		}
	}
	return out
}
