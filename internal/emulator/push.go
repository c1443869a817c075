package emulator

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"lingke/internal/emulator/dingtalk"
)

// methodPush is the method of faults that hit pushes to the gateway.
const methodPush = "PUSH"

// errCut says that a fault cut a push.
var errCut = errors.New("the connection was cut")

// dingtalkTrouble turns the fault that fits a push into the stream's terms.
func (e *Emulator) dingtalkTrouble(push string) dingtalk.Trouble {
	f, ok := e.faults.take(methodPush, "dingtalk/"+push)
	if !ok {
		return dingtalk.Trouble{}
	}
	return dingtalk.Trouble{Twice: f.Twice, Cut: f.Cut, Lost: f.Hang || f.Status != 0, Delay: f.delay()}
}

// pushTransport carries a platform's pushes to the gateway and lets them suffer the faults of "PUSH <what>".
type pushTransport struct {
	e    *Emulator
	what string
	next *http.Transport
}

// pushClient returns a client whose pushes suffer the faults of "PUSH <what>".
func (e *Emulator) pushClient(what string) *http.Client {
	p := &pushTransport{e: e, what: what, next: &http.Transport{MaxIdleConnsPerHost: 16, IdleConnTimeout: time.Minute}}
	e.pushes = append(e.pushes, p)
	return &http.Client{Transport: p}
}

func (t *pushTransport) RoundTrip(r *http.Request) (*http.Response, error) {
	f, ok := t.e.faults.take(methodPush, t.what)
	if !ok {
		return t.next.RoundTrip(r)
	}
	if !t.e.wait(r, f.delay()) {
		return nil, fmt.Errorf("push to the gateway: %w", errCut)
	}
	body, err := readAll(r.Body)
	if err != nil {
		return nil, err
	}
	if f.After || f.Twice {
		if err := t.send(r, body); err != nil {
			return nil, err
		}
	}
	switch {
	case f.Cut:
		return nil, fmt.Errorf("push to the gateway: %w", errCut)
	case f.Hang:
		t.e.wait(r, -1)
		return nil, fmt.Errorf("push to the gateway: %w", errCut)
	case f.Status != 0:
		return made(r, f), nil
	}
	return t.next.RoundTrip(again(r, body))
}

func (t *pushTransport) send(r *http.Request, body []byte) error {
	resp, err := t.next.RoundTrip(again(r, body))
	if err != nil {
		return fmt.Errorf("push to the gateway: %w", err)
	}
	_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxBody))
	return resp.Body.Close()
}

func again(r *http.Request, body []byte) *http.Request {
	out := r.Clone(r.Context())
	if r.Body != nil {
		out.Body, out.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	}
	return out
}

func readAll(body io.ReadCloser) ([]byte, error) {
	if body == nil {
		return nil, nil
	}
	defer func() { _ = body.Close() }()
	all, err := io.ReadAll(io.LimitReader(body, maxBody))
	if err != nil {
		return nil, fmt.Errorf("read the push: %w", err)
	}
	return all, nil
}

// made is the gateway's answer as the fault wants it.
func made(r *http.Request, f Fault) *http.Response {
	return &http.Response{
		StatusCode: f.Status, Status: http.StatusText(f.Status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, Body: io.NopCloser(strings.NewReader(string(f.Body))), Request: r,
	}
}
