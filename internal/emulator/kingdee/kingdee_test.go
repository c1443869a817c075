package kingdee_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"lingke/internal/clocktest"
	"lingke/internal/emulator/kingdee"
)

const stub = "Kingdee.BOS.WebApi.ServicesStub."

// site is an emulated site behind a real HTTP server.
type site struct {
	*kingdee.Server
	t     *testing.T
	clock *clocktest.Clock
	url   string
	sid   string
}

func options() kingdee.Options {
	return kingdee.Options{AcctID: "6512f0c1a2b3c4", Username: "integration", Password: "pw",
		AppID: "300001_AAEHB1IGDwBbD1NRV1dSXgVYUAkKWwld", AppSecret: "0f1e2d3c4b5a69788796a5b4c3d2e1f0"}
}

func open(t *testing.T, opts kingdee.Options) *site {
	t.Helper()
	c := clocktest.At(time.Unix(1767225600, 0)) // 2026-01-01 08:00 in Shanghai
	s := kingdee.New(opts, c.Now)
	web := httptest.NewServer(s.Handler())
	t.Cleanup(web.Close)
	return &site{Server: s, t: t, clock: c, url: web.URL}
}

// loggedIn is a site with a session.
func loggedIn(t *testing.T, opts kingdee.Options) *site {
	t.Helper()
	s := open(t, opts)
	answer := s.post("AuthService.ValidateUser", `{"parameters":["6512f0c1a2b3c4","integration","pw",2052]}`)
	s.sid = field(answer, "KDSVCSessionId").(string)
	return s
}

func (s *site) post(service, body string) any {
	s.t.Helper()
	_, answer := s.send("/k3cloud/"+stub+service+".common.kdsvc", body, nil)
	return answer
}

func (s *site) send(path, body string, header http.Header) (*http.Response, any) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	for name, values := range header {
		r.Header[name] = values
	}
	if s.sid != "" {
		r.Header.Set("kdservice-sessionid", s.sid)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer resp.Body.Close()
	text, _ := io.ReadAll(resp.Body)
	var answer any
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	_ = dec.Decode(&answer)
	return resp, answer
}

func (s *site) put(form string, fields map[string]any) {
	s.t.Helper()
	if err := s.PutRecord(form, fields); err != nil {
		s.t.Fatal(err)
	}
}

// query runs ExecuteBillQuery and writes the answer as compact JSON.
func (s *site) query(data string) string {
	s.t.Helper()
	return text(s.post("DynamicFormService.ExecuteBillQuery", `{"data":`+data+`}`))
}

func text(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

// field walks into an answer: keys of objects, and [0] into lists.
func field(v any, path ...string) any {
	for _, key := range path {
		for {
			list, ok := v.([]any)
			if !ok || len(list) == 0 {
				break
			}
			v = list[0]
		}
		m, _ := v.(map[string]any)
		v = m[key]
	}
	return v
}

func msgCode(v any) string { return fmt.Sprint(field(v, "Result", "ResponseStatus", "MsgCode")) }

func sample(s *site) {
	for i, c := range []struct{ number, name, group string }{{"C1", "江苏恒力机械有限公司", "A"}, {"C2", "上海 O'Neil 贸易", "B"}, {"C3", "广东美家电器", "A"}} {
		s.put("BD_Customer", map[string]any{"FCUSTID": 1001 + i, "FNumber": c.number, "FName": c.name, "FGroup": c.group,
			"F_LK_HEADCOUNT": 100 * (i + 1), "F_LK_ACV": 12.5 * float64(i), "FModifyDate": fmt.Sprintf("2025-03-0%d 10:00:00", i+1)})
	}
	s.put("SAL_SaleOrder", map[string]any{"FID": 348963, "FBillNo": "908XSDD00103", "FDate": "2025-03-12", "FCustId": "C1", "FModifyDate": "2025-03-12 09:00:00",
		"FSaleOrderEntry": []any{map[string]any{"FMaterialId": "MAT-001", "FQty": 10, "FAllAmount": 9500}, map[string]any{"FMaterialId": "MAT-002", "FQty": 2, "FAllAmount": 22.6}}})
	s.put("SAL_SaleOrder", map[string]any{"FID": 348964, "FBillNo": "908XSDD00104", "FDate": "2025-03-13", "FCustId": "C2", "FModifyDate": "2025-03-13 09:00:00",
		"FSaleOrderEntry": []any{map[string]any{"FMaterialId": "MAT-001", "FQty": 1, "FAllAmount": 950}}})
}
