package scoring

import (
	"cmp"
	"errors"
	"fmt"
	"strings"
	"time"
)

// AdjustmentShare is how much of a total a person may add or take away.
const AdjustmentShare = 0.2

// AdjustmentRule is the id of the contribution that an adjustment makes; no rule of a model can have it.
const AdjustmentRule = "@adjustment"

// Adjustment is a person's change of a score (requirements 002-R41). It is kept beside the customer and applied to each new
// result until it expires.
type Adjustment struct {
	Points  float64   `json:"points" bson:"points"` // positive or negative, in whole thousandths
	Reason  string    `json:"reason" bson:"reason"`
	By      string    `json:"by" bson:"by"` // the person's id
	Name    string    `json:"-" bson:"-"`   // what explanations call the person; By where it is empty
	At      time.Time `json:"at" bson:"at"`
	Expires time.Time `json:"expires" bson:"expires"`
}

// ErrAdjustment is what Check reports for an adjustment without a signature, a reason or an expiry that lies ahead.
var ErrAdjustment = errors.New("adjustment")

// BoundError is what Check reports for an adjustment beyond its bound.
type BoundError struct{ Points, Bound, Total float64 }

// Error names the bound: "adjustment of +20.1 is beyond the bound of ±20 (20 % of 100)".
func (e *BoundError) Error() string {
	return fmt.Sprintf("adjustment of %s is beyond the bound of ±%s (%s %% of %s)",
		signed(e.Points), decimal(e.Bound), decimal(AdjustmentShare*100), decimal(e.Total))
}

// AdjustmentBound returns the most points that a total may be adjusted by, either way.
func AdjustmentBound(total float64) float64 { return points(thousandths(max(total, 0)) / 5) }

// Check reports what speaks against an adjustment of this total, before adjustment, made at an instant: BoundError beyond
// the bound, ErrAdjustment for the rest.
func (a Adjustment) Check(total float64, at time.Time) error {
	switch {
	case a.Points != a.Points || thousandths(a.Points) == 0 || points(thousandths(a.Points)) != a.Points:
		return fmt.Errorf("%w: %v are no points in whole thousandths other than 0", ErrAdjustment, a.Points)
	case strings.TrimSpace(a.By) == "":
		return fmt.Errorf("%w: nobody signed it", ErrAdjustment)
	case strings.TrimSpace(a.Reason) == "":
		return fmt.Errorf("%w: it needs a reason", ErrAdjustment)
	case !a.Expires.After(at):
		return fmt.Errorf("%w: it needs an expiry that lies ahead", ErrAdjustment)
	}
	if bound := AdjustmentBound(total); max(a.Points, -a.Points) > bound {
		return &BoundError{a.Points, bound, total}
	}
	return nil
}

// Active reports whether the adjustment counts at an instant.
func (a Adjustment) Active(at time.Time) bool { return at.Before(a.Expires) && !at.Before(a.At) }

// Adjust applies a kept adjustment to a fresh result: one more contribution, signed by its person. One that is not active
// changes nothing. Where the total has become smaller since, the adjustment is cut to the bound of the new total and says so;
// the total stays between the model's floor and cap.
func (m *Model) Adjust(r Result, a Adjustment, at time.Time) Result {
	if !a.Active(at) {
		return r
	}
	total, want := thousandths(r.Total), thousandths(a.Points)
	bound := max(total, 0) / 5
	total = min(max(total+min(max(want, -bound), bound), m.floor), m.cap)
	given := total - thousandths(r.Total)
	r.Contributions = append(r.Contributions[:len(r.Contributions):len(r.Contributions)], Contribution{
		Rule: AdjustmentRule, Name: "人工调整", NameEN: "adjusted by hand", Dimension: AdjustmentRule,
		Points: points(given), Raw: points(want), Capped: given != want, Source: a.By, At: milliseconds(a.At),
		Text: Words{
			ZH: "人工调整（" + cmp.Or(a.Name, a.By) + "：" + a.Reason + "，有效期至 " + day(a.Expires) + "）",
			EN: "adjusted by hand (" + cmp.Or(a.Name, a.By) + ": " + a.Reason + ", until " + day(a.Expires) + ")",
		},
	})
	r.Dimensions = append(r.Dimensions[:len(r.Dimensions):len(r.Dimensions)], DimensionScore{
		ID: AdjustmentRule, Name: "人工调整", NameEN: "adjusted by hand", Points: points(given), Raw: points(want),
	})
	r.Total = points(total)
	return r
}
