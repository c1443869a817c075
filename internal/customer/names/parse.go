package names

import (
	_ "embed"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"
)

//go:embed industries.txt
var industriesText string

var industries = sync.OnceValue(func() map[string]bool {
	words := map[string]bool{}
	for line := range strings.Lines(industriesText) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for _, w := range strings.Fields(line) {
			words[w] = true
		}
	}
	for _, ending := range others { // two of them are two companies, as with two industries
		words[ending] = true
	}
	return words
})

// longestIndustry is how many characters a word of the industry has at most.
const longestIndustry = 8

// shortestTrade is how many characters are left for a trade name, as the rules of registration ask.
const shortestTrade = 2

// Parse takes a name apart. A text that is no company's name has its parts all the same, mostly a trade name alone.
func Parse(text string) Name {
	folded, aside := cutBrackets(joinLetters(Fold(text)))
	var n Name
	folded, n.Branch = cutBranch(folded)
	folded, n.Form, n.Group = cutForm(folded)
	n.bracketed(aside)
	n.Places, folded = placesBefore(folded)
	for _, place := range aside.places {
		n.Places, n.Inside = append(n.Places, place), true
	}
	folded = n.placeBehind(folded)
	n.Trade, n.Industry = cutIndustry(strings.ReplaceAll(folded, " ", ""))
	return n
}

// aside is what stood in brackets.
type aside struct {
	places []string
	form   Form
	group  bool
}

// remarks in brackets are no part of a name.
var remarks = []string{"原", "曾用名", "筹", "停用", "作废", "注销", "吊销", "已停用", "已注销", "重复", "勿用"}

// cutBrackets takes places, forms and remarks in brackets out of a folded text; everything else loses its brackets only.
func cutBrackets(text string) (string, aside) {
	var out strings.Builder
	var a aside
	for {
		before, rest, found := strings.Cut(text, "(")
		out.WriteString(strings.ReplaceAll(before, ")", ""))
		if !found {
			return out.String(), a
		}
		inside, after, closed := strings.Cut(rest, ")")
		if !closed {
			inside, after = rest, ""
		}
		if !a.take(strings.ReplaceAll(inside, "(", "")) {
			out.WriteString(spaced(inside))
		}
		text = spaced(after)
	}
}

// spaced keeps a Latin word that stood at a bracket apart from what stood on its other side.
func spaced(text string) string {
	if text != "" && text[0] < 0x80 && text[0] != '(' {
		return " " + text
	}
	return text
}

// take reports whether what stands in brackets is understood.
func (a *aside) take(inside string) bool {
	if places, rest := cutPlaces(inside); len(places) > 0 && rest == "" {
		a.places = append(a.places, places...)
		return true
	}
	if form, known := forms[inside]; known {
		a.form = form
		return true
	}
	switch inside {
	case "集团", "集团公司":
		a.group = true
		return true
	case "个体工商户", "":
		return true
	}
	return slices.ContainsFunc(remarks, func(r string) bool { return strings.HasPrefix(inside, r) })
}

func (n *Name) bracketed(a aside) {
	n.Group = n.Group || a.group
	if a.form == Partnership || n.Form == NoForm {
		n.Form = max(n.Form, a.form)
	}
}

// placesBefore takes the places off the start, unless nothing would be left to be a trade name.
func placesBefore(text string) (places []string, rest string) {
	places, rest = cutPlaces(text)
	for len(places) > 0 && utf8.RuneCountInString(rest) < shortestTrade {
		places = places[:len(places)-1]
		rest = text
		for range places {
			_, rest = cutPlace(rest, true)
		}
	}
	return places, rest
}

// placeBehind takes a place off the end: 西门子中国 is 西门子（中国）. People add no division to it there.
func (n *Name) placeBehind(text string) string {
	at := lastPlace(text)
	if at < 0 || utf8.RuneCountInString(text[:at]) < shortestTrade || n.Inside {
		return text
	}
	places, _ := cutPlaces(text[at:])
	n.Places, n.Inside = append(n.Places, places...), true
	return text[:at]
}

// IsIndustry reports whether a text is a word for an industry, which names no company alone.
func IsIndustry(text string) bool { return industries()[text] }

// cutIndustry takes the words of the industry off the end, the longest first, and leaves the trade name.
func cutIndustry(text string) (trade string, words []string) {
	runes := []rune(text)
	for {
		n := 0
		for size := min(longestIndustry, len(runes)-shortestTrade); size > 0 && n == 0; size-- {
			if industries()[string(runes[len(runes)-size:])] {
				n = size
			}
		}
		if n == 0 {
			slices.Reverse(words)
			return string(runes), words
		}
		words = append(words, string(runes[len(runes)-n:]))
		runes = runes[:len(runes)-n]
	}
}
