// Package xingchen emulates the open platform of Kingdee 金蝶云·星辰: signed calls, authorisations whose secret changes, app-tokens, and the lists of customers and sales
// orders.
//
// The way of one call: Handler → signature and its 5 minutes (sign.go) → limit of calls → token → the list → {errcode, description, data}. It shares no code with the
// connector that it tests. Where the public facts end, an Option decides.
package xingchen

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Options are the credentials of the emulated app and the platform's switches.
type Options struct {
	ClientID, ClientSecret string
	OuterInstanceID        string // the account that has authorised the app
	AppKey                 string
	Domain                 string

	DocumentPage int  // most rows of a page of documents; 100 if zero
	CallsPerMin  int  // 500 if zero; below zero without limit
	TokensPerMin int  // 2 if zero; below zero without limit
	ThrottleHTTP int  // HTTP status of a throttled call; 200 with an errcode if zero
	NoFilter     bool // the filter by time of modification is not known
	NewestFirst  bool // lists come newest first; else by id
	Code200      bool // answers carry code 200 in place of errcode 0
	NoTotalPage  bool // answers do not say how many pages there are
}

// Server is the emulated platform. Its methods may be called from several goroutines.
type Server struct {
	opts Options
	now  func() time.Time

	mu        sync.Mutex
	rows      map[string][]map[string]any // by list
	places    map[string]map[string]int   // in rows, by list and id
	secret    string                      // of the authorisation
	rotations int
	token     string
	tokens    int
	ends      time.Time
	calls     []time.Time
	asked     []time.Time // for a token
}

// New returns a platform whose clock is now.
func New(opts Options, now func() time.Time) *Server {
	opts.DocumentPage, opts.CallsPerMin, opts.TokensPerMin = cmp.Or(opts.DocumentPage, 100), cmp.Or(opts.CallsPerMin, 500), cmp.Or(opts.TokensPerMin, 2)
	opts.AppKey, opts.Domain = cmp.Or(opts.AppKey, "xcAppKey"), cmp.Or(opts.Domain, "https://tf.jdy.com")
	return &Server{opts: opts, now: now, rows: map[string][]map[string]any{}, places: map[string]map[string]int{"customer": {}, "sal_order": {}}, secret: "xingchen-app-secret-0"}
}

// lists are the forms of PutRecord and where they are read.
var lists = map[string]string{"/jdy/v2/bd/customer": "customer", "/jdy/v2/scm/sal_order": "sal_order"}

// PutRecord creates or changes a row of "customer" or "sal_order"; id is wanted. modify_time is set unless it is given.
func (s *Server) PutRecord(form string, fields map[string]any) error {
	id := fmt.Sprint(fields["id"])
	if form != "customer" && form != "sal_order" || fields["id"] == nil {
		return fmt.Errorf("xingchen: form %q id %v: want customer or sal_order with an id", form, fields["id"])
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	stamp := s.now().In(zone).Format(time.DateTime)
	row := map[string]any{"id": id, "create_time": stamp, "enable": "1"}
	if form == "sal_order" {
		row["bill_status"], row["bill_close_state"] = "C", ""
	}
	i, known := s.places[form][id]
	if known {
		row = s.rows[form][i]
	}
	changed := map[string]any{}
	for _, from := range []map[string]any{row, {"modify_time": stamp}, fields, {"id": id}} {
		for name, value := range from {
			changed[name] = value
		}
	}
	if known {
		s.rows[form][i] = changed
	} else {
		s.places[form][id] = len(s.rows[form])
		s.rows[form] = append(s.rows[form], changed)
	}
	return nil
}

// zone is that of the platform's times, which carry none.
var zone = time.FixedZone("Asia/Shanghai", 8*60*60)

// ExpireToken ends the app-token, as the platform may do at any time.
func (s *Server) ExpireToken() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.token = ""
}

// RotateSecret changes the secret of the authorisation, as happens every day.
func (s *Server) RotateSecret() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rotate()
}

func (s *Server) rotate() {
	s.rotations++
	s.secret, s.token = fmt.Sprintf("xingchen-app-secret-%d", s.rotations), ""
}

// Owns reports whether a path is one of this platform.
func Owns(path string) bool {
	return strings.HasPrefix(path, "/jdy/") || strings.HasPrefix(path, "/jdyconnector/")
}

// ServeHTTP answers the platform's calls.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	data, no := s.answer(r)
	out := map[string]any{"errcode": 0, "description": "success", "data": data}
	if s.opts.Code200 {
		out = map[string]any{"code": 200, "description": "success", "data": data}
	}
	status := http.StatusOK
	if no != nil {
		out, status = map[string]any{"errcode": no.code, "description": no.text, "description_cn": no.text}, cmp.Or(no.http, http.StatusOK)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(out) // the client has gone where it fails
}

// refusal is an answer that is not data.
type refusal struct {
	http, code int
	text       string
}

func (s *Server) answer(r *http.Request) (any, *refusal) {
	if no := s.checkSignature(r); no != nil {
		return nil, no
	}
	if !s.within(&s.calls, s.opts.CallsPerMin) {
		return nil, &refusal{s.opts.ThrottleHTTP, 1010001003, "调用次数超过限制，请稍后再试"}
	}
	switch r.URL.Path {
	case "/jdyconnector/app_management/push_app_authorize":
		return s.authorise(r)
	case "/jdyconnector/app_management/kingdee_auth_token":
		return s.issue(r)
	}
	form, ok := lists[r.URL.Path]
	if !ok || r.Method != http.MethodGet {
		return nil, &refusal{519, 5001, "api not found"}
	}
	if s.token == "" || r.Header.Get("app-token") != s.token || !s.now().Before(s.ends) {
		return nil, &refusal{0, 401, "app-token无效或已过期"}
	}
	if r.Header.Get("X-GW-Router-Addr") != s.opts.Domain {
		return nil, &refusal{0, 400, "X-GW-Router-Addr不正确"}
	}
	return s.list(form, r)
}

// within notes a call and reports whether it is one of the most in a minute.
func (s *Server) within(calls *[]time.Time, most int) bool {
	now := s.now()
	*calls = slices.DeleteFunc(*calls, func(t time.Time) bool { return now.Sub(t) >= time.Minute })
	if most >= 0 && len(*calls) >= most {
		return false
	}
	*calls = append(*calls, now)
	return true
}

func (s *Server) authorise(r *http.Request) (any, *refusal) {
	if r.Method != http.MethodPost || r.URL.Query().Get("outerInstanceId") != s.opts.OuterInstanceID {
		return []any{}, nil
	}
	s.rotate()
	return []any{map[string]any{"appKey": s.opts.AppKey, "appSecret": s.secret, "domain": s.opts.Domain, "outerInstanceId": s.opts.OuterInstanceID,
		"agreementCompanyName": "示例公司", "status": 1}}, nil
}

func (s *Server) issue(r *http.Request) (any, *refusal) {
	if !s.within(&s.asked, s.opts.TokensPerMin) {
		return nil, &refusal{s.opts.ThrottleHTTP, 1010001003, "获取app-token过于频繁"}
	}
	q := r.URL.Query()
	if q.Get("app_key") != s.opts.AppKey || q.Get("app_signature") != mac(s.secret, s.opts.AppKey) {
		return nil, &refusal{0, 1030002006, "授权已失效，请重新获取appSecret"}
	}
	s.tokens++
	s.token, s.ends = fmt.Sprintf("app-token-%d-%d", s.rotations, s.tokens), s.now().Add(24*time.Hour)
	return map[string]any{"app-token": s.token, "uid": "1"}, nil
}

// list gives one page. Rows out of use are left out unless asked for; a list of documents gives no more than DocumentPage rows.
func (s *Server) list(form string, r *http.Request) (any, *refusal) {
	q := r.URL.Query()
	number, err1 := strconv.Atoi(cmp.Or(q.Get("page"), "1"))
	size, err2 := strconv.Atoi(cmp.Or(q.Get("page_size"), "10"))
	if err1 != nil || err2 != nil || number < 1 || size < 1 || size > 2000 {
		return nil, &refusal{0, 1010002001, "page或page_size不正确"}
	}
	if form == "sal_order" {
		size = min(size, s.opts.DocumentPage)
	}
	found := s.find(form, q.Get("enable"), q.Get("modify_start_time"))
	from := min((number-1)*size, len(found))
	out := map[string]any{"count": len(found), "page": number, "page_size": size, "rows": found[from:min(from+size, len(found))]}
	if !s.opts.NoTotalPage {
		out["total_page"] = (len(found) + size - 1) / size
	}
	return out, nil
}

func (s *Server) find(form, enable, since string) []map[string]any {
	after, _ := strconv.ParseInt(since, 10, 64)
	found := []map[string]any{}
	for _, row := range s.rows[form] {
		at, err := time.ParseInLocation(time.DateTime, fmt.Sprint(row["modify_time"]), zone)
		if form == "customer" && enable != "-1" && row["enable"] != cmp.Or(enable, "1") {
			continue
		}
		if !s.opts.NoFilter && err == nil && at.UnixMilli() < after {
			continue
		}
		found = append(found, row)
	}
	slices.SortStableFunc(found, func(a, b map[string]any) int {
		if s.opts.NewestFirst {
			return cmp.Compare(fmt.Sprint(b["modify_time"]), fmt.Sprint(a["modify_time"]))
		}
		return cmp.Compare(fmt.Sprint(a["id"]), fmt.Sprint(b["id"]))
	})
	return found
}
