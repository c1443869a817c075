package sheet

import (
	"bytes"
	"context"
	"fmt"
	"time"
)

// epoch is where a file's day numbers begin.
type epoch = time.Time

// File is an opened table: an Excel workbook or a text file. Its methods may be called one after the other any number of times.
type File struct {
	name   string
	data   []byte
	limits Limits
	book   book
}

// book is what both kinds of files have in common.
type book interface {
	sheets() []sheetInfo
	epoch() epoch
	// rows calls fn for every row of a sheet in order, empty ones included where the file has them.
	rows(ctx context.Context, sheet int, fn func(row) error) (layout, error)
}

// sheetInfo names a sheet.
type sheetInfo struct {
	name   string
	hidden bool
}

// layout is what a sheet says beside its rows.
type layout struct {
	hiddenColumns []int
	merged        int // areas
}

// Open looks at a file's first bytes and prepares reading it. The name is shown to people only. A mapping (or nil) may say the encoding and
// the delimiter. Errors wrap ErrFile or ErrLimit and say what would help.
func Open(name string, data []byte, m *Mapping, limits Limits) (*File, error) {
	if int64(len(data)) > limits.Bytes {
		return nil, fmt.Errorf("%s: %w", name, tooLarge("%d MB，最多读取 %d MB；请拆成几个文件", "%d MB, at most %d MB are read; split it", len(data)>>20, limits.Bytes>>20))
	}
	b, err := openBook(data, m, limits)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &File{name: name, data: data, limits: limits, book: b}, nil
}

func openBook(data []byte, m *Mapping, limits Limits) (book, error) {
	switch {
	case len(bytes.TrimSpace(data)) == 0:
		return nil, unreadable("它是空的", "it is empty")
	case bytes.HasPrefix(data, []byte("PK")):
		return openXLSX(data, limits)
	case bytes.HasPrefix(data, []byte{0xD0, 0xCF, 0x11, 0xE0}):
		return nil, unreadable("它是 2007 年以前的 Excel 文件，或者设了密码；请另存为不带密码的 .xlsx", "it is an Excel file of before 2007 or one with a password; save it as .xlsx without a password")
	case bytes.HasPrefix(data, []byte("%PDF")):
		return nil, unreadable("它是 PDF；请把表格导出为 .xlsx 或 CSV", "it is a PDF; export the table as .xlsx or CSV")
	}
	for _, mark := range []string{"\x89PNG", "\xFF\xD8\xFF", "GIF8", "RIFF"} {
		if bytes.HasPrefix(data, []byte(mark)) {
			return nil, unreadable("它是图片；请发送表格本身（.xlsx 或 CSV）", "it is a picture; send the table itself as .xlsx or CSV")
		}
	}
	encodingName, delimiter := "", rune(0)
	if m != nil {
		encodingName, delimiter = m.encodingName(), m.delimiter()
	}
	return openCSV(data, encodingName, delimiter, limits)
}

// Name is the name that the file was opened by.
func (f *File) Name() string { return f.name }

// Sheets lists the names of the sheets, hidden ones included.
func (f *File) Sheets() []string {
	var names []string
	for _, s := range f.book.sheets() {
		names = append(names, s.name)
	}
	return names
}

// rows reads a sheet within the limits. Rows without a value are left out.
func (f *File) rows(ctx context.Context, sheet int, fn func(row) error) (layout, error) {
	n := 0
	return f.book.rows(ctx, sheet, func(r row) error {
		if r.empty() {
			return nil
		}
		if n++; n > f.limits.Rows {
			return tooLarge("超过 %d 行；请拆成几个文件", "more than %d rows; split the file", f.limits.Rows)
		}
		return fn(r)
	})
}
