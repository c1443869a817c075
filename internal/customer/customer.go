// Package customer is the one merged record of a company or person: which sources tell of it, which value of each field
// counts, what follows from its orders and activities (facts), and how two records become one and part again.
//
// Everything but the decisions of people (owner, release) is a function of what the sources told: the same records in any
// order, with repeats, give the same customer.
package customer

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"lingke/scoring"
)

// Stage is how far the relationship has come.
type Stage string

// The stages.
const (
	Lead    Stage = "lead"    // 线索: nothing bought yet
	Active  Stage = "active"  // 成交: bought in the last 365 days
	Dormant Stage = "dormant" // 沉睡: bought, but not in the last 365 days
	Lost    Stage = "lost"    // 流失: every source has deleted it
)

// Ref names a record of a source: "kingdee/100231". The source is a connector's name and has no slash.
type Ref string

// NewRef joins a source's name and its id of a record.
func NewRef(source, id string) Ref { return Ref(source + "/" + id) }

// Source returns the connector's name.
func (r Ref) Source() string {
	source, _, _ := strings.Cut(string(r), "/")
	return source
}

// ID returns the source's own id.
func (r Ref) ID() string {
	_, id, _ := strings.Cut(string(r), "/")
	return id
}

// Customer is one merged record. Times are UTC with milliseconds.
type Customer struct {
	ID string `json:"id" bson:"_id"`
	// Rev counts the writes and guards the next one; it is no part of what the customer is.
	Rev   int64 `json:"-" bson:"rev"`
	Stage Stage `json:"stage" bson:"stage"`

	Name       string `json:"name" bson:"name"`
	CreditCode string `json:"credit_code,omitempty" bson:"credit_code,omitempty"` // valid unified social credit code, or ""
	// Fields are the values that count, by field name, each with the source and time it comes from.
	Fields map[string]Field `json:"fields" bson:"fields"`
	// Records are the sources' own values, sorted by Ref; Fields follows from them.
	Records []Record  `json:"records" bson:"records"`
	Since   time.Time `json:"since" bson:"since"`     // the earliest time a source told of it
	Updated time.Time `json:"updated" bson:"updated"` // the latest

	Facts     json.RawMessage `json:"facts,omitempty" bson:"facts,omitempty"` // the scoring.Facts that Score was made from
	Score     scoring.Result  `json:"score" bson:"score"`                     // of the model that leads for the customer, adjustment included
	Tier      string          `json:"tier" bson:"tier"`                       // of the leading scheme
	Standing  `bson:",inline"`
	Following `bson:",inline"`

	Pool    string    `json:"pool,omitempty" bson:"pool,omitempty"`   // where it waits while nobody owns it
	Owner   string    `json:"owner,omitempty" bson:"owner,omitempty"` // a person's id
	OwnedAt time.Time `json:"owned_at,omitzero" bson:"owned_at,omitempty"`
	Waiting Waiting   `json:"waiting,omitzero" bson:"waiting,omitempty"` // why nobody owns it
	Handed  Handed    `json:"handed,omitzero" bson:"handed,omitempty"`   // by what rule the owner got it
	// Returns are the people who gave it back, the latest last.
	Returns []Return `json:"returns,omitempty" bson:"returns,omitempty"`
	// Round counts how often it came back to the pools; every round has lead cards and a first task of its own.
	Round int `json:"round,omitempty" bson:"round,omitempty"`
	// Clock is how long the owner has done nothing with it, and what follows.
	Clock Clock `json:"clock,omitzero" bson:"clock,omitempty"`

	// Announced is what other systems were told last, and Written what was written into the records of sources; nil where nobody wants to know.
	Announced *Announced `json:"announced,omitempty" bson:"announced,omitempty"`
	Written   []Written  `json:"written,omitempty" bson:"written,omitempty"`
	// Held is what the customers had that became this one, as far as they had an owner; who parts from it has that again.
	Held []Holding `json:"held,omitempty" bson:"held,omitempty"`

	// Effects follow from the last writes and are not carried out yet; a dispatcher moves them to tasks and deliveries.
	Effects []Effect `json:"effects,omitempty" bson:"effects,omitempty"`
}

// Field is a value that counts.
type Field struct {
	Value  string    `json:"value" bson:"value"`
	Source string    `json:"source" bson:"source"`
	At     time.Time `json:"at" bson:"at"`
}

// Record is what one record of one source says.
type Record struct {
	Ref     Ref  `json:"ref" bson:"ref"`
	Deleted bool `json:"deleted,omitempty" bson:"deleted,omitempty"`
	// Withdrawn says that the source took everything back that it told. The record stays, as a name for people, only where its customer has no other.
	Withdrawn bool             `json:"withdrawn,omitempty" bson:"withdrawn,omitempty"`
	Since     time.Time        `json:"since" bson:"since"` // of the oldest version
	At        time.Time        `json:"at" bson:"at"`       // of the newest version
	Values    map[string]Value `json:"values" bson:"values"`
}

// Value is a field as one source tells it, and when it told so last.
type Value struct {
	Text string    `json:"text" bson:"text"`
	At   time.Time `json:"at" bson:"at"`
}

// EffectKind tells what an effect does.
type EffectKind string

// The kinds of effects.
const (
	// EffectCards brings the customer's lead cards in step with it: new ones for the pool it waits in, closed ones elsewhere.
	EffectCards EffectKind = "cards"
	// EffectTask creates the owner's first task of the round.
	EffectTask EffectKind = "task"
	// EffectHandOut asks assign to choose an owner by the pool's strategy.
	EffectHandOut EffectKind = "hand_out"
	// EffectReleased cancels the open tasks that Person has for the customer.
	EffectReleased EffectKind = "released"
	// EffectCopied tells the managers of a step of the ladder that Person, the owner, has come to; From is the step.
	EffectCopied EffectKind = "copied"
	// EffectVanish forgets a customer whose only record was withdrawn, once its cards are closed.
	EffectVanish EffectKind = "vanish"
	// EffectAnnounce tells other systems that the customer stands as Is, and stood as Was; no Was where they know nothing of it.
	EffectAnnounce EffectKind = "announce"
	// EffectMerged closes the lead cards of customer From, which is now another name of this one.
	EffectMerged EffectKind = "merged"
	// EffectLikened looks for customers that may be the same one by their names and numbers, and has managers asked.
	EffectLikened EffectKind = "likened"
	// EffectParted gives back the tasks that this customer brought along when it was merged into customer From, from which it has parted.
	EffectParted EffectKind = "parted"
	// EffectWork creates the task that Work asks for, of the owner.
	EffectWork EffectKind = "work"
	// EffectCalm ends the task Work.Task, since there is no reason for it any more; Work.Why says what happened.
	EffectCalm EffectKind = "calm"
	// EffectTell sends the webhooks the event Work.Kind about the customer, as part of the play Work.Play.
	EffectTell EffectKind = "tell"
	// EffectTier tells the owner that the customer moved from the tier of Was to that of Is; From is the Why.
	EffectTier EffectKind = "tier"
)

// Effect is something still to be done because of a write of this customer. Carrying it out twice does nothing more.
type Effect struct {
	ID   string     `json:"id" bson:"id"` // unique in the customer
	Kind EffectKind `json:"kind" bson:"kind"`
	At   time.Time  `json:"at" bson:"at"`                         // when the write was made
	Via  string     `json:"via,omitempty" bson:"via,omitempty"`   // platform on which the person acted
	Pool string     `json:"pool,omitempty" bson:"pool,omitempty"` // the pool concerned
	// Person and From say more, where the kind needs it.
	Person string `json:"person,omitempty" bson:"person,omitempty"`
	From   string `json:"from,omitempty" bson:"from,omitempty"`
	// Was and Is belong to EffectAnnounce and EffectTier.
	Was *Announced `json:"was,omitempty" bson:"was,omitempty"`
	Is  *Announced `json:"is,omitempty" bson:"is,omitempty"`
	// Work belongs to EffectWork and EffectCalm.
	Work *Work `json:"work,omitempty" bson:"work,omitempty"`
}

// Refs returns the refs of all records, sorted.
func (c Customer) Refs() []Ref {
	refs := make([]Ref, len(c.Records))
	for i, r := range c.Records {
		refs[i] = r.Ref
	}
	return refs
}

// Text returns the value of a field, or "".
func (c Customer) Text(field string) string { return c.Fields[field].Value }

// Require records that something is to be done because of the write that c is being prepared for. e.ID is set here; it is unique, since
// it names the write.
func (c *Customer) Require(e Effect) {
	e.ID = fmt.Sprintf("%d-%s-%d", c.Rev+1, e.Kind, len(c.Effects))
	c.Effects = append(slices.Clip(c.Effects), e)
}
