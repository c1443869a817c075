package chat

import (
	"slices"
	"strings"
	"sync"
	"unicode"

	"lingke/internal/customer/sound"
)

// The words of times and amounts that people type in pinyin where a command has its place for them: yanqi suning 2tian, baobiao shangyue, zhuanjiao suning gei lina.
var (
	spelledDays  = []string{"今天", "今日", "明天", "明日", "后天", "大后天", "上午", "下午", "早上", "中午", "晚上"}
	spelledUnits = []string{"天", "日", "号", "周", "个月", "月", "小时", "个小时", "分钟", "工作日", "个工作日", "点", "点半", "分", "万", "千", "元", "块"}
	spelledCount = []string{"半", "一", "两", "二", "三", "四", "五", "六", "七", "八", "九", "十"}
	spelledLinks = []string{"给", "到"}
)

// spelledParts is how many Latin words one of them may be parted into: xia zhou yi.
const spelledParts = 4

// spelledWords are these words by how they are spelled; units stand behind digits alone.
var spelledWords = sync.OnceValues(func() (whole, units map[string]string) {
	whole, units = map[string]string{}, map[string]string{}
	add := func(to map[string]string, words ...string) {
		for _, w := range words {
			if !strings.ContainsFunc(w, letter) {
				to[sound.Spell(w)] = w
			}
		}
	}
	add(units, spelledUnits...)
	add(whole, slices.Concat(spelledDays, spelledLinks)...)
	for _, forms := range periodWords {
		add(whole, forms...)
	}
	for _, week := range []string{"周", "这周", "本周", "下周", "星期", "下星期", "礼拜", "下礼拜"} {
		for _, day := range strings.Split("一二三四五六日天", "") {
			add(whole, week+day)
		}
	}
	for _, n := range spelledCount {
		for _, unit := range spelledUnits {
			add(whole, n+unit)
		}
	}
	return whole, units
})

// spelledOut is a text with its times and amounts in pinyin as they are written: what else is in it stays.
func (t typed) spelledOut() typed {
	if !slices.ContainsFunc(t.folded, func(r rune) bool { return r >= 'a' && r <= 'z' }) {
		return t
	}
	words, changed := strings.Fields(t.String()), false
	for i := 0; i < len(words); i++ {
		for n := min(spelledParts, len(words)-i); n > 0; n-- {
			if written, is := written(strings.Join(words[i:i+n], "")); is {
				words, changed = slices.Replace(words, i, i+n, written), true
				break
			}
		}
	}
	if !changed {
		return t
	}
	return newTyped(strings.Join(words, " "))
}

// written is a word in pinyin as it is written, if it is one of a time or an amount.
func written(word string) (string, bool) {
	word = newTyped(word).text()
	whole, units := spelledWords()
	if w, is := whole[word]; is {
		return w, true
	}
	behind := strings.TrimLeftFunc(word, func(r rune) bool { return unicode.IsDigit(r) || r == '.' })
	unit, is := units[behind]
	return word[:len(word)-len(behind)] + unit, is && len(behind) < len(word)
}
