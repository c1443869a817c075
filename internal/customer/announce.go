package customer

import (
	"cmp"
	"math"
	"slices"
	"strings"
	"time"

	"lingke/connectors"
)

// Announced is what other systems were told last about how a customer stands.
type Announced struct {
	Tier    string  `json:"tier" bson:"tier"`
	Score   float64 `json:"score" bson:"score"`
	Owner   string  `json:"owner" bson:"owner"`
	Records int     `json:"records" bson:"records"` // how many records of sources the customer had
	Tags    string  `json:"tags,omitempty" bson:"tags,omitempty"`
}

// Watch is what other systems want to be told.
type Watch struct {
	Tier, Score, Owner, Tags bool
}

// AnnouncedStep is by how many points a score has to differ from the one that was told last, unless the tier is told anyway: a telling costs a call of somebody's budget.
const AnnouncedStep = 5

// Announce requires, as part of the write that c is being prepared for, that other systems are told what has changed since they were told last.
func (c *Customer) Announce(w Watch, now time.Time) {
	if w == (Watch{}) {
		return
	}
	is := Announced{Tier: c.Tier, Score: math.Round(c.Score.Total), Owner: c.Owner, Records: len(c.Records), Tags: strings.Join(c.Tags, connectors.TagComma)}
	was := c.Announced
	if was != nil && !w.news(*was, is) {
		return
	}
	c.Announced = &is
	c.Require(Effect{Kind: EffectAnnounce, At: now, Was: was, Is: &is})
}

// news reports whether what is differs enough from what was told. A record more has to be told what the others know.
func (w Watch) news(was, is Announced) bool {
	return w.Tier && was.Tier != is.Tier || w.Owner && was.Owner != is.Owner || w.Tags && was.Tags != is.Tags || w.Score && math.Abs(was.Score-is.Score) >= AnnouncedStep || is.Records > was.Records
}

// Written is what we wrote into a record of a source.
type Written struct {
	Ref    Ref               `json:"ref" bson:"ref"`
	At     time.Time         `json:"at" bson:"at"`
	Fields map[string]string `json:"fields" bson:"fields"` // by the names of connectors.WriteFields
	Done   bool              `json:"done,omitempty" bson:"done,omitempty"`
}

// WrittenTo returns what was written into a record last.
func (c Customer) WrittenTo(ref Ref) (Written, bool) {
	i := slices.IndexFunc(c.Written, func(w Written) bool { return w.Ref == ref })
	if i < 0 {
		return Written{}, false
	}
	return c.Written[i], true
}

// Wrote notes what is written into a record.
func (c *Customer) Wrote(w Written) {
	all := slices.DeleteFunc(slices.Clone(c.Written), func(o Written) bool { return o.Ref == w.Ref })
	c.Written = append(all, w)
	slices.SortFunc(c.Written, func(a, b Written) int { return cmp.Compare(a.Ref, b.Ref) })
}

// writtenTo is what was written into some records, whoever's they were.
func writtenTo(records []Record, existing []Customer) []Written {
	var c Customer
	for _, r := range records {
		for _, old := range existing {
			if w, ok := old.WrittenTo(r.Ref); ok {
				c.Wrote(w)
			}
		}
	}
	return c.Written
}

// How far the time of a version that our own writing made may be from when we wrote: the source's clock differs, and a call takes its time.
const (
	echoBefore = 5 * time.Minute
	echoAfter  = 10 * time.Minute
)

// Echo reports whether a version of a record is there only because we wrote into it: made at that time, and telling nothing that the source had not told before. Taking it
// in would make the source's values look newer than they are, and so beat what another source told since.
func (c Customer) Echo(ref Ref, v connectors.Record) bool {
	w, ok := c.WrittenTo(ref)
	if !ok || v.Kind != connectors.Customer || v.ModifiedAt.Before(w.At.Add(-echoBefore)) || v.ModifiedAt.After(w.At.Add(echoAfter)) {
		return false
	}
	i := slices.IndexFunc(c.Records, func(r Record) bool { return r.Ref == ref })
	if i < 0 || c.Records[i].Deleted != v.Deleted || !v.ModifiedAt.After(c.Records[i].At) {
		return false
	}
	for name, text := range v.Fields {
		if known, told := c.Records[i].Values[name]; !told && text != "" || known.Text != text {
			return false
		}
	}
	return true
}
