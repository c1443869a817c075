package emulator

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"time"
)

// maxBody is how much of a request the emulator takes.
const maxBody = 16 << 20

// faulty lets requests suffer the faults that fit them.
func (e *Emulator) faulty(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		f, ok := e.faults.take(r.Method, r.URL.Path)
		if !ok {
			next.ServeHTTP(w, r)
			return
		}
		e.suffer(f, next, w, r)
	})
}

func (e *Emulator) suffer(f Fault, next http.Handler, w http.ResponseWriter, r *http.Request) {
	if !e.wait(r, f.delay()) {
		panic(http.ErrAbortHandler)
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody))
	if err != nil {
		panic(http.ErrAbortHandler) // the client broke off
	}
	carryOut := func(w http.ResponseWriter) {
		again := r.Clone(r.Context())
		again.Body = io.NopCloser(bytes.NewReader(body))
		next.ServeHTTP(w, again)
	}
	if f.After {
		carryOut(httptest.NewRecorder())
	}
	switch {
	case f.Cut:
		panic(http.ErrAbortHandler)
	case f.Hang:
		e.wait(r, -1)
		panic(http.ErrAbortHandler)
	case f.Status != 0:
		f.answer(w)
	case f.Twice:
		carryOut(httptest.NewRecorder())
		carryOut(w)
	default:
		carryOut(w)
	}
}

// answer writes the fault's own answer.
func (f *Fault) answer(w http.ResponseWriter) {
	var text string
	if json.Unmarshal(f.Body, &text) == nil {
		w.WriteHeader(f.Status)
		_, _ = io.WriteString(w, text)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(f.Status)
	_, _ = w.Write(f.Body)
}

// wait lets d pass, for ever where negative; false when the client or the emulator ended it.
func (e *Emulator) wait(r *http.Request, d time.Duration) bool {
	if d == 0 {
		return true
	}
	var over <-chan time.Time
	if d > 0 {
		t := time.NewTimer(d)
		defer t.Stop()
		over = t.C
	}
	select {
	case <-over:
		return true
	case <-r.Context().Done():
	case <-e.done:
	}
	return false
}
