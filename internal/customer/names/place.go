package names

import (
	_ "embed"
	"maps"
	"slices"
	"strings"
	"sync"
)

//go:embed places.txt
var placesText string

// hanBytes is the length of each character of a place's name.
const hanBytes = 3

// gazetteer knows the places of places.txt.
type gazetteer struct {
	province map[string]string // of a place; "" for a province itself
	longest  int               // in bytes
}

var gazetteerOnce = sync.OnceValue(func() gazetteer {
	g := gazetteer{province: map[string]string{}}
	for line := range strings.Lines(placesText) {
		words := strings.Fields(line)
		if len(words) == 0 || words[0] == "#" {
			continue
		}
		for i, place := range words {
			if i == 0 {
				g.province[place] = ""
			} else {
				g.province[place] = words[0]
			}
			g.longest = max(g.longest, len(place))
		}
	}
	return g
})

// divisions follow a place's name, the longer first.
var divisions = []string{
	"维吾尔自治区", "壮族自治区", "回族自治区", "特别行政区", "自治区", "自治州", "自治县", "省", "市", "地区", "新区", "区", "县", "州", "盟",
}

// zones follow a place and say nothing about which company it is.
var zones = []string{
	"高新技术产业开发区", "经济技术开发区", "自由贸易试验区", "自贸试验区", "工业园区", "高新技术开发区", "高新区", "开发区", "经开区", "自贸区", "保税区", "保税港区", "科技园", "产业园", "工业园",
}

// cutPlaces takes the places off the start of a text.
func cutPlaces(text string) (places []string, rest string) {
	rest = text
	for {
		place, after := cutPlace(rest, len(places) > 0)
		if place == "" {
			return places, rest
		}
		places, rest = append(places, place), after
		for _, zone := range zones {
			if cut, found := strings.CutPrefix(rest, zone); found {
				rest = cut
				break
			}
		}
	}
}

// cutPlace takes one place off. Behind a place also one that no list knows is recognised by 区 or 县.
func cutPlace(text string, behind bool) (place, rest string) {
	g := gazetteerOnce()
	for n := min(g.longest, len(text)/hanBytes*hanBytes); n > 0; n -= hanBytes {
		if _, known := g.province[text[:n]]; known {
			return text[:n], cutDivision(text[n:])
		}
	}
	if !behind {
		return "", text
	}
	runes := []rune(text)
	for n := 2; n <= 3 && n < len(runes); n++ {
		if runes[n] == '区' || runes[n] == '县' {
			return string(runes[:n]), string(runes[n+1:])
		}
	}
	return "", text
}

func cutDivision(text string) string {
	for _, d := range divisions {
		if rest, found := strings.CutPrefix(text, d); found {
			return rest
		}
	}
	return text
}

// lastPlace returns where a place begins with which a text ends, or -1.
func lastPlace(text string) int {
	for i := range text {
		if i == 0 {
			continue
		}
		if places, rest := cutPlaces(text[i:]); len(places) > 0 && rest == "" {
			return i
		}
	}
	return -1
}

// placeGrade compares where companies are registered.
func placeGrade(a, b Name, full bool) Grade {
	if len(a.Places) == 0 || len(b.Places) == 0 {
		if len(a.Places) == len(b.Places) {
			return Same
		}
		return Likely
	}
	pa, pb := a.Places[len(a.Places)-1], b.Places[len(b.Places)-1]
	switch {
	case pa == pb && a.Inside == b.Inside:
		return Same
	case pa == pb:
		return Likely
	case holds(pa, b.Places) || holds(pb, a.Places):
		return left(full)
	default:
		return Different
	}
}

// holds reports whether place is one of the others or the province of one.
func holds(place string, others []string) bool {
	for _, o := range others {
		if o == place || gazetteerOnce().province[o] == place {
			return true
		}
	}
	return false
}

// IsPlace reports whether a text is a place of China that companies are named after, without 省, 市…
func IsPlace(text string) bool {
	_, known := gazetteerOnce().province[text]
	return known
}

// PlacesIn are the places that a text begins with: 江苏, 苏州 of 江苏省苏州市.
func PlacesIn(text string) []string {
	places, _ := cutPlaces(Fold(text))
	return places
}

// Places are all of them, in no order.
func Places() []string { return slices.Collect(maps.Keys(gazetteerOnce().province)) }
