package kingdee

import (
	"slices"

	"lingke/connectors/mapping"
)

// layout is how the rows of one query are to be read: cell 0 is the id, cell 1 the time, the columns follow. No key is
// asked for twice, so a column may share a cell with the id or the time.
type layout struct {
	form    string
	idKey   string
	textual bool
	timeKey string
	lines   string
	keys    []string
	cols    []column
	cells   []int // the cell of each column
	made    *mapping.Fields
}

// passes are the keys of time along which the form has to be walked, one walk each. The time of modification alone shows
// every change. Where a site does not have it, the approval time shows what became a sale, whenever that was, and the
// business date shows the rest, as far as businessLookBack goes.
func (f *form) passes() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.times[0] == modifyKey {
		return []string{modifyKey}
	}
	return slices.Clone(f.times)
}

func (f *form) layout(timeKey string) layout {
	f.mu.Lock()
	defer f.mu.Unlock()
	l := layout{form: f.id, idKey: f.ids[0].key, textual: f.ids[0].textual, timeKey: timeKey, lines: f.lines, cols: slices.Clone(f.cols), made: f.made}
	l.keys = []string{l.idKey, l.timeKey}
	for _, c := range l.cols {
		i := slices.Index(l.keys, c.key)
		if i < 0 {
			i = len(l.keys)
			l.keys = append(l.keys, c.key)
		}
		l.cells = append(l.cells, i)
	}
	return l
}

// cell returns a column's cell, null where the site does not know the column.
func (l layout) cell(row []cell, field string) cell {
	for i, c := range l.cols {
		if c.field == field {
			return row[l.cells[i]]
		}
	}
	return cell{}
}
