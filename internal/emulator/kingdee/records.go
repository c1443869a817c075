package kingdee

import (
	"cmp"
	"slices"
	"sort"
	"time"
)

// record is one document: the cells of its header and of its entries, by field.at. A cell is nil, string, int64, float64 or
// time.Time; a reference is its int64.
type record struct {
	cells   []any
	entries [][]any
}

func (r *record) id(f *form) int64 { return r.cells[f.pk.at].(int64) }

func (r *record) number(f *form) string {
	number, _ := r.cells[f.number.at].(string)
	return number
}

func (r *record) text(f *form, key string) string {
	x, ok := f.byKey[key]
	if !ok {
		return ""
	}
	text, _ := r.cells[x.at].(string)
	return text
}

// index keeps the records in the order of one header field, then of id. Writes that come in order are appended; after
// others it is sorted once, by the next reader.
type index struct {
	key   *field
	list  []*record
	dirty bool
}

func (x *index) compare(f *form, a, b *record) int {
	return cmp.Or(compareCells(a.cells[x.key.at], b.cells[x.key.at]), cmp.Compare(a.id(f), b.id(f)))
}

// add takes a new record.
func (x *index) add(f *form, r *record) {
	if n := len(x.list); n > 0 && x.compare(f, x.list[n-1], r) > 0 {
		x.dirty = true
	}
	x.list = append(x.list, r)
}

// replace takes r in place of old. An index that is in order stays so.
func (x *index) replace(f *form, old, r *record) {
	at, ok := x.find(f, old)
	if ok && x.compare(f, old, r) == 0 {
		x.list[at] = r
		return
	}
	x.remove(f, old)
	to, _ := x.find(f, r)
	x.list = slices.Insert(x.list, to, r)
}

func (x *index) remove(f *form, r *record) {
	if at, ok := x.find(f, r); ok {
		x.list = slices.Delete(x.list, at, at+1)
	}
}

// find gives the place of r, or where it would stand.
func (x *index) find(f *form, r *record) (at int, ok bool) {
	if x.dirty {
		x.sort(f)
	}
	return slices.BinarySearchFunc(x.list, r, func(a, b *record) int { return x.compare(f, a, b) })
}

func (x *index) sort(f *form) {
	slices.SortFunc(x.list, func(a, b *record) int { return x.compare(f, a, b) })
	x.dirty = false
}

// between gives the records whose key lies in [lo, hi]; nil bounds are open.
func (x *index) between(f *form, lo, hi any) []*record {
	if x.dirty {
		x.sort(f)
	}
	start, end := 0, len(x.list)
	if lo != nil {
		start = sort.Search(len(x.list), func(i int) bool { return compareCells(x.list[i].cells[x.key.at], lo) >= 0 })
	}
	if hi != nil {
		end = sort.Search(len(x.list), func(i int) bool { return compareCells(x.list[i].cells[x.key.at], hi) > 0 })
	}
	return x.list[start:max(start, end)]
}

// compareCells orders two cells of one kind; nil comes first, as in SQL Server.
func compareCells(a, b any) int {
	if a == nil || b == nil {
		return cmp.Compare(presence(a), presence(b))
	}
	switch x := a.(type) {
	case string:
		return foldCompare(x, b.(string))
	case int64:
		return cmp.Compare(x, b.(int64))
	case float64:
		return cmp.Compare(x, b.(float64))
	case time.Time:
		return x.Compare(b.(time.Time))
	}
	return 0
}

func presence(cell any) int {
	if cell == nil {
		return 0
	}
	return 1
}

// put enters a finished record: new, or in place of old, whose id it has.
func (f *form) put(r, old *record) {
	for _, x := range []*index{&f.ids, &f.modified} {
		if old == nil {
			x.add(f, r)
		} else {
			x.replace(f, old, r)
		}
	}
	if old != nil {
		delete(f.byNumber, old.number(f))
	}
	f.byID[r.id(f)] = r
	f.byNumber[r.number(f)] = r
	f.version++
}

func (f *form) drop(r *record) {
	delete(f.byID, r.id(f))
	delete(f.byNumber, r.number(f))
	f.ids.remove(f, r)
	f.modified.remove(f, r)
	f.version++
}

// copyOf gives a record that can be changed without readers seeing it half done.
func copyOf(r *record) *record {
	c := &record{cells: slices.Clone(r.cells), entries: make([][]any, len(r.entries))}
	for i, entry := range r.entries {
		c.entries[i] = slices.Clone(entry)
	}
	return c
}
