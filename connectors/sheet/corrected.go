package sheet

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
)

// Corrected writes a copy of the rows that a reading of this file refused, as .xlsx: the rows above the header and the header as they are, the cells that are
// wrong in colour, and the column 问题 with the reasons. Once corrected it can be read like the file itself, with the same mapping.
func (f *File) Corrected(ctx context.Context, r *Result, w io.Writer) error {
	out, err := newBook(r.Sheet)
	if err != nil {
		return err
	}
	defer out.close()
	c := &correction{book: out, result: r, epoch: f.book.epoch()}
	index := f.indexOf(r.Sheet)
	if _, err := f.rows(ctx, index, c.row); err != nil && !errors.Is(err, errEnough) {
		return fmt.Errorf("%s: %w", f.name, err)
	}
	return out.finish(w)
}

func (f *File) indexOf(sheet string) int {
	for i, s := range f.book.sheets() {
		if s.name == sheet {
			return i
		}
	}
	return 0
}

// correction picks rows out of a walk through the sheet.
type correction struct {
	book    *bookWriter
	result  *Result
	epoch   epoch
	columns int // of the header
	n       int // rows written
}

func (c *correction) row(x row) error {
	problems, failed := c.result.failedRows[x.n]
	switch {
	case x.n < c.result.HeaderRow:
		for c.n < x.n-1 { // blank rows above the header count too: a mapping may say its number
			c.n++
			if err := c.book.write(nil); err != nil {
				return err
			}
		}
		return c.write(x, nil, "")
	case x.n == c.result.HeaderRow:
		for c.n < x.n-1 {
			c.n++
			if err := c.book.write(nil); err != nil {
				return err
			}
		}
		c.columns = len(x.cells)
		return c.write(x, nil, "问题")
	case failed:
		return c.write(x, problems, joined(problems))
	}
	return nil
}

// joined are all reasons of a row, each once: two fields may be read from one column.
func joined(problems []Problem) string {
	var lines []string
	for _, p := range problems {
		if line := p.ZH(); !strings.Contains(strings.Join(lines, "\n"), line) {
			lines = append(lines, line)
		}
	}
	return strings.Join(lines, "；")
}

// write copies a row; what says something goes behind the last column of the header.
func (c *correction) write(x row, problems []Problem, what string) error {
	c.n++
	wrong := map[string]bool{}
	for _, p := range problems {
		wrong[p.Column] = true
	}
	out := make([]any, max(len(x.cells), c.columns), max(len(x.cells), c.columns)+1)
	for i, cl := range x.cells {
		out[i] = c.value(cl, wrong[letters(i)])
	}
	for col := range wrong { // empty cells that must not be
		if i, _, ok := splitRef(col + "1"); ok && i < len(out) && out[i] == nil {
			out[i] = excelize.Cell{StyleID: c.book.wrong, Value: ""}
		}
	}
	if what != "" {
		out = append(out[:max(c.columns, len(x.cells))], excelize.Cell{StyleID: c.book.reason, Value: what})
	}
	return c.book.write(out)
}

// value is a cell as the file has it, numbers and dates as such. A formula is not copied: only its value, or its error, was ever read.
func (c *correction) value(x cell, wrong bool) any {
	style := 0
	var v any
	switch x.kind {
	case blank:
		return nil
	case number:
		v = x.number
	case day:
		v, style = x.number, c.book.date
		if !c.epoch.Equal(epoch1900) {
			v = x.number + epoch1904.Sub(epoch1900).Hours()/24
		}
	default:
		v = fits(x.text)
	}
	if wrong {
		style = c.book.wrong
		if x.kind == day {
			style = c.book.wrongDate
		}
	}
	if style == 0 {
		return v
	}
	return excelize.Cell{StyleID: style, Value: v}
}

// fits cuts a text to what an Excel cell holds.
func fits(s string) string {
	const most = excelize.TotalCellChars
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most])
}
