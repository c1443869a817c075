package httpapi

import (
	"time"

	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/scoring"
)

// Customer is a customer as the API shows it.
type Customer struct {
	ID         string           `json:"id"`
	Stage      string           `json:"stage" enum:"lead,active,dormant,lost" doc:"lead: bought nothing yet; active: bought in the last 365 days; dormant: bought before; lost: deleted in every source"`
	Name       Text             `json:"name"`
	CreditCode string           `json:"credit_code,omitempty" doc:"Valid unified social credit code"`
	Fields     map[string]Field `json:"fields" doc:"The values that count, each with the source and time it comes from"`
	Records    []Record         `json:"records" nullable:"false" doc:"What each source says"`
	Score      Score            `json:"score"`
	Tier       string           `json:"tier"`
	Pool       string           `json:"pool,omitempty" doc:"Where it waits while nobody owns it"`
	Owner      string           `json:"owner,omitempty" doc:"A person's id"`
	OwnerName  string           `json:"owner_name,omitempty"`
	OwnedAt    time.Time        `json:"owned_at,omitzero" required:"false"`
	Waiting    *Waiting         `json:"waiting,omitempty" doc:"Why nobody owns it"`
	Handed     *Handed          `json:"handed,omitempty" doc:"By what rule the owner got it; absent where nobody's rule but a person decided"`
	Tags       []string         `json:"tags" nullable:"false" doc:"What plays marked it with"`
	Since      time.Time        `json:"since" doc:"The earliest time at which a source told of it"`
	Updated    time.Time        `json:"updated" doc:"The latest"`
}

// Waiting says why nobody owns a customer.
type Waiting struct {
	Why    string         `json:"why" enum:"offered,held,in_turn,nobody,no_pool,no_lead,lost" doc:"offered: the pool's people may claim it; held: its pool keeps it; in_turn: it is about to be handed out; nobody: nobody of the team can get one now; no_pool: no pool fits; no_lead: it has bought already; lost: deleted in every source"`
	Since  time.Time      `json:"since"`
	Blocks map[string]int `json:"blocks,omitempty" doc:"Of why nobody: how many of the team for each reason (leave, month, daily, holding, former, not_joined, role)"`
	Text   string         `json:"text" doc:"The same for people"`
}

// Handed says by what rule somebody got a customer.
type Handed struct {
	Rule      string   `json:"rule" enum:"rotate,equal,weighted,least"`
	Share     string   `json:"share" doc:"The owner's part of what the pool hands out, among those who could get this one" example:"1/6"`
	Month     int      `json:"month" doc:"How many the owner had got this month, with this one"`
	Quota     int      `json:"quota,omitempty" doc:"Of how many"`
	Match     []string `json:"match,omitempty" nullable:"false" doc:"What the owner was chosen for"`
	Unmatched bool     `json:"unmatched,omitempty" doc:"Nobody who matches could get it"`
	Text      string   `json:"text" doc:"The same for people"`
}

func (s *server) viewWaiting(c customer.Customer) *Waiting {
	if c.Owner != "" || c.Waiting.Why == "" {
		return nil
	}
	v := &Waiting{Why: string(c.Waiting.Why), Since: c.Waiting.Since, Text: s.Waiting(c)}
	if len(c.Waiting.Blocks) > 0 {
		v.Blocks = make(map[string]int)
		for why, n := range c.Waiting.Blocks {
			v.Blocks[string(why)] = n
		}
	}
	return v
}

func viewHanded(h customer.Handed) *Handed {
	if h.IsZero() {
		return nil
	}
	return &Handed{Rule: h.Rule, Share: h.Share, Month: h.Month, Quota: h.Quota, Match: h.Match, Unmatched: h.Unmatched, Text: cards.HandedBy(h)}
}

// Field is a value that counts.
type Field struct {
	Value  Text      `json:"value"`
	Source string    `json:"source"`
	At     time.Time `json:"at"`
}

// Record is what one record of one source says.
type Record struct {
	Source  string          `json:"source"`
	ID      Text            `json:"id"`
	Deleted bool            `json:"deleted,omitempty"`
	At      time.Time       `json:"at" doc:"Of the newest version"`
	Fields  map[string]Told `json:"fields"`
}

// Told is a value as one source tells it.
type Told struct {
	Value Text      `json:"value"`
	At    time.Time `json:"at"`
}

// Score is what a customer scores; /explain has its parts.
type Score struct {
	Total float64   `json:"total"`
	Model string    `json:"model" doc:"Name and version of the scoring model"`
	At    time.Time `json:"at"`
}

func scoreOf(r scoring.Result) Score { return Score{Total: r.Total, Model: r.Model, At: r.At} }

func (s *server) viewCustomer(c customer.Customer) Customer {
	v := Customer{
		ID: c.ID, Stage: string(c.Stage), Name: Text(c.Name), CreditCode: c.CreditCode,
		Fields: make(map[string]Field, len(c.Fields)), Records: make([]Record, 0, len(c.Records)),
		Score: scoreOf(c.Score), Tier: c.Tier, Pool: c.Pool, Owner: c.Owner, OwnedAt: c.OwnedAt, Since: c.Since, Updated: c.Updated, Tags: append([]string{}, c.Tags...),
	}
	v.Waiting, v.Handed = s.viewWaiting(c), viewHanded(c.Handed)
	if c.Owner != "" {
		v.OwnerName = s.personName(c.Owner)
	}
	for name, f := range c.Fields {
		v.Fields[name] = Field{Value: fieldText(name, f.Value), Source: f.Source, At: f.At}
	}
	for _, r := range c.Records {
		v.Records = append(v.Records, viewRecord(r))
	}
	return v
}

func viewRecord(r customer.Record) Record {
	v := Record{Source: r.Ref.Source(), ID: Text(r.Ref.ID()), Deleted: r.Deleted, At: r.At, Fields: make(map[string]Told, len(r.Values))}
	for name, told := range r.Values {
		v.Fields[name] = Told{Value: fieldText(name, told.Text), At: told.At}
	}
	return v
}

func (s *server) viewCustomers(all []customer.Customer) []Customer {
	out := make([]Customer, 0, len(all))
	for _, c := range all {
		out = append(out, s.viewCustomer(c))
	}
	return out
}
