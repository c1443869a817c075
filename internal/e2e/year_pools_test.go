package e2e_test

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strings"
	"time"

	"lingke/internal/calendar"
	"lingke/internal/emulator/world"
)

// yearPools are the pools of the simulated year: one for each way to hand customers out, by the line of products that the customer asks for. Who asks for none is claimed.
const yearPools = `
  - {name: 软件池, when: '产品线 == "软件"', team: 销售, strategy: rotate, match: [{same: [region]}], task: {title: 首次联系, due: 2h}}
  - {name: 硬件池, when: '产品线 == "硬件"', team: 销售, strategy: weighted, match: [{same: [product_line]}, {when: "员工人数 > 1000", people: {seniority: 资深}}]}
  - {name: 服务池, when: '产品线 == "服务"', team: 销售, strategy: least, match: [{same: [tier]}], wait: 3 workdays, task: {title: 首次联系, due: 2d}}
  - {name: 项目池, when: '产品线 == "项目"', team: 销售, strategy: manager, match: [{same: [region]}]}
  - {name: 线索池, when: "true", team: 销售, strategy: claim, task: {title: 首次联系, due: 2h}}
`

// strategies are those of yearPools.
var strategies = map[string]string{"软件池": "rotate", "硬件池": "weighted", "服务池": "least", "项目池": "manager", "线索池": "claim"}

// terms are what the config says of a rep beside names and accounts.
type terms struct {
	monthly  int
	weight   *big.Rat
	joined   time.Time // zero: long ago
	has      map[string][]string
	workdays map[calendar.Day]bool // of leave that was asked for
}

// termsOf are the terms of twelve reps, who can work on a part of what comes in a month where few come: half of them for each region, two for both; a few seniors; two who begin in the year.
func termsOf(zone *time.Location) map[string]*terms {
	out, many := map[string]*terms{}, max(*yearSize/120, 1)
	for i := range 12 {
		t := &terms{monthly: (1 + i%2) * many, weight: big.NewRat(int64(2+i%4), 2), has: map[string][]string{}, workdays: map[calendar.Day]bool{}}
		t.has["region"] = []string{[]string{"华东", "华南"}[i%2]}
		if i < 2 {
			t.has["region"] = []string{"华东", "华南"}
		}
		t.has["product_line"] = [][]string{{"硬件", "软件"}, {"服务"}, {"硬件"}}[i%3]
		t.has["tier"] = [][]string{{"A", "B"}, {"C", "D"}}[i/2%2]
		if i%4 == 0 {
			t.has["seniority"] = []string{"资深"}
		}
		switch i {
		case 10:
			t.joined = time.Date(2026, 2, 9, 0, 0, 0, 0, zone)
		case 11:
			t.joined = time.Date(2026, 4, 1, 0, 0, 0, 0, zone)
		}
		out[fmt.Sprintf("rep%03d", i)] = t
	}
	return out
}

// written are terms as the config has them.
func (t *terms) written() string {
	weight, _ := t.weight.Float64()
	parts := []string{fmt.Sprintf("monthly: %d, weight: %g", t.monthly, weight)}
	if !t.joined.IsZero() {
		parts = append(parts, "joined: "+t.joined.Format(time.DateOnly))
	}
	var has []string
	for _, name := range []string{"region", "product_line", "tier", "seniority"} {
		if values := t.has[name]; len(values) > 0 {
			has = append(has, fmt.Sprintf("%s: [%s]", name, strings.Join(values, ", ")))
		}
	}
	return strings.Join(append(parts, "attributes: {"+strings.Join(has, ", ")+"}"), ", ")
}

// part is which part of the full share a rep has, in thirds: one more with each month, from the first day on.
func (t *terms) part(at time.Time) int64 {
	for months := range 3 {
		if at.Before(t.joined.AddDate(0, months, 0)) { // nobody begins on a day that other months do not have
			return int64(months)
		}
	}
	return 3
}

// capacity is how many customers rules give to a rep in the month of an instant at most.
func (t *terms) capacity(at time.Time) int { return (t.monthly*int(t.part(at)) + 2) / 3 }

// share is what a rep's share by a strategy follows.
func (t *terms) share(strategy string, at time.Time) *big.Rat {
	full := big.NewRat(int64(t.monthly), 1)
	if strategy == "weighted" {
		full = t.weight
	}
	return new(big.Rat).Mul(full, big.NewRat(t.part(at), 3))
}

// onLeave reports whether a rep is away at an instant of a workday before people go home.
func (y *year) onLeave(person string, at time.Time) bool {
	day := calendar.DayOf(at, y.zone)
	return y.terms[person].workdays[day] && at.In(y.zone).Hour() < 17
}

// askLeave has a rep take the next day off.
func (y *year) askLeave(person string) {
	if tomorrow := calendar.DayOf(y.at, y.zone) + 1; workCalendar.Workday(tomorrow) {
		y.terms[person].workdays[tomorrow] = true
	}
}

// choiceID takes the id of a card apart that asks who gets a customer.
var choiceID = regexp.MustCompile(`^lead-(.+)-\d+-choose-`)

// choose has the manager press one of the names on a card that asks who gets a customer: the first by its id.
func (y *year) choose() {
	boss := y.people[12]
	message, card, action := "", "", ""
	for _, m := range y.messages("dingtalk", boss, 0) {
		if m.Card == nil || !strings.Contains(m.Card.ID, "-choose-") || card != "" && card < m.Card.ID {
			continue
		}
		if i := slices.IndexFunc(m.Card.Actions, func(a world.Action) bool { return a.Enabled }); i >= 0 {
			message, card, action = m.ID, m.Card.ID, m.Card.Actions[i].ID
		}
	}
	if m := choiceID.FindStringSubmatch(card); m != nil {
		y.acted[m[1]] = true
		y.clickOn("dingtalk", boss, message, action)
	}
}
