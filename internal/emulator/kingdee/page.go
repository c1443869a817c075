package kingdee

import "slices"

// sorted is the last result that had to be sorted as a whole, kept for the following pages.
type sorted struct {
	form    *form
	version int64
	text    string
	expand  bool
	rows    []row
}

// run gives the rows of one page. s.mu must be held.
func (s *Server) run(q *query) []row {
	if q.size == 0 {
		return nil
	}
	if x, desc, ok := q.index(); ok {
		return q.walk(x, desc)
	}
	if s.last.form != q.form || s.last.version != q.form.version || s.last.text != q.text || s.last.expand != q.expand {
		rows := q.matching(nil, q.form.ids.between(q.form, nil, nil))
		slices.SortStableFunc(rows, func(a, b row) int { return q.compare(a, b, q.order) })
		s.last = sorted{q.form, q.form.version, q.text, q.expand, rows}
	}
	return page(s.last.rows, q.start, q.size)
}

func page(rows []row, start, size int) []row {
	start = min(start, len(rows))
	return rows[start:min(start+size, len(rows))]
}

// index finds the index that gives the first key of the order.
func (q *query) index() (_ *index, desc, ok bool) {
	if len(q.order) == 0 {
		return &q.form.ids, false, true
	}
	first := q.order[0]
	for _, x := range []*index{&q.form.ids, &q.form.modified} {
		if first.col.field == x.key && first.col.part == partID {
			return x, first.desc, true
		}
	}
	return nil, false, false
}

// walk reads an index from the filter's lower bound on and stops at the end of the page. Records that share the first key
// are put in the order of the other keys.
func (q *query) walk(x *index, desc bool) []row {
	lo, hi := bounds(q.where, x.key)
	records := x.between(q.form, lo, hi)
	if desc {
		records = slices.Clone(records)
		slices.Reverse(records)
	}
	var rows []row
	for len(records) > 0 && len(rows) < q.start+q.size {
		n := run(records, x.key)
		before := len(rows)
		rows = q.matching(rows, records[:n])
		if len(q.order) > 1 && len(rows)-before > 1 {
			slices.SortStableFunc(rows[before:], func(a, b row) int { return q.compare(a, b, q.order[1:]) })
		}
		records = records[n:]
	}
	return page(rows, q.start, q.size)
}

// run counts the records at the front that share their key.
func run(records []*record, key *field) int {
	n := 1
	for n < len(records) && compareCells(records[n].cells[key.at], records[0].cells[key.at]) == 0 {
		n++
	}
	return n
}

// matching appends the rows of the records that pass the filter.
func (q *query) matching(rows []row, records []*record) []row {
	add := func(r row) {
		if q.where.eval(r) == yes {
			rows = append(rows, r)
		}
	}
	for _, rec := range records {
		if !q.expand || len(rec.entries) == 0 {
			add(row{rec: rec})
			continue
		}
		for _, entry := range rec.entries {
			add(row{rec, entry})
		}
	}
	return rows
}

func (q *query) compare(a, b row, keys []orderKey) int {
	for _, k := range keys {
		order := compareCells(k.col.value(a), k.col.value(b))
		if k.desc {
			order = -order
		}
		if order != 0 {
			return order
		}
	}
	return 0
}
