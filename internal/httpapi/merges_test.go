package httpapi

import (
	"strings"
	"testing"
)

func TestMergesByAPI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.lead("1", "苏州华星机械有限公司", "phone", "0512-66667777")
	b := w.lead("2", "华星机械", "phone", "+86 512 66667777")

	open := decode[QuestionPage](t, w.api("GET", "/api/v1/merge-questions", ""), 200)
	if len(open.Questions) != 1 || open.Questions[0].Names != "likely" || open.Questions[0].Phones[0] != "0512-****7777" {
		t.Fatalf("open questions %+v", open)
	}
	answer := "/api/v1/merge-questions/" + open.Questions[0].ID + "/answer"
	wantProblem(t, w.api("POST", answer, `{"person":"lina","answer":"same"}`), 403, "not_manager")
	if q := decode[MergeQuestion](t, w.api("POST", answer, `{"person":"wangfang","answer":"same"}`), 200); q.State != "answered" || q.By != "wangfang" {
		t.Errorf("answered %+v", q)
	}
	wantProblem(t, w.api("POST", answer, `{"person":"wangfang","answer":"apart"}`), 409, "answered")

	merged := decode[Customer](t, w.api("GET", "/api/v1/customers/"+b.ID, ""), 200)
	if len(merged.Records) != 2 || decode[Customer](t, w.api("GET", "/api/v1/customers/"+a.ID, ""), 200).ID != merged.ID {
		t.Fatalf("merged into %+v", merged)
	}
	sources := w.api("GET", "/api/v1/customers/"+merged.ID+"/sources", "")
	fields := decode[SourcesBody](t, sources, 200).Fields
	for _, f := range fields {
		if f.Field == "name" && (!f.Disputed || f.Why != "time" && f.Why != "text" || len(f.Values) != 2) {
			t.Errorf("name %+v", f)
		}
	}
	if len(fields) == 0 || strings.Contains(sources.body, "66667777") {
		t.Errorf("sources %s", sources.body)
	}

	part := "/api/v1/customers/" + merged.ID + "/part"
	wantProblem(t, w.api("POST", part, `{"person":"lina","records":[{"source":"crm","id":"2"}]}`), 403, "not_manager")
	wantProblem(t, w.api("POST", part, `{"person":"wangfang","records":[{"source":"crm","id":"3"}]}`), 422, "parts")
	w.at.Add(1000)
	both := decode[PartedBody](t, w.api("POST", part, `{"person":"wangfang","records":[{"source":"crm","id":"2"}]}`), 200)
	if both.Rest.ID != a.ID && both.Rest.ID != b.ID || both.Part.Name != "华星机械" || both.Rest.Name != "苏州华星机械有限公司" {
		t.Errorf("parted into %+v", both)
	}
	w.at.Add(1000)
	again := decode[Customer](t, w.api("POST", "/api/v1/customers/"+a.ID+"/merge", `{"person":"wangfang","other":"`+b.ID+`"}`), 200)
	if len(again.Records) != 2 {
		t.Errorf("merged again into %+v", again)
	}
}

func wantProblem(t *testing.T, r reply, status int, code string) {
	t.Helper()
	if p := decode[Problem](t, r, status); p.Code != code {
		t.Errorf("got %s, want %s", r.body, code)
	}
}
