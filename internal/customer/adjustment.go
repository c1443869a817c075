package customer

import (
	"time"

	"lingke/scoring"
)

// Adjustment is a person's change of a score, and whether somebody took it back before it expired.
type Adjustment struct {
	ID                 string `json:"id" bson:"id"` // unique in the customer
	scoring.Adjustment `bson:",inline"`

	Ended   time.Time `json:"ended,omitzero" bson:"ended,omitempty"`
	EndedBy string    `json:"ended_by,omitempty" bson:"ended_by,omitempty"` // a person's id
}

// Active reports whether the adjustment is in force at an instant.
func (a Adjustment) Active(at time.Time) bool {
	return a.Adjustment.Active(at) && (a.Ended.IsZero() || at.Before(a.Ended))
}

// Adjusted returns the adjustment that counts at an instant: of those in force the latest. A later one thus replaces an earlier one, so that
// their sum never leaves the bound of one.
func (s Standing) Adjusted(at time.Time) (Adjustment, bool) {
	for i := len(s.Adjustments) - 1; i >= 0; i-- {
		if s.Adjustments[i].Active(at) {
			return s.Adjustments[i], true
		}
	}
	return Adjustment{}, false
}
