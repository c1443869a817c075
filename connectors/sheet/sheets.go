package sheet

import (
	"fmt"
	"io"

	"github.com/xuri/excelize/v2"
)

// Sheet is one sheet of a workbook: rows of texts, the first of them headings.
type Sheet struct {
	Title string
	Rows  [][]string
}

// WriteBook writes a workbook (.xlsx) with these sheets, in their order. Texts never become formulas.
func WriteBook(w io.Writer, sheets []Sheet) error {
	if len(sheets) == 0 {
		sheets = []Sheet{{}}
	}
	b, err := newBook(sheets[0].Title)
	if err != nil {
		return err
	}
	defer b.close()
	taken := map[string]bool{sheetTitle(sheets[0].Title): true}
	for i, s := range sheets {
		if i > 0 {
			if err := b.next(free(taken, s.Title)); err != nil {
				return err
			}
		}
		for _, row := range s.Rows {
			if err := b.write(b.texts(row)); err != nil {
				return err
			}
		}
	}
	return b.finish(w)
}

// free is a title that no sheet has yet.
func free(taken map[string]bool, title string) string {
	name := sheetTitle(title)
	for n := 2; taken[name]; n++ {
		name = sheetTitle(fmt.Sprintf("%d %s", n, title))
	}
	taken[name] = true
	return name
}

// next ends the present sheet and begins another one.
func (b *bookWriter) next(name string) error {
	if err := b.stream.Flush(); err != nil {
		return fmt.Errorf("finish the sheet: %w", err)
	}
	if _, err := b.file.NewSheet(name); err != nil {
		return fmt.Errorf("sheet %q: %w", name, err)
	}
	stream, err := b.file.NewStreamWriter(name)
	if err != nil {
		return fmt.Errorf("sheet %q: %w", name, err)
	}
	b.stream, b.n = stream, 0
	return nil
}

// texts are the cells of a row; those of the first are headings.
func (b *bookWriter) texts(row []string) []any {
	out := make([]any, len(row))
	for i, text := range row {
		if out[i] = fits(text); b.n == 0 {
			out[i] = excelize.Cell{StyleID: b.header, Value: text}
		}
	}
	return out
}
