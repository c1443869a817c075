package sheet

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"lingke/connectors"
)

// Field is a field of customers beyond the usual ones, under the names that a header may carry.
type Field struct {
	Name  string   // as records carry it
	Names []string // as headers may call it, in any language
	Type  string   // text, number, date; text if empty
}

// word is what a header means: a field of one kind of thing. Field "id" and "customer" are the ids.
type word struct {
	kind  connectors.Kind
	field string
}

// headers are the words by which people call the columns, normalised. They were gathered from the exports of Kingdee, Yonyou, and common
// CRM systems, and from the sample files that the tests read.
var headers = map[word][]string{
	{connectors.Customer, "id"}: {
		"客户编号", "客户编码", "客户代码", "客户id", "客户号", "会员编号", "会员号", "customerid", "customerno", "customercode", "customernumber", "accountid", "clientid", "companyid",
	},
	{connectors.Customer, connectors.FieldName}: {
		"客户名称", "客户姓名", "客户", "客户名", "客户全称", "公司", "公司名称", "公司名", "企业名称", "单位名称", "单位", "购货单位", "往来单位", "姓名", "名称", "会员姓名",
		"customer", "customername", "company", "companyname", "account", "accountname", "client", "clientname", "name", "organization", "organisation",
	},
	{connectors.Customer, connectors.FieldCreditCode}: {
		"统一社会信用代码", "社会信用代码", "信用代码", "纳税人识别号", "税号", "纳税识别号", "统一信用代码", "creditcode", "unifiedsocialcreditcode", "uscc", "taxid", "taxno",
	},
	{connectors.Customer, connectors.FieldPhone}: {
		"手机", "手机号", "手机号码", "电话", "联系电话", "电话号码", "联系方式", "固定电话", "座机", "联系人电话", "phone", "phonenumber", "mobile", "mobilephone", "tel", "telephone",
	},
	{connectors.Customer, connectors.FieldContact}: {"联系人", "联系人姓名", "首要联系人", "主要联系人", "contact", "contactname", "contactperson"},
	{connectors.Customer, "industry"}:              {"行业", "所属行业", "行业类别", "industry", "sector"},
	{connectors.Customer, "region"}:                {"地区", "区域", "大区", "region", "area"},
	{connectors.Customer, "province"}:              {"省", "省份", "省自治区", "所在省份", "province", "state"},
	{connectors.Customer, "city"}:                  {"城市", "市", "所在城市", "city"},
	{connectors.Customer, "country"}:               {"国家", "国家地区", "country"},
	{connectors.Customer, "address"}:               {"地址", "详细地址", "公司地址", "联系地址", "address"},
	{connectors.Customer, "segment"}:               {"细分", "客户类型", "客户类别", "客户分类", "segment", "customertype"},
	{connectors.Customer, "source"}:                {"客户来源", "线索来源", "来源", "source", "leadsource"},
	{connectors.Customer, "headcount"}:             {"员工人数", "人数", "员工数", "人员规模", "headcount", "employees", "employeecount"},
	{connectors.Customer, "annual_revenue"}:        {"年营收", "营业额", "年营业额", "年收入", "营业收入", "revenue", "annualrevenue"},
	{connectors.Customer, "contact_role"}:          {"职务", "职位", "联系人职务", "contactrole", "jobtitle", "title", "position"},
	{connectors.Customer, connectors.FieldSameAs}:  {"来源记录", "sameas", "sourcerecords"},
	{connectors.Customer, connectors.FieldOwner}:   {"负责人", "客户负责人", "归属人", "owner"},
	{connectors.Customer, connectors.FieldPool}:    {"线索池", "公海", "公海池", "pool"},
	{connectors.Order, "id"}: {
		"订单编号", "订单号", "订单id", "单号", "单据编号", "销售单号", "销售订单号", "合同编号", "合同号", "发票号", "商机编号",
		"orderid", "orderno", "ordernumber", "invoiceno", "invoice", "invoicenumber", "opportunityid", "dealid",
	},
	{connectors.Order, connectors.FieldAmount}: {
		"金额", "订单金额", "销售额", "成交金额", "价税合计", "总金额", "合计金额", "合同金额", "消费金额", "含税金额", "实付金额", "成交额",
		"amount", "orderamount", "total", "totalamount", "sales", "closevalue", "dealvalue", "value",
	},
	{connectors.Order, connectors.FieldDate}: {
		"订单日期", "下单日期", "下单时间", "日期", "成交日期", "单据日期", "销售日期", "签约日期", "购买日期", "交易日期", "消费日期", "订单时间",
		"orderdate", "date", "invoicedate", "closedate", "purchasedate", "dealdate",
	},
	{connectors.Order, connectors.FieldStatus}:  {"订单状态", "状态", "单据状态", "商机阶段", "orderstatus", "status", "dealstage", "stage"},
	{connectors.Order, connectors.FieldProduct}: {"产品名称", "产品", "商品", "商品名称", "物料名称", "品名", "product", "productname", "item", "description", "sku"},
	{connectors.Order, connectors.FieldMargin}:  {"利润", "毛利", "毛利额", "profit", "margin", "grossprofit"},
	{connectors.Order, connectors.FieldRep}:     {"业务员", "销售员", "销售", "销售人员", "负责人", "客户经理", "rep", "salesrep", "salesagent", "salesperson", "owner"},
	{connectors.Order, connectors.FieldOpened}:  {"商机日期", "立项日期", "商机创建日期", "engagedate", "opened", "openeddate"},
	{connectors.Order, connectors.FieldReason}:  {"丢单原因", "输单原因", "失败原因", "lostreason", "lossreason"},
	{connectors.Activity, connectors.FieldType}: {"互动类型", "活动类型", "跟进方式", "跟进类型", "拜访类型", "activitytype", "activity"},
	{connectors.Activity, connectors.FieldDate}: {"互动时间", "跟进时间", "跟进日期", "拜访日期", "互动日期", "活动时间", "activitydate"},
	{connectors.Activity, connectors.FieldText}: {"跟进内容", "跟进记录", "互动内容", "拜访内容", "备注内容", "notes", "note"},
	{connectors.Activity, "id"}:                 {"互动编号", "跟进编号", "活动编号", "activityid"},
}

// ownColumns are those that Lingke itself writes; they are never data.
var ownColumns = []string{"问题", "problem"}

// normal is a header without what differs from file to file: case, width, blanks, punctuation, units and marks of required columns.
func normal(header string) string {
	h := strings.ToLower(norm.NFKC.String(header))
	for _, pair := range [][2]string{{"(", ")"}, {"[", "]"}, {"【", "】"}} {
		if open := strings.Index(h, pair[0]); open > 0 && strings.HasSuffix(strings.TrimSpace(h), pair[1]) {
			h = h[:open]
		}
	}
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return r
		}
		return -1
	}, h)
}

// vocabulary answers what a header means.
type vocabulary struct {
	words map[string][]word
	types map[string]string // of the further fields
}

func newVocabulary(further []Field) vocabulary {
	v := vocabulary{words: map[string][]word{}, types: map[string]string{}}
	for w, names := range headers {
		for _, n := range append(names, w.english()) {
			v.add(n, w)
		}
	}
	for _, f := range further {
		v.types[f.Name] = f.Type
		for _, n := range append(f.Names, f.Name) {
			v.add(n, word{connectors.Customer, f.Name})
		}
	}
	return v
}

// english is the name by which rules know the field, where that is not ambiguous.
func (w word) english() string {
	if w.field == "id" || w.field == "customer" {
		return string(w.kind) + "id"
	}
	return w.field
}

func (v vocabulary) add(name string, w word) {
	key := normal(name)
	if key != "" && !slices.Contains(v.words[key], w) {
		v.words[key] = append(v.words[key], w)
	}
}

// nearest is the known header that h was most likely meant to be, "" where none is near.
func (v vocabulary) nearest(h string) string {
	known := make([]string, 0, len(v.words))
	for k := range v.words {
		known = append(known, k)
	}
	return nearest(normal(h), known)
}

// nearest compares by the pairs of neighbouring characters that two words share (Dice): half of them must be common. Of equally near ones the
// first by spelling is taken.
func nearest(name string, known []string) string {
	best, found := 0.499, ""
	for _, k := range slices.Sorted(slices.Values(known)) {
		if s := likeness(name, k); s > best {
			best, found = s, k
		}
	}
	return found
}

func likeness(a, b string) float64 {
	pa, pb := pairs(a), pairs(b)
	if len(pa)+len(pb) == 0 {
		return 0
	}
	common := 0
	for p, n := range pa {
		common += min(n, pb[p])
	}
	return 2 * float64(common) / float64(sum(pa)+sum(pb))
}

func pairs(s string) map[[2]rune]int {
	out := map[[2]rune]int{}
	last := rune(0)
	for _, r := range s {
		out[[2]rune{last, r}]++
		last = r
	}
	return out
}

func sum(m map[[2]rune]int) (n int) {
	for _, c := range m {
		n += c
	}
	return n
}
