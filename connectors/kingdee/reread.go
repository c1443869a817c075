package kingdee

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"lingke/connectors"
)

// rawDocument is a Record.Raw: the rows of a document under the keys that were asked for. The first key is the id's, the second the time's.
type rawDocument struct {
	Form string   `json:"form"`
	Keys []string `json:"keys"`
	Rows [][]cell `json:"rows"`
}

// KeepRaw is as in connectors.Rereader. What a customer owes is added up from many documents and has no Raw.
func (c *Conn) KeepRaw() { c.keep = true }

// rawOf writes a rawDocument, cell by cell: encoding/json takes many times as long, and each document of a back-fill goes through here.
func rawOf(f *form, l layout, rows [][]cell) ([]byte, error) {
	keys, err := json.Marshal(l.keys)
	if err != nil {
		return nil, err
	}
	size := len(keys) + 64
	for _, row := range rows {
		for _, c := range row {
			size += len(c.text) + len(`"",`)
		}
	}
	out := append(make([]byte, 0, size), `{"form":"`+f.id+`","keys":`...)
	out = append(append(out, keys...), `,"rows":[`...)
	for i, row := range rows {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(out, '[')
		for n, c := range row {
			if n > 0 {
				out = append(out, ',')
			}
			if out, err = c.append(out); err != nil {
				return nil, err
			}
		}
		out = append(out, ']')
	}
	return append(out, "]}"...), nil
}

var errRaw = errors.New("not a raw record of this connector")

// Reread is as in connectors.Rereader. Kingdee answers with the fields that were asked for, so a key that no mapping named then is not in the raw record.
func (c *Conn) Reread(_ connectors.Kind, raw []byte) (connectors.Record, error) {
	var d rawDocument
	err := json.Unmarshal(raw, &d)
	i := slices.IndexFunc(c.forms, func(f *form) bool { return f.id == d.Form })
	switch {
	case err != nil || len(d.Keys) < 2 || len(d.Rows) == 0:
		return connectors.Record{}, fmt.Errorf("%w: %w", connectors.ErrBadRecord, errRaw)
	case i < 0:
		return connectors.Record{}, fmt.Errorf("%w: %s is not read any more", connectors.ErrBadRecord, d.Form)
	}
	l := c.forms[i].layout(d.Keys[1])
	l.keys[0], l.idKey = d.Keys[0], d.Keys[0]
	rows, err := d.arranged(l)
	if err != nil {
		return connectors.Record{}, err
	}
	return c.recordOf(c.forms[i], l, rows)
}

// arranged are the rows with the cells of a layout. A field that the site was found not to know is empty.
func (d rawDocument) arranged(l layout) ([][]cell, error) {
	from := make([]int, len(l.keys))
	for i, key := range l.keys {
		from[i] = slices.Index(d.Keys, key)
	}
	for n, col := range l.cols {
		at := l.cells[n]
		if from[at] < 0 && col.other != "" {
			from[at] = slices.Index(d.Keys, col.other)
		}
		if from[at] < 0 && !col.optional {
			return nil, fmt.Errorf("%w: %s", connectors.ErrNotKept, col.key)
		}
	}
	out := make([][]cell, len(d.Rows))
	for r, row := range d.Rows {
		if len(row) != len(d.Keys) {
			return nil, fmt.Errorf("%w: %w", connectors.ErrBadRecord, errRaw)
		}
		out[r] = make([]cell, len(from))
		for i, at := range from {
			if at >= 0 {
				out[r][i] = row[at]
			}
		}
	}
	return out, nil
}
