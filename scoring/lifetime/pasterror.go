package lifetime

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"
)

// origins are the shares of the time since the first purchase after which a forecast is tried on the rest.
var origins = []float64{0.5, 0.625, 0.75}

// PastError makes the forecasts that could have been made half way and later between the first purchase of all and until, compares
// them with what came by then, and returns what Outlook.Error takes: the root mean square of log(actual / expected) over the groups, each
// weighing as many purchases as were expected of it. Group names a customer's tier by its history when the forecast was made. Nothing
// after until is looked at. Forecasts that too few customers allow are left out; with none left the error is ErrTooFew.
//
// It holds chance too, which the models' own interval holds already, so that intervals are rather too wide than too narrow: there are
// only three such forecasts, which overlap, and none of them has seen a season that is still to come.
func PastError(customers [][]Purchase, group func(History) string, until time.Time) (float64, error) {
	first := until
	for _, purchases := range customers {
		for _, p := range purchases {
			if p.At.Before(first) {
				first = p.At
			}
		}
	}
	squares, weights, made := 0.0, 0.0, 0
	for _, share := range origins {
		at := first.Add(time.Duration(share * float64(until.Sub(first)))).In(until.Location())
		t, err := tryForecast(customers, group, at, until)
		if errors.Is(err, ErrTooFew) {
			continue
		}
		if err != nil {
			return 0, fmt.Errorf("forecast at %s: %w", at.Format(time.DateOnly), err)
		}
		made++
		for _, g := range slices.Sorted(maps.Keys(t.expected)) { // a sum in another order has other last digits
			expected := t.expected[g]
			if n := t.actual[g]; n > 0 && expected > 0 {
				off := math.Log(n / expected)
				squares, weights = squares+expected*off*off, weights+expected
			}
		}
	}
	switch {
	case made == 0:
		return 0, fmt.Errorf("%w for a forecast made earlier", ErrTooFew)
	case weights == 0:
		return 0, nil
	}
	return math.Sqrt(squares / weights), nil
}

// tried is a forecast beside what came, in purchases by group.
type tried struct{ expected, actual map[string]float64 }

func tryForecast(customers [][]Purchase, group func(History) string, at, until time.Time) (tried, error) {
	type watched struct {
		group      string
		then, next History
	}
	var all []watched
	var histories []History
	for _, purchases := range customers {
		if then, ok := Summarise(purchases, at); ok {
			next, _ := Summarise(purchases, until)
			all, histories = append(all, watched{group(then), then, next}), append(histories, then)
		}
	}
	m, _, err := FitBuying(histories)
	if err != nil {
		return tried{}, err
	}
	t := tried{map[string]float64{}, map[string]float64{}}
	for _, w := range all {
		t.expected[w.group] += m.Purchases(w.then, w.next.Age-w.then.Age)
		t.actual[w.group] += float64(w.next.Repeats - w.then.Repeats)
	}
	return t, nil
}
