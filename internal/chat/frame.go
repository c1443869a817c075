package chat

import (
	"cmp"
	"context"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"

	"lingke/internal/customer/names"
	"lingke/internal/store"
)

// A frame is a text in which what a command needs has been found and stands for itself, wherever it stands: a customer, a colleague, a time, an amount, points, a period. What
// is left are verbs, which name the command (verbs.go), and words that surround it; what neither is, is kept as what somebody wants to say, or makes the text none of that command.
//
// So 云栖软件那个任务帮我延到后天吧客户出差了 is ⟨customer⟩那个任务帮我延到⟨time⟩吧客户出差了, of which 延到⟨time⟩ is the verb of a postponement, 那个任务帮我 and 吧 say nothing, and 客户出差了 is its
// reason.
type frame struct {
	typed         // as it was typed
	masked []rune // as commands are compared, with a mark in place of each slot; as long as the text
	slots  []slot
	name   string // of the customer; "" for none
	mended bool   // somebody corrected a slot, and the last one counts
}

// slot is a part of a text that a command needs.
type slot struct {
	mark     rune
	from, to int
	text     string
}

// The marks of slots: no text has them, since they are characters for private use. A slot longer than one character is followed by as many fills.
const (
	markName   = '\ue000' + iota // {n}
	markPerson                   // {p}
	markTime                     // {t}
	markMoney                    // {m}
	markPoints                   // {a}
	markPeriod                   // {d}
	markFill
)

var marks = strings.NewReplacer("{n}", slotPattern(markName), "{p}", slotPattern(markPerson), "{t}", slotPattern(markTime), "{m}", slotPattern(markMoney), "{a}", slotPattern(markPoints), "{d}", slotPattern(markPeriod), "{,}", `[\s,。:、.!;]*`)

func slotPattern(mark rune) string { return string(mark) + string(markFill) + `*` }

// verb is a way in which people name a command, in a text with marks.
type verb struct {
	pattern *regexp.Regexp
	command command
}

var allVerbs = sync.OnceValue(func() []verb {
	var all []verb
	for _, c := range commands() {
		for _, text := range verbs[c.id] {
			pattern := regexp.MustCompile(marks.Replace(text))
			pattern.Longest()
			all = append(all, verb{pattern, c})
		}
	}
	return all
})

// byFrame returns what a text may be by its slots and verbs, that of the longest verb first.
func (s *Service) byFrame(ctx context.Context, q question, t typed) ([]reading, error) {
	if len(t.as) > longestChat+longestChat/2 {
		return nil, nil
	}
	t = t.trimmed()
	bare := s.frame(q, t, 0, 0)
	from, to, err := s.nameAt(ctx, bare)
	if err != nil {
		return nil, err
	}
	var all []filling
	if from < to {
		all = s.matches(q, s.frame(q, t, from, to))
	}
	all = append(all, s.matches(q, bare)...)
	slices.SortStableFunc(all, func(a, b filling) int { return cmp.Compare(b.own, a.own) })
	var readings []reading
	for _, m := range all {
		if !slices.ContainsFunc(all, m.within) {
			readings = append(readings, m.reading)
		}
	}
	switch {
	case from == to:
		readings = append(readings, s.loosely(q, t)...)
	case names.IsPlace(t.from(from).to(to - from).text()): // where customers are rather than one that is named after it
		readings = append(s.loosely(q, t), readings...)
	}
	return readings, nil
}

// loosely reads a text as filters of a list with words around them that filter nothing.
func (s *Service) loosely(q question, t typed) []reading {
	f, between := s.filters(q, t.text())
	unknown, understood := 0, t.text()
	for i, x := range between {
		understood = strings.Replace(understood, x.text, " ", 1)
		if i == len(between)-1 && strings.TrimFunc(x.rest, around) == noneBehind { // 有客户没
			continue
		}
		if denied(x.text) || strings.ContainsFunc(x.text, letter) || slices.ContainsFunc(exceptions, func(w string) bool { return strings.Contains(x.text, w) }) {
			return nil
		}
		unknown += unsaid(x.text, readPadding)
	}
	if !f.said || unknown > mostUnknown-1 || reflect.DeepEqual(f.query, store.CustomerQuery{}) {
		return nil
	}
	return []reading{listReading(strings.Join(strings.Fields(understood), " "))}
}

// frame finds the slots of a text, of which the characters between from and to are the customer's name.
func (s *Service) frame(q question, t typed, from, to int) frame {
	f := frame{typed: t, masked: slices.Clone(t.folded)}
	if from < to {
		f.put(markName, from, to)
		f.name = f.slots[0].text
	}
	s.findPeople(&f)
	f.findPatterns(markPoints, pointsText)
	s.findTimes(q, &f)
	f.findPatterns(markMoney, moneyText)
	f.mend()
	return f
}

// mending stands between what was typed by mistake and what is meant: 延到周三，不对，是周四.
var mending = regexp.MustCompile(`^[\s,。!]*(?:哦|噢|啊|呃|额|诶|唉)?(?:不对|说错了?|打错了?|写错了?|错了|不是|不|更正)[\s,。!]*(?:应该|应该是|是|延|推|改|加|减|扣|分|派|交|转|到|给)*$`)

// mend takes the later of two slots of a kind where it corrects the one before.
func (f *frame) mend() {
	slices.SortFunc(f.slots, func(a, b slot) int { return cmp.Compare(a.from, b.from) })
	for i := len(f.slots) - 1; i > 0; i-- {
		a, b := f.slots[i-1], f.slots[i]
		if a.mark != b.mark || a.mark == markName || !mending.MatchString(string(f.folded[a.to:b.from])) {
			continue
		}
		f.slots = slices.Delete(f.slots, i, i+1)
		f.slots[i-1] = slot{a.mark, a.from, b.to, b.text}
		for j := a.from + 1; j < b.to; j++ {
			f.masked[j] = markFill
		}
		f.mended = true
	}
}

// put marks a slot.
func (f *frame) put(mark rune, from, to int) {
	f.slots = append(f.slots, slot{mark, from, to, strings.TrimFunc(f.from(from).to(to-from).String(), around)})
	for i := from; i < to; i++ {
		f.masked[i] = markFill
	}
	f.masked[from] = mark
}

func (f *frame) free(from, to int) bool {
	return !slices.ContainsFunc(f.masked[from:to], func(r rune) bool { return r >= markName && r <= markFill })
}

// findPeople marks colleagues, by name or id, with the @ before it.
func (s *Service) findPeople(f *frame) {
	for _, p := range s.People.All() {
		for _, called := range []string{p.Name, p.ID} {
			called := newTyped(called).folded
			for i := 0; len(called) > 1 && i+len(called) <= len(f.folded); i++ {
				if !slices.Equal(f.folded[i:i+len(called)], called) || !f.free(i, i+len(called)) || letter(called[0]) && !wholeWord(f.typed, i, len(called)) {
					continue
				}
				from := i
				if from > 0 && f.folded[from-1] == '@' {
					from--
				}
				f.put(markPerson, from, i+len(called))
				f.slots[len(f.slots)-1].text = strings.TrimLeft(f.slots[len(f.slots)-1].text, "@＠")
			}
		}
	}
}

// longestTime is how many characters a time may have: 下下个星期三下午三点半.
const longestTime = 14

// findTimes marks times and periods, the longest at each place.
func (s *Service) findTimes(q question, f *frame) {
	for i := 0; i < len(f.folded); i++ {
		for n := min(longestTime, len(f.folded)-i); n > 1; n-- {
			if !f.free(i, i+n) || blank(f.folded[i]) || blank(f.folded[i+n-1]) || letter(f.folded[i]) && i > 0 && letter(f.folded[i-1]) || letter(f.folded[i+n-1]) && i+n < len(f.folded) && letter(f.folded[i+n]) {
				continue
			}
			text := string(f.folded[i : i+n])
			switch {
			case s.isTime(q, text) && !bareNumber(text) && !startsAtSlot(text):
				f.put(markTime, i, i+n)
			case s.fits(q, "per", text) && len(newTyped(text).without(figureWords).as) == n:
				f.put(markPeriod, i, i+n)
			default:
				continue
			}
			i += n - 1
			break
		}
	}
}

// bareNumber reports whether a text is a number alone, which is a day only behind 到.
func bareNumber(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsDigit(r) && r != '.' && r != '-' && r != '/' })
}

// startsAtSlot reports whether a time begins with a word that belongs to the verb before it.
func startsAtSlot(text string) bool {
	_, cut := newTyped(text).cutPrefix(untilWords)
	return cut
}

func (f *frame) findPatterns(mark rune, pattern *regexp.Regexp) {
	for _, m := range pattern.FindAllStringIndex(string(f.masked), -1) {
		from, to := len([]rune(string(f.masked)[:m[0]])), len([]rune(string(f.masked)[:m[1]]))
		if minutes := to < len(f.folded) && slices.Contains(minuteTails, f.folded[to]); f.free(from, to) && (from == 0 || !letter(f.folded[from-1])) && !minutes {
			f.put(mark, from, to)
		}
	}
}

// slotOf is the first slot of a kind; false where there is none.
func (f *frame) slotOf(mark rune) (slot, bool) {
	i := slices.IndexFunc(f.slots, func(x slot) bool { return x.mark == mark })
	if i < 0 {
		return slot{}, false
	}
	return f.slots[i], true
}

// nameAt finds where a customer is named in a text: the longest part that stands in somebody's name, which is no word that says something else.
func (s *Service) nameAt(ctx context.Context, f frame) (from, to int, err error) {
	words := f.wordsOf()
	for i := 0; i < len(f.folded); i++ {
		end, err := s.nameFrom(ctx, f, i)
		if err != nil {
			return 0, 0, err
		}
		if end-i < shortestName || covered(words, i, end) || inSlot(f, i, end) || names.IsIndustry(string(f.folded[i:end])) {
			continue
		}
		if end-i > to-from {
			from, to = i, end
		}
	}
	if from < to {
		return f.widened(from), to, nil
	}
	return s.soundingAt(ctx, f, words)
}

// nameFrom returns how far a part of a customer's name goes that begins at i.
func (s *Service) nameFrom(ctx context.Context, f frame, i int) (int, error) {
	if blank(f.folded[i]) || i > 0 && letter(f.folded[i]) && letter(f.folded[i-1]) {
		return i, nil
	}
	end := i
	for n := i + shortestName; n <= len(f.folded) && n <= i+longestName; n++ {
		if blank(f.folded[n-1]) && f.folded[n-1] != ' ' {
			break
		}
		if n < len(f.folded) && letter(f.folded[n-1]) && letter(f.folded[n]) || f.folded[n-1] == ' ' {
			continue
		}
		found, err := s.Records.SearchCustomers(ctx, string(f.folded[i:n]), 1)
		if spaced := betweenScripts(f.folded[i:n]); err == nil && len(found) == 0 && spaced != "" {
			found, err = s.Records.SearchCustomers(ctx, spaced, 1)
		}
		if err != nil {
			return i, err
		}
		if len(found) == 0 {
			break
		}
		end = n
	}
	return end, nil
}

// betweenScripts is a text with a blank where a Latin word meets Chinese characters, as in ABC 贸易; "" where none does.
func betweenScripts(text []rune) string {
	var out []rune
	for i, r := range text {
		if i > 0 && (han(r) && letter(text[i-1]) || letter(r) && han(text[i-1])) {
			out = append(out, ' ')
		}
		out = append(out, r)
	}
	if len(out) == len(text) {
		return ""
	}
	return string(out)
}

// longestName is how many characters of a name are looked for.
const longestName = 20

// widened takes the place before a name in, which the name may have otherwise: 深圳鼎盛 of 深圳市鼎盛.
func (f *frame) widened(from int) int {
	for n := 3; n >= 2; n-- {
		if from-n >= 0 && f.free(from-n, from) && names.IsPlace(string(f.folded[from-n:from])) {
			return from - n
		}
	}
	return from
}

// soundingAt finds a customer by how a piece of the text between its words sounds.
func (s *Service) soundingAt(ctx context.Context, f frame, words []bool) (from, to int, err error) {
	for i := 0; i < len(f.folded); i++ {
		end := i
		for end < len(f.folded) && !words[end] && !blank(f.folded[end]) && f.free(end, end+1) {
			end++
		}
		for n := end; n-i >= shortestName+1 || n-i == shortestName && n == end; n-- {
			found, err := s.Records.SoundingCustomers(ctx, sounding(string(f.folded[i:n])), 1)
			if err != nil {
				return 0, 0, err
			}
			if len(found) > 0 && han(f.folded[i]) {
				return f.widened(i), n, nil
			}
		}
		i = max(i, end)
	}
	return 0, 0, nil
}

// wordsOf tells which characters of a text are of words that people say around names.
func (f *frame) wordsOf() []bool {
	in := make([]bool, len(f.folded))
	cover := func(from, n int) {
		for i := from; i < from+n; i++ {
			in[i] = true
		}
	}
	for i := range f.folded {
		rest := string(f.folded[i:])
		for _, w := range surrounding() {
			if strings.HasPrefix(rest, w) && (!letter(f.folded[i]) || wholeWord(f.typed, i, len([]rune(w)))) {
				cover(i, len([]rune(w)))
				break
			}
		}
	}
	for _, v := range allVerbs() {
		for _, m := range v.pattern.FindAllStringIndex(string(f.masked), -1) {
			for i := len([]rune(string(f.masked)[:m[0]])); i < len([]rune(string(f.masked)[:m[1]])); i++ {
				in[i] = true
			}
		}
	}
	return in
}

// surrounding are the words that people say around names and verbs, the longest first.
var surrounding = sync.OnceValue(func() []string {
	var all []string
	for _, w := range askingWords() {
		all = append(all, w.text)
	}
	for _, t := range plainTerms {
		all = append(all, t.text)
	}
	all = slices.DeleteFunc(all, func(w string) bool { return len([]rune(w)) < 2 })
	slices.SortStableFunc(all, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return slices.Compact(all)
})

func covered(words []bool, from, to int) bool {
	return !slices.Contains(words[from:to], false)
}

func inSlot(f frame, from, to int) bool {
	return slices.ContainsFunc(f.slots, func(x slot) bool {
		return x.from < to && from < x.to && x.mark != markPoints && x.mark != markMoney && strings.ContainsFunc(x.text, han)
	})
}
