package followup

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"lingke/internal/calendar"
	"lingke/internal/customer"
	"lingke/internal/lang"
)

// Rules are what follows from customers: immutable, replaced as a whole when the file changes.
type Rules struct {
	Clock         Clock
	Signals       []Signal
	Churn         *Churn // nil: nobody is warned
	Anniversaries []Anniversary
	Cadence       Cadence
	Plays         []Play
	PlaysDaily    int                // customers a day at most for whom plays ask one owner for something; 0: no limit
	Calendar      *calendar.Calendar // of the company's workdays
	Zone          *time.Location     // in which days and times are told
	Leading       string             // the scheme whose tiers tiers are of, unless something names another
	Names         map[string]string  // person's id → name
}

// Look decides what work follows from a customer, notes that in the customer, and requires the work as effects of the same write. It is pure: the same view
// gives the same work.
func (r *Rules) Look(v customer.View) {
	if v.Occasion == customer.Arrival {
		r.signals(v)
	}
	r.churn(v)
	r.plays(v)
	switch v.Occasion {
	case customer.Anniversaries:
		r.anniversaries(v)
	case customer.Contacts:
		r.cadence(v)
	case customer.Arrival, customer.Morning, customer.Plays:
	}
}

// OwnedOnly reports whether an occasion is about the owners' work alone.
func (r *Rules) OwnedOnly(o customer.Occasion) bool {
	return o == customer.Anniversaries || o == customer.Contacts
}

// Limit is how many pieces of work an occasion may ask one owner for in a day; 0 for no limit.
func (r *Rules) Limit(o customer.Occasion) int {
	switch {
	case o == customer.Morning && r.Churn != nil:
		return r.Churn.Daily
	case o == customer.Contacts:
		return r.Cadence.Daily
	case o == customer.Plays:
		return r.PlaysDaily
	}
	return 0
}

// Fields lists the facts that the rules read.
func (r *Rules) Fields() []string { return r.audienceFields() }

// require asks for work of that title and reason, told apart from other work of the customer by name.
func (r *Rules) require(v customer.View, name string, title, why lang.Text, w customer.Work) {
	r.effect(v, customer.EffectWork, name, title, why, w)
}

// calm ends the work of that name, if the customer has it and it is open.
func (r *Rules) calm(v customer.View, name string, why lang.Text, w customer.Work) {
	r.effect(v, customer.EffectCalm, name, lang.Text{}, why, w)
}

func (r *Rules) effect(v customer.View, kind customer.EffectKind, name string, title, why lang.Text, w customer.Work) {
	w.Task, w.At, w.Title, w.Why = r.taskID(v, name), v.Now, title.ZH, why.ZH
	w.English = customer.Wording{Title: title.EN, Why: why.EN}
	v.Is.Require(customer.Effect{Kind: kind, At: v.Now, Work: &w})
}

// taskID is the id of a customer's work of that name.
func (r *Rules) taskID(v customer.View, name string) string {
	sum := sha256.Sum256([]byte(name))
	return fmt.Sprintf("t-%s-%s", v.Is.ID, hex.EncodeToString(sum[:8]))
}

// when is an instant as people in the company's time zone write it.
func (r *Rules) when(at time.Time) lang.Text {
	return lang.Text{ZH: at.In(r.Zone).Format("1月2日 15:04"), EN: at.In(r.Zone).Format("2 Jan 15:04")}
}

// day is the day of an instant, as people write it.
func (r *Rules) day(at time.Time) lang.Text {
	return lang.Text{ZH: at.In(r.Zone).Format("2006年1月2日"), EN: at.In(r.Zone).Format("2 Jan 2006")}
}
