package chat

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"lingke/internal/access"
	"lingke/internal/calendar"
	"lingke/internal/report"
)

// A sentence is a whole text around what a command needs, in any order: 把{}转给{who}, {}延到{when} {say}. It is a regular expression over a folded text (typed.go) in which
// stand slots: {} is a customer's name, {who} a person, {when} a day or a time, {per} a period, {money} an amount, {amount} points or percents, {say} what is kept as it was
// typed. A group named up or down gives {amount} its sign, one named as is kept like a slot. What the slots hold, in the order of their places, is what the command gets behind the name.
//
// A sentence counts only where its customer is found and its times are times. Nothing in it may stand between a name and a word that takes the command back: names are looked up
// whole, so that 先别 and 张伟把 are part of no name.
type sentence struct {
	pattern *regexp.Regexp
	command command
}

var slots = strings.NewReplacer(
	"{}", `(?P<name>.+?)`, "{who}", `@?(?P<who>[\p{Han}a-z][\p{Han}a-z0-9_.-]{1,15}?)`, "{when}", `(?P<when>.{1,24}?)`, "{per}", `(?P<per>.{1,16}?)`,
	"{money}", `(?P<money>[¥]?\d[\d,.]*\s?(?:亿|千万|百万|万|千|w|k)?(?:元|块|rmb)?)`, "{amount}", `(?P<amount>\d{1,3}(?:\.\d+)?(?:%|个点|分)?)`, "{say}", `(?P<say>.*)`,
	"{,}", `[\s,。:、.!;]*`, "{ }", `[\s,。:、.!;]+`,
)

var sentences = sync.OnceValue(func() []sentence {
	var all []sentence
	for _, c := range commands() {
		for _, text := range slices.Concat(phrases[c.id], behindNames(c)) {
			all = append(all, sentence{regexp.MustCompile(`(?s)^(?:` + slots.Replace(text) + `)$`), c})
		}
	}
	return all
})

// behindNames are sentences that begin with the customer: 宇通客车 跟进 发了合同. What follows the word stands apart from it, so that 跟进得怎么样 is none.
func behindNames(c command) (all []string) {
	if c.about != aboutFirstWord || c.reads || c.ask != nil {
		return nil
	}
	for _, w := range c.words {
		if strings.ContainsFunc(w, han) && len([]rune(w)) > 1 {
			all = append(all, `{}{,}`+regexp.QuoteMeta(w)+afterWord)
		}
	}
	return all
}

// bySentence returns what a text may be as a sentence, that with the most words of its own first.
func (s *Service) bySentence(q question, t typed) (all []reading) {
	type match struct {
		reading
		own int
	}
	var found []match
	for _, t := range withoutLeadIns(t) {
		looked, looks := t.cutPrefix(lookVerbs)
		for i, t := range []typed{t.trimmed(), t.without(courtesies), looked.without(courtesies)} {
			text := t.text()
			for _, x := range sentences() {
				if i == 2 && (!looks || !x.command.reads) { // 查中科智慧的电话
					continue
				}
				if m := x.pattern.FindStringSubmatchIndex(text); m != nil && !questioned(x, text, m) {
					if r, own, ok := s.slotted(q, x, t, m); ok {
						found = append(found, match{r, own})
					}
				}
			}
		}
	}
	slices.SortStableFunc(found, func(a, b match) int { return b.own - a.own })
	for _, m := range found {
		all = append(all, m.reading)
	}
	return all
}

// slotted makes a reading of a match, and tells how many characters of the text are the sentence's own.
func (s *Service) slotted(q question, x sentence, t typed, m []int) (r reading, own int, ok bool) {
	r = reading{command: x.command, guess: true}
	own = len(t.as)
	var parts []string
	sign := ""
	for i, group := range x.pattern.SubexpNames() {
		if group == "" || m[2*i] < 0 {
			continue
		}
		// Offsets are those of the folded text, which has as many characters as what was typed.
		from, to := utf8.RuneCountInString(t.text()[:m[2*i]]), utf8.RuneCountInString(t.text()[:m[2*i+1]])
		part := strings.TrimFunc(t.from(from).to(to-from).String(), around)
		switch group {
		case "up":
			sign = "+"
			continue
		case "down":
			sign = "-"
			continue
		case "name":
			r.name, own = strings.TrimSpace(t.from(from).to(to-from).without(links).String()), own-(to-from)
			continue
		case "amount":
			part = sign + strings.TrimSuffix(strings.Replace(part, percentWord, "%", 1), pointWord)
		case "as":
		case "who":
			part, own = newTyped(part).without(courtesies).String(), own-(to-from)
		default:
			own -= to - from
		}
		if !s.fits(q, group, part) {
			return r, 0, false
		}
		if part != "" {
			parts = append(parts, part)
		}
	}
	r.rest = strings.Join(parts, " ")
	r.parted = x.command.about != aboutNothing
	if !r.parted && r.name != "" { // it finds the customer itself; see showLog
		r.rest = r.name
	}
	return r, own, true
}

// fits reports whether a slot holds what it is for.
func (s *Service) fits(q question, slot, part string) bool {
	switch slot {
	case "when":
		return s.isTime(q, part)
	case "per":
		period, _ := wantsLatest(part)
		_, err := report.ParsePeriod(periodOf(period), q.at, s.Zone)
		return err == nil && part != ""
	case "who":
		if slices.ContainsFunc(askWords, func(w string) bool { return strings.Contains(part, w) }) {
			return false
		}
		part = newTyped(part).text()
		_, no := s.person(q.who.Language, part) // somebody nobody knows is told so, but not 李娜去做
		return no == "" || !slices.ContainsFunc(s.People.All(), func(p access.Person) bool { return strings.Contains(part, newTyped(p.Name).text()) })
	}
	return true
}

// questioned reports whether a sentence that would change something only asks, apart from what is kept as it was typed.
func questioned(x sentence, text string, m []int) bool {
	if x.command.reads || x.command.about == aboutNothing {
		return false
	}
	if i := 2 * x.pattern.SubexpIndex("say"); i > 0 && m[i] >= 0 && x.command.ask == nil {
		text = text[:m[i]] + text[m[i+1]:]
	}
	return asked(text)
}

// asked reports whether a text asks instead of telling, so that nothing is done that cannot be taken back.
func asked(text string) bool {
	return slices.ContainsFunc(askWords, func(w string) bool { return strings.Contains(text, w) }) || strings.HasSuffix(text, "?")
}

// isTime reports whether a text is a time that somebody names: 两天, 2个工作日, 明天下午三点, 12月1日-12月3日.
func (s *Service) isTime(q question, text string) bool {
	t, _ := newTyped(text).trimmed().cutPrefix(untilWords)
	t, _ = t.cutPrefix([]string{thisWord})
	text = t.String()
	if _, err := calendar.ParseSpan(text); err == nil {
		return true
	}
	if _, _, ok := parseDays(text, q.at, s.Zone); ok {
		return true
	}
	if _, rest, ok := calendar.ParseLasting(text); ok && strings.TrimFunc(rest, around) == "" {
		return true
	}
	_, rest, ok := calendar.ParseWhen(text, q.at.In(s.Zone))
	return ok && strings.TrimFunc(rest, around) == ""
}
