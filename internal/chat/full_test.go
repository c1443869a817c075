package chat

import (
	"testing"

	"lingke/internal/customer"
	"lingke/scoring"
)

func TestAmountsAreToldExactly(t *testing.T) {
	t.Parallel()
	for yuan, want := range map[string]string{"120000": "120,000", "8800.5": "8,800.50", "999": "999", "1000": "1,000", "1234567.0001": "1,234,567.0001", "-120000": "-120,000"} {
		m, err := customer.ParseMoney(yuan)
		must(t, err)
		if got := grouped(m); got != want {
			t.Errorf("%s is %s, want %s", yuan, got, want)
		}
	}
}

func TestAFullScoreCannotBeRaised(t *testing.T) {
	t.Parallel()
	by := scoring.Contribution{Rule: scoring.AdjustmentRule, Points: -10}
	dims := func(raw, limit, rest float64) []scoring.DimensionScore {
		return []scoring.DimensionScore{{ID: "a", Raw: raw, Cap: limit}, {ID: "b", Raw: rest}, {ID: scoring.AdjustmentRule, Raw: 40}}
	}
	for _, tt := range []struct {
		name  string
		score scoring.Result
		want  bool
	}{
		{"below the limit", scoring.Result{Total: 85, Dimensions: dims(45, 45, 40)}, false},
		{"a dimension is full, the total is not", scoring.Result{Total: 85, Dimensions: dims(70, 45, 40)}, false},
		{"points were taken away", scoring.Result{Total: 100, Dimensions: dims(70, 45, 60)}, true},
		{"points were taken away, and it was adjusted down since", scoring.Result{Total: 90, Dimensions: dims(70, 45, 60), Contributions: []scoring.Contribution{by}}, true},
	} {
		if got := full(tt.score); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}
