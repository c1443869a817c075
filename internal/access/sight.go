package access

import "strings"

// Sight is what somebody is shown of one customer, layer by layer. The zero Sight shows nothing.
type Sight struct {
	Tier  bool `json:"tier,omitempty"`  // the tier and who has the customer
	Basis bool `json:"basis,omitempty"` // the score with its reasons, contacts, what was done and is to be done
	Money bool `json:"money,omitempty"` // amounts
}

// And is what both show.
func (s Sight) And(o Sight) Sight {
	return Sight{s.Tier && o.Tier, s.Basis && o.Basis, s.Money && o.Money}
}

// Or is what either shows.
func (s Sight) Or(o Sight) Sight {
	return Sight{s.Tier || o.Tier, s.Basis || o.Basis, s.Money || o.Money}
}

// Covers reports whether s shows all that o does.
func (s Sight) Covers(o Sight) bool { return s.And(o) == o }

// String names the layers, "tier basis"; "" for none.
func (s Sight) String() string {
	var layers []string
	for _, l := range []struct {
		shown bool
		name  string
	}{{s.Tier, "tier"}, {s.Basis, "basis"}, {s.Money, "money"}} {
		if l.shown {
			layers = append(layers, l.name)
		}
	}
	return strings.Join(layers, " ")
}

// Concern says whom a customer concerns.
type Concern struct {
	Owner    string // id of the person who has it, "" for nobody
	PoolTeam string // the team of the pool that it is in
}

// Sees returns what p is shown of a customer, in private.
//
// Everybody on the list is shown the tier. The basis is for the team concerned: the team of the owner, or, while nobody owns the customer, the team of its
// pool. The owner is concerned also without a team. Managers lead reps of all teams and administrators answer for the model, so every team's customers concern them.
// Amounts are for managers and finance, whichever the team.
func (d *Directory) Sees(p Person, c Concern) Sight {
	return Sight{Tier: p.May(SeeTier), Basis: p.May(SeeBasis) && d.concerned(p, c), Money: p.May(SeeMoney)}
}

func (d *Directory) concerned(p Person, c Concern) bool {
	if p.May(Manage) {
		return true
	}
	if c.Owner == "" {
		return p.Team != "" && p.Team == c.PoolTeam
	}
	owner, known := d.ByID(c.Owner)
	return p.ID == c.Owner || known && p.Team != "" && p.Team == owner.Team
}

// AllSee returns what each of people is shown of a customer: what they may read together. Nobody is shown nothing.
func (d *Directory) AllSee(people []Person, c Concern) Sight {
	if len(people) == 0 {
		return Sight{}
	}
	all := Sight{true, true, true}
	for _, p := range people {
		all = all.And(d.Sees(p, c))
	}
	return all
}

// Amount reports whether a fact is financial: of the layer Money. Facts are told apart by their unit, so that an organisation's own fields count too. What a
// company turns over as a whole describes it, as its headcount does, and says nothing of what it pays.
func Amount(field, unit string) bool { return unit == "元" && field != "annual_revenue" }
