package kingdee

import "strings"

type part int

const (
	partID     part = iota // the cell itself; of a reference, the internal id
	partNumber             // .FNumber
	partName               // .FName
)

// column is what a key in FieldKeys, FilterString or OrderString means.
type column struct {
	key   string
	field *field
	part  part
	item  func(table string, id int64) (item, bool)
}

// row is one line of a result: a document, or one of its entries.
type row struct {
	rec   *record
	entry []any // nil when the query asks for no entry field, or the document has none
}

func (c column) kind() Kind {
	if c.part != partID {
		return Text
	}
	return c.field.kind
}

func (c column) value(r row) any {
	cells := r.rec.cells
	if c.field.entry {
		if cells = r.entry; cells == nil {
			return nil
		}
	}
	cell := cells[c.field.at]
	if c.part == partID || cell == nil {
		return cell
	}
	found, ok := c.item(c.field.table, cell.(int64))
	switch {
	case !ok:
		return nil
	case c.part == partNumber:
		return found.Number
	}
	return found.Name
}

// column resolves "FDate", "FCustId.FNumber" or the long name of a field in a block, "FSaleOrderFinance.FSettleCurrId".
func (s *Server) column(f *form, key string) (column, error) {
	key = strings.TrimSpace(key)
	if found, ok := f.byKey[strings.ToLower(key)]; ok {
		return column{key, found, partID, s.item}, nil
	}
	dot := strings.LastIndexByte(key, '.')
	if dot < 0 {
		_, err := f.field(key)
		return column{}, err
	}
	found, ok := f.byKey[strings.ToLower(key[:dot])]
	p, known := map[string]part{"fnumber": partNumber, "fname": partName, "fid": partID}[strings.ToLower(key[dot+1:])]
	if !ok || !known || found.kind != reference {
		_, err := f.field(key)
		return column{}, err
	}
	return column{key, found, p, s.item}, nil
}

type orderKey struct {
	col  column
	desc bool
}

// query is a compiled request.
type query struct {
	form        *form
	cols        []column
	where       node
	order       []orderKey
	expand      bool // one row per entry
	start, size int
	text        string // filter and order, to know a repeated query by
}

// newQuery compiles the data of ExecuteBillQuery.
func (s *Server) newQuery(data members) (*query, error) {
	f, err := s.form(data.text("formid"))
	if err != nil {
		return nil, err
	}
	q := &query{form: f}
	resolve := func(key string) (column, error) {
		col, err := s.column(f, key)
		if err == nil && col.field.entry {
			q.expand = true
		}
		return col, err
	}
	if err := q.fields(data.text("fieldkeys"), resolve); err != nil {
		return nil, err
	}
	if err := q.filter(data, resolve); err != nil {
		return nil, err
	}
	if err := q.sorting(data.text("orderstring"), resolve); err != nil {
		return nil, err
	}
	return q, q.window(data, s.opts.MaxLimit)
}

func (q *query) fields(keys string, resolve func(string) (column, error)) error {
	for _, key := range splitList(keys) {
		col, err := resolve(key)
		if err != nil {
			return err
		}
		q.cols = append(q.cols, col)
	}
	if len(q.cols) == 0 {
		return refuse(codeParameter, "FieldKeys 不能为空")
	}
	return nil
}

// filter takes the SQL-like text. The list form of newer servers carries operator codes whose meaning is not published, so
// only an empty list is taken.
func (q *query) filter(data members, resolve func(string) (column, error)) error {
	text := data.text("filterstring")
	if trimmed := strings.TrimSpace(text); strings.HasPrefix(trimmed, "[") {
		if strings.TrimSpace(trimmed[1:]) != "]" {
			return refuse(codeParameter, "FilterString 仅支持字符串形式")
		}
		text = ""
	}
	where, err := parseFilter(text, resolve)
	q.where, q.text = where, text
	return err
}

func (q *query) sorting(text string, resolve func(string) (column, error)) error {
	for _, part := range splitList(text) {
		words := strings.Fields(part)
		desc := len(words) == 2 && strings.EqualFold(words[1], "DESC")
		if len(words) > 2 || len(words) == 2 && !desc && !strings.EqualFold(words[1], "ASC") {
			return refuse(codeParameter, "OrderString 有语法错误："+part)
		}
		col, err := resolve(words[0])
		if err != nil {
			return err
		}
		q.order = append(q.order, orderKey{col, desc})
	}
	q.text += "\x00" + strings.ToLower(text)
	return nil
}

// window reads StartRow, Limit and TopRowCount. TopRowCount is the number of the last row that may come, counted from the
// first, not the size of a page.
func (q *query) window(data members, most int) error {
	start, err := data.number("startrow")
	if err != nil {
		return err
	}
	limit, err := data.number("limit")
	if err != nil {
		return err
	}
	top, err := data.number("toprowcount")
	if err != nil {
		return err
	}
	q.start, q.size = start, most
	if limit > 0 {
		q.size = min(limit, most)
	}
	if top > 0 {
		q.size = max(0, min(q.size, top-start))
	}
	return nil
}
