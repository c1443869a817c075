// Package lang says things in the reader's language. Both wordings stand side by side where they are said, so that none can be forgotten; a test reads the
// source for pairs that are empty, of unequal verbs, or missing (package langtest):
//
//	l.Say("今日没有待办任务。", "No open tasks today.")
//	l.Sayf("今天还可领取 %d 个。", "You can claim %d more today.", n)
package lang

import (
	"cmp"
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

// Text is a saying that is kept to be said later, in whatever language is read then. Where EN is empty there is only the one wording, whoever reads it.
type Text struct{ ZH, EN string }

// Both is a saying made of a format in each language. An argument that is a Text itself is said in the same language.
func Both(zh, en string, args ...any) Text {
	return Text{ZH: Chinese.format(zh, args), EN: English.format(en, args)}
}

func (l Language) format(format string, args []any) string {
	said := make([]any, len(args))
	for i, arg := range args {
		if t, ok := arg.(Text); ok {
			arg = t.In(l)
		}
		said[i] = arg
	}
	return fmt.Sprintf(format, said...)
}

// Join puts texts behind each other with a separator between them.
func Join(texts []Text, separator string) Text {
	var out Text
	for i, t := range texts {
		if i > 0 {
			out.ZH, out.EN = out.ZH+separator, out.EN+separator
		}
		out.ZH, out.EN = out.ZH+t.ZH, out.EN+t.In(English)
	}
	return out
}

// In returns the text in a language.
func (t Text) In(l Language) string { return l.Say(t.ZH, cmp.Or(t.EN, t.ZH)) }

// IsZero reports whether nothing is said.
func (t Text) IsZero() bool { return t == Text{} }
