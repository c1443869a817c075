package kingdee

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

type tokenKind int

const (
	endToken tokenKind = iota
	wordToken
	stringToken
	numberToken
	symbolToken // ( ) , = <> != < <= > >=
)

type token struct {
	kind tokenKind
	text string
	at   int // byte offset, for messages
}

// is compares a keyword or symbol.
func (t token) is(text string) bool {
	return (t.kind == wordToken || t.kind == symbolToken) && strings.EqualFold(t.text, text)
}

const maxFilter = 64 << 10

// lex splits a filter. A quote inside a string is doubled; N'…' is a string too.
func lex(text string) ([]token, error) {
	if len(text) > maxFilter {
		return nil, refuse(codeParameter, "过滤条件过长")
	}
	var out []token
	for at := 0; at < len(text); {
		r, n := utf8.DecodeRuneInString(text[at:])
		if unicode.IsSpace(r) {
			at += n
			continue
		}
		t, err := next(text, at, r)
		if err != nil {
			return nil, err
		}
		end := t.at
		t.at = at
		out = append(out, t)
		at = end
	}
	return append(out, token{kind: endToken, at: len(text)}), nil
}

// next reads the token at a place; its at is where the following one begins.
func next(text string, at int, r rune) (token, error) {
	switch {
	case r == '\'':
		return lexString(text, at+1)
	case (r == 'N' || r == 'n') && strings.HasPrefix(text[at+1:], "'"):
		return lexString(text, at+2)
	case '0' <= r && r <= '9' || (r == '-' || r == '.') && at+1 < len(text) && isDigit(text[at+1]):
		return lexWhile(text, at, at+1, numberToken, func(r rune) bool { return r == '.' || '0' <= r && r <= '9' })
	case isWord(r):
		return lexWhile(text, at, at, wordToken, func(r rune) bool { return isWord(r) || unicode.IsDigit(r) || r == '.' })
	}
	for _, symbol := range []string{"<>", "!=", "<=", ">=", "<", ">", "=", "(", ")", ","} {
		if strings.HasPrefix(text[at:], symbol) {
			return token{symbolToken, symbol, at + len(symbol)}, nil
		}
	}
	return token{}, syntax(at, "不能识别的字符 "+string(r))
}

func lexString(text string, at int) (token, error) {
	var b strings.Builder
	for start := at; ; {
		quote := strings.IndexByte(text[at:], '\'')
		if quote < 0 {
			return token{}, syntax(start, "字符串没有结束")
		}
		b.WriteString(text[at : at+quote])
		at += quote + 1
		if !strings.HasPrefix(text[at:], "'") {
			return token{stringToken, b.String(), at}, nil
		}
		b.WriteByte('\'')
		at++
	}
}

func lexWhile(text string, start, from int, kind tokenKind, belongs func(rune) bool) (token, error) {
	end := from
	for end < len(text) {
		r, n := utf8.DecodeRuneInString(text[end:])
		if !belongs(r) {
			break
		}
		end += n
	}
	return token{kind, text[start:end], end}, nil
}

func isWord(r rune) bool { return r == '_' || r != utf8.RuneError && unicode.IsLetter(r) }

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func syntax(at int, what string) error {
	return refuse(codeParameter, fmt.Sprintf("过滤条件在第 %d 个字节处有语法错误：%s", at+1, what))
}
