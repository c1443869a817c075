package sheet_test

import (
	"bytes"
	"strings"
	"testing"

	"lingke/connectors"
	"lingke/connectors/sheet"
)

const cellsXML = `<worksheet><cols><col min="4" max="4" hidden="1"/></cols><sheetData>
<row r="1"><c r="A1" t="inlineStr"><is><t>某某公司客户表</t></is></c></row>
<row r="3"><c r="A3" t="s"><v>0</v></c><c r="B3" t="s"><v>1</v></c><c r="C3" t="inlineStr"><is><t>下单日期</t></is></c><c r="D3" t="inlineStr"><is><t>金额（万元）</t></is></c><c r="E3" t="inlineStr"><is><t>电话</t></is></c></row>
<row r="4"><c r="A4" t="inlineStr"><is><t>K1</t></is></c><c r="B4" t="inlineStr"><is><t>华星</t></is></c><c r="C4" s="1"><v>43891</v></c><c r="D4"><f>1+1</f><v>2</v></c><c r="E4"><v>13812345678</v></c></row>
<row r="5" hidden="1"><c r="C5" s="2"><v>43892</v></c><c r="D5"><v>0.30000000000000004</v></c></row>
<row r="7"><c r="A7" t="inlineStr"><is><t>K2</t></is></c><c r="B7" t="inlineStr"><is><t>远大</t></is></c><c r="C7"><v>20260302</v></c><c r="D7"><f>A1</f></c></row>
<row r="8"><c r="A8" t="inlineStr"><is><t>K3</t></is></c><c r="C8" s="1"><v>43891</v></c><c r="D8" t="e"><v>#N/A</v></c><c r="E8"><v>51262881234</v></c></row>
<row r="9"><c r="A9"><v>911100001000000123</v></c><c r="C9" s="1"><v>43891</v></c><c r="D9"><v>1</v></c></row>
<row r="10"><c r="A10" t="inlineStr"><is><t>合计</t></is></c><c r="D10"><v>99</v></c></row>
</sheetData><mergeCells count="2"><mergeCell ref="A4:A5"/><mergeCell ref="B4:B5"/></mergeCells></worksheet>`

func TestExcelsCellsAreReadAsPeopleSeeThem(t *testing.T) {
	t.Parallel()
	r := readable(t, workbook(t, cellsXML), "")
	if r.HeaderRow != 3 || r.Rows != 6 || r.Good != 2 || r.Failed != 3 || r.Skipped != 1 || r.Hidden != 1 {
		t.Errorf("header %d, %d rows, %d good, %d failed, %d skipped, %d hidden", r.HeaderRow, r.Rows, r.Good, r.Failed, r.Skipped, r.Hidden)
	}
	var orders []connectors.Record
	for _, rec := range r.Records {
		if rec.Kind == connectors.Order {
			orders = append(orders, rec)
		}
	}
	if len(orders) != 2 || orders[0].Fields["amount"] != "20000" || orders[0].Fields["date"] != "2020-03-01T00:00:00+08:00" {
		t.Fatalf("orders %+v", orders)
	}
	if orders[1].Fields["amount"] != "3000" || orders[1].Customer != "K1" || orders[1].Fields["date"] != "2020-03-02T00:00:00+08:00" {
		t.Errorf("the row in the merged area: %+v", orders[1])
	}
	if got := field(r, connectors.Customer, "phone"); got != "13812345678" {
		t.Errorf("phone %q", got)
	}
	var all strings.Builder
	for _, p := range r.Problems {
		all.WriteString(p.String() + "\n")
	}
	for _, want := range []string{
		`客户, row 7, column D (金额（万元）): the formula's value is not stored`, `row 8, column D (金额（万元）): "#N/A": the cell holds an error`,
		`row 8, column E (电话): "512****1234": the zero before the area code is lost`, `row 9, column A (客户编号): "911100001000000000": Excel keeps only 15 digits`,
	} {
		if !strings.Contains(all.String(), want) {
			t.Errorf("no problem %q in:\n%s", want, all.String())
		}
	}
	for _, want := range []string{"1 rows are hidden", "1 columns are hidden", "2 merged areas"} {
		if !strings.Contains(notes(r), want) {
			t.Errorf("no note %q in %s", want, notes(r))
		}
	}
}

func notes(r *sheet.Result) string {
	var all strings.Builder
	for _, n := range r.Notes {
		all.WriteString(n.EN + "\n")
	}
	return all.String()
}

func TestTheCorrectedCopyIsReadLikeTheFile(t *testing.T) {
	t.Parallel()
	content := workbook(t, cellsXML)
	f, err := sheet.Open("客户.xlsx", content, nil, sheet.DefaultLimits())
	if err != nil {
		t.Fatal(err)
	}
	first, err := f.Read(t.Context(), sheet.Options{Zone: shanghai})
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := f.Corrected(t.Context(), first, &out); err != nil {
		t.Fatal(err)
	}
	again := readable(t, out.Bytes(), "")
	if again.HeaderRow != 3 || again.Rows != 3 || again.Sheet != "客户" {
		t.Errorf("header in row %d, %d rows, sheet %q", again.HeaderRow, again.Rows, again.Sheet)
	}
	for _, u := range again.Unused {
		t.Errorf("column %s (%s) is not understood any more", u.Column, u.Header)
	}
}

func TestMacintoshDaysBeginIn1904(t *testing.T) {
	t.Parallel()
	content := workbook(t, cellsXML, "xl/workbook.xml", `<workbook xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">`+
		`<workbookPr date1904="1"/><sheets><sheet name="客户" sheetId="1" r:id="r1"/></sheets></workbook>`)
	if got := field(readable(t, content, ""), connectors.Order, "date"); got != "2024-03-02T00:00:00+08:00" {
		t.Errorf("date %q", got)
	}
}

func TestAnOrderWithABadLineIsLeftOutWhole(t *testing.T) {
	t.Parallel()
	r := readable(t, []byte("客户编号,订单号,金额\nK1,S1,100\nK1,S2,7\nK1,S1,一百\nK1,S1,5\n"), "")
	if r.Good != 1 || r.Failed != 3 || field(r, connectors.Order, "amount") != "7" {
		t.Errorf("%d good, %d failed, %+v", r.Good, r.Failed, r.Records)
	}
}

func TestHeadersAreRecognisedInBothLanguages(t *testing.T) {
	t.Parallel()
	for name, header := range map[string]string{
		"Chinese": "客户名称*,联系电话,统一社会信用代码,所属行业", "English": "Company Name,Mobile Phone,USCC,Industry", "full width": "客户名称（必填）,手机　号码,税号,行业",
		"semicolons": "客户名称;电话;税号;行业", "tabs": "客户名称\t电话\t税号\t行业",
	} {
		row := "华星,13812345678,91310000631696382C,制造业"
		for _, d := range []string{";", "\t"} {
			if strings.Contains(header, d) {
				row = strings.ReplaceAll(row, ",", d)
			}
		}
		r := readable(t, []byte("客户资料导出\n"+header+"\n"+row+"\n"), "")
		if len(r.Records) != 1 || r.HeaderRow != 2 || len(r.Records[0].Fields) != 4 || r.Records[0].Fields["industry"] != "制造业" {
			t.Errorf("%s: %+v", name, r.Records)
		}
	}
}

func TestAMappingsMistakesNameTheirPlace(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ mapping, says string }{
		"unknown key":       {"customer: {id: 客户编号, fieldz: {name: 客户名称}}", "fieldz"},
		"nothing":           {"source: crm", "none of customer, order and activity"},
		"missing column":    {"customer: {id: 客户编码, fields: {name: 客户名称}}", "the nearest is \"客户编号\""},
		"bad type":          {"customer: {id: 客户编号, fields: {name: {column: 客户名称, type: money}}}", "unknown type"},
		"bad format":        {"date_formats: [D/M]\ncustomer: {id: 客户编号}", "date format"},
		"bad key":           {"customer: {key: [phone], fields: {name: 客户名称}}", "none of the fields"},
		"an unknown sheet":  {"sheet: 别的\ncustomer: {id: 客户编号}", ""},
		"an order's amount": {"order: {id: 客户编号, fields: {date: 客户名称}}", "amount"},
	} {
		_, err := read(t, "a.csv", []byte("客户编号,客户名称\nK1,华星\n"), tt.mapping)
		if tt.says == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err == nil || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v does not say %q", name, err, tt.says)
		}
	}
}
