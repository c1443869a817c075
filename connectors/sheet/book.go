package sheet

import (
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/xuri/excelize/v2"
)

// bookWriter writes one sheet, row by row.
type bookWriter struct {
	file   *excelize.File
	stream *excelize.StreamWriter
	n      int

	header, date, wrong, wrongDate, reason, note int // styles
}

// newBook begins a workbook with one sheet.
func newBook(sheetName string) (*bookWriter, error) {
	b := &bookWriter{file: excelize.NewFile()}
	name := sheetTitle(sheetName)
	if err := b.file.SetSheetName("Sheet1", name); err != nil {
		return nil, errors.Join(fmt.Errorf("sheet %q: %w", name, err), b.file.Close())
	}
	if err := b.styles(); err != nil {
		return nil, errors.Join(err, b.file.Close())
	}
	var err error
	if b.stream, err = b.file.NewStreamWriter(name); err != nil {
		return nil, errors.Join(fmt.Errorf("sheet %q: %w", name, err), b.file.Close())
	}
	return b, nil
}

// sheetTitle is a name that Excel takes for a sheet.
func sheetTitle(s string) string {
	s = strings.Trim(strings.NewReplacer(":", " ", "\\", " ", "/", " ", "?", " ", "*", " ", "[", "(", "]", ")").Replace(s), "' ")
	if r := []rune(s); len(r) > excelize.MaxSheetNameLength {
		s = string(r[:excelize.MaxSheetNameLength])
	}
	if s == "" {
		return "Sheet1"
	}
	return s
}

func (b *bookWriter) styles() error {
	dates, red := "yyyy-mm-dd", &excelize.Font{Color: "9C0006"}
	pink := excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"FFC7CE"}}
	grey := excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{"D9E1F2"}}
	for _, s := range []struct {
		id    *int
		style excelize.Style
	}{
		{&b.header, excelize.Style{Font: &excelize.Font{Bold: true}, Fill: grey}},
		{&b.date, excelize.Style{CustomNumFmt: &dates}},
		{&b.wrong, excelize.Style{Fill: pink}},
		{&b.wrongDate, excelize.Style{Fill: pink, CustomNumFmt: &dates}},
		{&b.reason, excelize.Style{Font: red}},
		{&b.note, excelize.Style{Font: &excelize.Font{Italic: true, Color: "7F7F7F"}}},
	} {
		id, err := b.file.NewStyle(&s.style)
		if err != nil {
			return fmt.Errorf("style: %w", err)
		}
		*s.id = id
	}
	return nil
}

// write adds a row; texts stay texts, whatever they begin with.
func (b *bookWriter) write(cells []any) error {
	b.n++
	if err := b.stream.SetRow(fmt.Sprintf("A%d", b.n), cells); err != nil {
		return fmt.Errorf("row %d: %w", b.n, err)
	}
	return nil
}

func (b *bookWriter) finish(w io.Writer) error {
	if err := b.stream.Flush(); err != nil {
		return fmt.Errorf("finish the sheet: %w", err)
	}
	if err := b.file.Write(w); err != nil {
		return fmt.Errorf("write the workbook: %w", err)
	}
	return nil
}

func (b *bookWriter) close() { _ = b.file.Close() } // only temporary files
