// Package sound spells Chinese in pinyin, for finding names that somebody types as they sound or by their initials. It knows no tones. A character with several
// readings has those of names and places first; which one is meant cannot be known, so an index holds all of them.
package sound

import (
	"slices"
	"strings"
	"unicode"

	"github.com/mozillazg/go-pinyin"
)

// readings are characters of which the dictionary's first reading is not that of names and places, or that are commonly read in two ways there: 长沙, 重庆, 厦门, 成都,
// the surnames 单, 曾, 仇, 翟, 解.
var readings = map[rune][]string{
	'长': {"chang", "zhang"}, '重': {"zhong", "chong"}, '行': {"hang", "xing"}, '乐': {"le", "yue"}, '厦': {"xia", "sha"}, '朝': {"chao", "zhao"},
	'都': {"du", "dou"}, '单': {"dan", "shan"}, '曾': {"zeng", "ceng"}, '仇': {"qiu", "chou"}, '区': {"qu", "ou"}, '解': {"jie", "xie"},
	'盛': {"sheng", "cheng"}, '会': {"hui", "kuai"}, '藏': {"zang", "cang"}, '蚌': {"beng", "bang"}, '六': {"liu", "lu"}, '柏': {"bai", "bo"},
	'调': {"tiao", "diao"}, '莞': {"guan", "wan"}, '宿': {"su", "xiu"}, '翟': {"zhai", "di"}, '尉': {"wei", "yu"}, '查': {"cha", "zha"},
	'盖': {"gai", "ge"}, '召': {"zhao", "shao"}, '缪': {"miao", "mou"}, '晟': {"sheng", "cheng"}, '阚': {"kan", "han"}, '种': {"zhong", "chong"},
	'秘': {"mi", "bi"}, '覃': {"qin", "tan"}, '卜': {"bu", "bo"}, '朴': {"piao", "pu"}, '传': {"chuan", "zhuan"}, '什': {"shen", "shi"},
	'参': {"shen", "can"}, '地': {"di", "de"}, '泊': {"bo", "po"}, '乜': {"nie", "mie"}, '绿': {"lv", "lu"}, '得': {"de"}, '冼': {"xian"}, '台': {"tai"},
	'石': {"shi"}, '大': {"da"}, '省': {"sheng"}, '圳': {"zhen"}, '奇': {"qi"}, '系': {"xi"}, '员': {"yuan"}, '任': {"ren"}, '氏': {"shi"}, '强': {"qiang"},
}

// longest is how many characters of a name are spelled: nobody types more.
const longest = 16

// variants bounds how many ways of reading one name are kept.
const variants = 8

// Spell returns the most likely pinyin of a text, in small letters; Latin letters and digits stay, everything else is left out.
func Spell(text string) string {
	var b strings.Builder
	for _, s := range syllables(text) {
		b.WriteString(s[0])
	}
	return b.String()
}

// Initials returns the first letters of Spell's syllables.
func Initials(text string) string {
	var b strings.Builder
	for _, s := range syllables(text) {
		b.WriteString(initial(s[0]))
	}
	return b.String()
}

// LongInitials are Initials with zh, ch and sh as two letters, as some type them: zhj for 转交.
func LongInitials(text string) string {
	var b strings.Builder
	for _, s := range syllables(text) {
		if len(s[0]) > 1 && s[0][1] == 'h' && strings.ContainsRune("zcs", rune(s[0][0])) {
			b.WriteString(s[0][:2])
		} else {
			b.WriteString(initial(s[0]))
		}
	}
	return b.String()
}

// Keys are the ways in which a text is spelled in pinyin and by initials, sorted.
func Keys(text string) []string {
	full, short := []string{""}, []string{""}
	for _, s := range syllables(text) {
		full, short = extend(full, s), extend(short, initials(s))
	}
	keys := slices.DeleteFunc(append(full, short...), func(k string) bool { return len(k) < 2 })
	slices.Sort(keys)
	return slices.Compact(keys)
}

// extend puts each reading behind each way so far, the most likely first, as far as variants allows.
func extend(ways, readings []string) []string {
	var out []string
	for _, r := range readings {
		for _, w := range ways {
			if len(out) < variants {
				out = append(out, w+r)
			}
		}
	}
	return out
}

func initials(readings []string) []string {
	out := make([]string, len(readings))
	for i, r := range readings {
		out[i] = initial(r)
	}
	return slices.Compact(out)
}

// initial is the first letter of a syllable; a Latin letter or digit is its own.
func initial(syllable string) string { return syllable[:1] }

// syllables are the readings of each character, the most likely first; of a letter or digit itself.
func syllables(text string) [][]string {
	var out [][]string
	for _, r := range text {
		if len(out) == longest {
			break
		}
		if s := read(unicode.ToLower(r)); len(s) > 0 {
			out = append(out, s)
		}
	}
	return out
}

func read(r rune) []string {
	switch {
	case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
		return []string{string(r)}
	case !unicode.Is(unicode.Han, r):
		return nil
	}
	if known, ok := readings[r]; ok {
		return known
	}
	return pinyin.SinglePinyin(r, pinyin.NewArgs())
}
