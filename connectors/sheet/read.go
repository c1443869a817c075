package sheet

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"lingke/connectors"
)

// Options are what reading needs beside the file.
type Options struct {
	Mapping *Mapping       // nil: guessed from the header
	Fields  []Field        // further fields of customers
	Zone    *time.Location // of dates without one
	At      time.Time      // the time of the values where the mapping has no as_of
	Preview int            // rows to show as they were read; 0 means 10
	// Checks refine fields: a check returns the canonical text, or the Reason why the text is none.
	Checks map[string]func(string) (string, error)
}

// Result is what a file says.
type Result struct {
	Sheet     string   `json:"sheet"`
	Encoding  string   `json:"encoding,omitempty"` // of a text file
	HeaderRow int      `json:"header_row"`
	Guessed   bool     `json:"guessed,omitempty"` // the mapping was guessed from the header
	Source    string   `json:"source"`
	Used      []Use    `json:"used"`
	Unused    []Unused `json:"unused,omitempty"`
	Notes     []Reason `json:"notes,omitempty"`

	Rows    int `json:"rows"` // below the header that are not empty
	Good    int `json:"good"`
	Failed  int `json:"failed"`
	Skipped int `json:"skipped"` // as the mapping says, and example rows
	Hidden  int `json:"hidden"`  // rows that are hidden and were read all the same

	Records  []connectors.Record `json:"-"` // customers first
	Problems []Problem           `json:"problems,omitempty"`
	Preview  []PreviewRow        `json:"preview,omitempty"`

	failedRows map[int][]Problem // by row, for the corrected copy
}

// PreviewRow is one row as it was read.
type PreviewRow struct {
	Row     int                 `json:"row"`
	Records []connectors.Record `json:"records"`
}

// DefaultSource is whose ids a file's are where the mapping does not say.
const DefaultSource = "sheet"

// Read reads one sheet. Rows that cannot be read are in Problems, and do not stop the others. An error is for the whole file: it wraps ErrFile, ErrLimit or
// ErrMapping, or is ctx's.
func (f *File) Read(ctx context.Context, o Options) (*Result, error) {
	o = o.withDefaults()
	v := newVocabulary(o.Fields)
	index, h, err := f.locate(ctx, o.Mapping, v)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.name, err)
	}
	m := o.Mapping
	if m == nil {
		if m = guess(h, v); m == nil {
			return nil, fmt.Errorf("%s: %w: %w", f.name, ErrMapping, because("第 %d 行的列名（%s）里没有客户；请加上“客户编号”或“客户名称”这样的列，或者用映射文件说明",
				"row %d (%s) names no customer; expected a column such as 客户编号 or 客户名称, or a mapping file", h.row, cut(strings.Join(h.names, " | "))))
		}
	}
	p, err := newPlan(m, h, v)
	if err != nil {
		return nil, fmt.Errorf("%s, %s: %w", f.name, f.Sheets()[index], err)
	}
	if text := m.Modern(); text != "" {
		p.notes = append(p.notes, because("映射文件是旧写法，照常可用；改用与各连接器 mapping 相同的写法时，customer、order、activity 换成：\n%s",
			"the mapping file is in the old form, which stays valid; in the form of every connector's mapping: its customer, order and activity are:\n%s", text))
	}
	r, err := newReading(f, index, m, p, o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", f.name, err)
	}
	lay, err := f.rows(ctx, index, r.row)
	if err != nil && !errors.Is(err, errEnough) {
		return nil, fmt.Errorf("%s, %s: %w", f.name, r.out.Sheet, err)
	}
	r.finish(lay)
	r.out.Guessed = o.Mapping == nil
	return r.out, nil
}

// errEnough ends a walk that has seen what it wanted.
var errEnough = errors.New("enough")

func (o Options) withDefaults() Options {
	if o.Zone == nil {
		o.Zone = time.UTC
	}
	if o.Preview == 0 {
		o.Preview = 10
	}
	return o
}

// locate finds the sheet and its header row: the mapping's sheet, else the visible one whose best row has the most known headers.
func (f *File) locate(ctx context.Context, m *Mapping, v vocabulary) (index int, h header, err error) {
	known := knownBy(m, v)
	best := 0
	for i, s := range f.book.sheets() {
		if m != nil && m.Sheet != "" && m.Sheet != s.name && s.name != "CSV" || (m == nil || m.Sheet == "") && s.hidden {
			continue
		}
		found, score, err := f.findHeader(ctx, i, m, known)
		if err != nil {
			return 0, h, fmt.Errorf("%s: %w", s.name, err)
		}
		if score > best || !h.found && found.found {
			index, h, best = i, found, score
		}
	}
	switch {
	case !h.found && m != nil && m.Sheet != "":
		return 0, h, fmt.Errorf("%w: no sheet %q with a header; there are %s", ErrMapping, m.Sheet, strings.Join(f.Sheets(), ", "))
	case !h.found:
		return 0, h, unreadable("前 %d 行里没有找到表头；请确认有一行列名，例如“客户名称”“手机”，或发“导入”查看说明", "no row with column names was found in the first %d rows", searchDepth)
	}
	return index, h, nil
}

// findHeader looks at the first rows of a sheet.
func (f *File) findHeader(ctx context.Context, sheet int, m *Mapping, known func(string) bool) (h header, best int, err error) {
	n := 0
	_, err = f.book.rows(ctx, sheet, func(r row) error {
		if r.n > searchRows {
			return errEnough
		}
		if r.empty() {
			return nil
		}
		if m != nil && m.HeaderRow > 0 {
			if r.n >= m.HeaderRow {
				if r.n == m.HeaderRow {
					h, best = headerOf(r), max(1, headerScore(r, known))
				}
				return errEnough
			}
			return nil
		}
		if score := headerScore(r, known); score > best {
			h, best = headerOf(r), score
		} else if !h.found && len(r.cells) > 1 {
			h = headerOf(r) // to have something to name in the message
		}
		if n++; n >= searchDepth {
			return errEnough
		}
		return nil
	})
	if errors.Is(err, errEnough) {
		err = nil
	}
	return h, best, err
}
