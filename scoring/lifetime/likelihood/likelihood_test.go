package likelihood

import (
	"errors"
	"math"
	"slices"
	"testing"
)

// counts is the log-likelihood of 30 events in an exposure of 12, for a rate; its maximum is at 2.5 and the variance of the rate's
// logarithm is 1/30.
func counts(v []float64) float64 { return 30*math.Log(v[0]) - 12*v[0] }

func TestMaximiseFindsTheOptimumAndItsUncertainty(t *testing.T) {
	t.Parallel()
	r, err := Maximise(counts, []Parameter{{"rate", 1, 1e-3, 1e3}})
	if err != nil || math.Abs(r.Values[0]-2.5) > 1e-6 || len(r.Border) != 0 {
		t.Fatalf("%+v, %v", r, err)
	}
	if math.Abs(r.Covariance[0]-1.0/30) > 1e-4 || r.LogValue != counts(r.Values) {
		t.Errorf("%+v", r)
	}
}

func TestMaximiseNamesTheParameterAtItsBound(t *testing.T) {
	t.Parallel()
	r, err := Maximise(func(v []float64) float64 { return counts(v) - 1/v[1] }, []Parameter{{"rate", 1, 1e-3, 1e3}, {"spread", 1, 1e-3, 50}})
	if err != nil || !slices.Equal(r.Border, []string{"spread"}) || r.Covariance != nil || r.Values[1] > 50 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestMaximiseRefusesWhatHasNoMaximum(t *testing.T) {
	t.Parallel()
	if _, err := Maximise(func([]float64) float64 { return math.NaN() }, []Parameter{{"rate", 1, 1e-3, 1e3}}); !errors.Is(err, ErrSearch) {
		t.Errorf("NaN everywhere: %v", err)
	}
	if _, err := Maximise(counts, []Parameter{{"rate", 1, 2, 3}}); err == nil {
		t.Error("a start below the bounds was accepted")
	}
}
