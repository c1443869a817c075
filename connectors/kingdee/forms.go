package kingdee

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"time"

	"lingke/connectors"
	"lingke/connectors/mapping"
)

// The forms that are read, and the keys that mark a version of a document.
const (
	customerForm = "BD_Customer"
	orderForm    = "SAL_SaleOrder"

	modifyKey  = "FModifyDate"
	approveKey = "FApproveDate"
	dateKey    = "FDate"
)

// businessLookBack is how far back orders are read again where only their business date orders them: an order of last
// month may be audited today.
const businessLookBack = 31 * 24 * time.Hour

// column is one field of ours and the field key that fills it.
type column struct {
	field    string
	key      string
	told     bool   // an empty value is passed on: the operator made Kingdee the one to say
	optional bool   // left out, with a warning, where the site does not know the key
	other    string // the key to try before it is left out
}

// otherKeys are second spellings: a region is an entry of 辅助资料, whose name some sites show under another key.
var otherKeys = map[string]string{"FPROVINCIAL.FName": "FPROVINCIAL.FDataValue"}

// defaultCustomer is what BD_Customer tells without any setting.
func defaultCustomer() map[string]string {
	return map[string]string{
		connectors.FieldName: "FName", "number": "FNumber", "short_name": "FShortName",
		connectors.FieldPhone: "FTEL", "mobile": "FMobile", connectors.FieldCreditCode: "FSOCIALCRECODE",
		"tax_number": "FTAXREGISTERCODE", "address": "FADDRESS", "region": "FPROVINCIAL.FName",
		"group": "FGroup.FName", "seller": "FSELLER.FName", "description": "FDescription",
	}
}

// What an order's record is made from besides its plain fields; the names begin with a dot so that they collide with none.
const (
	colCustomer = ".customer"
	colStatus   = ".status"
	colClosed   = ".closed"
	colCancel   = ".cancelled"
	colCreated  = ".created"
	colApproved = ".approved"
)

func orderColumns() []column {
	return []column{
		{field: colCustomer, key: "FCustId"},
		{field: colStatus, key: "FDocumentStatus"},
		{field: "number", key: "FBillNo"},
		{field: connectors.FieldDate, key: dateKey},
		{field: connectors.FieldAmount, key: "FBillAllAmount"}, // the whole order with tax, repeated on each line
		{field: connectors.FieldRep, key: "FSalerId.FName", optional: true},
		{field: connectors.FieldProduct, key: "FMaterialId.FName", optional: true},
		{field: colClosed, key: "FCloseStatus", optional: true},
		{field: colCancel, key: "FCancelStatus", optional: true},
		{field: colCreated, key: "FCreateDate", optional: true},
		{field: colApproved, key: approveKey, optional: true},
	}
}

// form is a kind of document and how it is read. What the site turns out not to know is taken out of it for good.
type form struct {
	id     string
	kind   connectors.Kind
	lines  string // the key of a line's id where a document has several rows
	record func(c *Conn, l layout, rows [][]cell) (connectors.Record, error)
	made   *mapping.Fields // the fields that rules of the mapping make

	mu    sync.Mutex
	ids   []idKey  // the first is used, the others where the site does not know it
	times []string // the first is used where it is modifyKey, else all: see passes
	cols  []column
}

// idKey is the key of a document's id; textual ids are quoted in filters.
type idKey struct {
	key     string
	textual bool
}

// newForms returns the forms to read, customers last: a customer that follows its orders is judged by all of them at once, and nobody is shown
// a long-standing buyer as a new lead while a back-fill runs.
func newForms(cfg Config) ([]*form, error) {
	customer := &form{id: customerForm, kind: connectors.Customer, record: (*Conn).customerRecord,
		ids: []idKey{{key: "FCUSTID"}}, times: []string{modifyKey}}
	order := &form{id: orderForm, kind: connectors.Order, record: (*Conn).orderRecord, lines: "FSaleOrderEntry_FEntryId",
		ids: []idKey{{key: "FID"}, {key: "FBillNo", textual: true}}, times: []string{modifyKey, approveKey, dateKey}}
	order.cols = orderColumns()
	for field, key := range defaultCustomer() {
		if cfg.writes(key) { // it would come back as news
			continue
		}
		customer.cols = append(customer.cols, column{field: field, key: key, optional: field != connectors.FieldName, other: otherKeys[key]})
	}
	forms := []*form{order, customer}
	if cfg.Deliveries {
		forms = []*form{order, newDeliveries(), customer}
	}
	for _, f := range forms {
		if err := f.apply(cfg); err != nil {
			return nil, err
		}
		slices.SortStableFunc(f.cols, func(a, b column) int { return cmp.Compare(a.field, b.field) })
	}
	return forms, nil
}

// apply puts the mapping's rules in the place of the defaults. A rule that only names a key is a column; for any other the keys that it reads are, and made makes the field.
func (f *form) apply(cfg Config) error {
	made := make(mapping.Mapping)
	for field, rule := range cfg.Mapping.Of(f.kind) {
		for _, key := range rule.Sources() {
			if !dottedKey.MatchString(key) {
				return fmt.Errorf("mapping.%s: %q is not a field key", mapping.NewTarget(f.kind, field), key)
			}
		}
		switch {
		case rule.None():
			f.set(field, "")
		case rule.Plain():
			f.set(field, rule.From.String())
		default:
			f.set(field, "")
			made[mapping.NewTarget(f.kind, field)] = rule
		}
	}
	for _, key := range made.Sources(f.kind) {
		f.cols = append(f.cols, column{field: sourceMark + key, key: key, told: true})
	}
	var err error
	f.made, err = made.Compile(f.kind, cfg.Location)
	return err
}

// sourceMark begins the names of columns that only rules read.
const sourceMark = ".="

// set puts a configured column in the place of a default one, or removes it where key is empty.
func (f *form) set(field, key string) {
	f.cols = slices.DeleteFunc(f.cols, func(c column) bool { return c.field == field })
	if key != "" {
		f.cols = append(f.cols, column{field: field, key: key, told: true})
	}
}
