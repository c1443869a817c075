package e2e_test

import (
	"encoding/json"
	"math/big"
	"slices"
	"strconv"
	"time"

	"lingke/internal/calendar"
	"lingke/internal/customer"
	"lingke/internal/emulator/world"
)

// book is what a team's ledger says, read by the test's own eyes.
type book struct {
	Month   string
	Got     map[string]int
	Credits map[string]map[string]*big.Rat
	Open    map[string]struct{ Person string }
}

// rulesGave are the ways of yearPools that give customers without anybody's click.
var rulesGave = []string{"rotate", "weighted", "least"}

// mostCredit bounds what a pool that takes turns owes somebody, or somebody a pool. Whoever is owed most is next, as in a car pool where now these and now those ride along: the debts of that
// way of taking turns stay near one ride (R. Fagin, J. H. Williams, A fair carpool scheduling algorithm, 1983).
const mostCredit = 2

// checkHandOuts looks at the customers that rules gave to somebody in the last step, and at what the ledger books for them.
func (y *year) checkHandOuts(changed []customer.Customer) {
	y.t.Helper()
	given, unseen := []customer.Customer{}, false
	for _, c := range changed {
		was := y.before[c.ID]
		unseen = unseen || c.Round > was.Round+1 // somebody had it in between
		if c.Owner == "" {
			y.checkWaiting(c)
		} else if (was.Owner != c.Owner || was.Round != c.Round) && c.Handed.Rule != "" {
			given = append(given, c)
		}
	}
	if len(given) == 0 && !unseen {
		return
	}
	old := y.book
	y.readBook()
	for _, c := range given {
		y.counts["handed "+c.Handed.Rule]++
		y.checkGiven(c)
	}
	given = slices.DeleteFunc(given, func(c customer.Customer) bool { return !slices.Contains(rulesGave, c.Handed.Rule) })
	if y.checkSums(); !unseen && len(given) > 0 && y.alone() {
		y.checkLedger(old, given)
		y.checkLeast(given, changed)
	}
}

// alone reports whether one gateway decides. Of what two of them decide at once, or one that is killed leaves to the other, a look afterwards does not tell in which order it came.
func (y *year) alone() bool {
	_, one := y.hands.(inOne)
	return one
}

// checkSums: what a pool owes some, others owe the pool.
func (y *year) checkSums() {
	y.t.Helper()
	for pool, credits := range y.book.Credits {
		sum := new(big.Rat)
		for _, owed := range credits {
			sum.Add(sum, owed)
		}
		if sum.Sign() != 0 {
			y.t.Errorf("%s: all credits of %s add up to %s", y.at, pool, sum.RatString())
		}
	}
}

// checkGiven: who got a customer by rule or by the manager's choice could get it, and is of those who fit it.
func (y *year) checkGiven(c customer.Customer) {
	y.t.Helper()
	strategy, at := strategies[c.Pool], c.OwnedAt
	switch rule := c.Handed.Rule; {
	case rule == customer.HandedByManager:
		if !y.acted[c.ID] || c.Handed.By != "boss" {
			y.t.Errorf("%s: %s has %s since %q chose so, and nobody did", y.at, c.Owner, c.Name, c.Handed.By)
		}
		return
	case rule == customer.HandedByOwner || rule == customer.HandedByOffer:
		return
	case rule != strategy && (rule != "rotate" || len(c.Returns) == 0): // whom the clock takes a customer from, a colleague gets it in turn
		y.t.Errorf("%s: %s went from %s to %s by rule %q", y.at, c.Name, c.Pool, c.Owner, rule)
	}
	who := y.terms[c.Owner]
	switch {
	case who == nil:
		y.t.Errorf("%s: a rule gave %s to %s, who may own no customers", y.at, c.Name, c.Owner)
		return
	case who.part(at) == 0:
		y.t.Errorf("%s: a rule gave %s to %s, who begins on %s", y.at, c.Name, c.Owner, who.joined)
	case y.onLeave(c.Owner, at):
		y.t.Errorf("%s: a rule gave %s to %s, who is on leave", y.at, c.Name, c.Owner)
	case c.Handed.Quota != who.capacity(at) || c.Handed.Month > c.Handed.Quota:
		y.t.Errorf("%s: %s got %s as number %d of %d of the month, may get %d", y.at, c.Owner, c.Name, c.Handed.Month, c.Handed.Quota, who.capacity(at))
	}
	if _, last, ok := c.ReturnedBy(c.Owner); ok && last {
		y.t.Errorf("%s: a rule gave %s to %s, who had it last", y.at, c.Name, c.Owner)
	}
	y.checkFit(c)
}

// asks is what the customer's pool asks of who gets it.
func (y *year) asks(c customer.Customer) map[string]string {
	switch c.Pool {
	case "软件池", "项目池":
		return map[string]string{"region": c.Text("region")}
	case "硬件池":
		out := map[string]string{"product_line": c.Text("product_line")}
		if n, err := strconv.Atoi(c.Text("headcount")); err == nil && n > 1000 {
			out["seniority"] = "资深"
		}
		return out
	case "服务池":
		return map[string]string{"tier": c.Tier}
	}
	return nil
}

func (t *terms) fits(asked map[string]string) bool {
	for name, value := range asked {
		if value != "" && !slices.Contains(t.has[name], value) {
			return false
		}
	}
	return true
}

// checkFit: it is one of those who fit, or none of them could get it.
func (y *year) checkFit(c customer.Customer) {
	y.t.Helper()
	asked := y.asks(c)
	if c.Handed.Rule != strategies[c.Pool] || len(asked) == 0 || y.terms[c.Owner].fits(asked) {
		return
	}
	y.counts["handed to who does not fit"]++
	if !c.Handed.Unmatched {
		y.t.Errorf("%s: %s got %s, which asks for %v", y.at, c.Owner, c.Name, asked)
	}
	for id, other := range y.terms {
		if y.alone() && other.fits(asked) && y.free(id, c) {
			y.t.Errorf("%s: %s got %s, which asks for %v, although %s has that and could get it", y.at, c.Owner, c.Name, asked, id)
		}
	}
}

// free reports whether a rep could get one more customer by rule even after what this step gave them.
func (y *year) free(id string, c customer.Customer) bool {
	who := y.terms[id]
	if _, _, had := c.ReturnedBy(id); had || who.part(y.at) == 0 || y.onLeave(id, y.at) || y.onLeave(id, c.OwnedAt) || y.awaits(id) || y.book.Got[id] >= who.capacity(y.at) {
		return false
	}
	daily, holding, err := y.store.Spent(y.t.Context(), id, y.at.In(y.zone).Format(time.DateOnly))
	if err != nil {
		y.t.Fatal(err)
	}
	return daily < 5 && holding < 59 // one of them may have gone after the choice
}

// awaits reports whether a rep's next working day is one of leave: outside of working hours, that is what counts.
func (y *year) awaits(id string) bool {
	day := calendar.DayOf(y.at, y.zone)
	for !workCalendar.Workday(day) || day == calendar.DayOf(y.at, y.zone) && y.at.In(y.zone).Hour() >= 17 {
		day++
	}
	return y.terms[id].workdays[day]
}

// checkLedger: over the step, each customer that a pool gave was credited to those who could get it, by their shares, and debited to who got it; whoever could not was not
// credited. Nothing is lost from day to day, and nobody is owed much.
func (y *year) checkLedger(old book, given []customer.Customer) {
	y.t.Helper()
	got := map[string]map[string]int{} // by pool and person
	for _, c := range given {
		if got[c.Pool] == nil {
			got[c.Pool] = map[string]int{}
		}
		got[c.Pool][c.Owner]++
	}
	for pool := range y.book.Credits {
		shares := new(big.Rat)
		for id, who := range y.terms {
			owed := credit(y.book, pool, id)
			if strategies[pool] != "least" && new(big.Rat).Abs(owed).Cmp(big.NewRat(mostCredit, 1)) > 0 {
				y.t.Errorf("%s: %s owes %s %s customers", y.at, pool, id, owed.FloatString(2))
			}
			share := new(big.Rat).Sub(owed, credit(old, pool, id))
			share.Add(share, big.NewRat(int64(got[pool][id]), 1))
			if away := who.part(y.at) == 0 || y.onLeave(id, y.at); share.Sign() < 0 || away && share.Sign() > 0 {
				y.t.Errorf("%s: %s gave %d customers, credited %s with %s, away %v", y.at, pool, len(got[pool]), id, share.RatString(), away)
			}
			shares.Add(shares, share)
		}
		n := 0
		for _, some := range got[pool] {
			n += some
		}
		if shares.Cmp(big.NewRat(int64(n), 1)) != 0 {
			y.t.Errorf("%s: %s gave %d customers and credited %s", y.at, pool, n, shares.RatString())
		}
	}
	for _, c := range given {
		if n := got[c.Pool]; len(n) == 1 && n[c.Owner] == 1 {
			y.checkShares(old, c)
		}
	}
}

// checkShares: where a pool gave one customer, those who could get it were credited in proportion to their terms.
func (y *year) checkShares(old book, c customer.Customer) {
	y.t.Helper()
	whole, shares := new(big.Rat), map[string]*big.Rat{}
	for id, who := range y.terms {
		share := new(big.Rat).Sub(credit(y.book, c.Pool, id), credit(old, c.Pool, id))
		if id == c.Owner {
			share.Add(share, big.NewRat(1, 1))
		}
		if shares[id] = share; share.Sign() != 0 {
			whole.Add(whole, who.share(c.Handed.Rule, c.OwnedAt))
		}
	}
	for id, share := range shares {
		if want := new(big.Rat).Quo(y.terms[id].share(c.Handed.Rule, c.OwnedAt), whole); share.Sign() != 0 && share.Cmp(want) != 0 {
			y.t.Errorf("%s: %s credited %s with %s for %s, whose part is %s", y.at, c.Pool, id, share.RatString(), c.Name, want.RatString())
		}
	}
	if share := shares[c.Owner].RatString(); c.Handed.Share != share {
		y.t.Errorf("%s: the card of %s says %s of all, it is %s", y.at, c.Name, c.Handed.Share, share)
	}
	y.counts["shares recomputed"]++
}

func credit(b book, pool, person string) *big.Rat {
	if c := b.Credits[pool][person]; c != nil {
		return c
	}
	return new(big.Rat)
}

// readBook reads the team's ledger. What is decided is carried out.
func (y *year) readBook() {
	y.t.Helper()
	text, err := y.store.Document(y.t.Context(), "handout/"+team)
	if err != nil {
		y.t.Fatal(err)
	}
	y.book = book{}
	if err := json.Unmarshal(text, &y.book); err != nil {
		y.t.Fatal(err)
	}
	for id, d := range y.book.Open {
		c, err := y.store.Customer(y.t.Context(), id)
		if err != nil || c.Owner != d.Person && len(c.Returns) == 0 {
			y.t.Errorf("%s: %s was to get %s, which is %s's (%v)", y.at, d.Person, c.Name, c.Owner, err)
		}
	}
	for id, n := range y.book.Got {
		if at := y.at.In(y.zone); y.book.Month == at.Format("2006-01") && n > y.terms[id].capacity(at) {
			y.t.Errorf("%s: rules gave %s %d customers this month, %d are the most", y.at, id, n, y.terms[id].capacity(at))
		}
	}
}

// checkLeast: where nothing else moved in a step, who got a customer by the fewest had none more, for their capacity, than anybody else who could have got it.
func (y *year) checkLeast(given, changed []customer.Customer) {
	y.t.Helper()
	moved := slices.ContainsFunc(changed, func(c customer.Customer) bool { return c.ID != given[0].ID && y.before[c.ID].Owner != c.Owner })
	c := given[0]
	if len(given) > 1 || moved || c.Handed.Rule != "least" || y.before[c.ID].Owner != "" {
		return
	}
	held := map[string]int{}
	for _, one := range y.before {
		held[one.Owner]++
	}
	load := func(id string) *big.Rat {
		return new(big.Rat).Quo(big.NewRat(int64(held[id]), 1), y.terms[id].share("least", y.at))
	}
	for id, other := range y.terms {
		if id == c.Owner || !y.free(id, c) || !c.Handed.Unmatched && !other.fits(y.asks(c)) {
			continue
		}
		y.counts["loads compared"]++
		if load(id).Cmp(load(c.Owner)) < 0 {
			y.t.Errorf("%s: %s got %s with %d customers, %s has %d", y.at, c.Owner, c.Name, held[c.Owner], id, held[id])
		}
	}
}

// checkWaiting: the reason why nobody has a customer is that of its pool, and where nobody could get it, it says of everybody in the team why.
func (y *year) checkWaiting(c customer.Customer) {
	y.t.Helper()
	why, strategy, all := c.Waiting.Why, strategies[c.Pool], 0
	for _, n := range c.Waiting.Blocks {
		all += n
	}
	members := len(slices.DeleteFunc(slices.Clone(y.people), func(p world.Person) bool { return p.Team != team }))
	ok := true
	switch {
	case c.Clock.Cooled.After(y.at) || c.Stage == customer.Lost:
		return
	case why == customer.WaitNobody:
		ok = all == members && (strategy != "claim" || c.Waiting.Handing)
	case why == customer.WaitChoice:
		ok = strategy == "manager" && (len(c.Waiting.Choices) > 0 || all == members)
	case why == customer.WaitOffered:
		ok = strategy == "claim"
	case why == customer.WaitNoLead:
		ok = c.Pool == "" && c.Stage != customer.Lead
	case why == customer.WaitInTurn: // it was to be handed out at once
		ok = false
	}
	y.counts["waiting: "+string(why)]++
	if !ok {
		y.t.Errorf("%s: %s in %s has no owner because %+v", y.at, c.Name, c.Pool, c.Waiting)
	}
}
