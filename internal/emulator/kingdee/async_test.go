package kingdee_test

import (
	"fmt"
	"testing"
)

func TestAsynchronousCall(t *testing.T) {
	t.Parallel()
	s := loggedIn(t, options())
	sample(s)
	for _, tc := range []struct{ name, service, more, want string }{
		{"a query's answer is its own", "ExecuteBillQuery", `"data":{"FormId":"BD_Customer","FieldKeys":"FNumber","FilterString":"FCUSTID=1001"}`, `[["C1"]]`},
		{"a refusal is an answer too", "ExecuteBillQuery", `"data":{"FormId":"X","FieldKeys":"F"}`, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			begun := s.post("DynamicFormService."+tc.service, `{"beginmethod":"BeginQueryImpl","querymethod":"QueryAsyncResult",`+tc.more+`}`)
			if text(field(begun, "Status")) != "1" || field(begun, "Result") != nil {
				t.Fatal(text(begun))
			}
			at := s.post("DynamicFormService."+tc.service, `{`+tc.more+`}`)
			if tc.want != "" && text(at) != tc.want {
				t.Fatalf("at once: %s", text(at))
			}
			fetch := fmt.Sprintf(`{"queryInfo":"{\"TaskId\":\"%s\",\"Cancelled\":false}"}`, field(begun, "TaskId"))
			done := s.post("DynamicFormService.QueryAsyncResult", fetch)
			if text(field(done, "Status")) != "2" || text(field(done, "Result")) != text(at) {
				t.Errorf("fetched %s, want %s", text(done), text(at))
			}
		})
	}
}

func TestUnknownTaskIsRefused(t *testing.T) {
	t.Parallel()
	s := loggedIn(t, options())
	for _, body := range []string{`{"queryInfo":"{\"TaskId\":\"x\"}"}`, `{"queryInfo":"no JSON"}`, `{}`} {
		if answer := s.post("DynamicFormService.QueryAsyncResult", body); msgCode(answer) != "8" {
			t.Errorf("%s: %s", body, text(answer))
		}
	}
}
