package chat

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"lingke/internal/access"
	"lingke/internal/cards"
	"lingke/internal/store"
)

// filter is which customers somebody wants listed.
type filter struct {
	query  store.CustomerQuery
	tier   cards.Tier
	owner  access.Person
	team   string
	period period
	// said tells that the text speaks of a list and not of one customer: it has a word for it, or a filter that is no name.
	said bool
	left string // what was not understood; "" where everything was
}

// period is a span of time as people name it.
type period struct {
	name     textPair
	from, to time.Time
}

// term is a text that people filter by, and what it does.
type term struct {
	text string
	use  func(f *filter)
	loud bool // is no name of anything else: a text of such terms alone asks for a list
}

// isList reports whether a text asks for a list of customers and nothing else.
func (s *Service) isList(q question, text string) bool {
	f := s.filter(q, text)
	return f.left == "" && f.said
}

// filter reads a text as filters. The longest term at each place counts.
func (s *Service) filter(q question, text string) filter {
	var f filter
	terms := s.terms(q)
	rest := newTyped(text).trimmed().text()
	for rest = strings.TrimLeftFunc(rest, around); rest != ""; rest = strings.TrimLeftFunc(rest, around) {
		if n := f.takeTier(rest, s.cards(q).Tiers()); n > 0 {
			rest = rest[n:]
			continue
		}
		if n := f.takeDays(rest, s.day(q.at)); n > 0 {
			rest = rest[n:]
			continue
		}
		best := -1
		for i, t := range terms {
			if strings.HasPrefix(rest, t.text) && (best < 0 || len(t.text) > len(terms[best].text)) {
				best = i
			}
		}
		if best < 0 {
			f.left = rest
			return f
		}
		if terms[best].use != nil {
			terms[best].use(&f)
		}
		f.said = f.said || terms[best].loud
		rest = rest[len(terms[best].text):]
	}
	return f
}

// takeTier takes a tier off the start: A级, a 类, 层级A, A at the end or before 客户.
func (f *filter) takeTier(rest string, tiers []cards.Tier) int {
	for _, tier := range tiers {
		id := newTyped(tier.ID).text()
		for _, before := range tierBefore {
			if n := len(before + id); strings.HasPrefix(rest, before+id) && !latinNext(rest[n:]) {
				f.tier, f.query.Tier, f.said = tier, tier.ID, true
				return n
			}
		}
		behind, found := strings.CutPrefix(rest, id)
		if !found || latinNext(behind) {
			continue
		}
		behind = strings.TrimLeft(behind, " ")
		for _, word := range tierBehind {
			if strings.HasPrefix(behind, word) {
				f.tier, f.query.Tier, f.said = tier, tier.ID, true
				return len(rest) - len(behind) + len(word)
			}
		}
		if behind == "" || strings.HasPrefix(behind, listNouns[0]) || strings.HasPrefix(behind, listNouns[1]) {
			f.tier, f.query.Tier, f.said = tier, tier.ID, true
			return len(rest) - len(behind)
		}
	}
	return 0
}

func latinNext(text string) bool {
	return text != "" && letter([]rune(text)[0])
}

// takeDays takes a number of days, weeks, months or years up to now off the start: 近30天, 最近三个月.
func (f *filter) takeDays(rest string, today time.Time) int {
	m := lastDays.FindStringSubmatch(rest)
	if m == nil {
		return 0
	}
	n, err := strconv.Atoi(m[1])
	if err != nil {
		n = chineseCount[m[1]]
	}
	var from time.Time
	switch unit := strings.TrimSuffix(strings.TrimSpace(m[2]), "s"); {
	case slices.Contains(spans.months, unit):
		from = today.AddDate(0, -n, 0)
	case slices.Contains(spans.years, unit):
		from = today.AddDate(-n, 0, 0)
	case slices.Contains(spans.weeks, unit):
		from = today.AddDate(0, 0, -7*n)
	default:
		from = today.AddDate(0, 0, -n)
	}
	f.during(period{textPair{m[0], m[0]}, from, time.Time{}})
	return len(m[0])
}

func (f *filter) during(p period) {
	f.period, f.query.ActiveFrom, f.query.ActiveTo = p, p.from.UTC(), p.to.UTC()
	if p.to.IsZero() {
		f.query.ActiveTo = time.Time{}
	}
}

// day is the beginning of the day of an instant where the company is.
func (s *Service) day(at time.Time) time.Time {
	y, m, d := at.In(s.Zone).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, s.Zone)
}

// terms are what can be filtered by: fixed words, and what the company calls its people, teams, pools and tiers.
func (s *Service) terms(q question) []term {
	all := slices.Concat(plainTerms, s.periodTerms(q.at))
	owned := func(by string) func(*filter) { return func(f *filter) { f.query.Owner = by } }
	for _, text := range mineWords {
		all = append(all, term{text, func(f *filter) { f.owner = q.who; f.query.Owner = q.who.ID }, true})
	}
	for _, text := range unownedWords {
		all = append(all, term{text, func(f *filter) { f.query.Unowned = true }, true})
	}
	for _, text := range riskWords {
		all = append(all, term{text, func(f *filter) { f.query.AtRisk = true }, true})
	}
	for _, text := range ourTeamWords {
		all = append(all, term{text, s.ofTeam(q.who.Team), true})
	}
	for stage, names := range stageWords {
		for _, text := range names {
			all = append(all, term{text, func(f *filter) { f.query.Stage = stage }, true})
		}
	}
	for _, region := range regions {
		all = append(all, term{region, func(f *filter) { f.query.Region = region }, false})
	}
	teams := map[string]bool{}
	for _, p := range s.People.All() {
		use := func(f *filter) { f.owner = p; owned(p.ID)(f) }
		all = append(all, term{newTyped(p.Name).text(), use, false})
		if p.Team != "" && !teams[p.Team] {
			teams[p.Team] = true
			all = append(all, term{newTyped(p.Team).text(), s.ofTeam(p.Team), true})
		}
	}
	for _, pool := range s.Pools() {
		all = append(all, term{newTyped(pool.Name).text(), func(f *filter) { f.query.Pool = pool.Name }, true})
	}
	for _, tier := range s.cards(q).Tiers() {
		if tier.Title != "" && tier.Title != tier.ID {
			all = append(all, term{newTyped(tier.Title).text(), func(f *filter) { f.tier, f.query.Tier = tier, tier.ID }, true})
		}
	}
	return slices.DeleteFunc(all, func(t term) bool { return t.text == "" })
}

// ofTeam selects what the members of a team own. A team of nobody owns nothing.
func (s *Service) ofTeam(team string) func(*filter) {
	return func(f *filter) {
		f.team, f.query.Owners = team, []string{""}
		for _, p := range s.People.Team(team) {
			f.query.Owners = append(f.query.Owners, p.ID)
		}
		if len(f.query.Owners) > 1 {
			f.query.Owners = f.query.Owners[1:]
		}
	}
}

// periodTerms are the spans that people name by a word.
func (s *Service) periodTerms(at time.Time) []term {
	today := s.day(at)
	month := today.AddDate(0, 0, 1-today.Day())
	quarter := month.AddDate(0, -int(month.Month()-1)%3, 0)
	year := month.AddDate(0, 1-int(month.Month()), 0)
	week := today.AddDate(0, 0, -(int(today.Weekday())+6)%7)
	var all []term
	for name, span := range map[textPair][2]time.Time{
		thisWeek: {week, {}}, lastWeek: {week.AddDate(0, 0, -7), week}, thisMonth: {month, {}}, lastMonth: {month.AddDate(0, -1, 0), month},
		thisQuarter: {quarter, {}}, lastQuarter: {quarter.AddDate(0, -3, 0), quarter}, thisYear: {year, {}}, lastYear: {year.AddDate(-1, 0, 0), year},
	} {
		p := period{name, span[0], span[1]}
		for _, text := range periodWords[name] {
			all = append(all, term{text, func(f *filter) { f.during(p) }, false})
		}
	}
	return all
}
