package customer

import (
	"crypto/sha256"
	"encoding/hex"
	"time"
)

// Decision is what a person said about two records: that they are one customer, or that they are not. It is a fact like those that sources tell, so
// it may arrive before the records it is about, late, or again; of several about the same two records the last counts.
type Decision struct {
	ID   string    `json:"id" bson:"_id"`    // the same for every decision about the two
	A    Ref       `json:"a" bson:"a"`       // the smaller
	B    Ref       `json:"b" bson:"b"`       // the greater
	Same bool      `json:"same" bson:"same"` // false: they stay apart, whatever the sources say
	By   string    `json:"by" bson:"by"`     // a person's id
	At   time.Time `json:"at" bson:"at"`     // UTC with milliseconds
}

// Decide returns the decision of a person about two different records.
func Decide(a, b Ref, same bool, by string, at time.Time) Decision {
	a, b = min(a, b), max(a, b)
	return Decision{ID: pairID(a, b), A: a, B: b, Same: same, By: by, At: at.UTC().Truncate(time.Millisecond)}
}

func pairID(a, b Ref) string {
	sum := sha256.Sum256([]byte(string(a) + "\x00" + string(b)))
	return hex.EncodeToString(sum[:12])
}

// Replaces reports whether d counts instead of old, which is about the same two records: the later does; of two at the same time the one that keeps
// them apart, since a merge shows one company's figures to the other's people.
func (d Decision) Replaces(old Decision) bool {
	switch {
	case !d.At.Equal(old.At):
		return d.At.After(old.At)
	case d.Same != old.Same:
		return !d.Same
	default:
		return d.By > old.By
	}
}
