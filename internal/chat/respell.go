package chat

import (
	"slices"
	"strings"
	"sync"

	"lingke/internal/customer/sound"
)

// respelled are texts in which two characters are written as the keyboard might have meant them: a word of a command that sounds the same, in place of one that is none. 任务近度 is
// 任务进度. What cannot be taken back is none of these words.
func respelled(t typed) (all []typed) {
	for i := 0; i+2 <= len(t.folded); i++ {
		if !han(t.folded[i]) || !han(t.folded[i+1]) {
			continue
		}
		text := string(t.folded[i : i+2])
		meant, known := soundingWords()[blur(text)]
		if !known || meant == text || slices.Contains(surrounding(), text) {
			continue
		}
		as, folded := slices.Clone(t.as), slices.Clone(t.folded)
		copy(as[i:], []rune(meant))
		copy(folded[i:], []rune(meant))
		all = append(all, typed{as, folded})
	}
	return all
}

// soundingWords are the words of two characters that name commands, by how they sound; those of which two sound alike are none.
var soundingWords = sync.OnceValue(func() map[string]string {
	all := map[string]string{}
	add := func(id, word string) {
		c, _ := commandByID(id)
		if c.ask != nil || len([]rune(word)) != 2 || strings.ContainsFunc(word, func(r rune) bool { return !han(r) }) {
			return
		}
		spelled := blurred.Replace(sound.Spell(word))
		if had, twice := all[spelled]; twice && had != word {
			word = ""
		}
		all[spelled] = word
	}
	for _, c := range commands() {
		for _, w := range c.words {
			add(c.id, w)
		}
	}
	for _, stem := range stems {
		for _, w := range stem.words {
			add(stem.id, w)
		}
	}
	for spelled, word := range all {
		if word == "" {
			delete(all, spelled)
		}
	}
	return all
})
