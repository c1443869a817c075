package e2e_test

import (
	"fmt"

	"lingke/internal/customer"
	"lingke/scoring"
)

// checkScore: the contributions add up to the total, and the stored facts under the stored version of the model give the same score again.
func (y *year) checkScore(c customer.Customer) {
	y.t.Helper()
	m, err := y.model(c.Score.Model)
	if err != nil {
		y.t.Errorf("%s: %v", c.Name, err)
		return
	}
	facts, err := m.Schema().DecodeFacts(c.Facts)
	if err != nil {
		y.t.Errorf("%s: facts of %s: %v", y.at, c.Name, err)
		return
	}
	again := m.Score(facts, c.Score.At)
	if a, adjusted := c.Adjusted(c.Score.At); adjusted {
		again = m.Adjust(again, a.Adjustment, c.Score.At)
	}
	if again.Total != c.Score.Total || again.Sum() != c.Score.Total || c.Score.Sum() != c.Score.Total {
		y.t.Errorf("%s: %s has a score of %v; its parts add up to %v, its facts give %v again", y.at, c.Name, c.Score.Total, c.Score.Sum(), again.Total)
	}
	for _, part := range again.Contributions {
		if part.Name == "" || part.Points != 0 && len(part.Value) > 0 && (part.Source == "" || part.At.IsZero()) {
			y.t.Errorf("%s: %s got points from nowhere: %+v", y.at, c.Name, part)
		}
	}
}

// model is the stored version of a model, compiled from its text.
func (y *year) model(version string) (*scoring.Model, error) {
	y.modelsMu.Lock()
	defer y.modelsMu.Unlock()
	if m, known := y.models[version]; known {
		return m, nil
	}
	v, err := y.store.Model(y.t.Context(), version)
	if err != nil {
		return nil, fmt.Errorf("model %q: %w", version, err)
	}
	m, err := scoring.ParseModel(v.ID, []byte(v.Text), scoring.BuiltIn())
	if err == nil {
		y.models[version] = m
	}
	return m, err
}
