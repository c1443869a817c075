package sheet

import (
	"strconv"
	"strings"
	"time"
)

// cellKind tells how a cell holds its value.
type cellKind uint8

const (
	blank     cellKind = iota
	text               // as typed
	number             // a number cell of Excel: a float of 15 digits
	day                // a number cell that is shown as a date
	flag               // TRUE or FALSE
	broken             // #N/A and its like
	uncounted          // a formula whose value was not stored
)

// cell is one cell as it lies in the file.
type cell struct {
	kind   cellKind
	text   string // for a number its shortest decimal
	number float64
	filled bool // comes from a merged area that began elsewhere
}

// row is one row of a sheet, empty cells at its end left out.
type row struct {
	n      int // as Excel counts, from 1
	cells  []cell
	hidden bool
	wrong  string // a row that could not be taken apart
}

func (r row) empty() bool {
	for _, c := range r.cells {
		if c.kind != blank && !c.filled {
			return false
		}
	}
	return r.wrong == ""
}

func (r row) at(col int) cell {
	if col < 0 || col >= len(r.cells) {
		return cell{}
	}
	return r.cells[col]
}

// shown is the cell as a person sees it.
func (c cell) shown(epoch time.Time) string {
	if c.kind != day {
		return c.text
	}
	t, ok := serialDate(c.number, epoch)
	if !ok {
		return c.text
	}
	if t.Hour() == 0 && t.Minute() == 0 && t.Second() == 0 {
		return t.Format("2006-01-02")
	}
	return t.Format("2006-01-02 15:04:05")
}

func textCell(s string) cell {
	if strings.TrimSpace(s) == "" {
		return cell{}
	}
	return cell{kind: text, text: s}
}

// numberCell is a number as Excel stores it. The shortest decimal that gives the same float is what was typed, up to the 15 digits that
// Excel keeps.
func numberCell(raw string, shownAsDate bool) cell {
	v, err := strconv.ParseFloat(strings.TrimSpace(raw), 64)
	if err != nil {
		return textCell(raw)
	}
	kind := number
	if shownAsDate {
		kind = day
	}
	return cell{kind: kind, text: plain(v), number: v}
}

// plain writes a number without an exponent, in the 15 digits that Excel keeps, so that 0.1+0.2 is 0.3 again.
func plain(v float64) string {
	short, err := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 15, 64), 64)
	if err != nil {
		short = v
	}
	if short > 1e21 || short < -1e21 {
		return strconv.FormatFloat(short, 'g', -1, 64)
	}
	return strconv.FormatFloat(short, 'f', -1, 64)
}

// letters names a column as Excel does: 0 is A, 27 is AB.
func letters(col int) string {
	name := ""
	for col++; col > 0; col = (col - 1) / 26 {
		name = string(rune('A'+(col-1)%26)) + name
	}
	return name
}

// splitRef takes "AB12" apart into column 27 and row 12; ok is false for anything else.
func splitRef(ref string) (col, n int, ok bool) {
	i := 0
	for ; i < len(ref) && ref[i] >= 'A' && ref[i] <= 'Z' && i < 4; i++ {
		col = col*26 + int(ref[i]-'A') + 1
	}
	n, err := strconv.Atoi(ref[i:])
	if i == 0 || err != nil || n < 1 {
		return 0, 0, false
	}
	return col - 1, n, true
}
