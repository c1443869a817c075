package kingdee

import (
	"fmt"
	"math"
	"strings"
)

// change is one write to a document: from Save over the wire, or from PutRecord.
type change struct {
	s      *Server
	form   *form
	values map[string]any
	only   map[string]bool // NeedUpDateFields in lower case; nil writes every key of values
	loose  bool            // PutRecord: references by name, unknown items are added, given dates are kept
	wipe   bool            // IsDeleteEntry: entries that were not sent are deleted
}

// apply makes the changed document, or the refusal. s.mu must be held.
func (c *change) apply() (*record, error) {
	old, err := c.target()
	if err != nil {
		return nil, err
	}
	if old != nil && c.s.opts.LockAudited && !c.loose && old.text(c.form, "fdocumentstatus") == "C" {
		return nil, refuse(codeNotOperable, "数据已审核，不允许修改")
	}
	r := c.begin(old)
	if err := c.fill(r); err != nil {
		return nil, err
	}
	if err := c.check(r, old); err != nil {
		return nil, err
	}
	if _, given := c.value("FBillAllAmount"); !given {
		c.total(r)
	}
	_, dated := c.value(c.form.modify.key)
	c.s.finish(c.form, r, old, dated && c.loose)
	return r, nil
}

// value finds a member in any case.
func (c *change) value(key string) (any, bool) {
	for name, v := range c.values {
		if strings.EqualFold(name, key) {
			return v, true
		}
	}
	return nil, false
}

// target finds the document that the change is about; nil means a new one.
func (c *change) target() (*record, error) {
	if raw, ok := c.value(c.form.pk.key); ok {
		id, err := integer(raw)
		if err != nil {
			return nil, invalid(c.form.pk.key, "内码不是有效的数字")
		}
		if found := c.form.byID[id]; found != nil {
			return found, nil
		}
		if id != 0 && !c.loose {
			return nil, refuse(codeNoField, fmt.Sprintf("内码[%d]不存在", id))
		}
		return nil, nil
	}
	if raw, ok := c.value(c.form.number.key); ok && c.loose {
		return c.form.byNumber[fmt.Sprint(raw)], nil
	}
	return nil, nil
}

// begin copies the document, or starts one with what the server itself sets.
func (c *change) begin(old *record) *record {
	if old != nil {
		return copyOf(old)
	}
	c.form.nextID++
	r := &record{cells: make([]any, c.form.headers)}
	r.cells[c.form.pk.at] = c.form.nextID
	r.cells[c.form.number.at] = c.form.prefix + fmt.Sprintf("%06d", c.form.nextID)
	state := "A"
	if c.loose {
		state = "C" // what stands in an ERP has mostly been audited
	}
	defaults := map[string]any{"fdocumentstatus": state, "fforbidstatus": "A", "fclosestatus": "A", "fcancelstatus": "A", "fcreatedate": c.s.stamp()}
	for key, value := range defaults {
		if x, ok := c.form.byKey[key]; ok {
			r.cells[x.at] = value
		}
	}
	if c.loose {
		c.organise(r)
	}
	return r
}

// organise sets the references that a record of the control API leaves out.
func (c *change) organise(r *record) {
	for key, number := range map[string]string{"fcreateorgid": "100", "fuseorgid": "100", "fsaleorgid": "100", "ftradingcurrid": "PRE001",
		"flocalcurrid": "PRE001", "fsaleorderfinance.fsettlecurrid": "PRE001", "fcountry": "China"} {
		if x, ok := c.form.byKey[key]; ok {
			if id, ok := c.s.itemByText(x.table, number); ok {
				r.cells[x.at] = id
			}
		}
	}
}

// fill writes the header's values and the entries.
func (c *change) fill(r *record) error {
	for name, value := range c.values {
		if c.form.entryKey != "" && strings.EqualFold(name, c.form.entryKey) {
			if err := c.fillEntries(r, value); err != nil {
				return err
			}
			continue
		}
		if err := c.set(r.cells, name, value, false); err != nil {
			return err
		}
	}
	return nil
}

func (c *change) set(cells []any, name string, value any, entry bool) error {
	if nested, ok := value.(map[string]any); ok && c.isBlock(name) {
		for key, inner := range nested {
			if err := c.set(cells, name+"."+key, inner, entry); err != nil {
				return err
			}
		}
		return nil
	}
	x, err := c.lookup(name)
	if err != nil {
		return err
	}
	if x.entry != entry {
		return invalid(name, "字段不属于此单据体")
	}
	if c.only != nil && !c.only[strings.ToLower(x.key)] || x == c.form.modify && !c.loose {
		return nil
	}
	if x == c.form.pk || x == c.form.entryPK {
		return c.setID(cells, x, value)
	}
	cells[x.at], err = c.cell(x, value)
	return err
}

// lookup finds the field of a name. A record of the control API may carry what the site hides.
func (c *change) lookup(name string) (*field, error) {
	key := strings.TrimSuffix(strings.TrimSuffix(name, ".FNumber"), ".FName")
	if x, ok := c.form.hidden[strings.ToLower(key)]; ok && c.loose {
		return x, nil
	}
	return c.form.field(key)
}

// setID keeps an id that PutRecord chose for a new document; otherwise the server has given one.
func (c *change) setID(cells []any, x *field, value any) error {
	id, err := integer(value)
	if err == nil && id > 0 && c.loose {
		cells[x.at] = id
		if x == c.form.pk {
			c.form.nextID = max(c.form.nextID, id)
		}
	}
	return err
}

// isBlock tells whether a name is the first part of long field names, as FSaleOrderFinance.
func (c *change) isBlock(name string) bool {
	for key := range c.form.byKey {
		if strings.HasPrefix(key, strings.ToLower(name)+".") {
			return true
		}
	}
	return false
}

// check looks for what a document cannot be without.
func (c *change) check(r, old *record) error {
	missing := &refusal{code: codeValidation}
	for _, x := range c.form.fields {
		if x.must && (r.cells[x.at] == nil || r.cells[x.at] == "") {
			key := x.key
			missing.items = append(missing.items, failure{FieldName: &key, Message: fmt.Sprintf("字段“%s”是必填项", x.name)})
		}
	}
	if len(missing.items) > 0 {
		return missing
	}
	if other := c.form.byNumber[r.number(c.form)]; other != nil && other != old {
		return invalid(c.form.number.key, fmt.Sprintf("编码[\"%s\"]已存在", r.number(c.form)))
	}
	return nil
}

// finish stamps a document and enters it; kept says that its FModifyDate was given.
func (s *Server) finish(f *form, r, old *record, kept bool) {
	if !kept || r.cells[f.modify.at] == nil {
		r.cells[f.modify.at] = s.stamp()
	}
	f.put(r, old)
}

// total keeps the header's amount equal to the entries' sum. It adds in fen, so that the order of adding does not show.
func (c *change) total(r *record) {
	header, entry := c.form.byKey["fbillallamount"], c.form.byKey["fallamount"]
	if _, changed := c.value(c.form.entryKey); !changed || header == nil || entry == nil {
		return
	}
	sum := 0.0
	for _, cells := range r.entries {
		amount, _ := cells[entry.at].(float64)
		sum += math.Round(amount * 100)
	}
	r.cells[header.at] = sum / 100
}

// PutRecord creates or changes a document as somebody working in the ERP would. Keys are field keys in any case; a reference
// is an {"FNumber":…} object, a number, a name or an internal id, and an unknown one is added to its table (a customer must
// exist). The document is found by its internal id, else by its number (FNumber, FBillNo); otherwise it is new, and audited
// unless FDocumentStatus says otherwise. FModifyDate becomes now unless it is given. Times without a zone are Asia/Shanghai.
func (s *Server) PutRecord(form string, fields map[string]any) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.form(form)
	if err != nil {
		return fmt.Errorf("kingdee %s: %w", form, err)
	}
	c := &change{s: s, form: f, values: fields, loose: true, wipe: true}
	if _, err := c.apply(); err != nil {
		return fmt.Errorf("kingdee %s: %w", f.id, err)
	}
	return nil
}

// RemoveRecord deletes a document by its internal id, as somebody who may delete audited ones would. One that is not there does not matter.
func (s *Server) RemoveRecord(form string, id int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.form(form)
	if err != nil {
		return fmt.Errorf("kingdee %s: %w", form, err)
	}
	if r, ok := f.byID[id]; ok {
		f.drop(r)
	}
	return nil
}
