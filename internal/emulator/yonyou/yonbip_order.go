package yonyou

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// orderRow is an order with one of its lines; line is -1 for the header alone.
type orderRow struct {
	doc  *document
	line int
}

// listOrders is 销售订单 列表查询: one row for each line, unless isSum.
func (s *YonBIP) listOrders(_ *http.Request, body map[string]any) map[string]any {
	index, size, why := page(body, 5000, 10)
	if why != nil {
		return why
	}
	conditions, ok := s.conditions(body["simpleVOs"])
	if !ok {
		return refusal("999", "服务端逻辑异常: 查询字段不存在")
	}
	found := slices.Clone(s.orders.find(func(d *document) bool {
		return dateFits(body, "vouchdate", d.text("vouchdate")) && (body["code"] == nil || d.text("code") == shown(body["code"])) &&
			(body["nextStatusName"] == nil || d.text("nextStatus") == shown(body["nextStatusName"])) &&
			!slices.ContainsFunc(conditions, func(c condition) bool { return !c.holds(d) })
	}))
	sortOrders(found, body["queryOrders"])
	sum, _ := body["isSum"].(bool)
	var rows []orderRow
	for _, d := range found {
		if sum || len(d.lines) == 0 {
			rows = append(rows, orderRow{d, -1})
			continue
		}
		for i := range d.lines {
			rows = append(rows, orderRow{d, i})
		}
	}
	shownRows := []map[string]any{}
	for _, r := range paged(rows, index, size) {
		shownRows = append(shownRows, r.shown())
	}
	return succeeded(list(index, size, len(rows), shownRows))
}

// list is a page with its counts.
func list(index, size, count int, rows []map[string]any) map[string]any {
	pages := (count + size - 1) / size
	return map[string]any{"pageIndex": index, "pageSize": size, "recordCount": count, "pageCount": pages,
		"beginPageIndex": 1, "endPageIndex": pages, "recordList": rows}
}

func (r orderRow) shown() map[string]any {
	row := maps.Clone(r.doc.fields)
	row["id"] = r.doc.id
	row["createTime"], row["modifyTime"], row["pubts"] = stamp(r.doc.created), stamp(r.doc.modified), stamp(r.doc.modified)
	if r.line >= 0 {
		maps.Copy(row, r.doc.lines[r.line])
		row["orderDetailId"] = r.doc.id + 500_000_000 + int64(r.line)
	}
	return row
}

// dateFits applies open_<field>_begin and _end to a day.
func dateFits(body map[string]any, field, have string) bool {
	begin, end := shown(body["open_"+field+"_begin"]), shown(body["open_"+field+"_end"])
	have = have[:min(len(have), len("2006-01-02"))]
	return (begin == "" || have >= begin[:min(len(begin), 10)]) && (end == "" || have != "" && have <= end[:min(len(end), 10)])
}

// condition is one of simpleVOs.
type condition struct{ field, op, value1, value2 string }

func (s *YonBIP) conditions(v any) ([]condition, bool) {
	given, _ := v.([]any)
	var out []condition
	for _, item := range given {
		m, _ := item.(map[string]any)
		c := condition{shown(m["field"]), shown(m["op"]), shown(m["value1"]), shown(m["value2"])}
		known := []string{"id", "code", "agentId", "vouchdate", "modifyTime", "createTime", "nextStatus"}
		if !s.opts.NoPubts {
			known = append(known, "pubts")
		}
		if !slices.Contains(known, c.field) || !slices.Contains([]string{"eq", "neq", "lt", "gt", "like", "between"}, c.op) {
			return nil, false
		}
		out = append(out, c)
	}
	return out, true
}

func (c condition) holds(d *document) bool {
	have := headerText(d, c.field)
	switch c.op {
	case "eq":
		return have == c.value1
	case "neq":
		return have != c.value1
	case "lt":
		return compare(have, c.value1) < 0
	case "gt":
		return compare(have, c.value1) > 0
	case "like":
		return contains(have, c.value1)
	}
	return compare(have, c.value1) >= 0 && compare(have, c.value2) <= 0
}

func headerText(d *document, field string) string {
	switch field {
	case "id":
		return shown(d.id)
	case "pubts", "modifyTime":
		return stamp(d.modified)
	case "createTime":
		return stamp(d.created)
	}
	return d.text(field)
}

// compare compares numbers as numbers, else texts.
func compare(a, b string) int {
	x, errA := strconv.ParseInt(a, 10, 64)
	y, errB := strconv.ParseInt(b, 10, 64)
	if errA == nil && errB == nil {
		return cmp.Compare(x, y)
	}
	return strings.Compare(a, b)
}

func sortOrders(all []*document, by any) {
	given, _ := by.([]any)
	for _, item := range slices.Backward(given) {
		m, _ := item.(map[string]any)
		field, down := shown(m["field"]), shown(m["order"]) == "desc"
		slices.SortStableFunc(all, func(a, b *document) int {
			c := compare(headerText(a, field), headerText(b, field))
			if down {
				return -c
			}
			return c
		})
	}
}

// orderDetail is one order with its lines inside.
func (s *YonBIP) orderDetail(r *http.Request, _ map[string]any) map[string]any {
	d := s.orders.get(r.URL.Query().Get("id"))
	if d == nil {
		return refusal("999", "未获取到当前订单商品信息")
	}
	row := orderRow{d, -1}.shown()
	row["orderDetails"] = d.lines
	return succeeded(row)
}
