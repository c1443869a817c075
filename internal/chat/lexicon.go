package chat

import (
	"slices"
	"strings"
	"sync"
	"unicode"

	"lingke/internal/customer/sound"
)

// lexicon is how the commands are typed: their own words, and as what these sound.
type lexicon struct {
	words []word // Chinese words and Latin ones, pinyin and initials included
	forms []form
}

// word begins a text.
type word struct {
	text    string // folded; see typed
	latin   bool   // ends where no letter follows
	own     bool   // stands in the table, and does not only sound like it
	command command
	spelled string // of a Chinese word of at least two characters
}

// form is a whole text around a customer's name: 华星什么层级.
type form struct {
	before, behind string
	command        command
}

var lexicons struct {
	once sync.Once
	made *lexicon
}

// words returns the lexicon of the commands. It is made at the first use: as an initialised variable it would refer to itself, since commands answer questions.
func words() *lexicon {
	lexicons.once.Do(func() { lexicons.made = newLexicon(commands()) })
	return lexicons.made
}

func newLexicon(all []command) *lexicon {
	x := &lexicon{}
	sounding := map[string]word{}
	shared := map[string]bool{} // by several commands, so that they name none
	for _, c := range all {
		for _, text := range c.words {
			latin := !strings.ContainsFunc(text, han)
			x.words = append(x.words, word{text: text, latin: latin && text != "?", own: true, command: c, spelled: spelledWord(text, latin)})
			if latin {
				continue
			}
			for _, s := range slices.Concat([]string{sound.Spell(text), sound.Initials(text), sound.LongInitials(text)}, mixtures(c, text)) {
				if had, known := sounding[s]; known && had.command.id != c.id {
					shared[s] = true
				}
				if len(s) >= 2 {
					sounding[s] = word{text: s, latin: true, command: c}
				}
			}
		}
		for _, f := range c.forms {
			before, behind, _ := strings.Cut(f, "{}")
			x.forms = append(x.forms, form{before, behind, c})
		}
	}
	for _, w := range x.words {
		shared[w.text] = true // a word of its own goes before what sounds like it
	}
	for s, w := range sounding {
		if !shared[s] {
			x.words = append(x.words, w)
		}
	}
	return x
}

// mixtures are the ways of typing a word in which some characters are spelled and others have their first letter alone: wodekh, wdkehu. Words for what cannot be taken back have none.
func mixtures(c command, text string) []string {
	runes := []rune(text)
	if n := len(runes); n < 3 || n > longestMixed || c.ask != nil {
		return nil
	}
	all := []string{""}
	for _, r := range runes {
		whole := sound.Spell(string(r))
		if whole == "" {
			return nil
		}
		var longer []string
		for _, begun := range all {
			longer = append(longer, begun+whole, begun+whole[:1])
		}
		all = longer
	}
	return all
}

// longestMixed is how many characters a word has that is typed so.
const longestMixed = 4

// spelledWord is how a Chinese word sounds; "" for one that is too short to be known by it.
func spelledWord(text string, latin bool) string {
	if latin || len([]rune(text)) < 2 {
		return ""
	}
	return sound.Spell(text)
}

func han(r rune) bool { return unicode.Is(unicode.Han, r) }

// first returns the longest word that a text begins with, and its length in characters.
func (x *lexicon) first(t typed) (best word, length int) {
	for _, w := range x.words {
		if n := t.begins(w); n > length {
			best, length = w, n
		}
	}
	return best, length
}

// around returns the form with the most characters that a text has.
func (x *lexicon) around(t typed) (best form, length int) {
	text := t.text()
	for _, f := range x.forms {
		n := len(f.before) + len(f.behind)
		if n > length && len(text) > n && strings.HasPrefix(text, f.before) && strings.HasSuffix(text, f.behind) {
			best, length = f, n
		}
	}
	return best, length
}

// name is what a person is told that the word is.
func (w word) name() string {
	if w.own {
		return w.text
	}
	return w.command.words[0]
}

// alike returns the command whose Chinese word sounds like the beginning of a text, or whose Latin word differs from its first one by one letter; length is 0 where
// there is none. Of two that are alike there is none.
func (x *lexicon) alike(t typed) (best word, length int) {
	return x.near(t, sound.Spell, func(w word) string { return w.spelled })
}

// nearlyAlike is alike for those who do not part n from ng, and z, c, s from zh, ch, sh; what cannot be taken back is not among it.
func (x *lexicon) nearlyAlike(t typed) (best word, length int) {
	best, length = x.near(t, blur, func(w word) string { return blurred.Replace(w.spelled) })
	if best.command.ask != nil {
		return word{}, 0
	}
	return best, length
}

var blurred = strings.NewReplacer("zh", "z", "ch", "c", "sh", "s", "ng", "n")

func blur(text string) string { return blurred.Replace(sound.Spell(text)) }

func (x *lexicon) near(t typed, spell func(text string) string, spelled func(word) string) (best word, length int) {
	latin := t.latinWord()
	heard := make(map[int]string) // the beginning of the text by its length
	count := 0
	for _, w := range x.words {
		n := 0
		switch {
		case w.latin && len(latin) >= 4 && oneSlip(latin, w.text):
			n = len(latin)
		case w.spelled != "":
			n = len([]rune(w.text))
			if !t.beginsHan(n) {
				n = 0
				break
			}
			if heard[n] == "" {
				heard[n] = spell(string(t.folded[:n]))
			}
			if heard[n] != spelled(w) {
				n = 0
			}
		}
		switch {
		case n > length:
			best, length, count = w, n, 1
		case n == length && n > 0 && w.command.id != best.command.id:
			count++
		}
	}
	if count > 1 {
		return word{}, 0
	}
	return best, length
}

// oneSlip reports whether two Latin words differ by one letter that is wrong, missing, too many, or changed places with its neighbour.
func oneSlip(a, b string) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	i := 0
	for i < len(a) && a[i] == b[i] {
		i++
	}
	switch len(b) - len(a) {
	case 0:
		return i < len(a) && (a[i+1:] == b[i+1:] || i+1 < len(a) && a[i] == b[i+1] && a[i+1] == b[i] && a[i+2:] == b[i+2:])
	case 1:
		return a[i:] == b[i+1:]
	}
	return false
}
