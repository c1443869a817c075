package kingdee

import (
	"bytes"
	"encoding/json"
	"unicode/utf8"
)

// scanRows reads a page of plain rows, [["1","a",2.5],["2",null,true]], many times faster than encoding/json, with one allocation for the texts of a row. It knows no more than
// that: ok is false for anything else (nested values, other widths, an error of any kind), and says nothing about what it is.
func scanRows(body []byte, width int) (rows [][]cell, ok bool) {
	s := rowScanner{body: body}
	if width <= 0 || !s.skip('[') {
		return nil, false
	}
	if s.skip(']') {
		return [][]cell{}, s.ended()
	}
	if width > len(body) { // a cell takes a byte at least
		return nil, false
	}
	s.spans = make([]span, width)
	var cells []cell // of rows to come
	for {
		if len(cells) == 0 {
			cells = make([]cell, rowsAtOnce*width)
		}
		row := cells[:width:width]
		if cells = cells[width:]; !s.row(row) {
			return nil, false
		}
		rows = append(rows, row)
		if s.skip(',') {
			continue
		}
		return rows, s.skip(']') && s.ended()
	}
}

// rowsAtOnce is for how many rows cells are allocated together: few, since one that is kept keeps the others.
const rowsAtOnce = 16

// span is where a cell stands in a body, a text without its quotes.
type span struct {
	kind     cellKind
	from, to int
	escaped  bool // the text has to be read by encoding/json
}

// rowScanner stands at a place in a body.
type rowScanner struct {
	body  []byte
	at    int
	spans []span // of the present row
}

func (s *rowScanner) blanks() {
	for s.at < len(s.body) && (s.body[s.at] == ' ' || s.body[s.at] == '\n' || s.body[s.at] == '\r' || s.body[s.at] == '\t') {
		s.at++
	}
}

// skip goes over one character and blanks before it, if it is next.
func (s *rowScanner) skip(c byte) bool {
	s.blanks()
	if s.at < len(s.body) && s.body[s.at] == c {
		s.at++
		return true
	}
	return false
}

func (s *rowScanner) ended() bool {
	s.blanks()
	return s.at == len(s.body)
}

// row reads one row of as many cells. Their texts are parts of one string.
func (s *rowScanner) row(cells []cell) bool {
	if !s.skip('[') {
		return false
	}
	begin := s.at
	for i := range s.spans {
		if i > 0 && !s.skip(',') {
			return false
		}
		var ok bool
		if s.spans[i], ok = s.cell(); !ok {
			return false
		}
	}
	line := string(s.body[begin:s.at])
	for i, x := range s.spans {
		cells[i] = cell{kind: x.kind}
		switch {
		case x.escaped:
			if json.Unmarshal(s.body[x.from-1:x.to+1], &cells[i].text) != nil {
				return false
			}
		case x.kind != null:
			cells[i].text = line[x.from-begin : x.to-begin]
		}
	}
	return s.skip(']')
}

func (s *rowScanner) cell() (span, bool) {
	s.blanks()
	if s.at == len(s.body) {
		return span{}, false
	}
	switch s.body[s.at] {
	case '"':
		return s.text()
	case 'n':
		return s.word("null", null)
	case 't':
		return s.word("true", boolean)
	case 'f':
		return s.word("false", boolean)
	}
	return s.number()
}

func (s *rowScanner) word(word string, kind cellKind) (span, bool) {
	from := s.at
	if !bytes.HasPrefix(s.body[from:], []byte(word)) {
		return span{}, false
	}
	s.at += len(word)
	return span{kind: kind, from: from, to: s.at}, true
}

func (s *rowScanner) text() (span, bool) {
	s.at++
	x := span{kind: text, from: s.at}
	var all byte
	for ; s.at < len(s.body); s.at++ {
		switch c := s.body[s.at]; {
		case c == '"':
			x.to = s.at
			s.at++
			return x, all < utf8.RuneSelf || utf8.Valid(s.body[x.from:x.to])
		case c == '\\':
			x.escaped = true
			s.at++ // what follows is no end
		case c < ' ':
			return x, false
		default:
			all |= c
		}
	}
	return x, false
}

// number reads what RFC 8259 calls a number.
func (s *rowScanner) number() (span, bool) {
	x := span{kind: number, from: s.at}
	s.sign("-")
	switch {
	case s.at < len(s.body) && s.body[s.at] == '0':
		s.at++
	case !s.digits():
		return x, false
	}
	if s.at < len(s.body) && s.body[s.at] == '.' {
		if s.at++; !s.digits() {
			return x, false
		}
	}
	if s.at < len(s.body) && (s.body[s.at] == 'e' || s.body[s.at] == 'E') {
		s.at++
		if s.sign("+-"); !s.digits() {
			return x, false
		}
	}
	x.to = s.at
	return x, true
}

func (s *rowScanner) sign(signs string) {
	if s.at < len(s.body) && bytes.IndexByte([]byte(signs), s.body[s.at]) >= 0 {
		s.at++
	}
}

// digits goes over one digit or more.
func (s *rowScanner) digits() bool {
	from := s.at
	for s.at < len(s.body) && '0' <= s.body[s.at] && s.body[s.at] <= '9' {
		s.at++
	}
	return s.at > from
}
