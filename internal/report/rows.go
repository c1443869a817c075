package report

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// Rows gives a table row by row, the headings first. Next returns io.EOF after the last row; line is the row's place in the file, from 1.
type Rows interface {
	Next() (cells []string, line int, err error)
}

// ErrTable says that a file is no table, with its place.
var ErrTable = errors.New("no table")

// maxTable is the most that a table may have: everything in it is compared with everything, so it is held in memory.
const maxTable = 256 << 20

// CSV reads separated values: by comma, semicolon or tab, whichever the first line has most of; in UTF-8 with or without a mark, else in GB18030. file is the
// name in messages.
func CSV(file string, r io.Reader) (Rows, error) {
	text, err := io.ReadAll(io.LimitReader(r, maxTable+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", file, err)
	}
	if len(text) > maxTable {
		return nil, fmt.Errorf("%w: %s is larger than %d bytes", ErrTable, file, maxTable)
	}
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	if !utf8.Valid(text) {
		if text, err = simplifiedchinese.GB18030.NewDecoder().Bytes(text); err != nil {
			return nil, fmt.Errorf("%w: %s is neither UTF-8 nor GB18030: %w", ErrTable, file, err)
		}
	}
	c := csv.NewReader(bufio.NewReader(bytes.NewReader(text)))
	c.Comma, c.FieldsPerRecord, c.ReuseRecord = separator(text), -1, true
	return &csvRows{file: file, csv: c}, nil
}

func separator(text []byte) rune {
	first, _, _ := bytes.Cut(text, []byte("\n"))
	best, most := ',', 0
	for _, sep := range ",;\t" {
		if n := bytes.Count(first, []byte(string(sep))); n > most {
			best, most = sep, n
		}
	}
	return best
}

type csvRows struct {
	file string
	csv  *csv.Reader
}

func (r *csvRows) Next() ([]string, int, error) {
	cells, err := r.csv.Read()
	if err == nil {
		line, _ := r.csv.FieldPos(0)
		return cells, line, nil
	}
	if broken := (*csv.ParseError)(nil); errors.As(err, &broken) {
		err = fmt.Errorf("%w: %s:%d:%d: %w", ErrTable, r.file, broken.Line, broken.Column, broken.Err)
	}
	return nil, 0, err
}
