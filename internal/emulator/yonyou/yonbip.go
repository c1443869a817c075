package yonyou

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Options are the credentials of one emulated YonBIP tenant and its switches. The zero value of each switch is the usual
// behaviour; most stand for a fact that the public documentation leaves open.
type Options struct {
	TenantID  string
	AppKey    string
	AppSecret string

	TokenLife      time.Duration // two hours if zero
	TokenWindow    time.Duration // how old or early the timestamp of a request for a token may be; 10 minutes if zero
	OneToken       bool          // a new token ends the one before
	NoBasePath     bool          // tokens are only given out on the path before July 2023
	PlainLost      bool          // an unknown token is answered with the plain text 非法token
	PerMinute      int           // calls of each list a minute; 60 for orders and 40 for receivables if zero, -1: no limit
	ThrottleStatus int           // HTTP status of a throttled call; 200 if zero
	Ungranted      []string      // paths that the app may not call
	NewestFirst    bool          // the list of customers shows the newest first; else the oldest
	NoPubts        bool          // the list of orders does not know pubts as a filter
	NoDueDate      bool          // rows of receivables do not show their due dates
	Names          string        // "zh_CN": names as the newer interfaces write them

	EventURL  string        // where events go; "" for nowhere
	OldEvents bool          // events are signed as for apps created before July 2022
	Repeat    int           // how often an event goes out that was taken; 1 if zero
	Reverse   bool          // of several events that wait the newest goes first
	RetryGap  time.Duration // between the attempts of an event; a minute if zero
	Client    *http.Client  // carries events
}

// YonBIP is one emulated tenant with its data centre. Its methods may be called from several goroutines.
type YonBIP struct {
	opts     Options
	now      func() time.Time
	tokens   tokens
	throttle throttle
	events   *sender

	merchants, orders, receivables *shelf
}

// NewYonBIP makes an empty tenant whose clock is now. Close it to end its events.
func NewYonBIP(opts Options, now func() time.Time) *YonBIP {
	if opts.TokenLife <= 0 {
		opts.TokenLife = 2 * time.Hour
	}
	if opts.TokenWindow <= 0 {
		opts.TokenWindow = 10 * time.Minute
	}
	s := &YonBIP{opts: opts, now: now, merchants: newShelf(1700194312096050000), orders: newShelf(1811000000000070000), receivables: newShelf(1922000000000090000)}
	s.events = newSender(opts, now)
	return s
}

// Close ends the sending of events.
func (s *YonBIP) Close() { s.events.close() }

// RevokeTokens makes the platform forget every token.
func (s *YonBIP) RevokeTokens() { s.tokens.revoke() }

// PutRecord creates or changes a customer (form "merchant"), an order ("voucherorder") or a receivable ("receivable"), and
// sends the event for it. {"id": …, "deleted": true} removes it.
func (s *YonBIP) PutRecord(form string, fields map[string]any) error {
	shelves := map[string]*shelf{"merchant": s.merchants, "voucherorder": s.orders, "receivable": s.receivables}
	shelf, ok := shelves[form]
	if !ok {
		return fmt.Errorf("no form %q, want merchant, voucherorder or receivable", form)
	}
	if gone, _ := fields["deleted"].(bool); gone {
		d := shelf.remove(shown(fields["id"]))
		if d == nil {
			return fmt.Errorf("no %s %s", form, shown(fields["id"]))
		}
		s.announce(form, d, "DELETE")
		return nil
	}
	event := "UPDATE"
	if shelf.get(shown(fields["id"])) == nil {
		event = "INSERT"
	}
	d, err := shelf.put(fields, s.now())
	if err == nil {
		s.announce(form, d, event)
	}
	return err
}

// Mount adds the tenant's endpoints: the look-up of the data centre, its tokens and its gateway.
func (s *YonBIP) Mount(mux *http.ServeMux) {
	mux.HandleFunc("/open-auth/dataCenter/getGatewayAddress", s.address)
	mux.HandleFunc("/iuap-api-auth/open-auth/selfAppAuth/", s.token)
	mux.HandleFunc("/iuap-api-gateway/", s.gateway)
}

// answer writes a body in the platform's envelope.
func (s *YonBIP) answer(w http.ResponseWriter, status int, body map[string]any) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that has gone needs no answer
}

func refusal(code any, message string) map[string]any {
	return map[string]any{"code": code, "message": message, "data": nil}
}

// operation is one interface of the gateway.
type operation struct {
	method    string
	perMinute int
	run       func(*YonBIP, *http.Request, map[string]any) map[string]any // answers with an envelope
}

func operations() map[string]operation {
	return map[string]operation{
		"/yonbip/digitalModel/merchant/newlist":              {http.MethodPost, 0, (*YonBIP).listMerchants},
		"/yonbip/digitalModel/merchant/newupdate":            {http.MethodPost, 0, (*YonBIP).updateMerchant},
		"/yonbip/digitalModel/merchant/idempotent/newinsert": {http.MethodPost, 0, (*YonBIP).insertMerchant},
		"/yonbip/sd/voucherorder/list":                       {http.MethodPost, 60, (*YonBIP).listOrders},
		"/yonbip/sd/voucherorder/detail":                     {http.MethodGet, 60, (*YonBIP).orderDetail},
		"/yonbip/fi/oar/list":                                {http.MethodPost, 40, (*YonBIP).listOAR},
		"/yonbip/EFI/receivable/list":                        {http.MethodPost, 40, (*YonBIP).listEFI},
	}
}

// gateway serves an interface: first whether it is registered, then the token, the grant, the throttle and the body.
func (s *YonBIP) gateway(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/iuap-api-gateway")
	op, ok := operations()[path]
	if !ok {
		s.answer(w, http.StatusNotFound, refusal("310404", "API未在网关注册"))
		return
	}
	if r.Method != op.method {
		s.answer(w, http.StatusOK, refusal("310405", "请求方法不支持"))
		return
	}
	token := r.URL.Query().Get("access_token")
	switch {
	case token == "":
		s.answer(w, http.StatusOK, refusal("310001", "access_token不能为空。"))
	case !s.tokens.valid(token, s.now()):
		s.lost(w)
	case slices.Contains(s.opts.Ungranted, path):
		s.answer(w, http.StatusOK, refusal("310037", "应用没有该API的调用权限"))
	case !s.throttle.allow(path, s.limit(op), s.now()):
		s.answer(w, orStatus(s.opts.ThrottleStatus), refusal("310046", "API调用超过限流，请稍后再试"))
	default:
		s.run(w, r, op)
	}
}

func (s *YonBIP) limit(op operation) int {
	if s.opts.PerMinute != 0 {
		return s.opts.PerMinute
	}
	return op.perMinute
}

func orStatus(code int) int {
	if code == 0 {
		return http.StatusOK
	}
	return code
}

func (s *YonBIP) lost(w http.ResponseWriter) {
	if s.opts.PlainLost {
		w.Header().Set("Content-Type", "text/plain;charset=UTF-8")
		_, _ = io.WriteString(w, "非法token")
		return
	}
	s.answer(w, http.StatusOK, refusal("310036", "非法token"))
}

// maxBody is far above what a call needs.
const maxBody = 16 << 20

func (s *YonBIP) run(w http.ResponseWriter, r *http.Request, op operation) {
	body := map[string]any{}
	if op.method == http.MethodPost {
		d := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody))
		d.UseNumber()
		if err := d.Decode(&body); err != nil {
			s.answer(w, http.StatusOK, refusal("310002", "请求体不是合法的JSON"))
			return
		}
	}
	s.answer(w, http.StatusOK, op.run(s, r, body))
}

func succeeded(data any) map[string]any {
	return map[string]any{"code": "200", "message": "操作成功", "data": data}
}

// page reads pageIndex and pageSize, as numbers or texts; why is the refusal where they are no use.
func page(body map[string]any, most, usual int) (index, size int, why map[string]any) {
	number := func(key string) (int, bool) {
		text := shown(body[key])
		if text == "" {
			return usual, usual > 0 && key == "pageSize"
		}
		n, err := strconv.Atoi(text)
		return n, err == nil && n > 0
	}
	index, ok := number("pageIndex")
	if !ok {
		return 0, 0, refusal("310008", "必填参数缺失: pageIndex")
	}
	size, ok = number("pageSize")
	switch {
	case !ok:
		return 0, 0, refusal("310008", "必填参数缺失: pageSize")
	case size > most:
		return 0, 0, refusal("118003", "每页条数超过上限"+strconv.Itoa(most))
	}
	return index, size, nil
}
