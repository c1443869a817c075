package kingdee

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// target reads the form of a document call: named "formid" or the first parameter.
func (s *Server) target(c call) (*form, members, error) {
	f, err := s.form(c.text(0, "formid"))
	if err != nil {
		return nil, nil, err
	}
	data, err := c.data(1)
	return f, data, err
}

func (s *Server) save(c call) (any, error) { return s.saveOne(c, "") }

// draft saves without asking for the mandatory fields to be reviewed: the document gets status Z.
func (s *Server) draft(c call) (any, error) { return s.saveOne(c, "Z") }

func (s *Server) saveOne(c call, state string) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, data, err := s.target(c)
	if err != nil {
		return nil, err
	}
	var model map[string]any
	if err := decode(data["model"], &model); err != nil {
		return nil, refuse(codeParameter, "Model 应为对象")
	}
	r, err := s.write(f, data, model, state)
	if err != nil {
		return nil, err
	}
	done := entity{ID: r.id(f), Number: r.number(f)}
	returned, err := s.needReturn(f, data, r)
	return result(succeeded(done), map[string]any{"Id": done.ID, "Number": done.Number, "NeedReturnData": []any{returned}}), err
}

func (s *Server) write(f *form, data members, model map[string]any, state string) (*record, error) {
	need, err := data.list("needupdatefields")
	if err != nil {
		return nil, err
	}
	ch := &change{s: s, form: f, values: model, wipe: data.flag("isdeleteentry", true)}
	for _, key := range need {
		if !strings.EqualFold(key, f.entryKey) {
			if _, err := f.field(key); err != nil {
				return nil, err
			}
		}
		if ch.only == nil {
			ch.only = map[string]bool{}
		}
		ch.only[strings.ToLower(key)] = true
	}
	if state != "" {
		model["FDocumentStatus"] = state
	}
	return ch.apply()
}

// needReturn gives the fields that the caller asked to see after the save.
func (s *Server) needReturn(f *form, data members, r *record) (map[string]any, error) {
	keys, err := data.list("needreturnfields")
	out := map[string]any{}
	for _, key := range keys {
		col, err := s.column(f, key)
		if err != nil {
			return nil, err
		}
		if !col.field.entry {
			out[key] = s.shown(col.kind(), col.value(row{rec: r}))
		}
	}
	return out, err
}

// batchSave saves each model by itself; the failures are listed by DIndex.
func (s *Server) batchSave(c call) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, data, err := s.target(c)
	if err != nil {
		return nil, err
	}
	var models []map[string]any
	if err := decode(data["model"], &models); err != nil {
		return nil, refuse(codeParameter, "Model 应为对象数组")
	}
	st := succeeded()
	for i, model := range models {
		r, err := s.write(f, data, model, "")
		if err != nil {
			st.fail(asRefusal(err), i)
			continue
		}
		st.SuccessEntitys = append(st.SuccessEntitys, entity{r.id(f), r.number(f), i})
	}
	return result(st, nil), nil
}

// fail adds what went wrong with one item of a batch.
func (st *status) fail(r *refusal, index int) {
	st.ErrorCode, st.IsSuccess, st.MsgCode = 500, false, r.code
	for _, item := range r.items {
		item.DIndex = index
		st.Errors = append(st.Errors, item)
	}
}

func decode(raw json.RawMessage, into any) error {
	dec := json.NewDecoder(bytes.NewReader(unquote(raw)))
	dec.UseNumber()
	return dec.Decode(into)
}

// view shows one document; references are nested objects.
func (s *Server) view(c call) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, data, err := s.target(c)
	if err != nil {
		return nil, err
	}
	var r *record
	number, id := data.text("number"), data.text("id")
	if number != "" {
		r = f.byNumber[number]
	} else if n, err := strconv.ParseInt(id, 10, 64); err == nil {
		r = f.byID[n]
	}
	if r == nil {
		return nil, refuse(codeNoField, fmt.Sprintf("编码值[\"%s\"]不存在", number+id))
	}
	return result(succeeded(), map[string]any{"Result": s.shownRecord(f, r)}), nil
}

func (s *Server) shownRecord(f *form, r *record) map[string]any {
	out := s.shownCells(f, r.cells, false)
	out["Id"] = r.id(f)
	if f.entryKey != "" {
		entries := make([]map[string]any, 0, len(r.entries))
		for _, cells := range r.entries {
			entries = append(entries, s.shownCells(f, cells, true))
		}
		out[f.entryKey] = entries
	}
	return out
}

func (s *Server) shownCells(f *form, cells []any, entry bool) map[string]any {
	out := map[string]any{}
	for _, x := range f.fields {
		if x.entry != entry {
			continue
		}
		out[x.key] = s.shown(x.kind, cells[x.at])
		if x.kind == reference {
			out[x.key] = nil
			id, _ := cells[x.at].(int64)
			if found, ok := s.item(x.table, id); ok {
				out[x.key] = map[string]any{"Id": found.ID, "Number": found.Number, "Name": localName(found.Name)}
			}
		}
	}
	return out
}

// named finds the documents of Numbers and Ids; those that do not exist are reported by DIndex.
func (s *Server) named(f *form, data members) ([]*record, *status, error) {
	numbers, err := data.list("numbers")
	if err != nil {
		return nil, nil, err
	}
	ids, err := data.list("ids")
	if err != nil {
		return nil, nil, err
	}
	if len(numbers)+len(ids) == 0 {
		return nil, nil, refuse(codeParameter, "Numbers 和 Ids 不能同时为空")
	}
	st := succeeded()
	var found []*record
	for i, name := range append(numbers, ids...) {
		r := f.byNumber[name]
		if id, err := strconv.ParseInt(name, 10, 64); i >= len(numbers) && err == nil {
			r = f.byID[id]
		}
		if r == nil {
			st.fail(refuse(codeNoField, fmt.Sprintf("编码值[\"%s\"]不存在", name)), i)
		}
		found = append(found, r)
	}
	return found, &st, nil
}

// each runs one step over the named documents and reports each by DIndex.
func (s *Server) each(c call, step func(*form, members, *record) error) (any, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, data, err := s.target(c)
	if err != nil {
		return nil, err
	}
	found, st, err := s.named(f, data)
	if err != nil {
		return nil, err
	}
	for i, r := range found {
		if r == nil {
			continue
		}
		if err := step(f, data, r); err != nil {
			st.fail(asRefusal(err), i)
			continue
		}
		st.SuccessEntitys = append(st.SuccessEntitys, entity{r.id(f), r.number(f), i})
	}
	return result(*st, nil), nil
}

// moves is an operation that takes documents from one of the states in from to another.
func moves(from, to string) func(*Server, call) (any, error) {
	return func(s *Server, c call) (any, error) {
		return s.each(c, func(f *form, _ members, r *record) error {
			if now := r.text(f, "fdocumentstatus"); now == "" || !strings.Contains(from, now) {
				return refuse(codeNotOperable, fmt.Sprintf("单据[%s]当前状态不允许此操作", r.number(f)))
			}
			s.mark(f, r, "fdocumentstatus", to)
			return nil
		})
	}
}

// mark sets one text of a document and bumps its FModifyDate.
func (s *Server) mark(f *form, r *record, key, value string) {
	changed := copyOf(r)
	if x, ok := f.byKey[key]; ok {
		changed.cells[x.at] = value
	}
	if x, ok := f.byKey["fapprovedate"]; ok && key == "fdocumentstatus" && value == "C" {
		changed.cells[x.at] = s.stamp()
	}
	s.finish(f, changed, r, false)
}

// remove deletes documents that nobody has audited.
func (s *Server) remove(c call) (any, error) {
	return s.each(c, func(f *form, _ members, r *record) error {
		if state := r.text(f, "fdocumentstatus"); state == "B" || state == "C" {
			return refuse(codeNotOperable, fmt.Sprintf("单据[%s]已提交或已审核，不允许删除", r.number(f)))
		}
		f.drop(r)
		return nil
	})
}

// operate runs Forbid and Enable on base data and Cancel on bills; opNumber stands before data in a positional call.
func (s *Server) operate(c call) (any, error) {
	name := strings.ToLower(c.text(1, "opnumber"))
	effect, ok := map[string][2]string{"forbid": {"fforbidstatus", "B"}, "enable": {"fforbidstatus", "A"}, "cancel": {"fcancelstatus", "B"}, "uncancel": {"fcancelstatus", "A"}}[name]
	if !ok {
		return nil, refuse(3, "操作不存在")
	}
	if len(c.params) > 2 {
		c.params = []json.RawMessage{c.params[0], c.params[2]}
	}
	return s.each(c, func(f *form, _ members, r *record) error {
		if f.byKey[effect[0]] == nil {
			return refuse(codeNotOperable, "此业务对象不支持该操作")
		}
		s.mark(f, r, effect[0], effect[1])
		return nil
	})
}

// Counts tells how many documents each form holds.
func (s *Server) Counts() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[string]int{}
	for _, f := range s.forms {
		out[f.id] = len(f.byID)
	}
	return out
}
