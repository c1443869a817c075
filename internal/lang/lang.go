// Package lang says things in the reader's language. Both wordings stand side by side where they are said, so that none can be forgotten; a test reads the
// source for pairs that are empty, of unequal verbs, or missing (package langtest):
//
//	l.Say("今日没有待办任务。", "No open tasks today.")
//	l.Sayf("今天还可领取 %d 个。", "You can claim %d more today.", n)
package lang

import (
	"errors"
	"fmt"
)

// Language is one that people read.
type Language string

// The languages. The zero Language is Chinese.
const (
	Chinese Language = "zh"
	English Language = "en"
)

// ErrUnknown: nothing is written in that language.
var ErrUnknown = errors.New("unknown language")

// Parse returns the language of a code; "" is Chinese. ErrUnknown.
func Parse(code string) (Language, error) {
	switch l := Language(code); l {
	case "":
		return Chinese, nil
	case Chinese, English:
		return l, nil
	}
	return Chinese, fmt.Errorf("%w %q, known are zh and en", ErrUnknown, code)
}

// Say returns the wording of the language.
func (l Language) Say(zh, en string) string {
	if l == English {
		return en
	}
	return zh
}

// Sayf is Say of a format. Where the order differs, the English one names its arguments: %[2]s.
func (l Language) Sayf(zh, en string, args ...any) string { return fmt.Sprintf(l.Say(zh, en), args...) }

// Text is a saying that is kept to be said later, in whatever language is read then.
type Text struct{ ZH, EN string }

// In returns the text in a language.
func (t Text) In(l Language) string { return l.Say(t.ZH, t.EN) }
