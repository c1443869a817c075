package emulator

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// refusal is an error of the control API with the status that tells it.
type refusal struct {
	status int
	err    error
}

func (r *refusal) Error() string { return r.err.Error() }
func (r *refusal) Unwrap() error { return r.err }

func wrong(format string, args ...any) error {
	return &refusal{http.StatusBadRequest, fmt.Errorf(format, args...)}
}

func (e *Emulator) mountControl(mux *http.ServeMux) {
	for pattern, h := range map[string]func(*http.Request) (any, error){
		"GET /_emulator/people":          e.getPeople,
		"POST /_emulator/people":         e.postPerson,
		"DELETE /_emulator/people/{id}":  e.deletePerson,
		"GET /_emulator/conversations":   e.getConversations,
		"GET /_emulator/menu":            e.getMenu,
		"POST /_emulator/menu":           e.postMenu,
		"POST /_emulator/messages":       e.postMessage,
		"POST /_emulator/files":          e.postFile,
		"POST /_emulator/clicks":         e.postClick,
		"POST /_emulator/codes":          e.postCode,
		"POST /_emulator/records":        e.postRecord,
		"GET /_emulator/faults":          e.getFaults,
		"POST /_emulator/faults":         e.postFault,
		"DELETE /_emulator/faults":       e.deleteFaults,
		"DELETE /_emulator/faults/{id}":  e.deleteFaults,
		"GET /_emulator/requests":        e.getRequests,
		"DELETE /_emulator/requests":     e.deleteRequests,
		"GET /_emulator/clock":           e.getClock,
		"POST /_emulator/clock":          e.postClock,
		"GET /_emulator/stats":           e.getStats,
		"POST /_emulator/disconnections": e.postDisconnection,
	} {
		mux.HandleFunc(pattern, control(h))
	}
}

// control answers with JSON; an error becomes {"error":…}.
func control(h func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxBody)
		v, err := h(r)
		status := http.StatusOK
		if err != nil {
			status = http.StatusInternalServerError
			var ref *refusal
			if errors.As(err, &ref) {
				status = ref.status
			}
			v = map[string]string{"error": err.Error()}
		}
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.WriteHeader(status)
		_ = json.NewEncoder(w).Encode(v) // a client that has gone needs no answer
	}
}

// read decodes a body strictly, so that a misspelt key is told.
func read(r *http.Request, into any) error {
	d := json.NewDecoder(r.Body)
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return wrong("body: %w", err)
	}
	return nil
}

func (e *Emulator) getFaults(*http.Request) (any, error) { return e.faults.all(), nil }

func (e *Emulator) postFault(r *http.Request) (any, error) {
	var f Fault
	if err := read(r, &f); err != nil {
		return nil, err
	}
	f, err := e.faults.add(f)
	if err != nil {
		return nil, wrong("%w", err)
	}
	return f, nil
}

func (e *Emulator) deleteFaults(r *http.Request) (any, error) {
	id := 0
	if text := r.PathValue("id"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n <= 0 {
			return nil, wrong("fault id %q is no number", text)
		}
		id = n
	}
	n := e.faults.remove(id)
	if id != 0 && n == 0 {
		return nil, &refusal{http.StatusNotFound, fmt.Errorf("no fault %d", id)}
	}
	return map[string]int{"removed": n}, nil
}

func (e *Emulator) getRequests(r *http.Request) (any, error) {
	return e.requests.matching(r.URL.Query().Get("match")), nil
}

func (e *Emulator) deleteRequests(*http.Request) (any, error) {
	e.requests.clear()
	return map[string]bool{"accepted": true}, nil
}

func (e *Emulator) getClock(*http.Request) (any, error) {
	return map[string]time.Time{"now": e.world.Now()}, nil
}

func (e *Emulator) postClock(r *http.Request) (any, error) {
	var req struct{ Now time.Time }
	if err := read(r, &req); err != nil {
		return nil, err
	}
	if req.Now.IsZero() {
		return nil, wrong("now is missing")
	}
	e.world.SetNow(req.Now)
	return e.getClock(r)
}

// getStats tells what each platform counted.
func (e *Emulator) getStats(*http.Request) (any, error) {
	return map[string]any{"dingtalk": e.dingtalk.Stats(), "wecom": e.wecom.Stats()}, nil
}

// postDisconnection ends DingTalk's stream connections: politely as for load balance, or cut.
func (e *Emulator) postDisconnection(r *http.Request) (any, error) {
	var req struct{ Cut bool }
	if err := read(r, &req); err != nil {
		return nil, err
	}
	if req.Cut {
		return map[string]int{"connections": e.dingtalk.Cut()}, nil
	}
	return map[string]int{"connections": e.dingtalk.Disconnect()}, nil
}
