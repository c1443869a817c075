package chat

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"lingke/internal/access"
	"lingke/internal/calendar"
	"lingke/internal/cards"
	"lingke/internal/customer/names"
	"lingke/internal/customer/sound"
	"lingke/internal/numerals"
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
	// clash is what cannot be asked for together with what was named before: a second tier.
	clash string
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
	// spelled terms are typed in pinyin, and end where no letter follows.
	spelled bool
}

// isList reports whether a text asks for a list of customers and nothing else.
func (s *Service) isList(q question, text string) bool {
	f := s.filter(q, text)
	return f.left == "" && f.said
}

// filter reads a text as filters. The longest term at each place counts.
func (s *Service) filter(q question, text string) filter {
	f, skipped := s.filters(q, text)
	f.left = ""
	if len(skipped) > 0 {
		f.left = skipped[0].rest
	}
	return f
}

// skipped is what in a text was no filter, and the text from there on.
type skipped struct{ text, rest string }

// filters reads the filters that a text has, and tells what is between them.
func (s *Service) filters(q question, text string) (f filter, between []skipped) {
	rest := newTyped(text).trimmed().text()
	terms := s.terms(q)
	pinyin := !strings.ContainsFunc(rest, han)
	if pinyin {
		terms = append(terms, spelledTerms(terms)...)
	}
	today, tiers := s.day(q.at), s.cards(q).Tiers()
	behind := true // nothing was skipped just before
	for rest = strings.TrimLeftFunc(rest, around); rest != ""; rest = strings.TrimLeftFunc(rest, around) {
		n := f.takeTier(rest, tiers)
		for _, take := range []func(string, time.Time) int{f.takeDays, f.takeQuarter} {
			if n == 0 {
				n = take(rest, today)
			}
		}
		if n == 0 {
			n = f.takeTerm(rest, terms, pinyin)
		}
		if n == 0 {
			n = len(string([]rune(rest)[:1]))
			if behind {
				between = append(between, skipped{rest: rest})
			}
			between[len(between)-1].text += rest[:n]
			behind = false
		} else {
			behind = true
		}
		rest = rest[n:]
	}
	return f, between
}

// takeTerm takes the longest term or place off the start.
func (f *filter) takeTerm(rest string, terms []term, pinyin bool) int {
	best := -1
	for i, t := range terms {
		if strings.HasPrefix(rest, t.text) && (!t.spelled || !latinNext(rest[len(t.text):])) && (best < 0 || len(t.text) > len(terms[best].text)) {
			best = i
		}
	}
	place, n := placeAt(rest, pinyin)
	switch {
	case n > 0 && (best < 0 || n > len(terms[best].text)):
		f.query.Place = place
		return n
	case best < 0:
		return 0
	case terms[best].use != nil:
		terms[best].use(f)
	}
	f.said = f.said || terms[best].loud
	return len(terms[best].text)
}

// placeAt is the place that a text begins with, and how much of the text that is.
func placeAt(rest string, pinyin bool) (place string, n int) {
	if pinyin {
		end := strings.IndexFunc(rest, func(r rune) bool { return !letter(r) })
		if end < 0 {
			end = len(rest)
		}
		return spelledPlaces()[rest[:end]], end * min(1, len(spelledPlaces()[rest[:end]]))
	}
	runes := []rune(rest)
	for size := min(longestPlace, len(runes)); size >= 2; size-- {
		if text := string(runes[:size]); names.IsPlace(text) {
			return text, len(text)
		}
	}
	return "", 0
}

// longestPlace is how many characters a place has that is looked for.
const longestPlace = 5

// spelledPlaces are the places that are spelled like no other, by their pinyin.
var spelledPlaces = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	for _, place := range names.Places() {
		spelled := sound.Spell(place)
		if _, twice := all[spelled]; twice {
			place = ""
		}
		all[spelled] = place
	}
	return all
})

// takeTier takes a tier off the start: A级, a 类, 层级A, A at the end or before 客户.
func (f *filter) takeTier(rest string, tiers []cards.Tier) int {
	for _, tier := range tiers {
		id := newTyped(tier.ID).text()
		for _, before := range tierBefore {
			if n := len(before + id); strings.HasPrefix(rest, before+id) && !latinNext(rest[n:]) {
				f.ofTier(tier)
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
				f.ofTier(tier)
				return len(rest) - len(behind) + len(word)
			}
		}
		if behind == "" || len(behind) < len(rest)-len(id) && strings.ContainsFunc(behind, han) || strings.HasPrefix(behind, listNouns[0]) || strings.HasPrefix(behind, listNouns[1]) {
			f.ofTier(tier)
			return len(rest) - len(behind)
		}
	}
	return 0
}

// ofTier restricts to a tier.
func (f *filter) ofTier(tier cards.Tier) {
	if f.tier.ID != "" && f.tier.ID != tier.ID {
		f.clash = tier.ID
	}
	f.tier, f.query.Tier, f.said = tier, tier.ID, true
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
	n, half := numerals.Count(m[1]), m[1] == halfWord
	var from time.Time
	switch unit := strings.TrimSuffix(strings.TrimSpace(m[2]), "s"); {
	case half && slices.Contains(spans.years, unit):
		from = calendar.MonthsAfter(today, -6)
	case half && slices.Contains(spans.months, unit):
		from = today.AddDate(0, 0, -15)
	case n == 0:
		return 0
	case slices.Contains(spans.months, unit):
		from = calendar.MonthsAfter(today, -n)
	case slices.Contains(spans.years, unit):
		from = calendar.MonthsAfter(today, -12*n)
	case slices.Contains(spans.weeks, unit):
		from = today.AddDate(0, 0, -7*n)
	default:
		from = today.AddDate(0, 0, -n)
	}
	f.during(period{textPair{m[0], m[0]}, from, time.Time{}})
	return len(m[0])
}

// quarterWords are the quarters of a year; the one that began last is meant.
var quarterWords = regexp.MustCompile(`^(?:第?([一二三四1-4])(?:个)?季度|q([1-4]))`)

// takeQuarter takes a quarter that has a number off the start: 三季度, Q3.
func (f *filter) takeQuarter(rest string, today time.Time) int {
	m := quarterWords.FindStringSubmatch(rest)
	if m == nil {
		return 0
	}
	n := numerals.Count(m[1] + m[2])
	from := time.Date(today.Year(), time.Month(3*n-2), 1, 0, 0, 0, 0, today.Location())
	if from.After(today) {
		from = from.AddDate(-1, 0, 0)
	}
	f.during(period{textPair{m[0], m[0]}, from, from.AddDate(0, 3, 0)})
	return len(m[0])
}

// shortestInitials is how many characters a term has that is known by its initials.
const shortestInitials = 4

// spelledTerms are Chinese terms as they are typed in pinyin, wurenrenling, and long ones by their initials: wrrl.
func spelledTerms(all []term) (spelled []term) {
	for _, t := range all {
		if n := len([]rune(t.text)); n >= 2 && strings.ContainsFunc(t.text, han) {
			initials := sound.Initials(t.text)
			t.text, t.spelled = sound.Spell(t.text), true
			spelled = append(spelled, t)
			if n >= shortestInitials {
				t.text = initials
				spelled = append(spelled, t)
			}
		}
	}
	return spelled
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
		all = append(all, term{text: text, use: func(f *filter) { f.owner = q.who; f.query.Owner = q.who.ID }, loud: true})
	}
	for _, text := range unownedWords {
		all = append(all, term{text: text, use: func(f *filter) { f.query.Unowned = true }, loud: true})
	}
	for _, text := range riskWords {
		all = append(all, term{text: text, use: func(f *filter) { f.query.AtRisk = true }, loud: true})
	}
	for _, text := range ourTeamWords {
		all = append(all, term{text: text, use: s.ofTeam(q.who.Team), loud: true})
	}
	for stage, names := range stageWords {
		for _, text := range names {
			all = append(all, term{text: text, use: func(f *filter) { f.query.Stage = stage }, loud: true})
		}
	}
	for _, region := range regions {
		all = append(all, term{text: region, use: func(f *filter) { f.query.Place = region }})
	}
	teams := map[string]bool{}
	for _, p := range s.People.All() {
		use := func(f *filter) { f.owner = p; owned(p.ID)(f) }
		all = append(all, term{text: newTyped(p.Name).text(), use: use}, term{text: newTyped(p.ID).text(), use: use, spelled: true})
		if p.Team != "" && !teams[p.Team] {
			teams[p.Team] = true
			all = append(all, term{text: newTyped(p.Team).text(), use: s.ofTeam(p.Team), loud: true})
		}
	}
	for _, pool := range s.Pools() {
		all = append(all, term{text: newTyped(pool.Name).text(), use: func(f *filter) { f.query.Pool = pool.Name }, loud: true})
	}
	for _, tier := range s.cards(q).Tiers() {
		for _, title := range []string{tier.Title, tier.English} {
			if title != "" && !strings.EqualFold(title, tier.ID) {
				all = append(all, term{text: newTyped(title).text(), use: func(f *filter) { f.ofTier(tier) }, loud: true})
			}
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
			all = append(all, term{text: text, use: func(f *filter) { f.during(p) }})
		}
	}
	return all
}
