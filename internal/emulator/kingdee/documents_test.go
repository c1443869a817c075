package kingdee_test

import (
	"strings"
	"testing"
	"time"
)

func TestSaveNewCustomer(t *testing.T) {
	t.Parallel()
	s := loggedIn(t, options())
	answer := s.post("DynamicFormService.Save", `{"formid":"BD_Customer","data":{"Model":{"FName":"新客户","FCreateOrgId":{"FNumber":"100"},"FTRADINGCURRID":{"FNUMBER":"PRE001"}},"NeedReturnFields":["FNumber","FGroup.FNumber"]}}`)
	if msgCode(answer) != "0" || text(field(answer, "Result", "Number")) != `"CUST100001"` || text(field(answer, "Result", "NeedReturnData")) != `[{"FGroup.FNumber":"","FNumber":"CUST100001"}]` {
		t.Fatal(text(answer))
	}
	if got := s.query(`{"FormId":"BD_Customer","FieldKeys":"FCUSTID,FName,FDocumentStatus,FModifyDate"}`); got != `[[100001,"新客户","A","2026-01-01T08:00:00"]]` {
		t.Error(got)
	}
}

func TestSaveChangesOnlyWhatIsNamed(t *testing.T) {
	t.Parallel()
	s := loggedIn(t, options())
	sample(s)
	answer := s.post("DynamicFormService.Save", `{"parameters":["BD_Customer","{\"NeedUpDateFields\":[\"FGroup\",\"F_LK_TIER\"],\"IsDeleteEntry\":\"false\",\"Model\":{\"FCUSTID\":1002,\"FGroup\":{\"FNumber\":\"A\"},\"F_LK_TIER\":\"A\",\"FName\":\"ignored\"}}"]}`)
	if msgCode(answer) != "0" {
		t.Fatal(text(answer))
	}
	want := `[["C2","上海 O'Neil 贸易","A","A","2026-01-01T08:00:00"]]`
	if got := s.query(`{"FormId":"BD_Customer","FieldKeys":"FNumber,FName,FGroup.FNumber,F_LK_TIER,FModifyDate","FilterString":"FCUSTID=1002"}`); got != want {
		t.Error(got)
	}
	if got := s.query(`{"FormId":"BD_Customer","FieldKeys":"FNumber","OrderString":"FModifyDate DESC","Limit":1}`); got != `[["C2"]]` {
		t.Errorf("the index did not follow: %s", got)
	}
}

func TestSaveRefusals(t *testing.T) {
	t.Parallel()
	opts := options()
	opts.LockAudited = true
	s := loggedIn(t, opts)
	sample(s)
	for _, tc := range []struct{ name, data, code, says string }{
		{"mandatory fields", `{"Model":{}}`, "11", "客户名称"},
		{"unknown group", `{"Model":{"FName":"x","FGroup":{"FNumber":"ZZ"}}}`, "11", "ZZ"},
		{"not a number", `{"Model":{"FName":"x","F_LK_HEADCOUNT":"many"}}`, "11", "员工人数"},
		{"not a date", `{"Model":{"FName":"x","F_LK_FOUNDED":"soon"}}`, "11", "成立日期"},
		{"number in use", `{"Model":{"FName":"x","FNumber":"C1","FCreateOrgId":{"FNumber":"100"},"FTRADINGCURRID":{"FNumber":"PRE001"}}}`, "11", "已存在"},
		{"unknown field", `{"Model":{"FPhone":"1"}}`, "9", "FPhone"},
		{"unknown field in NeedUpDateFields", `{"NeedUpDateFields":["FPhone"],"Model":{"FCUSTID":1001}}`, "9", "FPhone"},
		{"unknown id", `{"Model":{"FCUSTID":7,"FName":"x"}}`, "9", "7"},
		{"audited", `{"Model":{"FCUSTID":1001,"FName":"x"}}`, "12", "已审核"},
		{"no model", `{}`, "8", "Model"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			answer := s.post("DynamicFormService.Save", `{"formId":"BD_Customer","data":`+tc.data+`}`)
			if msgCode(answer) != tc.code || !strings.Contains(text(answer), tc.says) || field(answer, "Result", "ResponseStatus", "IsSuccess") != false {
				t.Error(text(answer))
			}
		})
	}
	if got := s.Counts()["BD_Customer"]; got != 3 {
		t.Errorf("a refused save left a customer: %d", got)
	}
}

func TestBatchSaveIsPartial(t *testing.T) {
	t.Parallel()
	s := loggedIn(t, options())
	answer := s.post("DynamicFormService.BatchSave", `{"formid":"BD_Customer","data":{"Model":[{"FName":"x"},{"FName":"y","FCreateOrgId":{"FNumber":"100"},"FTRADINGCURRID":{"FNumber":"PRE001"}}]}}`)
	status := text(field(answer, "Result", "ResponseStatus"))
	if !strings.Contains(status, `"DIndex":0,"FieldName":"FCreateOrgId"`) || !strings.Contains(status, `"SuccessEntitys":[{"DIndex":1`) {
		t.Error(status)
	}
}

func TestEntriesOfAnOrder(t *testing.T) {
	t.Parallel()
	s := loggedIn(t, options())
	sample(s)
	rows := func() string {
		return s.query(`{"FormId":"SAL_SaleOrder","FieldKeys":"FSaleOrderEntry_FEntryId,FQty,FBillAllAmount","FilterString":"FID=348963"}`)
	}
	if got := rows(); got != `[[1,10,9522.6],[2,2,9522.6]]` {
		t.Fatal(got)
	}
	s.post("DynamicFormService.Save", `{"formid":"SAL_SaleOrder","data":{"IsDeleteEntry":false,"Model":{"FID":348963,"FSaleOrderEntry":[{"FEntryID":2,"FQty":3,"FAllAmount":30}]}}}`)
	if got := rows(); got != `[[1,10,9530],[2,3,9530]]` {
		t.Errorf("kept the others: %s", got)
	}
	s.post("DynamicFormService.Save", `{"formid":"SAL_SaleOrder","data":{"Model":{"FID":348963,"FSaleOrderEntry":[{"FEntryID":2,"FQty":4,"FAllAmount":40}]}}}`)
	if got := rows(); got != `[[2,4,40]]` {
		t.Errorf("deleted what was not sent: %s", got)
	}
}

func TestLifeOfADocument(t *testing.T) {
	t.Parallel()
	s := loggedIn(t, options())
	sample(s)
	s.put("SAL_SaleOrder", map[string]any{"FBillNo": "908XSDD00104", "FDocumentStatus": "A"})
	for _, tc := range []struct{ service, data, code string }{
		{"Audit", `{"Numbers":["908XSDD00104"]}`, "12"},
		{"Submit", `{"Numbers":["908XSDD00104"]}`, "0"},
		{"Submit", `{"Ids":"348964"}`, "12"},
		{"Delete", `{"Ids":"348964"}`, "12"},
		{"Audit", `{"Ids":"348964,1"}`, "9"},
		{"UnAudit", `{"Ids":"348964"}`, "0"},
		{"Delete", `{"Numbers":["908XSDD00104"]}`, "0"},
		{"Delete", `{"Numbers":["908XSDD00104"]}`, "9"},
		{"Submit", `{}`, "8"},
	} {
		s.clock.Pass(time.Second)
		if answer := s.post("DynamicFormService."+tc.service, `{"formid":"SAL_SaleOrder","data":`+tc.data+`}`); msgCode(answer) != tc.code {
			t.Errorf("%s %s: %s", tc.service, tc.data, text(answer))
		}
	}
	if got := s.Counts()["SAL_SaleOrder"]; got != 1 {
		t.Errorf("%d orders", got)
	}
}

func TestOperations(t *testing.T) {
	t.Parallel()
	s := loggedIn(t, options())
	sample(s)
	if answer := s.post("DynamicFormService.ExcuteOperation", `{"parameters":["BD_Customer","Forbid","{\"Numbers\":[\"C1\"]}"]}`); msgCode(answer) != "0" {
		t.Error(text(answer))
	}
	if answer := s.post("DynamicFormService.ExcuteOperation", `{"formid":"SAL_SaleOrder","opNumber":"Cancel","data":{"Ids":"348963"}}`); msgCode(answer) != "0" {
		t.Error(text(answer))
	}
	if got := s.query(`{"FormId":"BD_Customer","FieldKeys":"FForbidStatus","FilterString":"FNumber='C1'"}`); got != `[["B"]]` {
		t.Error(got)
	}
	if got := s.query(`{"FormId":"SAL_SaleOrder","FieldKeys":"FCancelStatus","Limit":1}`); got != `[["B"]]` {
		t.Error(got)
	}
}

func TestViewAndMetadata(t *testing.T) {
	t.Parallel()
	s := loggedIn(t, options())
	sample(s)
	answer := s.post("DynamicFormService.View", `{"formid":"BD_Customer","data":{"CreateOrgId":0,"Number":"C1","Id":""}}`)
	if got := text(field(answer, "Result", "Result", "FGroup", "Number")); got != `"A"` {
		t.Error(text(answer))
	}
	answer = s.post("DynamicFormService.View", `{"formid":"SAL_SaleOrder","data":{"Id":348963}}`)
	if got := text(field(answer, "Result", "Result", "FSaleOrderEntry", "FQty")); got != `10` {
		t.Error(text(answer))
	}
	if answer = s.post("DynamicFormService.View", `{"formid":"BD_Customer","data":{"Number":"nobody"}}`); msgCode(answer) != "9" || !strings.Contains(text(answer), "不存在") {
		t.Error(text(answer))
	}
	answer = s.post("DynamicFormService.QueryBusinessInfo", `{"data":{"FormId":"BD_Customer"}}`)
	for _, key := range []string{"F_LK_INDUSTRY", "F_LK_HEADCOUNT", "F_LK_CONTACT_ROLE", "F_LK_ACV", "F_LK_NPS"} {
		if !strings.Contains(text(answer), `"Key":"`+key+`"`) {
			t.Errorf("%s is not in the metadata", key)
		}
	}
}

func TestPutRecordRefusals(t *testing.T) {
	t.Parallel()
	s := open(t, options())
	for name, call := range map[string]func() error{
		"unknown form":  func() error { return s.PutRecord("XX", nil) },
		"unknown field": func() error { return s.PutRecord("BD_Customer", map[string]any{"FName": "x", "FPhone": 1}) },
		"no name":       func() error { return s.PutRecord("BD_Customer", map[string]any{"FTEL": "1"}) },
		"unknown customer": func() error {
			return s.PutRecord("SAL_SaleOrder", map[string]any{"FDate": "2025-01-01", "FCustId": "C9"})
		},
		"entry in header": func() error { return s.PutRecord("SAL_SaleOrder", map[string]any{"FQty": 1}) },
	} {
		if err := call(); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}
