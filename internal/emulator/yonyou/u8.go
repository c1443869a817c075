package yonyou

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// U8Options are the credentials of an emulated account set behind the cloud relay, and its switches.
type U8Options struct {
	FromAccount string
	AppKey      string
	AppSecret   string

	TokenLife    time.Duration // two hours if zero
	PerMinute    int           // calls of each resource a minute; zero: no limit
	LostCode     string        // errcode of an unknown token; "20009" if empty
	LostText     string        // what is said with it; "token已失效" if empty
	NoModifyDate bool          // customers cannot be filtered by modifydate_begin; refused, not ignored
}

// U8 is one emulated account set. Its methods may be called from several goroutines.
type U8 struct {
	opts     U8Options
	now      func() time.Time
	tokens   tokens
	throttle throttle

	mu   sync.Mutex
	data map[string]map[string]map[string]any // resource → code → row
	last int                                  // row version
}

// u8Forms are the resources, with the field that their dates filter.
func u8Forms() map[string]string {
	return map[string]string{"customer": "ModifyDate", "saleorderlist": "date", "oughtreceivelist": "date"}
}

// NewU8 makes an empty account set whose clock is now.
func NewU8(opts U8Options, now func() time.Time) *U8 {
	if opts.TokenLife <= 0 {
		opts.TokenLife = 2 * time.Hour
	}
	if opts.LostCode == "" {
		opts.LostCode, opts.LostText = "20009", "token已失效"
	}
	return &U8{opts: opts, now: now, data: map[string]map[string]map[string]any{}}
}

// RevokeTokens makes the relay forget every token.
func (s *U8) RevokeTokens() { s.tokens.revoke() }

// PutRecord creates or changes a row of a resource by its code. A customer's ModifyDate is today where none is given.
func (s *U8) PutRecord(form string, fields map[string]any) error {
	if _, ok := u8Forms()[form]; !ok {
		return fmt.Errorf("no form %q, want one of %s", form, strings.Join(slices.Sorted(maps.Keys(u8Forms())), ", "))
	}
	code := shown(fields["code"])
	if code == "" {
		return fmt.Errorf("code is missing")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.data[form] == nil {
		s.data[form] = map[string]map[string]any{}
	}
	row := map[string]any{}
	maps.Copy(row, s.data[form][code])
	maps.Copy(row, fields)
	s.last++
	row["timestamp"] = s.last
	if _, given := fields["ModifyDate"]; form == "customer" && !given {
		row["ModifyDate"] = s.now().In(zone).Format(time.DateOnly)
	}
	s.data[form][code] = row
	return nil
}

// Mount adds the relay's endpoints.
func (s *U8) Mount(mux *http.ServeMux) {
	mux.HandleFunc("GET /system/token", s.token)
	mux.HandleFunc("GET /api/{resource}/batch_get", s.batch)
}

func (s *U8) answer(w http.ResponseWriter, code, message string, more map[string]any) {
	body := map[string]any{"errcode": code, "errmsg": message}
	maps.Copy(body, more)
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	_ = json.NewEncoder(w).Encode(body) // a client that has gone needs no answer
}

func (s *U8) token(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	if q.Get("from_account") != s.opts.FromAccount || q.Get("app_key") != s.opts.AppKey || q.Get("app_secret") != s.opts.AppSecret || s.opts.AppKey == "" {
		s.answer(w, "10002", "应用身份校验失败", nil)
		return
	}
	s.answer(w, "0", "", map[string]any{"token": map[string]any{
		"appkey": s.opts.AppKey, "expiresIn": int(s.opts.TokenLife / time.Second), "id": s.tokens.issue(s.now(), s.opts.TokenLife, false),
	}})
}

// batch is batch_get: a page of rows, all their values text.
func (s *U8) batch(w http.ResponseWriter, r *http.Request) {
	q, resource := r.URL.Query(), r.PathValue("resource")
	dated, ok := u8Forms()[resource]
	switch {
	case !ok:
		http.NotFound(w, r)
	case q.Get("from_account") != s.opts.FromAccount || q.Get("app_key") != s.opts.AppKey:
		s.answer(w, "10002", "应用身份校验失败", nil)
	case !s.tokens.valid(q.Get("token"), s.now()):
		s.answer(w, s.opts.LostCode, s.opts.LostText, nil)
	case !s.throttle.allow(resource, s.opts.PerMinute, s.now()):
		s.answer(w, "20011", "调用过于频繁", nil)
	case s.opts.NoModifyDate && q.Get("modifydate_begin") != "":
		s.answer(w, "20003", "不支持的查询条件[modifydate_begin]", nil)
	default:
		s.page(w, r, resource, dated)
	}
}

func (s *U8) page(w http.ResponseWriter, r *http.Request, resource, dated string) {
	q := r.URL.Query()
	index, size := number(q.Get("page_index"), 1), number(q.Get("rows_per_page"), 20)
	begin := q.Get(map[string]string{"ModifyDate": "modifydate_begin", "date": "date_begin"}[dated])
	rows := s.find(resource, func(row map[string]any) bool { return shown(row[dated]) >= begin })
	shownRows := paged(rows, index, size)
	if len(shownRows) == 0 {
		s.answer(w, "20002", "未检索到匹配的["+resource+"]", nil)
		return
	}
	s.answer(w, "0", "", map[string]any{
		"page_index": strconv.Itoa(index), "rows_per_page": strconv.Itoa(size), "row_count": strconv.Itoa(len(rows)),
		"page_count": strconv.Itoa((len(rows) + size - 1) / size), resource: shownRows,
	})
}

func number(text string, otherwise int) int {
	if n, err := strconv.Atoi(text); err == nil && n > 0 {
		return n
	}
	return otherwise
}

// find gives the rows by their codes, their values as text but for the row version.
func (s *U8) find(resource string, keep func(map[string]any) bool) []map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []map[string]any
	for _, code := range slices.Sorted(maps.Keys(s.data[resource])) {
		row := s.data[resource][code]
		if !keep(row) {
			continue
		}
		texts := map[string]any{}
		for key, value := range row {
			texts[key] = shown(value)
		}
		texts["timestamp"] = row["timestamp"]
		out = append(out, texts)
	}
	return out
}
