package httpapi

import (
	"testing"
	"time"

	"lingke/internal/leave"
)

func TestLeaveIsNotedListedAndEnded(t *testing.T) {
	t.Parallel()
	changed := 0
	w := newWorld(t)
	w.deps.Leave = leave.New(w.store, w.now, func() { changed++ })
	h, err := New(w.deps)
	if err != nil {
		t.Fatal(err)
	}
	w.h = h
	const path = "/api/v1/people/lina/leave"
	const body = `{"from":"2026-03-03T00:00:00+08:00","to":"2026-03-06T00:00:00+08:00","reason":"年假","deputy":"zhangwei","by":"wangfang"}`
	for range 2 { // an HR system that sends it twice
		got := decode[LeaveList](t, w.api("POST", path, body), 201).Leave
		if len(got) != 1 || got[0].Reason != "年假" || got[0].Deputy != "zhangwei" || got[0].By != "wangfang" || !got[0].From.Equal(time.Date(2026, 3, 2, 16, 0, 0, 0, time.UTC)) {
			t.Fatalf("%+v", got)
		}
	}
	if changed != 1 {
		t.Errorf("hand-out and clocks were told %d times", changed)
	}
	elsewhere := leave.New(w.store, w.now, func() {}) // another gateway
	if err := elsewhere.Refresh(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := elsewhere.Add(t.Context(), leave.Entry{Person: "lina", From: start.AddDate(0, 0, 20), To: start.AddDate(0, 0, 21)}); err != nil {
		t.Fatal(err)
	}
	if got := decode[LeaveList](t, w.api("GET", path, ""), 200).Leave; len(got) != 2 || got[1].At.IsZero() {
		t.Errorf("%+v", got)
	}
	if got := decode[LeaveList](t, w.api("DELETE", path+"?from=2026-03-10T00:00:00Z", ""), 200).Leave; len(got) != 1 || !got[0].From.Equal(start.AddDate(0, 0, 20)) {
		t.Errorf("cut %+v", got)
	}
	if got := decode[LeaveList](t, w.api("DELETE", path, ""), 200).Leave; len(got) != 1 {
		t.Errorf("cut %+v", got)
	}
	if got := decode[LeaveList](t, w.api("GET", path, ""), 200).Leave; len(got) != 0 {
		t.Errorf("left %+v", got)
	}
	for name, x := range map[string]struct {
		path, body string
		status     int
		code       string
	}{
		"nobody":                    {"/api/v1/people/x/leave", body, 422, "unknown_person"},
		"ends before it begins":     {path, `{"from":"2026-03-06T00:00:00Z","to":"2026-03-03T00:00:00Z"}`, 422, "leave"},
		"over":                      {path, `{"from":"2026-02-01T00:00:00Z","to":"2026-02-03T00:00:00Z"}`, 422, "leave"},
		"too long":                  {path, `{"from":"2026-03-06T00:00:00Z","to":"2027-02-03T00:00:00Z"}`, 422, "leave"},
		"an unknown deputy":         {path, `{"from":"2026-03-06T00:00:00Z","to":"2026-03-09T00:00:00Z","deputy":"x"}`, 422, "unknown_person"},
		"oneself as deputy":         {path, `{"from":"2026-03-06T00:00:00Z","to":"2026-03-09T00:00:00Z","deputy":"lina"}`, 422, "leave"},
		"a day instead of a moment": {path, `{"from":"2026-03-06","to":"2026-03-09"}`, 422, "invalid"},
	} {
		if p := decode[Problem](t, w.api("POST", x.path, x.body), x.status); p.Code != x.code {
			t.Errorf("%s: %+v", name, p)
		}
	}
}
