package yonyou

import (
	"bytes"
	"context"
	"crypto/aes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// ChanjetOptions are the credentials of an emulated 畅捷通 T+ account, and its switches.
type ChanjetOptions struct {
	AppKey        string
	AppSecret     string
	MessageSecret string // 16 characters
	Certificate   string

	MessageURL string        // where tickets are pushed; "" for nowhere
	Client     *http.Client  // carries them
	TokenLife  time.Duration // two hours if zero
	PerMinute  int           // calls a minute; zero: no limit
	Wrapped    bool          // lists come in an object
}

// Chanjet is one emulated account. Its methods may be called from several goroutines.
type Chanjet struct {
	opts     ChanjetOptions
	now      func() time.Time
	tokens   tokens
	tickets  tokens
	throttle throttle

	mu   sync.Mutex
	data map[string]map[string]any // partners by code
}

// ticketLife is how long a ticket opens anything.
const ticketLife = 30 * time.Minute

// NewChanjet makes an empty account whose clock is now.
func NewChanjet(opts ChanjetOptions, now func() time.Time) *Chanjet {
	if opts.TokenLife <= 0 {
		opts.TokenLife = 2 * time.Hour
	}
	if opts.Client == nil {
		opts.Client = &http.Client{Timeout: 5 * time.Second}
	}
	return &Chanjet{opts: opts, now: now, data: map[string]map[string]any{}}
}

// RevokeTokens makes the platform forget every token.
func (s *Chanjet) RevokeTokens() { s.tokens.revoke() }

// PutRecord creates or changes a partner by its Code.
func (s *Chanjet) PutRecord(form string, fields map[string]any) error {
	code := shown(fields["Code"])
	if form != "partner" || code == "" {
		return fmt.Errorf("form %q with Code %q, want partner and its Code", form, code)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	row := map[string]any{"Disabled": false}
	maps.Copy(row, s.data[code])
	maps.Copy(row, fields)
	s.data[code] = row
	return nil
}

// Mount adds the account's endpoints.
func (s *Chanjet) Mount(mux *http.ServeMux) {
	mux.HandleFunc("POST /auth/appTicket/resend", s.resend)
	mux.HandleFunc("POST /v1/common/auth/selfBuiltApp/generateToken", s.token)
	mux.HandleFunc("POST /tplus/api/v2/partner/QueryPage", s.partners)
}

func (s *Chanjet) answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body) // a client that has gone needs no answer
}

func failure(code, message string) map[string]any {
	return map[string]any{"code": code, "message": message}
}

// known checks the app of a request and answers where it is unknown.
func (s *Chanjet) known(w http.ResponseWriter, r *http.Request) bool {
	if s.opts.AppKey != "" && r.Header.Get("appKey") == s.opts.AppKey && r.Header.Get("appSecret") == s.opts.AppSecret {
		return true
	}
	s.answer(w, http.StatusForbidden, failure("50000", "appKey或appSecret错误"))
	return false
}

func (s *Chanjet) resend(w http.ResponseWriter, r *http.Request) {
	if !s.known(w, r) {
		return
	}
	go s.PushTicket(context.WithoutCancel(r.Context()))
	s.answer(w, http.StatusOK, map[string]any{"code": "200", "message": "success"})
}

// PushTicket pushes a new ticket, as the platform does every ten minutes, and tells whether it was taken.
func (s *Chanjet) PushTicket(ctx context.Context) bool {
	now := s.now()
	ticket := s.tickets.issue(now, ticketLife, false)
	return s.push(ctx, s.Sealed("APP_TICKET", map[string]any{"appTicket": ticket}))
}

// Sealed is the body of a push of some type.
func (s *Chanjet) Sealed(typ string, content map[string]any) []byte {
	plain, _ := json.Marshal(map[string]any{ // texts: cannot fail
		"id": uuid.NewString(), "appKey": s.opts.AppKey, "msgType": typ, "time": strconv.FormatInt(s.now().UnixMilli(), 10), "bizContent": content,
	})
	pad := aes.BlockSize - len(plain)%aes.BlockSize
	plain = append(plain, bytes.Repeat([]byte{byte(pad)}, pad)...)
	block, err := aes.NewCipher([]byte(s.opts.MessageSecret))
	if err != nil {
		return nil
	}
	for at := 0; at < len(plain); at += aes.BlockSize {
		block.Encrypt(plain[at:at+aes.BlockSize], plain[at:at+aes.BlockSize])
	}
	body, _ := json.Marshal(map[string]string{"encryptMsg": base64.StdEncoding.EncodeToString(plain)})
	return body
}

func (s *Chanjet) push(ctx context.Context, body []byte) bool {
	if s.opts.MessageURL == "" {
		return false
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.opts.MessageURL, bytes.NewReader(body))
	if err != nil {
		return false
	}
	req.Header.Set("Content-Type", "application/json")
	resp, err := s.opts.Client.Do(req)
	if err != nil {
		return false
	}
	defer func() { _ = resp.Body.Close() }()
	var said struct{ Result string }
	return json.NewDecoder(io.LimitReader(resp.Body, 1<<16)).Decode(&said) == nil && said.Result == "success"
}

func (s *Chanjet) token(w http.ResponseWriter, r *http.Request) {
	if !s.known(w, r) {
		return
	}
	var req struct{ AppTicket, Certificate string }
	_ = json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&req)
	if !s.tickets.valid(req.AppTicket, s.now()) || req.Certificate != s.opts.Certificate {
		s.answer(w, http.StatusOK, map[string]any{"result": false, "error": map[string]any{"code": "4003", "message": "appTicket或certificate无效"}})
		return
	}
	s.answer(w, http.StatusOK, map[string]any{"result": true, "value": map[string]any{
		"accessToken": s.tokens.issue(s.now(), s.opts.TokenLife, false), "expiresIn": int(s.opts.TokenLife / time.Second),
	}})
}

// partners is a page of 往来单位 with the fields that were asked for.
func (s *Chanjet) partners(w http.ResponseWriter, r *http.Request) {
	if !s.known(w, r) {
		return
	}
	if !s.tokens.valid(r.Header.Get("openToken"), s.now()) {
		s.answer(w, http.StatusUnauthorized, failure("4007", "token已过期"))
		return
	}
	if !s.throttle.allow("partner", s.opts.PerMinute, s.now()) {
		s.answer(w, http.StatusConflict, map[string]any{"error": "触发保护性限流"})
		return
	}
	var req struct {
		Param struct {
			PageIndex, PageSize int
			SelectFields        string
		}
	}
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxBody)).Decode(&req); err != nil {
		s.answer(w, http.StatusInternalServerError, failure("50003", "参数错误"))
		return
	}
	rows := []map[string]any{}
	for _, row := range paged(s.all(), max(req.Param.PageIndex, 1), max(req.Param.PageSize, 1)) {
		rows = append(rows, selected(row, strings.Split(req.Param.SelectFields, ",")))
	}
	if s.opts.Wrapped {
		s.answer(w, http.StatusOK, map[string]any{"code": "200", "data": rows})
		return
	}
	s.answer(w, http.StatusOK, rows)
}

func (s *Chanjet) all() []map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []map[string]any
	for _, code := range slices.Sorted(maps.Keys(s.data)) {
		out = append(out, s.data[code])
	}
	return out
}

func selected(row map[string]any, keys []string) map[string]any {
	out := map[string]any{}
	for _, key := range keys {
		top, _, _ := strings.Cut(key, ".")
		if v, ok := row[top]; ok {
			out[top] = v
		}
	}
	return out
}
