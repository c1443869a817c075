package customer

import (
	"maps"
	"slices"
	"time"
)

// Conflict is what the sources of a customer say of one field.
type Conflict struct {
	Field    string
	Disputed bool // they say different things
	Values   []Claimed
	Why      Preference // why the value counts that does
}

// Claimed is the value of one record.
type Claimed struct {
	Ref     Ref
	Text    string // "" where the source emptied the field
	At      time.Time
	Deleted bool // the source has deleted the record, whose values count only if all records are
	Counts  bool
}

// Preference is why a value counts before the others.
type Preference string

// The reasons, in the order in which they are asked for.
const (
	OnlyValue Preference = "only"   // no other record has one
	Agreed    Preference = "agreed" // all say the same
	ByRank    Preference = "rank"   // its source is believed more
	ByTime    Preference = "time"   // it was told last
	ByText    Preference = "text"   // told at the same time, the greater text
	ByRef     Preference = "ref"    // and the smaller ref, where the texts are the same
)

// Conflicts returns what every source says of every field, by field name; ranks must be those that the customer was put together with.
func (c Customer) Conflicts(ranks Ranks) []Conflict {
	alive := c.alive()
	fields := map[string]bool{}
	for _, r := range c.Records {
		for name := range r.Values {
			fields[name] = true
		}
	}
	out := make([]Conflict, 0, len(fields))
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		out = append(out, conflict(name, c.Records, alive, ranks))
	}
	return out
}

func conflict(name string, records, alive []Record, ranks Ranks) Conflict {
	out := Conflict{Field: name, Why: OnlyValue}
	winner, held := winnerOf(name, alive, ranks)
	for _, r := range records {
		v, told := r.Values[name]
		if !told {
			continue
		}
		out.Values = append(out.Values, Claimed{Ref: r.Ref, Text: v.Text, At: v.At, Deleted: r.Deleted, Counts: r.Ref == winner && held.Value != ""})
	}
	seen := false
	for _, r := range alive {
		v := r.Values[name]
		if v.Text == "" || r.Ref == winner {
			continue
		}
		out.Disputed = out.Disputed || v.Text != held.Value
		why := preference(held, Field{Value: v.Text, Source: r.Ref.Source(), At: v.At}, ranks)
		if !seen || later(why, out.Why) { // the closest rival says what decided
			out.Why, seen = why, true
		}
	}
	if seen && !out.Disputed {
		out.Why = Agreed
	}
	return out
}

// winnerOf returns whose value of a field counts, and the value; "" where nobody has one.
func winnerOf(name string, alive []Record, ranks Ranks) (Ref, Field) {
	var winner Ref
	var held Field
	for _, r := range alive {
		v := r.Values[name]
		candidate := Field{Value: v.Text, Source: r.Ref.Source(), At: v.At}
		if v.Text != "" && (winner == "" || counts(candidate, r.Ref, held, winner, ranks)) {
			winner, held = r.Ref, candidate
		}
	}
	return winner, held
}

// preference is why a counts before b.
func preference(a, b Field, ranks Ranks) Preference {
	switch {
	case ranks.rank(a.Source) != ranks.rank(b.Source):
		return ByRank
	case !a.At.Equal(b.At):
		return ByTime
	case a.Value != b.Value:
		return ByText
	default:
		return ByRef
	}
}

var preferences = []Preference{OnlyValue, Agreed, ByRank, ByTime, ByText, ByRef}

func later(a, b Preference) bool { return slices.Index(preferences, a) > slices.Index(preferences, b) }
