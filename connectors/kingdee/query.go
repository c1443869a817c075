package kingdee

import (
	"context"
	"strings"
	"time"
)

// query is the data of one ExecuteBillQuery. TopRowCount stays 0: it is an absolute last row, not a page size.
type query struct {
	FormID       string `json:"FormId"`
	FieldKeys    string `json:"FieldKeys"`
	FilterString string `json:"FilterString"`
	OrderString  string `json:"OrderString"`
	TopRowCount  int    `json:"TopRowCount"`
	StartRow     int    `json:"StartRow"`
	Limit        int    `json:"Limit"`
}

// query returns rows of width cells.
func (c *Conn) query(ctx context.Context, q query, width int) (rows [][]cell, err error) {
	payload := map[string]any{"data": q}
	err = c.call(ctx, "query "+q.FormID, formService+"ExecuteBillQuery", payload, func(body []byte) (err error) {
		rows, err = decodeRows(body, width)
		return err
	})
	return rows, err
}

// ask builds a query with the layout's keys.
func (l layout) ask(limit int, filter, order []string) query {
	return query{FormID: l.form, FieldKeys: strings.Join(l.keys, ","), Limit: limit,
		FilterString: strings.Join(filter, " AND "), OrderString: strings.Join(order, ",")}
}

// since asks for what was modified in the second at or later, oldest first.
func (l layout) since(at time.Time, limit int) query {
	return l.ask(limit, []string{l.timeKey + " >= " + quote(at.Format(filterTime))},
		[]string{l.timeKey + " ASC", l.idKey + " ASC"})
}

// within asks for what was modified in exactly the second at, by id, beginning after an id.
func (l layout) within(at time.Time, after string, limit int) query {
	filter := l.second(at)
	if after != "" {
		filter = append(filter, l.idKey+" > "+l.literal(after))
	}
	return l.ask(limit, filter, []string{l.idKey + " ASC"})
}

// idsAfter asks for ids alone, beginning after one.
func (l layout) idsAfter(after string, limit int) query {
	l.keys = []string{l.idKey}
	var filter []string
	if after != "" {
		filter = []string{l.idKey + " > " + l.literal(after)}
	}
	return l.ask(limit, filter, []string{l.idKey + " ASC"})
}

// document asks for the lines of one document that was modified in exactly the second at.
func (l layout) document(at time.Time, id string, start, limit int) query {
	q := l.ask(limit, append(l.second(at), l.idKey+" = "+l.literal(id)), []string{l.lines + " ASC"})
	q.StartRow = start
	return q
}

func (l layout) second(at time.Time) []string {
	return []string{l.timeKey + " >= " + quote(at.Format(filterTime)), l.timeKey + " < " + quote(at.Add(time.Second).Format(filterTime))}
}

// literal writes an id into a filter: as a number where ids are numbers, so that the site compares them as such.
func (l layout) literal(id string) string {
	if !l.textual && id != "" && strings.Trim(id, "0123456789") == "" {
		return id
	}
	return quote(id)
}

func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }
