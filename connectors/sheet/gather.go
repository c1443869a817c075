package sheet

import (
	"slices"

	"lingke/connectors"
)

// add joins a row's record with what earlier rows said of the same thing: what a later row says counts, what it leaves out stays, and the lines of
// an order add up.
func (r *reading) add(rec connectors.Record, n int) {
	key := thing{rec.Kind, rec.ID}
	have, known := r.all[key]
	if !known {
		have = &told{record: rec}
		r.all[key] = have
		r.order[rec.Kind] = append(r.order[rec.Kind], rec.ID)
	} else {
		have.join(rec, r.lines(rec.Kind))
	}
	have.times++
	if r.lines(rec.Kind) {
		have.rows = append(have.rows, n)
	}
}

func (r *reading) lines(kind connectors.Kind) bool {
	return slices.ContainsFunc(r.plan.parts, func(p partPlan) bool { return p.kind == kind && p.lines })
}

// join adds another row's record. Of an order's lines the first says what is not summed.
func (t *told) join(rec connectors.Record, lines bool) {
	for field, v := range rec.Fields {
		old, has := t.record.Fields[field]
		switch {
		case lines && (field == connectors.FieldAmount || field == connectors.FieldMargin) && has:
			t.record.Fields[field] = added(old, v)
		case !lines || !has:
			t.record.Fields[field] = v
		}
	}
	if !lines {
		t.record.Customer = rec.Customer
	}
}

// added is the sum of two canonical amounts. A sum beyond a trillion stays at the last amount that could be read.
func added(a, b string) string {
	x, _, errX := parseAmount(a)
	y, _, errY := parseAmount(b)
	if errX != nil {
		return a
	}
	if errY != nil {
		return b
	}
	return (x + y).String()
}

// finish turns what was gathered into records, and leaves out orders of which a line failed.
func (r *reading) finish(lay layout) {
	r.dropBroken()
	several := 0
	for _, kind := range []connectors.Kind{connectors.Customer, connectors.Order, connectors.Activity} {
		for _, id := range r.order[kind] {
			t := r.all[thing{kind, id}]
			if t == nil {
				continue
			}
			if t.times > 1 {
				several++
			}
			r.out.Records = append(r.out.Records, t.record)
		}
	}
	r.note(several, "%d 个客户或订单占多行，已合并", "%d customers or orders have several rows, which were joined")
	r.note(r.out.Hidden, "%d 行是隐藏行，同样已读取", "%d rows are hidden and were read all the same")
	r.note(len(lay.hiddenColumns), "%d 列是隐藏列，同样已读取", "%d columns are hidden and were read all the same")
	r.note(lay.merged, "%d 处合并单元格，其中每行都取同一个值", "%d merged areas: each of their rows has the same value")
	slices.SortStableFunc(r.out.Problems, func(a, b Problem) int { return a.Row - b.Row })
}

func (r *reading) note(n int, zh, en string) {
	if n > 0 {
		r.out.Notes = append(r.out.Notes, because(zh, en, n))
	}
}

// dropBroken takes orders back of which a line failed: part of an order would be a wrong amount.
func (r *reading) dropBroken() {
	for key, n := range r.lost {
		t, known := r.all[key]
		if !known || !r.lines(key.kind) {
			continue
		}
		delete(r.all, key)
		r.out.Good -= len(t.rows)
		for _, line := range t.rows {
			r.fail(line, []Problem{{Row: line, Field: string(key.kind), Reason: because("同一订单的第 %d 行有问题，整单未导入", "row %d of the same order is wrong, so none of it is read", n)}})
		}
	}
}
