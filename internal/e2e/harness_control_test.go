package e2e_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"lingke/connectors/webhook"
	"lingke/internal/emulator"
	"lingke/internal/emulator/world"
)

// outcome is what the control API tells of a click or message.
type outcome struct {
	Accepted bool   `json:"accepted"`
	Toast    string `json:"toast"`
	Error    string `json:"error"`
}

// control calls the platforms' control API; out may be nil.
func (s *site) control(ctx context.Context, method, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(ctx, method, s.url+"/_emulator"+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := s.front.client.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s %s: %s: %s", method, path, resp.Status, answer)
	}
	if out == nil {
		return nil
	}
	return json.Unmarshal(answer, out)
}

// click is a person pressing a button.
func (s *site) click(ctx context.Context, platform string, p world.Person, message, action string) (outcome, error) {
	var out outcome
	err := s.control(ctx, http.MethodPost, "/clicks", map[string]any{"platform": platform, "person": p.ID, "message": message, "action": action}, &out)
	return out, err
}

// say is a person writing to the bot.
func (s *site) say(ctx context.Context, platform string, p world.Person, text string) (outcome, error) {
	var out outcome
	err := s.control(ctx, http.MethodPost, "/messages", map[string]any{"platform": platform, "person": p.ID, "text": text}, &out)
	return out, err
}

// fault injects trouble and returns what takes it away again.
func (s *site) fault(f emulator.Fault) (remove func()) {
	s.t.Helper()
	var added emulator.Fault
	if err := s.control(s.t.Context(), http.MethodPost, "/faults", faultBody(f), &added); err != nil {
		s.t.Fatal(err)
	}
	return func() {
		s.t.Helper()
		if err := s.control(s.t.Context(), http.MethodDelete, fmt.Sprintf("/faults/%d", added.ID), nil, nil); err != nil {
			s.t.Error(err)
		}
	}
}

// faultBody leaves out what the control API sets itself.
func faultBody(f emulator.Fault) map[string]any {
	m := map[string]any{"match": f.Match, "times": f.Times, "delay_ms": f.DelayMS, "hang": f.Hang, "cut": f.Cut, "twice": f.Twice, "after": f.After, "status": f.Status}
	if f.Body != nil {
		m["body"] = f.Body
	}
	return m
}

// requests returns what arrived at the platforms since the last call of it.
func (s *site) requests() []emulator.Request {
	s.t.Helper()
	var all []emulator.Request
	if err := s.control(s.t.Context(), http.MethodGet, "/requests", nil, &all); err != nil {
		s.t.Fatal(err)
	}
	if err := s.control(s.t.Context(), http.MethodDelete, "/requests", nil, nil); err != nil {
		s.t.Fatal(err)
	}
	return all
}

// item is one record of a push.
type item struct {
	Type string         `json:"type"`
	Data map[string]any `json:"data"`
}

// push signs and posts records under an id, and returns the status of the answer.
func (s *site) push(ctx context.Context, id string, items ...item) (status int, answer []byte, err error) {
	now := s.now()
	body, err := json.Marshal(map[string]any{"type": "customer.upsert", "timestamp": now.UTC().Format(time.RFC3339Nano), "data": items})
	if err != nil {
		return 0, nil, err
	}
	return s.post(ctx, id, body)
}

// post signs a body anew and posts it.
func (s *site) post(ctx context.Context, id string, body []byte) (status int, answer []byte, err error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.front.url+"/hooks/website", bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	r.Header = webhook.Sign(hookSecret, id, s.now(), body)
	r.Header.Set("Content-Type", "application/json")
	resp, err := s.front.client.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	answer, _ = io.ReadAll(resp.Body) // the status says that it was taken
	return resp.StatusCode, answer, nil
}

// lead pushes one new customer and fails the test unless it is taken.
func (s *site) lead(id, name string) {
	s.t.Helper()
	status, answer, err := s.push(s.t.Context(), "push-"+id, item{"customer.upsert", map[string]any{"id": id, "name": name, "industry": "制造业", "headcount": 900}})
	if err != nil || status != http.StatusOK {
		s.t.Fatalf("push: %d %s %v", status, answer, err)
	}
}

// met tells which faults have not hit as often as they shall.
func (s *site) met() error {
	var all []emulator.Fault
	if err := s.control(s.t.Context(), http.MethodGet, "/faults", nil, &all); err != nil {
		return err
	}
	var waiting []error
	for _, f := range all {
		if f.Hits < f.Times {
			waiting = append(waiting, fmt.Errorf("%s: %d of %d", f.Match, f.Hits, f.Times))
		}
	}
	return errors.Join(waiting...)
}
