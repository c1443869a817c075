package kingdee_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"lingke/internal/emulator/kingdee"
)

func TestQuery(t *testing.T) {
	t.Parallel()
	s := loggedIn(t, options())
	sample(s)
	customers := func(more string) string { return `{"FormId":"bd_customer","FieldKeys":"FNumber"` + more + `}` }
	for _, tc := range []struct{ name, data, want string }{
		{"all by id", customers(``), `[["C1"],["C2"],["C3"]]`},
		{"values as they go over the wire", `{"FormId":"BD_Customer","FieldKeys":"FCUSTID,FName,FModifyDate,F_LK_ACV,FGroup.FNumber,FGroup.FName,FTEL,F_LK_FOUNDED","FilterString":"FNumber='C2'"}`,
			`[[1002,"上海 O'Neil 贸易","2025-03-02T10:00:00",12.5,"B","B类客户","",null]]`},
		{"newest first", customers(`,"OrderString":"FModifyDate DESC"`), `[["C3"],["C2"],["C1"]]`},
		{"several order keys", customers(`,"OrderString":"FGroup.FNumber desc, FNumber ASC"`), `[["C2"],["C1"],["C3"]]`},
		{"modified since", customers(`,"FilterString":"FModifyDate >= '2025-03-02 10:00:00'","OrderString":"FModifyDate ASC,FCUSTID ASC"`), `[["C2"],["C3"]]`},
		{"modified in a window", customers(`,"FilterString":"FModifyDate > '2025-03-01 10:00:00' AND FModifyDate < '2025-03-03'","OrderString":"FModifyDate"`), `[["C2"]]`},
		{"or, brackets, not", customers(`,"FilterString":"(FNumber = 'c1' or FNumber='C3') and not FName like '%美家%'"`), `[["C1"]]`},
		{"a doubled quote", customers(`,"FilterString":"FName LIKE '%O''N_il%'"`), `[["C2"]]`},
		{"in and a literal on the left", customers(`,"FilterString":"FNumber IN ('C1','C2') AND 150 < F_LK_HEADCOUNT"`), `[["C2"]]`},
		{"between and reference number", customers(`,"FilterString":"F_LK_HEADCOUNT between 100 and 300 and FGroup.FNumber <> 'B' and 1=1"`), `[["C1"],["C3"]]`},
		{"null", customers(`,"FilterString":"FTEL IS NULL AND F_LK_ACV IS NOT NULL AND FNumber='C1'"`), `[["C1"]]`},
		{"unknown is not true", customers(`,"FilterString":"NOT FTEL = 'x'"`), `[]`},
		{"numbers as text, second page", customers(`,"StartRow":"1","Limit":"1"`), `[["C2"]]`},
		{"TopRowCount is an absolute row", customers(`,"StartRow":2,"Limit":2,"TopRowCount":2`), `[]`},
		{"TopRowCount cuts the page", customers(`,"StartRow":1,"Limit":2,"TopRowCount":2`), `[["C2"]]`},
		{"start behind the end", customers(`,"StartRow":9`), `[]`},
		{"an empty filter list", customers(`,"FilterString":[]`), `[["C1"],["C2"],["C3"]]`},
		{"one row per entry", `{"FormId":"SAL_SaleOrder","FieldKeys":"FID,FBillNo,FDate,FDocumentStatus,FCustId,FCustId.FNumber,FBillAllAmount,FSaleOrderEntry_FSeq,FMaterialId.FNumber,FAllAmount","FilterString":"FID=348963"}`,
			`[[348963,"908XSDD00103","2025-03-12T00:00:00","C",1001,"C1",9522.6,1,"MAT-001",9500],[348963,"908XSDD00103","2025-03-12T00:00:00","C",1001,"C1",9522.6,2,"MAT-002",22.6]]`},
		{"no entry field, one row per order", `{"FormId":"SAL_SaleOrder","FieldKeys":"FBillNo"}`, `[["908XSDD00103"],["908XSDD00104"]]`},
		{"paging counts rows", `{"FormId":"SAL_SaleOrder","FieldKeys":"FBillNo,FQty","StartRow":1,"Limit":2,"OrderString":"FModifyDate ASC,FBillNo ASC"}`, `[["908XSDD00103",2],["908XSDD00104",1]]`},
		{"an entry's filter picks rows", `{"FormId":"SAL_SaleOrder","FieldKeys":"FBillNo","FilterString":"FMaterialId.FNumber='MAT-001'"}`, `[["908XSDD00103"],["908XSDD00104"]]`},
		{"unknown form", `{"FormId":"XX","FieldKeys":"F"}`, "5"},
		{"no form", `{"FieldKeys":"F"}`, "5"},
		{"unknown field", customers(`,"FilterString":"FPhone='1'"`), "9"},
		{"unknown column", `{"FormId":"BD_Customer","FieldKeys":"FNumber,FID"}`, "9"},
		{"no columns", `{"FormId":"BD_Customer","FieldKeys":""}`, "8"},
		{"broken filter", customers(`,"FilterString":"FNumber = 'C1"`), "8"},
		{"date against a word", customers(`,"FilterString":"FModifyDate > 'soon'"`), "8"},
		{"broken order", customers(`,"OrderString":"FNumber upwards"`), "8"},
		{"broken limit", customers(`,"Limit":"many"`), "8"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := s.query(tc.data)
			if len(tc.want) == 1 {
				got = msgCode(s.post("DynamicFormService.ExecuteBillQuery", `{"data":`+tc.data+`}`))
			}
			if got != tc.want {
				t.Errorf("got  %s\nwant %s", got, tc.want)
			}
		})
	}
}

func TestEnvelopes(t *testing.T) {
	t.Parallel()
	s := loggedIn(t, options())
	sample(s)
	for name, body := range map[string]string{
		"named object":         `{"data":{"FormId":"BD_Customer","FieldKeys":"FNumber","Limit":1}}`,
		"named text":           `{"data":"{\"FormId\":\"BD_Customer\",\"FieldKeys\":\"FNumber\",\"Limit\":1}"}`,
		"positional text":      `{"parameters":["{\"FormId\":\"BD_Customer\",\"FieldKeys\":\"FNumber\",\"Limit\":1}"]}`,
		"positional object":    `{"parameters":[{"formid":"BD_Customer","fieldkeys":"FNumber","limit":1}]}`,
		"parameters as a text": `{"format":1,"rid":"1","parameters":"[{\"FormId\":\"BD_Customer\",\"FieldKeys\":\"FNumber\",\"Limit\":1}]","v":"1.0"}`,
	} {
		for _, service := range []string{"DynamicFormService.ExecuteBillQuery", "dynamicformservice.executebillquery"} {
			if got := text(s.post(service, body)); got != `[["C1"]]` {
				t.Errorf("%s: %s", name, got)
			}
		}
	}
	if answer := s.post("DynamicFormService.ExecuteBillQuery", `{"data":`); msgCode(answer) != "8" {
		t.Errorf("broken body: %s", text(answer))
	}
}

func TestBillQuery(t *testing.T) {
	t.Parallel()
	opts := options()
	opts.BareQueryError = true
	s := loggedIn(t, opts)
	sample(s)
	if got := text(s.post("DynamicFormService.BillQuery", `{"data":{"FormId":"BD_Customer","FieldKeys":"FNumber,FGroup.FNumber","Limit":1}}`)); got != `[{"FGroup.FNumber":"A","FNumber":"C1"}]` {
		t.Error(got)
	}
	if answer := s.post("DynamicFormService.BillQuery", `{"data":{"FormId":"X"}}`); !strings.HasPrefix(text(answer), `{"Result"`) {
		t.Error(text(answer))
	}
}

func TestFractionsAndHiddenFields(t *testing.T) {
	t.Parallel()
	opts := options()
	opts.Fractions, opts.Hide = true, []string{"SAL_SaleOrder.FModifyDate"}
	opts.Custom = []kingdee.CustomField{{Form: "BD_Customer", Key: "F_X", Name: "别的", Kind: kingdee.Decimal}}
	s := loggedIn(t, opts)
	sample(s)
	s.clock.Pass(1230 * time.Millisecond)
	s.put("BD_Customer", map[string]any{"FNumber": "C1", "F_X": "1.5"})
	if got := s.query(`{"FormId":"BD_Customer","FieldKeys":"FModifyDate,F_X","FilterString":"FNumber='C1'"}`); got != `[["2026-01-01T08:00:01.23",1.5]]` {
		t.Error(got)
	}
	if answer := s.post("DynamicFormService.ExecuteBillQuery", `{"data":{"FormId":"SAL_SaleOrder","FieldKeys":"FModifyDate"}}`); msgCode(answer) != "9" {
		t.Error(text(answer))
	}
}

func TestLimitIsCapped(t *testing.T) {
	t.Parallel()
	opts := options()
	opts.MaxLimit = 2
	s := loggedIn(t, opts)
	sample(s)
	if got := s.query(`{"FormId":"BD_Customer","FieldKeys":"FNumber","Limit":10000}`); got != `[["C1"],["C2"]]` {
		t.Error(got)
	}
}

// TestPagingThroughManyCustomers reads 6,000 customers, entered in no order, page by page in three orders.
func TestPagingThroughManyCustomers(t *testing.T) {
	t.Parallel()
	const n = 6000
	s := loggedIn(t, options())
	for i := range n {
		minute := i * 7919 % n // a permutation
		at := time.Date(2025, 1, 1, 0, minute, 0, 0, time.UTC)
		s.put("BD_Customer", map[string]any{"FName": fmt.Sprintf("客户%d", minute), "F_LK_HEADCOUNT": minute, "FModifyDate": at})
	}
	for _, order := range []string{"FModifyDate ASC,FCUSTID ASC", "F_LK_HEADCOUNT ASC"} {
		seen := 0
		for start := 0; ; start += 500 {
			rows := s.post("DynamicFormService.ExecuteBillQuery", fmt.Sprintf(`{"data":{"FormId":"BD_Customer","FieldKeys":"F_LK_HEADCOUNT","FilterString":"FModifyDate >= '2025-01-01'","OrderString":"%s","StartRow":%d,"Limit":500}}`, order, start)).([]any)
			for _, r := range rows {
				if got := text(r); got != fmt.Sprintf("[%d]", seen) {
					t.Fatalf("%s: row %d is %s", order, seen, got)
				}
				seen++
			}
			if len(rows) < 500 {
				break
			}
		}
		if seen != n {
			t.Errorf("%s: %d rows", order, seen)
		}
	}
}
