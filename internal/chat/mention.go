package chat

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"sync"
)

// longestChat is how many characters a text may have that is searched for a customer and a question: longer ones are no questions to a bot.
const longestChat = 40

// byMention reads a text that asks something of a customer in words of its own: what is left of it without the words that people ask with must hold a customer's name, and
// little else. It finds only what can be asked; nothing is changed by it.
func (s *Service) byMention(ctx context.Context, t typed) (reading, bool, error) {
	if len(t.as) > longestChat {
		return reading{}, false, nil
	}
	id, left := sorted(t)
	all := 0
	for _, segment := range left {
		all += len([]rune(segment))
	}
	slices.SortStableFunc(left, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	for _, segment := range left {
		n := len([]rune(segment))
		if n < shortestName || id == "" && n < all || all-n > n { // without a question the name stands alone
			continue
		}
		segment, found, err := s.inside(ctx, segment, id != "")
		if err != nil {
			return reading{}, false, err
		}
		if found {
			c, _ := commandByID(cmp.Or(id, "look"))
			r := reading{command: c, name: segment, parted: true, guess: true}
			if c.about == aboutNothing {
				r.rest = segment
			}
			return r, true, nil
		}
	}
	return reading{}, false, nil
}

// inside finds a customer by a text or, where something is asked of it, by what is left of it without one or two characters that are none of its name.
func (s *Service) inside(ctx context.Context, text string, asks bool) (name string, found bool, err error) {
	all, err := s.search(ctx, text, false)
	if err != nil || len(all) > 0 || !asks {
		return text, len(all) > 0, err
	}
	const shortened = 3 // a shorter name may be part of any other
	runes := []rune(text)
	for _, cut := range [][2]int{{0, 1}, {1, 0}, {0, 2}, {2, 0}} {
		if len(runes)-cut[0]-cut[1] < shortened {
			continue
		}
		name = string(runes[cut[0] : len(runes)-cut[1]])
		if all, err = s.Records.SearchCustomers(ctx, newTyped(name).text(), 1); err != nil || len(all) > 0 {
			return name, len(all) > 0, err
		}
	}
	return "", false, nil
}

// sorted takes the words that people ask with out of a text: id is the command that they ask for, "" for none in particular, and left are the pieces between them.
func sorted(t typed) (id string, left []string) {
	words := askingWords()
	start := 0
	keep := func(end int) {
		if piece := t.from(start).to(end - start).without(single).bareStart(single); len(piece.as) > 0 {
			left = append(left, strings.TrimFunc(piece.String(), around))
		}
	}
	for i := 0; i < len(t.as); {
		n := 0
		for _, w := range words {
			if strings.HasPrefix(t.from(i).text(), w.text) && (!letter(t.folded[i]) || wholeWord(t, i, len([]rune(w.text)))) {
				if n = len([]rune(w.text)); w.id == "why" || id == "" {
					id = w.id // who asks why asks for more than how it stands
				}
				break
			}
		}
		if n == 0 && !blank(t.folded[i]) {
			i++
			continue
		}
		keep(i)
		i += max(n, 1)
		start = i
	}
	keep(len(t.as))
	return id, left
}

// wholeWord reports whether n characters from i on are a Latin word that does not go on.
func wholeWord(t typed, i, n int) bool {
	return (i == 0 || !letter(t.folded[i-1])) && (i+n == len(t.folded) || !letter(t.folded[i+n]))
}

// askingWord is what people ask with: id is the command that it asks for, "" for words that only surround it.
type askingWord struct{ text, id string }

// askingWords returns all of them, the longest first.
var askingWords = sync.OnceValue(func() []askingWord {
	var all []askingWord
	add := func(id string, texts ...string) {
		for _, text := range texts {
			all = append(all, askingWord{text, id})
		}
	}
	add("", leadIns...)
	add("", courtesies...)
	add("", links...)
	add("", chatter...)
	add("look", questionTails...)
	add("look", whoTails()...)
	add("look", tierTails()...)
	add("look", lookWords...)
	add("why", whyTails...)
	add("why", whyWords...)
	add("why", reasonAsked...)
	all = slices.DeleteFunc(all, func(w askingWord) bool {
		return w.id == "" && len([]rune(w.text)) == 1 && strings.ContainsFunc(w.text, han)
	}) // they are in names, too
	slices.SortStableFunc(all, func(a, b askingWord) int { return cmp.Compare(len(b.text), len(a.text)) })
	return all
})

// single are characters that stand before and behind a name.
var single = strings.Split("的了下家个吗么呢吧啊也就还才到在是要会看查问那这我你他给把和跟", "")

// bareStart is t without any of some texts at its start.
func (t typed) bareStart(all []string) typed {
	for cut := true; cut; {
		t, cut = t.trimmedLeft().cutPrefix(all)
	}
	return t
}
