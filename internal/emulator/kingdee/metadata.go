package kingdee

import (
	"fmt"
	"slices"
	"strings"
)

// Kind is what a field holds.
type Kind int

// The kinds of fields.
const (
	Text Kind = iota
	Integer
	Decimal
	Date
	reference // the internal id of something in a table or form of its own
)

// field is one field of a form.
type field struct {
	key, name string
	kind      Kind
	entry     bool   // it stands in each entry and not in the header
	table     string // of a reference
	must      bool   // wanted when a document is created
	at        int    // its place in the cells of the header or of an entry
}

// form is one kind of document: its fields and its records.
type form struct {
	id, name             string
	pk, number, modify   *field
	entryKey             string // "" when there are no entries
	entryPK              *field
	fields               []*field
	byKey                map[string]*field // by lower-case key
	hidden               map[string]*field // what the site does not show
	headers, entryFields int
	prefix               string // of numbers that the server gives

	byID      map[int64]*record
	byNumber  map[string]*record
	ids       index // by internal id
	modified  index // by FModifyDate, then id
	nextID    int64
	nextEntry int64
	version   int64 // changes with every write
}

// spec is how the forms are written down below: "kind key name [table]".
type spec struct {
	kind      Kind
	key, name string
	table     string
}

var customerFields = []spec{
	{Integer, "FCUSTID", "客户内码", ""}, {Text, "FNumber", "客户编码", ""}, {Text, "FName", "客户名称", ""},
	{Text, "FShortName", "简称", ""}, {reference, "FCreateOrgId", "创建组织", orgs}, {reference, "FUseOrgId", "使用组织", orgs},
	{Text, "FTEL", "联系电话", ""}, {Text, "FMobile", "移动电话", ""}, {Text, "FEmail", "电子邮箱", ""},
	{Text, "FADDRESS", "通讯地址", ""}, {reference, "FCOUNTRY", "国家", countries}, {reference, "FPROVINCIAL", "地区", regions},
	{Text, "FINVOICETITLE", "发票抬头", ""}, {Text, "FTAXREGISTERCODE", "纳税登记号", ""}, {Text, "FINVOICEBANKNAME", "开户银行", ""},
	{reference, "FTRADINGCURRID", "结算币别", currencies}, {Text, "FSOCIALCRECODE", "统一社会信用代码", ""},
	{Text, "FDescription", "描述", ""}, {reference, "FGroup", "客户分组", groups}, {reference, "FCustTypeId", "客户类别", custTypes},
	{reference, "FSALDEPTID", "销售部门", departments}, {reference, "FSELLER", "销售员", sellers},
	{Text, "FDocumentStatus", "数据状态", ""}, {Text, "FForbidStatus", "禁用状态", ""},
	{Date, "FCreateDate", "创建日期", ""}, {Date, "FModifyDate", "修改日期", ""},
	// Fields that this site added.
	{Text, "F_LK_INDUSTRY", "行业", ""}, {Integer, "F_LK_HEADCOUNT", "员工人数", ""}, {Decimal, "F_LK_REVENUE", "年营业额", ""},
	{Text, "F_LK_CONTACT", "联系人", ""}, {Text, "F_LK_CONTACT_ROLE", "联系人职务", ""}, {Decimal, "F_LK_ACV", "预计年合同额", ""},
	{Integer, "F_LK_NPS", "净推荐值", ""}, {Text, "F_LK_SOURCE", "线索来源", ""}, {Date, "F_LK_FOUNDED", "成立日期", ""},
	{Text, "F_LK_TIER", "客户层级", ""},
}

var orderFields = []spec{
	{Integer, "FID", "订单内码", ""}, {Text, "FBillNo", "单据编号", ""}, {Date, "FDate", "日期", ""},
	{reference, "FCustId", "客户", "BD_Customer"}, {reference, "FSaleOrgId", "销售组织", orgs}, {reference, "FSalerId", "销售员", sellers},
	{reference, "FSaleDeptId", "销售部门", departments}, {Text, "FDocumentStatus", "单据状态", ""}, {Text, "FCloseStatus", "关闭状态", ""},
	{Text, "FCancelStatus", "作废状态", ""}, {Decimal, "FBillAllAmount", "价税合计", ""}, {reference, "FCreatorId", "创建人", users},
	{Date, "FCreateDate", "创建日期", ""}, {Date, "FModifyDate", "最后修改日期", ""}, {Date, "FApproveDate", "审核日期", ""},
	{reference, "FApproverId", "审核人", users}, {reference, "FLocalCurrId", "本位币", currencies},
	{reference, "FSaleOrderFinance.FSettleCurrId", "结算币别", currencies},
}

var orderEntryFields = []spec{
	{Integer, "FSaleOrderEntry_FEntryId", "分录内码", ""}, {Integer, "FSaleOrderEntry_FSeq", "序号", ""},
	{reference, "FMaterialId", "物料", materials}, {Decimal, "FQty", "销售数量", ""}, {reference, "FUnitID", "销售单位", units},
	{Decimal, "FPrice", "单价", ""}, {Decimal, "FTaxPrice", "含税单价", ""}, {Decimal, "FEntryTaxRate", "税率", ""},
	{Date, "FDeliveryDate", "要货日期", ""}, {Decimal, "FAllAmount", "价税合计", ""}, {Decimal, "FAmount", "金额", ""},
	{Decimal, "FTaxAmount", "税额", ""},
}

var outstockFields = []spec{
	{Integer, "FID", "出库单内码", ""}, {Text, "FBillNo", "单据编号", ""}, {Date, "FDate", "日期", ""},
	{reference, "FCustomerID", "客户", "BD_Customer"}, {Text, "FDocumentStatus", "单据状态", ""}, {Text, "FCancelStatus", "作废状态", ""},
	{Date, "FCreateDate", "创建日期", ""}, {Date, "FModifyDate", "最后修改日期", ""}, {Date, "FApproveDate", "审核日期", ""},
}

var outstockEntryFields = []spec{
	{Integer, "FEntity_FEntryId", "分录内码", ""}, {Integer, "FEntity_FSeq", "序号", ""}, {reference, "FMaterialID", "物料编码", materials},
	{Decimal, "FBaseUnitQty", "数量", ""}, {Text, "FSrcBillNo", "源单编号", ""},
}

var receivableFields = []spec{
	{Integer, "FID", "应收单内码", ""}, {Text, "FBillNo", "单据编号", ""}, {Date, "FDATE", "业务日期", ""},
	{reference, "FCUSTOMERID", "客户", "BD_Customer"}, {reference, "FSETTLEORGID", "结算组织", orgs}, {reference, "FCURRENCYID", "币别", currencies},
	{Date, "FENDDATE_H", "到期日", ""}, {Decimal, "FALLAMOUNTFOR", "价税合计", ""}, {Text, "FWRITTENOFFSTATUS", "核销状态", ""},
	{reference, "FSALEERID", "销售员", sellers}, {Text, "FDocumentStatus", "单据状态", ""}, {Text, "FCancelStatus", "作废状态", ""},
	{Date, "FCreateDate", "创建日期", ""}, {Date, "FModifyDate", "最后修改日期", ""}, {Date, "FApproveDate", "审核日期", ""},
}

var receivableEntryFields = []spec{
	{Integer, "FEntityDetail_FENTRYID", "分录内码", ""}, {Integer, "FEntityDetail_FSeq", "序号", ""}, {reference, "FMATERIALID", "物料编码", materials},
	{Decimal, "FRECEIVEAMOUNT", "已收款金额", ""}, {Decimal, "FNORECEIVEAMOUNT", "未收款金额", ""},
}

func (s *Server) newForms() map[string]*form {
	customer := &form{id: "BD_Customer", name: "客户", prefix: "CUST", nextID: 100000}
	s.build(customer, customerFields, nil)
	customer.require("FName", "FCreateOrgId", "FTRADINGCURRID")
	order := &form{id: "SAL_SaleOrder", name: "销售订单", prefix: "XSDD", nextID: 300000, entryKey: "FSaleOrderEntry"}
	s.build(order, orderFields, orderEntryFields)
	order.require("FDate", "FCustId")
	outstock := &form{id: "SAL_OUTSTOCK", name: "销售出库单", prefix: "XSCKD", nextID: 500000, entryKey: "FEntity"}
	s.build(outstock, outstockFields, outstockEntryFields)
	outstock.require("FDate", "FCustomerID")
	receivable := &form{id: "AR_receivable", name: "应收单", prefix: "AR", nextID: 700000, entryKey: "FEntityDetail"}
	s.build(receivable, receivableFields, receivableEntryFields)
	receivable.require("FDATE", "FCUSTOMERID")
	forms := map[string]*form{}
	for _, f := range []*form{customer, order, outstock, receivable} {
		forms[strings.ToLower(f.id)] = f
	}
	return forms
}

// build lays the fields out. Hidden ones exist inside (the server needs its dates) and have no key.
func (s *Server) build(f *form, header, entries []spec) {
	f.byKey, f.hidden = map[string]*field{}, map[string]*field{}
	f.byID, f.byNumber = map[int64]*record{}, map[string]*record{}
	for _, d := range header {
		f.add(d, false)
	}
	for _, d := range entries {
		f.add(d, true)
	}
	f.pk, f.number, f.modify = f.fields[0], f.fields[1], f.byKey["fmodifydate"]
	if len(entries) > 0 {
		f.entryPK = f.byKey[strings.ToLower(entries[0].key)]
	}
	f.ids.key, f.modified.key = f.pk, f.modify
	for _, c := range s.opts.Custom {
		if strings.EqualFold(c.Form, f.id) && f.byKey[strings.ToLower(c.Key)] == nil {
			f.add(spec{c.Kind, c.Key, c.Name, ""}, false)
		}
	}
	f.hide(s.opts.Hide)
}

func (f *form) add(d spec, entry bool) {
	added := &field{key: d.key, name: d.name, kind: d.kind, table: d.table, entry: entry, at: f.headers}
	if entry {
		added.at = f.entryFields
		f.entryFields++
	} else {
		f.headers++
	}
	f.fields = append(f.fields, added)
	f.byKey[strings.ToLower(d.key)] = added
}

func (f *form) hide(keys []string) {
	for _, name := range keys {
		formID, key, _ := strings.Cut(name, ".")
		if !strings.EqualFold(formID, f.id) {
			continue
		}
		hidden := f.byKey[strings.ToLower(key)]
		f.fields = slices.DeleteFunc(f.fields, func(x *field) bool { return x == hidden })
		if hidden != nil {
			f.hidden[strings.ToLower(key)] = hidden
		}
		delete(f.byKey, strings.ToLower(key))
	}
}

func (f *form) require(keys ...string) {
	for _, key := range keys {
		if wanted := f.byKey[strings.ToLower(key)]; wanted != nil {
			wanted.must = true
		}
	}
}

// form finds a form by its id in any case.
func (s *Server) form(id string) (*form, error) {
	if strings.TrimSpace(id) == "" {
		return nil, refuse(codeNoForm, "业务对象标识不能为空")
	}
	f, ok := s.forms[strings.ToLower(strings.TrimSpace(id))]
	if !ok {
		return nil, refuse(codeNoForm, "业务对象不存在")
	}
	return f, nil
}

func (f *form) field(key string) (*field, error) {
	found, ok := f.byKey[strings.ToLower(key)]
	if !ok {
		return nil, refuse(codeNoField, fmt.Sprintf("元数据中标识为%s的字段不存在", key))
	}
	return found, nil
}

// businessInfo describes a form's fields. The public facts name the operation and not its answer: the members here are the
// ones that a reader of field keys needs.
func (s *Server) businessInfo(c call) (any, error) {
	data, err := c.data(0)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.form(data.text("formid"))
	if err != nil {
		return nil, err
	}
	info := map[string]any{"Id": f.id, "Name": localName(f.name), "PkFieldName": f.pk.key, "Entrys": f.describe()}
	return result(succeeded(), map[string]any{"NeedReturnData": info}), nil
}

func (f *form) describe() []map[string]any {
	head := map[string]any{"Key": "FBillHead", "Name": localName("单据头"), "Fields": f.describeFields(false)}
	if f.entryKey == "" {
		return []map[string]any{head}
	}
	entry := map[string]any{"Key": f.entryKey, "Name": localName("明细"), "Fields": f.describeFields(true)}
	return []map[string]any{head, entry}
}

func (f *form) describeFields(entry bool) []map[string]any {
	out := []map[string]any{}
	for _, x := range f.fields {
		if x.entry == entry {
			out = append(out, map[string]any{"Key": x.key, "Name": localName(x.name), "MustInput": x.must, "LookUpObjectFormId": x.table})
		}
	}
	return out
}

func localName(text string) []map[string]any { return []map[string]any{{"Key": 2052, "Value": text}} }
