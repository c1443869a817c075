package sheet_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"lingke/connectors"
	"lingke/connectors/sheet"
)

const languageTable = "编号,名称,城市,等级,数量,单价,含税(元),下单,备注.内部\n" +
	"1,甲,沪,1,\"1,000\",2.5,9,2026-03-01,x\n2,乙,杭州,7,2,3,8,,y\n3,丙,沪,2,三,1,8,2026-03-02,\n"

func TestColumnsAreSaidInTheLanguageOfEveryMapping(t *testing.T) {
	t.Parallel()
	r := readable(t, []byte(languageTable), `
mapping:
  id: 编号
  name: {expr: '名称 + "公司"'}
  city: {from: 城市, values: {沪: 上海}, keep: true}
  level: {from: 等级, values: {"1": A, "2": B}, default: C}
  channel: {default: 展会}
  remark: {from: 备注.内部, default: 无}
  region: ""
  order.amount: {expr: number(数量) * number(单价)}
  order.margin: 含税(元)
  order.date: {from: 下单, default: 2026-01-01}
`)
	if len(r.Records) != 4 || r.Failed != 1 || r.Guessed {
		t.Fatalf("%+v", r)
	}
	want := map[string]string{"name": "甲公司", "city": "上海", "level": "A", "channel": "展会", "remark": "x"}
	if d := cmp.Diff(want, r.Records[0].Fields); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(map[string]string{"name": "乙公司", "city": "杭州", "level": "C", "channel": "展会", "remark": "y"}, r.Records[1].Fields); d != "" {
		t.Error(d)
	}
	orders := r.Records[2:]
	if orders[0].Fields["amount"] != "2500" || orders[0].Fields["margin"] != "9" || orders[1].Fields["amount"] != "6" || !strings.HasPrefix(orders[1].Fields["date"], "2026-01-01") {
		t.Errorf("%+v", orders)
	}
	if p := r.Problems[0]; p.Row != 4 || p.Field != "order.amount" || !strings.Contains(p.Reason.EN, "三") {
		t.Errorf("%+v", p)
	}
	strict, err := read(t, "客户", []byte(languageTable), "mapping: {id: 编号, level: {from: 等级, values: {\"1\": A, \"2\": B}}}")
	if err != nil || strict.Failed != 1 || strict.Problems[0].Row != 3 {
		t.Errorf("a word that is not in the table: %+v, %v", strict, err)
	}
}

func TestRulesThatCannotWorkAreNamedWithTheirTarget(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"mapping: {id: 编号, order.amuont: 金额}":                                `mapping.order.amuont: order has no field "amuont" (did you mean "amount"?)`,
		"mapping: {id: 编号, modified_at: 时间}":                                 "mapping.modified_at: a file tells that of all its rows by as_of",
		"mapping: {id: 编号, name: {from: a, expr: b}}":                        "mapping.name: has both from and expr",
		"mapping: {id: 编号, name: {expr: 'number('}}":                         "mapping.name: not a usable expression",
		"mapping: {id: 编号, name: {default: x, values: {a: b}}}":              "mapping.name: values need from or expr",
		"mapping: {id: 编号, name: {from: a, keep: true}}":                     "mapping.name: keep is about values",
		"mapping: {id: 编号, name: {form: a}}":                                 "unknown field",
		"mapping: {id: 编号}\ncustomer: {fields: {name: 名称}}":                  "by parts",
		"mapping: {id: 编号}\norder: {lines: sum}":                             "order: mapping: says nothing of it",
		"mapping: {id: 编号, name: {from: 名称, type: money}}":                   "unknown type",
		"mapping: {id: 编号, order.amount: 金额}\norder: {key: [date, product]}": `key: "date" is none of the fields`,
	} {
		if _, err := sheet.ParseMapping("m.yaml", []byte(text)); !errors.Is(err, sheet.ErrMapping) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s:\n%v\nwant %s", text, err, want)
		}
	}
}

// TestFilesSaidByPartsAreReadAsEver: what the shipped mapping files were before they were written in the common language, what these are now, and what the program makes of the
// former read real tables alike, and the former are told how they are written now.
func TestFilesSaidByPartsAreReadAsEver(t *testing.T) {
	t.Parallel()
	for name, files := range map[string][]string{
		"superstore.yaml":    {"cn_superstore/cn_orders_dev_utf8bom_iso.csv"},
		"crm-pipeline.yaml":  {"crm_sales/accounts.csv", "crm_sales/sales_pipeline_dev.csv"},
		"online-retail.yaml": {"online_retail/online_retail_dev.csv"},
	} {
		text, err := os.ReadFile(filepath.Join("testdata", "parts", name))
		if err != nil {
			t.Fatal(err)
		}
		old, err := sheet.ParseMapping(name, text)
		if err != nil {
			t.Fatal(err)
		}
		modern, err := sheet.ParseMapping("modern "+name, []byte(old.Modern()))
		if err != nil {
			t.Fatalf("%v in\n%s", err, old.Modern())
		}
		modern.Source, modern.Skip = old.Source, old.Skip
		now := sampleMapping(t, name)
		if now.Modern() != "" || modern.Modern() != "" {
			t.Errorf("%s: the common language is called old", name)
		}
		for _, file := range files {
			before, after, shipped := readData(t, file, old), readData(t, file, modern), readData(t, file, now)
			if d := cmp.Diff(before.Records, after.Records); d != "" || before.Failed != after.Failed {
				t.Errorf("%s by %s: %.2000s", file, name, d)
			}
			if d := cmp.Diff(before.Records, shipped.Records); d != "" || before.Failed != shipped.Failed {
				t.Errorf("%s by the shipped %s: %.2000s", file, name, d)
			}
			if !noted(before, "mapping:") || noted(shipped, "mapping:") {
				t.Errorf("%s: notes %v, %v", name, before.Notes, shipped.Notes)
			}
		}
	}
}

func noted(r *sheet.Result, part string) bool {
	for _, n := range r.Notes {
		if strings.Contains(n.EN, part) && strings.Contains(n.ZH, part) {
			return true
		}
	}
	return false
}

func TestAPartsFileKeepsItsKeyAndLines(t *testing.T) {
	t.Parallel()
	m, err := sheet.ParseMapping("m.yaml", []byte(`
customer: {key: [name], fields: {name: 名称}}
order: {id: 单号, customer: 客户, lines: sum, fields: {amount: {product: [数量, 单价 元]}, date: {columns: [成交, 立项], column: 建档, default: 2026-01-01}, status: {column: 状态, values: {好: won}, strict: true}}}
`))
	if err != nil {
		t.Fatal(err)
	}
	again, err := sheet.ParseMapping("m.yaml", []byte(m.Modern()))
	if err != nil || again.Order.Lines != "sum" || again.Customer.Key[0] != "name" || !again.Order.Fields["status"].Strict {
		t.Errorf("%+v, %v of\n%s", again, err, m.Modern())
	}
	r := readable(t, []byte("名称,单号,客户,数量,单价 元,成交,立项,建档,状态\n甲,1,K,2,3,,2026-02-02,,好\n甲,1,K,1,4,,,,好\n"), m.Modern())
	if field(r, connectors.Order, "amount") != "10" || !strings.HasPrefix(field(r, connectors.Order, "date"), "2026-02-02") || field(r, connectors.Order, "status") != "won" {
		t.Errorf("%+v", r.Records)
	}
}

func TestThePageAboutMappingIsTrue(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile(filepath.Join("..", "mapping", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "```yaml\n")
	text, _, _ := strings.Cut(rest, "```")
	r := readable(t, []byte("编号,客户名称,等级,城市,规模,手机,电话,备注,数量,单价,地址\n1,甲,9,沪,12,,13800000001,,3,2.5,x\n"), text)
	want := map[string]string{"name": "甲", "level": "C", "city": "上海", "headcount": "120", "phone": "13800000001", "channel": "展会", "remark": "无"}
	if d := cmp.Diff(want, r.Records[0].Fields); d != "" {
		t.Error(d)
	}
	if d := cmp.Diff(map[string]string{"amount": "7.5", "status": "won"}, r.Records[1].Fields); d != "" {
		t.Error(d)
	}
}
