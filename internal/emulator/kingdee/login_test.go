package kingdee_test

import (
	"net/http"
	"testing"
	"time"

	"lingke/internal/emulator/kingdee"
)

func TestLogin(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, service, body, want string }{
		{"password, positional", "ValidateUser", `{"parameters":["6512f0c1a2b3c4","integration","pw",2052]}`, "1"},
		{"password, named", "ValidateUser", `{"acctID":"6512f0c1a2b3c4","username":"integration","password":"pw","lcid":2052}`, "1"},
		{"password, full envelope", "ValidateUser", `{"format":1,"useragent":"ApiClient","rid":"1","parameters":"[\"6512f0c1a2b3c4\",\"integration\",\"pw\",2052]","timestamp":"0","v":"1.0"}`, "1"},
		{"wrong password", "ValidateUser", `{"parameters":["6512f0c1a2b3c4","integration","no",2052]}`, "0"},
		{"wrong data centre", "ValidateUser", `{"parameters":["x","integration","pw",2052]}`, "-1"},
		{"app secret", "LoginByAppSecret", `{"parameters":["6512f0c1a2b3c4","integration","300001_AAEHB1IGDwBbD1NRV1dSXgVYUAkKWwld","0f1e2d3c4b5a69788796a5b4c3d2e1f0",2052]}`, "1"},
		{"wrong app secret", "LoginByAppSecret", `{"parameters":["6512f0c1a2b3c4","integration","300001_AAEHB1IGDwBbD1NRV1dSXgVYUAkKWwld","x",2052]}`, "0"},
		{"unknown app", "LoginByAppSecret", `{"parameters":["6512f0c1a2b3c4","integration","x","x",2052]}`, "-1"},
		{"sign of the worked example", "LoginBySign", `{"parameters":["6512f0c1a2b3c4","integration","300001_AAEHB1IGDwBbD1NRV1dSXgVYUAkKWwld","1767225600","1feaf87125399230dd3feef20550e4e88ffb6d9a6de9f837b5a5996e81d35927",2052]}`, "1"},
		{"bad sign", "LoginBySign", `{"parameters":["6512f0c1a2b3c4","integration","300001_AAEHB1IGDwBbD1NRV1dSXgVYUAkKWwld","1767225600","00",2052]}`, "-1"},
		{"old timestamp", "LoginBySign", `{"parameters":["6512f0c1a2b3c4","integration","300001_AAEHB1IGDwBbD1NRV1dSXgVYUAkKWwld","1767224000","1feaf87125399230dd3feef20550e4e88ffb6d9a6de9f837b5a5996e81d35927",2052]}`, "-1"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := open(t, options())
			resp, answer := s.send("/K3Cloud/"+stub+"AuthService."+tc.service+".common.kdsvc", tc.body, nil)
			if got := text(field(answer, "LoginResultType")); got != tc.want {
				t.Fatalf("LoginResultType = %s, want %s: %s", got, tc.want, text(answer))
			}
			cookies := len(resp.Cookies()) == 2
			id, _ := field(answer, "KDSVCSessionId").(string)
			if ok := tc.want == "1"; cookies != ok || (id != "") != ok || (field(answer, "Message") == nil) != ok {
				t.Errorf("cookies %v, session %q: %s", resp.Cookies(), id, text(answer))
			}
		})
	}
}

func TestSessionWays(t *testing.T) {
	t.Parallel()
	s := loggedIn(t, options())
	id := s.sid
	s.sid = ""
	path := "/k3cloud/" + stub + "DynamicFormService.ExecuteBillQuery.common.kdsvc"
	body := `{"data":{"FormId":"BD_Customer","FieldKeys":"FNumber"}}`
	for name, header := range map[string]http.Header{
		"header": {"Kdservice-Sessionid": {id}},
		"SID":    {"Sid": {id}},
		"cookie": {"Cookie": {"Theme=standard; kdservice-sessionid=" + id + "; ASP.NET_SessionId=x"}},
	} {
		if _, answer := s.send(path, body, header); text(answer) != "[]" {
			t.Errorf("%s: %s", name, text(answer))
		}
	}
	if _, answer := s.send(path, body, nil); msgCode(answer) != "1" {
		t.Errorf("no session: %s", text(answer))
	}
}

func TestSessionExpiresWhenIdle(t *testing.T) {
	t.Parallel()
	s := loggedIn(t, options())
	const data = `{"FormId":"BD_Customer","FieldKeys":"FNumber"}`
	for range 3 {
		s.clock.Pass(19 * time.Minute)
		if got := s.query(data); got != "[]" {
			t.Fatalf("in use: %s", got)
		}
	}
	s.clock.Pass(20 * time.Minute)
	want := `[[{"Result":{"ResponseStatus":{"ErrorCode":500,"Errors":[{"DIndex":0,"FieldName":null,"Message":"会话信息已丢失，请重新登录"}],"IsSuccess":false,"MsgCode":1,"SuccessEntitys":[],"SuccessMessages":[]}}}]]`
	if got := s.query(data); got != want {
		t.Errorf("idle: %s", got)
	}
	if answer := s.post("DynamicFormService.View", `{"formid":"BD_Customer","data":{"Number":"x"}}`); msgCode(answer) != "1" || answer.(map[string]any)["Result"] == nil {
		t.Errorf("View: %s", text(answer))
	}
}

func TestEndSessions(t *testing.T) {
	t.Parallel()
	s := loggedIn(t, options())
	s.EndSessions()
	if answer := s.post("DynamicFormService.ExecuteBillQuery", `{"data":{}}`); msgCode(answer) != "1" {
		t.Error(text(answer))
	}
}

// signedHeaders are the worked example's.
func signedHeaders() http.Header {
	h := http.Header{}
	for name, value := range map[string]string{
		"X-Api-ClientID": "300001", "X-Api-Auth-Version": "2.0", "x-api-timestamp": "1767225600", "x-api-nonce": "1767225600",
		"x-api-signheaders": "x-api-timestamp,x-api-nonce",
		"X-Api-Signature":   "MGNmOGEzZTlkNmNlMDAwM2UyZjA1YzU0YTg4ZDU5NDc2ZTVjMmY2ZTRlNTVkNjI5OGE5MDcwMjhlNjk3MjQzNw==",
		"X-Kd-Appkey":       "300001_AAEHB1IGDwBbD1NRV1dSXgVYUAkKWwld",
		"X-Kd-Appdata":      "NjUxMmYwYzFhMmIzYzQsaW50ZWdyYXRpb24sMjA1MiwxMDA=",
		"X-Kd-Signature":    "NjhlY2Y1YzkxZjRlNDFhNTAzOTIwYWZlZmM0MTVhNmQ3MjM1MzNmYWQ2YjQxOGI2YmEwMjBkYzM3OWI2NmFiNA==",
	} {
		h.Set(name, value)
	}
	return h
}

func TestSignedHeaders(t *testing.T) {
	t.Parallel()
	const path = "/k3cloud/" + stub + "DynamicFormService.ExecuteBillQuery.common.kdsvc"
	for _, tc := range []struct {
		name, header, value, path string
		opts                      func(*kingdee.Options)
		want                      string // MsgCode, "[]", or errcode
	}{
		{"the worked example in seconds", "", "", path, nil, "[]"},
		{"another path needs another signature", "", "", "/K3Cloud/" + stub + "DynamicFormService.ExecuteBillQuery.common.kdsvc", nil, "1"},
		{"bad X-Kd-Signature", "X-Kd-Signature", "x", path, nil, "1"},
		{"bad X-Api-Signature", "X-Api-Signature", "x", path, nil, "1"},
		{"another user", "X-Kd-Appdata", "eCx5LDIwNTIsMTAw", path, nil, "1"},
		{"unknown app", "X-Kd-Appkey", "1_x", path, nil, "1"},
		{"unknown app at the gateway", "X-Kd-Appkey", "1_x", path, func(o *kingdee.Options) { o.Gateway = true }, "4002"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			opts := options()
			if tc.opts != nil {
				tc.opts(&opts)
			}
			s, header := open(t, opts), signedHeaders()
			if tc.header != "" {
				header.Set(tc.header, tc.value)
			}
			resp, answer := s.send(tc.path, `{"data":{"FormId":"BD_Customer","FieldKeys":"FNumber"}}`, header)
			if got := verdict(answer); got != tc.want {
				t.Errorf("got %s, want %s: %s", got, tc.want, text(answer))
			}
			if tc.want == "[]" && resp.Header.Get("kdservice-sessionid") == "" {
				t.Error("no session came with the answer")
			}
		})
	}
}

func verdict(answer any) string {
	if code := field(answer, "errcode"); code != nil {
		return text(code)
	}
	if code := msgCode(answer); code != "<nil>" {
		return code
	}
	return text(answer)
}

func TestSignedHeadersInMillisecondsAndTooOld(t *testing.T) {
	t.Parallel()
	opts := options()
	opts.HeaderWindow, opts.Gateway = 10*time.Minute, true
	s, header := open(t, opts), signedHeaders()
	header.Set("x-api-timestamp", "1767225600000")
	header.Set("x-api-nonce", "1767225600000")
	header.Set("X-Api-Signature", "NDQ0YTFmOTEzMmMyNTA1YzJlMTRkZjc3YTIzZGFiNjNkNTFiZWFiMTQwZjNlOTUxZjBjYTFhNWEzM2RmMjk5YQ==")
	send := func() string {
		_, answer := s.send("/k3cloud/"+stub+"DynamicFormService.ExecuteBillQuery.common.kdsvc", `{"data":{"FormId":"BD_Customer","FieldKeys":"FNumber"}}`, header)
		return verdict(answer)
	}
	if got := send(); got != "[]" {
		t.Errorf("fresh: %s", got)
	}
	s.clock.Pass(11 * time.Minute)
	if got := send(); got != "4006" {
		t.Errorf("old: %s", got)
	}
}

func TestThrottle(t *testing.T) {
	t.Parallel()
	opts := options()
	opts.ThrottleCalls, opts.ThrottleStatus = 2, 503
	s := loggedIn(t, opts)
	const path, body = "/k3cloud/" + stub + "DynamicFormService.ExecuteBillQuery.common.kdsvc", `{"data":{"FormId":"BD_Customer","FieldKeys":"FNumber"}}`
	var codes []int
	for range 3 {
		resp, _ := s.send(path, body, nil)
		codes = append(codes, resp.StatusCode)
	}
	if text(codes) != "[200,200,503]" {
		t.Fatalf("statuses %v", codes)
	}
	if _, answer := s.send(path, body, nil); msgCode(answer) != "14" {
		t.Error(text(answer))
	}
	s.clock.Pass(time.Second)
	if _, answer := s.send(path, body, nil); text(answer) != "[]" {
		t.Error(text(answer))
	}
}

func TestUnknownPaths(t *testing.T) {
	t.Parallel()
	s := open(t, options())
	for _, path := range []string{"/", "/k3cloud/", "/k3cloud/" + stub + "DynamicFormService.Nothing.common.kdsvc", "/other/" + stub + "AuthService.ValidateUser.common.kdsvc"} {
		if resp, _ := s.send(path, "{}", nil); resp.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, resp.StatusCode)
		}
	}
}
