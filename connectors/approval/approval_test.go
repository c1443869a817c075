package approval_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lingke/connectors"
	"lingke/connectors/approval"
	"lingke/connectors/jsondoc"
	"lingke/connectors/mapping"
	emulator "lingke/internal/emulator/dingtalk"
	"lingke/internal/emulator/world"
)

const process = "PROC-1"

var now = time.Date(2026, 3, 2, 1, 30, 0, 0, time.UTC)

// organisation is an emulated one; instead, where not nil, answers a call in its place.
func organisation(t *testing.T, instead http.HandlerFunc) (*emulator.Server, string) {
	t.Helper()
	s := emulator.New(emulator.Options{ClientID: "dingapp", ClientSecret: "approval-secret", CorpID: "corp"}, world.New(nil, func() time.Time { return now }))
	mux := http.NewServeMux()
	s.Mount(mux)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if instead != nil && strings.Contains(r.URL.Path, "workflow") {
			instead(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	}))
	t.Cleanup(func() {
		srv.Close()
		s.Close()
	})
	return s, srv.URL
}

func rules(t *testing.T, pairs ...string) mapping.Mapping {
	t.Helper()
	m := mapping.Mapping{}
	for i := 0; i < len(pairs); i += 2 {
		from, err := jsondoc.ParsePath(pairs[i+1])
		if err != nil {
			t.Fatal(err)
		}
		m[mapping.Target(pairs[i])] = mapping.Rule{From: from}
	}
	return m
}

func open(t *testing.T, url string, m mapping.Mapping) *approval.Conn {
	t.Helper()
	c, err := approval.Config{ClientID: "dingapp", ClientSecret: "approval-secret", BaseURL: url, ProcessCode: process, Mapping: m}.
		Open("approvals", approval.WithClock(func() time.Time { return now }))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func granted(id string) connectors.Event {
	return connectors.Event{ID: "e-" + id, Platform: "dingtalk", Type: "bpms_instance_change", At: now, Fields: map[string]string{
		"processInstanceId": id, "processCode": process, "type": "finish", "result": "agree", "finishTime": "1772415000123",
	}}
}

func TestOnlyGrantedApprovalsOfTheFormAreFollowed(t *testing.T) {
	t.Parallel()
	c := open(t, "http://127.0.0.1:1", rules(t, "name", "客户名称"))
	for _, tt := range []struct {
		name   string
		change func(*connectors.Event)
		want   bool
	}{
		{"granted", func(*connectors.Event) {}, true},
		{"begun", func(e *connectors.Event) { e.Fields["type"] = "start" }, false},
		{"refused", func(e *connectors.Event) { e.Fields["result"] = "refuse" }, false},
		{"withdrawn", func(e *connectors.Event) { e.Fields["type"] = "terminate"; delete(e.Fields, "result") }, false},
		{"another form", func(e *connectors.Event) { e.Fields["processCode"] = "PROC-2" }, false},
		{"another event", func(e *connectors.Event) { e.Type = "bpms_task_change" }, false},
		{"another platform", func(e *connectors.Event) { e.Platform = "wecom" }, false},
	} {
		e := granted("p")
		tt.change(&e)
		if got := c.Follows(e); got != tt.want {
			t.Errorf("%s: %v", tt.name, got)
		}
	}
}

func TestWhatAFormBecomes(t *testing.T) {
	t.Parallel()
	s, url := organisation(t, nil)
	put := func(id, status string, form ...map[string]string) {
		t.Helper()
		if err := s.PutRecord("approval", map[string]any{"id": id, "process_code": process, "status": status, "form": form}); err != nil {
			t.Fatal(err)
		}
	}
	field := func(id, name, alias, value string) map[string]string {
		return map[string]string{"id": id, "name": name, "bizAlias": alias, "value": value, "componentType": "TextField"}
	}
	put("full", "COMPLETED", field("T-1", "客户名称", "customer", "华东精密"), field("T-2", "信用代码", "", "91310000MA1FL0XX0X"),
		field("T-3", "电话", "", `{"mode":"phone","value":" 13800000000 "}`), field("T-4", "产品", "", `["导轨","丝杠"]`), field("T-5", "备注", "", "null"))
	put("running", "RUNNING", field("T-1", "客户名称", "customer", "华东精密"))
	put("nobody", "COMPLETED", field("T-1", "客户名称", "customer", ""), field("T-2", "信用代码", "", ""), field("T-3", "电话", "", ""), field("T-4", "产品", "", ""), field("T-5", "备注", "", ""))
	all := rules(t, "name", "customer", "credit_code", "信用代码", "phone", "T-3", "products", "产品", "note", "备注")
	at := time.UnixMilli(1772415000123).UTC()
	full := map[string]string{"name": "华东精密", "credit_code": "91310000MA1FL0XX0X", "phone": "13800000000", "products": "导轨、丝杠"}
	record := func(id string) []connectors.Record {
		return []connectors.Record{{Kind: connectors.Customer, ID: id, ModifiedAt: at, Fields: full}}
	}
	for _, tt := range []struct {
		name, instance string
		mapping        mapping.Mapping
		want           []connectors.Record
		says           string
	}{
		{"known by its credit code", "full", all, record("91310000MA1FL0XX0X"), ""},
		{"not granted after all", "running", all, nil, ""},
		{"an empty form", "nobody", all, nil, "names no customer"},
		{"a form without the field", "full", rules(t, "name", "公司"), nil, `no field "公司"; it has 客户名称, 信用代码, 电话, 产品, 备注`},
		{"no such approval", "gone", all, nil, "processInstanceNotExist"},
	} {
		c := open(t, url, tt.mapping)
		got, err := c.Follow(t.Context(), granted(tt.instance))
		if d := cmp.Diff(tt.want, got); d != "" {
			t.Errorf("%s: %v %s", tt.name, err, d)
		}
		if tt.says == "" && err != nil || tt.says != "" && (!errors.Is(err, connectors.ErrBadRecord) || !strings.Contains(err.Error(), tt.says)) {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	keyed := rules(t, "id", "T-1", "name", "customer")
	if got, err := open(t, url, keyed).Follow(t.Context(), granted("full")); err != nil || got[0].ID != "华东精密" {
		t.Errorf("a key of its own: %+v, %v", got, err)
	}
	before := open(t, url, all)
	before.KeepRaw()
	got, err := before.Follow(t.Context(), granted("full"))
	if err != nil {
		t.Fatal(err)
	}
	again, err := open(t, url, rules(t, "name", "客户名称", "credit_code", "信用代码", "remark", "产品")).Reread(connectors.Customer, got[0].Raw)
	if err != nil || again.ID != "91310000MA1FL0XX0X" || again.Fields["remark"] != "导轨、丝杠" || again.Fields["phone"] != "" {
		t.Errorf("read anew: %+v, %v", again, err)
	}
	if err := open(t, url, all).Check(t.Context()); err != nil {
		t.Errorf("check: %v", err)
	}
}

func TestFailuresHaveTheirKind(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		status int
		body   string
		kind   error
	}{
		{"no permission", 403, `{"code":"Forbidden.AccessDenied.AccessTokenPermissionDenied","message":"x"}`, connectors.ErrUnauthorized},
		{"too often", 403, `{"code":"Forbidden.AccessDenied.QpsLimitForAppkeyAndApi","message":"x"}`, connectors.ErrThrottled},
		{"the month is used up", 403, `{"code":"Forbidden.AccessDenied.ApiCountLimitForOrg","message":"x"}`, connectors.ErrThrottled},
		{"the token is refused for ever", 400, `{"code":"InvalidAuthentication","message":"approval-secret"}`, connectors.ErrUnauthorized},
		{"not well", 500, `{"code":"systemError","message":"x"}`, nil},
		{"a proxy's page", 502, `<html>`, nil},
		{"no JSON", 200, `<html>`, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, url := organisation(t, func(w http.ResponseWriter, _ *http.Request) {
				w.WriteHeader(tt.status)
				_, _ = w.Write([]byte(tt.body))
			})
			_, err := open(t, url, rules(t, "name", "n")).Follow(t.Context(), granted("p"))
			if err == nil || tt.kind != nil && !errors.Is(err, tt.kind) || errors.Is(err, connectors.ErrBadRecord) {
				t.Errorf("%v", err)
			}
			if strings.Contains(fmt.Sprint(err), "approval-secret") {
				t.Errorf("the secret is told: %v", err)
			}
		})
	}
}

func TestSettingsThatAreRefused(t *testing.T) {
	t.Parallel()
	good := approval.Config{ClientID: "a", ClientSecret: "hidden", ProcessCode: process, Mapping: rules(t, "name", "n")}
	for want, change := range map[string]func(*approval.Config){
		"client_id": func(c *approval.Config) { c.ClientID = "" }, "client_secret": func(c *approval.Config) { c.ClientSecret = "" },
		"process_code": func(c *approval.Config) { c.ProcessCode = " " }, "base_url": func(c *approval.Config) { c.BaseURL = "api.dingtalk.com" },
		"mapping": func(c *approval.Config) { c.Mapping = nil },
	} {
		cfg := good
		change(&cfg)
		if _, err := cfg.Open("approvals"); !errors.Is(err, connectors.ErrConfig) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", want, err)
		}
	}
	if text := fmt.Sprintf("%v %+v %#v", good, good, good); strings.Contains(text, "hidden") {
		t.Error(text)
	}
}
