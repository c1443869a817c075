package chat

import (
	"context"
	"iter"
	"slices"
	"strings"
	"unicode"

	"lingke/internal/lang"
	"lingke/internal/report"
)

// reading is what a text was understood as.
type reading struct {
	command command
	rest    string // as it was typed; with the customer's name at its start, unless it is parted
	name    string // of the customer, once rest is parted
	parted  bool
	// guess says that no word named the command: it counts only if the customer is found.
	guess bool
	// meant is a command that cannot be taken back and that the text comes near: it is named, not run.
	meant string
}

// understand finds the command in a text, as people type it: an @-name and courtesies before it, full-width letters, capitals, traditional characters, missing blanks, pinyin,
// initials, slips; a sentence around a customer's name; or just a name and what is asked of it. Of what the text may be the first counts whose customer is found. What cannot be
// taken back is understood by its exact words alone.
func (s *Service) understand(ctx context.Context, q question, text string) (reading, bool, error) {
	t := s.addressed(newTyped(text)).withoutCivil()
	var unfound *reading // a command that was named, of a customer that is not there
	for r, err := range s.readings(ctx, q, t) {
		if err != nil {
			return r, false, err
		}
		if r.corrected() {
			continue
		}
		r, found, err := s.holds(ctx, q, r)
		if err != nil || found {
			return r, found, err
		}
		if !r.guess && unfound == nil {
			unfound = &r
		}
	}
	r, ok, err := s.byMention(ctx, t)
	if err != nil || ok || unfound == nil {
		return r, ok, err
	}
	return *unfound, true, nil
}

// readings are what a text may be, the likeliest first.
func (s *Service) readings(ctx context.Context, q question, t typed) iter.Seq2[reading, error] {
	one := func(read func() (reading, bool)) func() ([]reading, error) {
		return func() ([]reading, error) {
			if r, ok := read(); ok {
				return []reading{r}, nil
			}
			return nil, nil
		}
	}
	return func(yield func(reading, error) bool) {
		for _, read := range []func() ([]reading, error){
			one(func() (reading, bool) { return s.byWord(q, t) }),
			one(func() (reading, bool) { return s.byFilters(q, t) }),
			one(func() (reading, bool) { return s.nearly(q, t, true) }),
			func() ([]reading, error) { return s.bySentence(q, t), nil },
			func() ([]reading, error) { return s.byFrame(ctx, q, t) },
			one(func() (reading, bool) { return byForm(t) }),
			one(func() (reading, bool) { return s.nearly(q, t, false) }),
			func() ([]reading, error) { return s.respelt(ctx, q, t) },
			one(func() (reading, bool) { return guessed(t) }),
		} {
			all, err := read()
			if err != nil {
				yield(reading{}, err)
				return
			}
			for _, r := range all {
				if !yield(r, nil) {
					return
				}
			}
		}
	}
}

// holds finds where the customer's name ends in what a reading has, and reports whether there is such a customer; true where none is needed.
func (s *Service) holds(ctx context.Context, q question, r reading) (reading, bool, error) {
	switch {
	case r.meant != "":
		return r, true, nil
	case r.command.about == aboutNothing && r.name == "":
		return r, s.usable(q, r), nil
	case !r.parted && r.command.about != aboutNothing:
		var err error
		if r.name, r.rest, err = s.partName(ctx, r.command, r.rest); err != nil {
			return r, false, err
		}
		r.parted = true
	}
	if len([]rune(r.name)) < shortestName && (r.guess || r.name == "") {
		return r, !r.guess, nil // the person is asked which
	}
	found, err := s.search(ctx, r.name, r.command.ask != nil)
	return r, len(found) > 0 && s.usable(q, r), err
}

// corrected reports whether what a command would do was corrected behind it, 周三，不对，周四: which of both is meant is asked.
func (r reading) corrected() bool {
	return !r.command.reads && r.command.id != "note" && slices.ContainsFunc(corrections, func(w string) bool { return strings.Contains(newTyped(r.rest).text(), w) })
}

// usable reports whether a command can do something with what stands behind its word. Where it cannot, and nothing better is found, it says what it wants to have.
func (s *Service) usable(q question, r reading) bool {
	switch rest := r.rest; r.command.id {
	case "postpone":
		_, _, ok := s.later(q, rest)
		return ok || rest == ""
	case "report", "progress":
		if r.command.id == "progress" {
			_, rest = s.someone(rest)
		}
		period, _ := wantsLatest(rest)
		_, err := report.ParsePeriod(periodOf(period), q.at, s.Zone)
		return err == nil
	case "mute":
		_, no := s.muteOf(q, rest)
		return no == "" || slices.Contains(offWords, rest) || slices.Contains(defaultWords, rest) || slices.Contains(statusWords, rest)
	}
	return true
}

// withoutCivil is a text without clauses at its start and its end that are only polite; one that is nothing else stays.
func (t typed) withoutCivil() typed {
	whole := t
	for cut := true; cut && len(t.as) > 0; {
		blankEnd := len(t.folded) > 0 && ends(t.folded[len(t.folded)-1])
		first, last := slices.IndexFunc(t.folded, ends), lastIndexFunc(t.folded, ends)
		switch {
		case first >= 0 && unsaid(plainText(t.to(first).String()), civil) == 0:
			t = t.from(first + 1).trimmedLeft()
		case last >= 0 && !blankEnd && unsaid(plainText(t.from(last+1).String()), civil) == 0:
			t = t.to(last)
		default:
			cut = false
		}
	}
	if len(t.as) == 0 {
		return whole
	}
	return t
}

func lastIndexFunc(runes []rune, is func(rune) bool) int {
	for i := len(runes) - 1; i >= 0; i-- {
		if is(runes[i]) {
			return i
		}
	}
	return -1
}

// byWord reads a text that begins with a command's word, behind courtesies.
func (s *Service) byWord(q question, t typed) (reading, bool) {
	for _, t := range withoutLeadIns(t) {
		w, n := words().first(t)
		if near, longer := words().alike(t); longer > n && near.command.id == w.command.id {
			n = longer // 查寻 is no 查 of 寻…
		}
		if w.command.about != aboutNothing && !w.command.reads && s.isList(q, t.without(courtesies).String()) {
			return listReading(t.without(courtesies).String()), true // 成交客户有哪些 tells of no won deal
		}
		if n == 0 && s.isList(q, t.without(courtesies).String()) { // 我跟的A级客户: taken whole, before 我 goes as a courtesy
			return listReading(t.without(courtesies).String()), true
		}
		if n > 0 {
			if r, ok := s.behindWord(q, w.command, t.from(n)); ok {
				return r, true
			}
		}
	}
	return reading{}, false
}

// respelt reads a text with another word that sounds like one of it; it counts only where the rest of the text has its place.
func (s *Service) respelt(ctx context.Context, q question, t typed) (all []reading, err error) {
	for _, t := range respelled(t) {
		for _, r := range s.bySentence(q, t) {
			if r.command.ask == nil {
				all = append(all, r)
			}
		}
		found, err := s.byFrame(ctx, q, t)
		if err != nil {
			return nil, err
		}
		all = append(all, slices.DeleteFunc(found, func(r reading) bool { return r.command.ask != nil })...)
	}
	return all, nil
}

// byFilters reads a text that names nothing but what customers are listed by.
func (s *Service) byFilters(q question, t typed) (reading, bool) {
	for _, t := range withoutLeadIns(t) {
		if bare := t.without(courtesies).String(); s.isList(q, bare) {
			return listReading(bare), true
		}
	}
	return reading{}, false
}

// behindWord reads what stands behind a command's word.
func (s *Service) behindWord(q question, c command, rest typed) (reading, bool) {
	if c.about != aboutNothing {
		rest = rest.bareStart(particles)
	}
	rest = rest.trimmedLeft()
	if len(shapes[c.id].takes) > 0 {
		rest = rest.spelledOut()
	}
	bare := rest.without(courtesies)
	switch {
	case c.bare && len(bare.without(fillers).as) > 0:
		return reading{}, false
	case c.bare:
		if _, latest := wantsLatest(bare.String()); latest { // the filler that means something
			return reading{command: c, rest: latestWord}, true
		}
		return reading{command: c}, true
	case c.id == "mine" && s.filter(q, bare.String()).left != "":
		return reading{}, false
	case c.id == "look" && strings.HasSuffix(bare.text(), sourcesWord):
		sources, _ := commandByID("sources")
		return reading{command: sources, rest: bare.to(len(bare.as) - len([]rune(sourcesWord))).trimmed().String()}, true
	case c.id == "look" && s.isList(q, bare.String()):
		return listReading(bare.String()), true
	case c.about == aboutRest || c.about == aboutNothing:
		rest = bare
	}
	return reading{command: c, rest: strings.TrimSpace(rest.String())}, true
}

// byForm reads a question around a customer's name, without as many courtesies as there are.
func byForm(t typed) (reading, bool) {
	for _, t := range slices.Backward(withoutLeadIns(t)) {
		for _, bare := range []typed{t.trimmed(), t.trimmedLeft().without(courtesies)} {
			if name, ok := beforeWhy(bare); ok {
				why, _ := commandByID("why")
				return reading{command: why, rest: name, guess: true}, true
			}
			best, length := words().around(bare)
			if length == 0 {
				continue
			}
			name := bare.from(len([]rune(best.before)))
			name = name.to(len(name.as) - len([]rune(best.behind))).without(links)
			if len(name.as) > 0 {
				return reading{command: best.command, rest: strings.TrimSpace(name.trimmedLeft().String()), guess: true}, true
			}
		}
	}
	return reading{}, false
}

// beforeWhy is the name in a question like 华星为什么降级了.
func beforeWhy(t typed) (name string, ok bool) {
	for _, why := range whyWords {
		if before, _, found := strings.Cut(t.text(), why); found && before != "" {
			name := t.to(len([]rune(before))).without(links)
			return strings.TrimSpace(name.String()), len(name.as) > 0
		}
	}
	return "", false
}

// withoutLeadIns are a text and what is left of it as courtesies are taken off its start.
func withoutLeadIns(t typed) (all []typed) {
	for cut := true; cut; t, cut = t.cutPrefix(leadIns) {
		t = t.trimmedLeft()
		all = append(all, t)
	}
	return all
}

// nearly reads a text whose first word is nearly a command's; alone wants a blank behind it, or nothing.
func (s *Service) nearly(q question, t typed, alone bool) (reading, bool) {
	for _, t := range withoutLeadIns(t) {
		w, n := words().alike(t)
		if n == 0 && alone {
			w, n = words().nearlyAlike(t)
		}
		if n == 0 || alone && n < len(t.as) && !blank(t.as[n]) {
			continue
		}
		rest := t.from(n)
		if w.command.id == "list" && s.filter(q, rest.String()).left != "" {
			continue
		}
		if w.command.ask != nil && t.begins(w) > 0 {
			continue // that word itself, of a customer that is not there
		}
		if w.command.ask != nil {
			return reading{meant: w.name()}, true
		}
		if w.command.about != aboutNothing {
			rest, _ = rest.cutPrefix(particles)
		}
		if w.command.bare {
			if len(rest.without(courtesies).without(fillers).as) > 0 {
				continue
			}
			rest = rest.to(0)
		}
		slip := w.latin && w.command.about != aboutNothing // this case is no cause: it counts with a customer
		return reading{command: w.command, rest: strings.TrimSpace(rest.trimmedLeft().String()), guess: slip}, true
	}
	return reading{}, false
}

// guessed takes a short text for a customer's name.
func guessed(t typed) (reading, bool) {
	all := withoutLeadIns(t)
	t = all[len(all)-1].without(courtesies)
	const shortest, longest = 2, 40
	if len(t.as) < shortest || len(t.as) > longest {
		return reading{}, false
	}
	look, _ := commandByID("look")
	return reading{command: look, rest: strings.TrimSpace(t.String()), guess: true}, true
}

func listReading(filters string) reading {
	list, _ := commandByID("list")
	return reading{command: list, rest: filters}
}

func (t typed) trimmedLeft() typed {
	for len(t.as) > 0 && blank(t.as[0]) {
		t = t.from(1)
	}
	return t
}

// addressed is a text without the @-names that it is addressed to; a colleague at its end stays: 转交 苏宁 给 @李娜.
func (s *Service) addressed(t typed) typed {
	less := withoutMentions(t)
	if at := strings.LastIndex(t.text(), " @"); at >= 0 {
		if _, no := s.person(lang.Chinese, t.text()[at+1:]); no == "" {
			whole := typed{slices.Concat(less.as, t.as[len([]rune(t.text()[:at])):]), slices.Concat(less.folded, t.folded[len([]rune(t.text()[:at])):])}
			return whole
		}
	}
	return less
}

// withoutMentions cuts @-names off the start, each up to the blank behind it, and off the end.
func withoutMentions(t typed) typed {
	t = newTyped(strings.TrimSpace(t.String()))
	for len(t.folded) > 0 && t.folded[0] == '@' {
		end := 0
		for end < len(t.as) && !unicode.IsSpace(t.as[end]) {
			end++
		}
		if end == len(t.as) {
			return t
		}
		t = t.from(end).trimmedLeft()
	}
	if at := strings.LastIndex(t.text(), " @"); at >= 0 && !strings.ContainsFunc(t.text()[at+1:], unicode.IsSpace) {
		t = t.to(len([]rune(t.text()[:at])))
	}
	return t
}

// withoutMention cuts an @-name off the start, up to the blank behind it.
func withoutMention(text string) string { return withoutMentions(newTyped(text)).String() }

// blank reports whether a character only parts words.
func blank(r rune) bool {
	return unicode.IsSpace(r) || unicode.Is(unicode.So, r) || r == emojiTail || strings.ContainsRune("，。：:、,.．！!；;~～…", r)
}

// emojiTail follows a character that is to be drawn as a picture.
const emojiTail = '\ufe0f'

// around reports whether a character at the edge of a customer's name is none of it.
func around(r rune) bool { return blank(r) || strings.ContainsRune("?？“”\"", r) }
