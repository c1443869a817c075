package sheet

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"strings"
)

// csvFile is a text file with one sheet.
type csvFile struct {
	content   []byte // UTF-8
	encoding  string
	delimiter rune
	limits    Limits
}

// openCSV decodes a text file; delimiter 0 means that it is found.
func openCSV(data []byte, encodingName string, delimiter rune, limits Limits) (*csvFile, error) {
	if err := notAPage(data); err != nil {
		return nil, err
	}
	content, name, err := decodeText(data, encodingName)
	if err != nil {
		return nil, err
	}
	f := &csvFile{content: content, encoding: name, delimiter: delimiter, limits: limits}
	if delimiter == 0 {
		f.delimiter = guessDelimiter(content)
	}
	return f, nil
}

// notAPage recognises what systems export under the name of a table.
func notAPage(data []byte) error {
	head := bytes.ToLower(bytes.TrimSpace(data[:min(len(data), 512)]))
	for _, mark := range []string{"<html", "<!doctype html", "<table", "<?xml", "<meta"} {
		if bytes.HasPrefix(head, []byte(mark)) {
			return unreadable("它其实是网页或 XML，只是用了表格的文件名；请在 Excel 中打开并另存为 .xlsx", "it is a web page or XML under the name of a table; open it in Excel and save it as .xlsx")
		}
	}
	return nil
}

// guessDelimiter takes the one of , ; tab and | by which the first lines fall into the same number of several columns most often.
func guessDelimiter(content []byte) rune {
	const lines = 30
	best, bestScore := ',', 0
	for _, d := range []rune{',', '\t', ';', '|'} {
		counts := map[int]int{}
		r := reader(content[:min(len(content), 64<<10)], d)
		for range lines {
			fields, err := r.Read()
			if err != nil {
				break
			}
			counts[len(fields)]++
		}
		score := 0
		for columns, n := range counts {
			if columns > 1 {
				score = max(score, n*100+min(columns, 99))
			}
		}
		if score > bestScore {
			best, bestScore = d, score
		}
	}
	return best
}

func reader(content []byte, delimiter rune) *csv.Reader {
	r := csv.NewReader(bytes.NewReader(content))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes, r.ReuseRecord = delimiter, -1, true, true
	return r
}

func (f *csvFile) sheets() []sheetInfo { return []sheetInfo{{name: "CSV"}} }

func (f *csvFile) epoch() (e epoch) { return epoch1900 }

// maxLines is how many lines one cell may have: more means that a quote was opened and not closed.
const maxLines = 200

// rows calls fn for each line with its number in the file; a row of several lines has the number of the first.
func (f *csvFile) rows(ctx context.Context, _ int, fn func(row) error) (layout, error) {
	r := reader(f.content, f.delimiter)
	for n := 0; ; n++ {
		if n%1024 == 0 && ctx.Err() != nil {
			return layout{}, ctx.Err()
		}
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return layout{}, nil
		}
		var parse *csv.ParseError
		if errors.As(err, &parse) {
			err = fn(row{n: parse.StartLine, wrong: parse.Err.Error()})
		} else if err == nil {
			line, _ := r.FieldPos(0)
			err = fn(f.row(line, fields))
		}
		if err != nil {
			return layout{}, err
		}
	}
}

func (f *csvFile) row(line int, fields []string) row {
	r := row{n: line}
	for len(fields) > 0 && strings.TrimSpace(fields[len(fields)-1]) == "" {
		fields = fields[:len(fields)-1]
	}
	if len(fields) > f.limits.Columns {
		return row{n: line, wrong: fmt.Sprintf("%d columns, at most %d are read", len(fields), f.limits.Columns)}
	}
	for _, s := range fields {
		if strings.Count(s, "\n") > maxLines {
			return row{n: line, wrong: fmt.Sprintf("a cell of more than %d lines: a quotation mark is opened here and not closed", maxLines)}
		}
		r.cells = append(r.cells, textCell(unescaped(s)))
	}
	return r
}
