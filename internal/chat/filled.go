package chat

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"lingke/internal/calendar"
)

// filling is a frame taken as one of a command.
type filling struct {
	reading
	own      int // how many characters are the verb's
	from, to int // where the verb stands
}

// within reports whether the verb is part of another's, as 电话 is of 打了电话.
func (x filling) within(other filling) bool {
	return other.from <= x.from && x.to <= other.to && other.to-other.from > x.to-x.from && other.command.id != x.command.id
}

// matches are the commands that a frame may be.
func (s *Service) matches(q question, f frame) (all []filling) {
	text := string(f.masked)
	for _, v := range allVerbs() {
		if needsName := v.command.about != aboutNothing || v.command.id == "log"; needsName != (f.name != "") {
			continue
		}
		m := v.pattern.FindStringSubmatchIndex(text)
		if m == nil {
			continue
		}
		at := func(i int) int { return len([]rune(text[:i])) }
		h := hit{from: at(m[0]), to: at(m[1]), groups: map[string]string{}}
		for i, name := range v.pattern.SubexpNames() {
			if name == "" || m[2*i] < 0 {
				continue
			}
			if h.groups[name] = text[m[2*i]:m[2*i+1]]; name == "kept" {
				h.kept, h.keeps = at(m[2*i]), true
			}
		}
		if r, ok := s.filled(q, f, v, h); ok {
			all = append(all, filling{r, h.weight(f, v), h.from, h.to})
		}
	}
	return all
}

// hit is where a verb stands, and its named groups; kept is where begins what somebody tells.
type hit struct {
	from, to, kept int
	keeps          bool
	groups         map[string]string
}

// inOneClause is how many characters longer a verb counts that stands in one clause with the customer's name.
const inOneClause = 4

// weight orders what a text may be: reasons before how it stands, and what is told of a customer, or looked up, behind what else is named.
func (h hit) weight(f frame, v verb) int {
	name, named := f.slotOf(markName)
	from, to := min(name.from, h.from), max(name.to, h.to)
	together := 0
	if named && !slices.ContainsFunc(f.folded[from:to], ends) {
		together = inOneClause
	}
	switch _, weak := h.groups["weak"]; {
	case weak || h.keeps:
		return 0
	case v.command.id == "why":
		return h.to - h.from + together + longestTime
	}
	return h.to - h.from + together
}

// filled makes a reading of a frame with a verb; false where something is in it that the command has no place for.
func (s *Service) filled(q question, f frame, v verb, h hit) (reading, bool) {
	x := shapes[v.command.id]
	r := reading{command: v.command, guess: true, name: f.name, parted: v.command.about != aboutNothing}
	chosen, ok := s.chosen(q, f, v.command.id, h)
	if !ok {
		return r, false
	}
	left := f.leftover(h, chosen, v.command)
	if v.command.id == "note" {
		left = f.beforeNote(h, left)
	}
	if !left.allowed(f, v.command, x) {
		return r, false
	}
	var parts []string
	for _, c := range chosen {
		parts = append(parts, slotText(c, h.groups))
	}
	if word := h.groups["as"]; word != "" {
		parts = append(parts, cmp.Or(x.words[word], word))
	}
	switch {
	case v.command.id == "note":
		parts = []string{cmp.Or(f.noted(h), left.aside)}
	case x.says && len(x.words) == 0:
		parts = append(parts, strings.TrimSpace(left.say+" "+left.aside))
	case x.says:
		parts = append(parts, left.say)
	}
	if _, signed := h.groups["signed"]; signed && !strings.ContainsAny(parts[0][:1], "+-") {
		return r, false
	}
	if _, off := h.groups["off"]; off {
		parts = offWords[:1]
	}
	if r.rest = strings.TrimSpace(strings.Join(parts, " ")); v.command.id == "log" {
		r.rest = f.name
	}
	return r, true
}

// noted is what somebody tells of a customer: what stands behind its name, without the word that it is to be noted, or what stands before.
func (f *frame) noted(h hit) string {
	name, _ := f.slotOf(markName)
	behind := f.behind(name.to)
	switch {
	case h.keeps && behind != "":
		return behind
	case h.keeps:
		return f.from(h.kept).to(name.from - h.kept).trimmed().String()
	case h.from >= name.to:
		between := f.from(name.to).to(h.from - name.to).bareStart(closers).trimmed().without(closers).String()
		if unsaid(plainText(between), padding) == 0 {
			between = ""
		}
		return strings.TrimSpace(between + " " + f.behind(h.to))
	}
	return behind
}

// beforeNote is what is left before what is noted: everything else is kept.
func (f *frame) beforeNote(h hit, left leftover) leftover {
	name, _ := f.slotOf(markName)
	head := newTyped(f.to(min(name.from, h.from)).String())
	if cut := lastIndexFunc(head.folded, ends); cut >= 0 {
		head = head.from(cut + 1)
	}
	left.unknown, left.text, left.strange, left.asks = 0, head.text(), false, false
	for _, piece := range strings.FieldsFunc(head.text(), blank) {
		for _, x := range f.slots {
			piece = strings.ReplaceAll(piece, newTyped(x.text).text(), "")
		}
		left.unknown += unsaid(piece, padding)
	}
	return left
}

// chosen are the slots that a command takes: those in its verb before others, and where there are several others, none can be told from the next.
func (s *Service) chosen(q question, f frame, id string, h hit) (chosen []slot, ok bool) {
	x := shapes[id]
	if _, off := h.groups["off"]; off {
		return nil, true
	}
	if t, has := f.slotOf(markTime); x.today && has && !slices.Contains(todayWords, t.text) {
		return nil, false
	}
	for _, mark := range x.takes {
		var inside, outside []slot
		for _, c := range f.slots {
			switch {
			case c.mark == mark && !s.serves(q, id, c.text), c.mark != mark && (mark != markMoney || c.mark != markTime || !isAmount(c.text)): // 20w are no weeks
			case c.from >= h.from && c.to <= h.to:
				inside = append(inside, c)
			default:
				outside = append(outside, c)
			}
		}
		switch {
		case len(inside) > 0:
			chosen = append(chosen, inside[len(inside)-1])
		case len(outside) == 1:
			chosen = append(chosen, outside[0])
		case len(outside) > 1 || x.needs:
			return nil, false
		}
	}
	return chosen, true
}

// serves reports whether a command can do something with a slot.
func (s *Service) serves(q question, id, text string) bool {
	switch id {
	case "leave":
		_, _, _, ok := s.leaveDays(text, q.at)
		return ok
	case "remind":
		_, _, ok := calendar.ParseWhen(text, q.at.In(s.Zone))
		return ok
	}
	return true
}

func isAmount(text string) bool {
	_, is := parseAmount(text)
	return is
}

// slotText is what a slot gives to the command.
func slotText(x slot, groups map[string]string) string {
	if x.mark != markPoints {
		return x.text
	}
	amount := points(x.text)
	switch {
	case groups["up"] != "":
		return "+" + strings.TrimLeft(amount, "+-")
	case groups["down"] != "":
		return "-" + strings.TrimLeft(amount, "+-")
	}
	return amount
}

// leftover is what of a text is neither verb nor slot nor a word that only surrounds.
type leftover struct {
	say      string // what stands behind the last of what the command needs
	aside    string // clauses before it that have nothing of that: 客户出差了，苏宁延到周三
	unknown  int    // characters that nothing explains, beside what the command needs
	touching bool   // they touch the name, which they may be part of
	strange  bool   // a slot that the command has no place for
	joined   bool   // what is said follows without a blank
	asks     bool   // it ends with what makes a question of it, and no request
	text     string // of the clauses that have something of what the command needs, what is neither verb nor slot, folded
	words    []string
}

// leftover tells what is left beside a verb and the slots that are taken. Times that are not taken say nothing, except of what cannot be taken back.
func (f *frame) leftover(h hit, chosen []slot, c command) (left leftover) {
	left.words = padding
	asks := !changing(c, shapes[c.id])
	if asks {
		left.words = readPadding
	}
	left.words = append(slices.Clip(left.words), string(f.masked[h.from:h.to])) // said twice
	used, clear := make([]bool, len(f.folded)), make([]bool, len(f.folded))
	mark := func(in []bool) func(from, to int) {
		return func(from, to int) {
			for i := from; i < to; i++ {
				in[i] = true
			}
		}
	}
	mark(used)(h.from, h.to)
	last := h.to
	for _, x := range f.slots {
		switch {
		case x.mark == markName && asks:
			mark(clear)(x.from, x.to)
			last = max(last, x.to)
		case x.mark == markName || slices.Contains(chosen, x):
			mark(used)(x.from, x.to)
			last = max(last, x.to)
		case c.ask == nil && (x.mark == markTime || x.mark == markPeriod):
			mark(clear)(x.from, x.to)
		case x.mark == markPerson && x.from < h.to:
			left.strange = true
		}
	}
	if asks {
		f.useAsking(mark(clear))
	}
	left.say = f.behind(last)
	rest := f.from(last).bareStart(closers)
	left.joined = left.say != "" && len(rest.as) == len(f.from(last).trimmedLeft().as) && !blank(f.folded[last])
	left.asks = left.say == "" && slices.Contains(asking, string(f.from(last).trimmed().folded)) || slices.ContainsFunc(askingTails, func(w string) bool { return strings.HasSuffix(plainText(left.say), w) })
	left.touching = asks && touches(f, used, clear, left.words)
	f.clauses(h, c, used, clear, last, &left)
	return left
}

// clauses takes what is left of the clauses before last: those that have something of what the command needs, and those beside it. A clause before the verb's that says more of the
// customer than its name stands beside it, too: 华强跟了三个月了，退回公海.
func (f *frame) clauses(h hit, c command, used, clear []bool, last int, left *leftover) {
	for start, end := 0, 0; start < last; start = end + 1 {
		for end = start; end < last && !ends(f.folded[end]); end++ {
		}
		var rest strings.Builder
		for i := start; i < end; i++ {
			if used[i] || clear[i] || blank(f.folded[i]) {
				rest.WriteByte(' ')
			} else {
				rest.WriteRune(f.folded[i])
			}
		}
		unknown := 0
		for _, piece := range strings.Fields(rest.String()) {
			unknown += unsaid(piece, left.words)
		}
		switch {
		case slices.Contains(used[start:end], true) && (end > h.from || unknown == 0 || c.about == aboutNothing):
			left.unknown += unknown
			left.text += rest.String() + " "
		case unknown > 0:
			left.aside = strings.TrimSpace(left.aside + " " + f.from(start).to(end-start).trimmed().String())
		}
	}
}

// useAsking explains the words of a text that ask how a customer stands, or why: 得分 in 得分怎么算的.
func (f *frame) useAsking(use func(from, to int)) {
	text := string(f.masked)
	for _, v := range allVerbs() {
		if v.command.id != "look" && v.command.id != "why" {
			continue
		}
		for _, m := range v.pattern.FindAllStringIndex(text, -1) {
			use(len([]rune(text[:m[0]])), len([]rune(text[:m[1]])))
		}
	}
}

// touches reports whether characters that nothing explains touch the name of a customer, which may go on with them.
func touches(f *frame, used, clear []bool, words []string) bool {
	name, named := f.slotOf(markName)
	if !named {
		return false
	}
	from, to := name.from, name.to
	first, end := from, to
	for first > 0 && !ends(f.folded[first-1]) {
		first--
	}
	for end < len(used) && !ends(f.folded[end]) {
		end++
	}
	if !slices.Contains(used[first:end], true) { // it is named in a clause of its own
		return false
	}
	for from > 0 && !used[from-1] && !clear[from-1] && !blank(f.folded[from-1]) {
		from--
	}
	for to < len(used) && !used[to] && !clear[to] && !around(f.folded[to]) {
		to++
	}
	before, behind := string(f.folded[from:name.from]), string(f.folded[name.to:to])
	return before != "" && !slices.ContainsFunc(words, func(w string) bool { return strings.HasSuffix(before, w) }) ||
		behind != "" && !slices.ContainsFunc(words, func(w string) bool { return strings.HasPrefix(behind, w) })
}

// behind is what stands behind the last of what a command needs, without the words that end it.
func (f *frame) behind(last int) string {
	t := f.from(last).trimmedLeft().bareStart(closers).trimmed()
	if len(t.without(courtesies).as) == 0 {
		return ""
	}
	return t.String()
}

// ends reports whether a character ends a clause.
func ends(r rune) bool { return strings.ContainsRune(",，。;；!！、\n", r) }

// unsaid counts the characters of a piece that are of no word that only surrounds.
func unsaid(piece string, words []string) int {
	// The fewest at each place, from the end: 那个 is no 那 with a 个 that is a customer's.
	runes := []rune(piece)
	fewest := make([]int, len(runes)+1)
	for i := len(runes) - 1; i >= 0; i-- {
		fewest[i] = fewest[i+1] + 1
		rest := string(runes[i:])
		for _, w := range words {
			if strings.HasPrefix(rest, w) {
				fewest[i] = min(fewest[i], fewest[i+len([]rune(w))])
			}
		}
	}
	return fewest[0]
}

// mostUnknown is how many characters that nothing explains a text may have that changes nothing.
const mostUnknown = 3

// allowed reports whether what is left of a text lets it be that command: one that changes something leaves nothing unexplained, is no question, says nowhere that it is not
// to be done, and was not corrected by who typed it.
func (left leftover) allowed(f frame, c command, x shape) bool {
	if changing(c, x) {
		return left.lets(f, c, x)
	}
	n := unsaid(plainText(left.say), left.words)
	return !left.tells() && !left.touching && left.unknown <= mostUnknown && (!x.exact || left.unknown+n == 0) && (x.says || n <= mostUnknown)
}

// lets is allowed for what changes something.
func (left leftover) lets(f frame, c command, x shape) bool {
	text := f.text()
	corrected := slices.ContainsFunc(corrections, func(w string) bool { return strings.Contains(text, w) })
	if less := politely.Replace(text); x.request && less != text { // who asks whether it can be done wants it done
		text, left.text = strings.TrimRight(less, "? "), politely.Replace(left.text)
	}
	switch {
	case x.apart && left.joined && unsaid(plainText(left.say), left.words) > 0:
		return false
	case c.id != "note" && slices.ContainsFunc(retractions, func(w string) bool { return strings.Contains(left.say+left.aside, w) }):
		return false
	case c.ask != nil && (asked(text) || slices.ContainsFunc(prohibitions, func(w string) bool { return strings.Contains(left.aside, w) })), left.asks, left.strange, asked(left.text), denied(harmless.Replace(left.text)):
		return false
	case strings.HasSuffix(strings.TrimSpace(text), "?"), corrected && c.id != "note" && !f.mended:
		return false
	case x.lax:
		return true
	}
	return left.unknown == 0 && (x.says || unsaid(plainText(left.say), left.words) == 0)
}

// tells reports whether what is left has a word for what cannot be taken back: 谁退回了华星 asks nothing that can be looked up.
func (left leftover) tells() bool {
	return slices.ContainsFunc(finalWords(), func(w string) bool { return strings.Contains(left.text+left.say+left.aside, w) })
}

// finalWords are the words for what cannot be taken back.
var finalWords = sync.OnceValue(func() (all []string) {
	for _, stem := range stems {
		if c, _ := commandByID(stem.id); c.ask != nil {
			all = append(all, stem.words...)
		}
	}
	return all
})

// changing reports whether a command changes something.
func changing(c command, x shape) bool {
	return !c.reads && !x.asks && c.id != "help" && c.id != "today"
}

func plainText(text string) string {
	return strings.Map(func(r rune) rune {
		if around(r) {
			return -1
		}
		return r
	}, newTyped(text).text())
}
