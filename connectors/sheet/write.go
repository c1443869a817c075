package sheet

import (
	"encoding/csv"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// Writer writes a table row by row. Close ends it; the io.Writer stays open.
type Writer interface {
	// Row adds a row of texts (string), numbers (float64, int) and instants (time.Time, the zero time is an empty cell).
	Row(cells ...any) error
	Close() error
}

// NewWriter begins a table as .csv or .xlsx, by the name's ending. CSV is UTF-8 with BOM, as Excel expects it. Texts never become formulas: in xlsx they are
// texts by type; in CSV one that begins like a formula gets a ' before it, which reading takes away again. Instants are shown in zone.
func NewWriter(w io.Writer, name, title string, zone *time.Location, header ...string) (Writer, error) {
	var out Writer
	switch ext := strings.ToLower(filepath.Ext(name)); ext {
	case ".csv":
		if _, err := io.WriteString(w, "\uFEFF"); err != nil {
			return nil, fmt.Errorf("write: %w", err)
		}
		c := csv.NewWriter(w)
		c.UseCRLF = true
		out = &csvWriter{c, zone}
	case ".xlsx":
		b, err := newBook(title)
		if err != nil {
			return nil, err
		}
		out = &xlsxWriter{b, w, zone}
	default:
		return nil, fmt.Errorf("%w: %q: expected a name that ends in .xlsx or .csv", ErrFile, name)
	}
	cells := make([]any, len(header))
	for i, h := range header {
		cells[i] = h
	}
	return out, out.Row(cells...)
}

type csvWriter struct {
	csv  *csv.Writer
	zone *time.Location
}

func (c *csvWriter) Row(cells ...any) error {
	out := make([]string, len(cells))
	for i, v := range cells {
		switch v := v.(type) {
		case string:
			out[i] = escaped(v)
		case float64:
			out[i] = plain(v)
		case time.Time:
			out[i] = shownTime(v, c.zone)
		default:
			out[i] = fmt.Sprint(v)
		}
	}
	return c.csv.Write(out)
}

func (c *csvWriter) Close() error {
	c.csv.Flush()
	return c.csv.Error()
}

func shownTime(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format(time.DateTime)
}

// triggers are the characters by which spreadsheets take a text for a formula (OWASP, CSV injection); those of full width count in East Asian versions.
const triggers = "=+-@\t\r＝＋－＠"

// escaped is a text that no spreadsheet takes for a formula. A lone dash is none.
func escaped(s string) string {
	if s != "-" && strings.IndexAny(s, triggers) == 0 || strings.HasPrefix(s, "'") {
		return "'" + s
	}
	return s
}

// unescaped undoes escaped.
func unescaped(s string) string {
	if rest, quoted := strings.CutPrefix(s, "'"); quoted && escaped(rest) == s {
		return rest
	}
	return s
}

type xlsxWriter struct {
	book *bookWriter
	out  io.Writer
	zone *time.Location
}

func (x *xlsxWriter) Row(cells ...any) error {
	out := make([]any, len(cells))
	for i, v := range cells {
		switch v := v.(type) {
		case string:
			out[i] = fits(v)
		case time.Time:
			if !v.IsZero() {
				out[i] = excelize.Cell{StyleID: x.book.date, Value: civilSerial(v.In(x.zone))}
			}
		default:
			out[i] = v
		}
		if x.book.n == 0 {
			out[i] = excelize.Cell{StyleID: x.book.header, Value: v}
		}
	}
	return x.book.write(out)
}

// civilSerial is Excel's number of a civil time after 1900.
func civilSerial(t time.Time) float64 {
	civil := time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, time.UTC)
	return civil.Sub(epoch1900).Hours() / 24
}

func (x *xlsxWriter) Close() error {
	defer x.book.close()
	return x.book.finish(x.out)
}
