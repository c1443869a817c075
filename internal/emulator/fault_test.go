package emulator

import (
	"strings"
	"testing"
	"time"

	"lingke/internal/emulator/dingtalk"
)

func TestFits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		pattern, method, path string
		want                  bool
	}{
		{"POST /v1.0/card/*", "POST", "/v1.0/card/instances/createAndDeliver", true},
		{"POST /v1.0/card/*", "PUT", "/v1.0/card/instances", false},
		{"* /v1.0/card/instances", "PUT", "/v1.0/card/instances", true},
		{"POST /v1.0/card", "POST", "/v1.0/card/instances", false},
		{"POST *executebillquery*", "POST", "/K3Cloud/Kingdee.ExecuteBillQuery.common.kdsvc", true},
		{"PUSH dingtalk/*", "PUSH", "dingtalk/card", true},
		{"PUSH wecom/*", "PUSH", "dingtalk/card", false},
		{"/gettoken", "GET", "/gettoken", true},
		{"", "GET", "/gettoken", false},
		{"GET /a*b*c", "GET", "/aXXbXbYc", true},
		{"GET /a*b*c", "GET", "/aXXbXbY", false},
	} {
		if got := fits(c.pattern, c.method, c.path); got != c.want {
			t.Errorf("fits(%q, %s %s) = %v", c.pattern, c.method, c.path, got)
		}
	}
}

func FuzzGlob(f *testing.F) {
	f.Add("a*b", "aXb")
	f.Add("**", "")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		if strings.Contains(pattern, "*") {
			if !glob("*"+pattern+"*", text) && glob(pattern, text) {
				t.Errorf("%q fits %q, with stars around it does not", pattern, text)
			}
			return
		}
		if glob(pattern, text) != (pattern == text) {
			t.Errorf("glob(%q, %q) without a star is not equality", pattern, text)
		}
	})
}

func TestRingKeepsTheNewest(t *testing.T) {
	t.Parallel()
	var r requests
	for i := range keepRequests + 5 {
		r.add(Request{Status: i})
	}
	list := r.matching("")
	if len(list) != keepRequests || list[0].Status != 5 || list[len(list)-1].Status != keepRequests+4 {
		t.Errorf("%d requests, %d to %d", len(list), list[0].Status, list[len(list)-1].Status)
	}
}

func TestFaultsOfDingTalkPushes(t *testing.T) {
	t.Parallel()
	e := &Emulator{done: make(chan struct{})}
	for _, f := range []Fault{
		{Match: "PUSH dingtalk/card", Times: 1, Twice: true},
		{Match: "PUSH dingtalk/*", Times: 1, DelayMS: 5, Cut: true},
		{Match: "PUSH dingtalk/*", Times: 1, Status: 500},
	} {
		if _, err := e.faults.add(f); err != nil {
			t.Fatal(err)
		}
	}
	for i, want := range []dingtalk.Trouble{{Cut: true, Delay: 5 * time.Millisecond}, {Lost: true}, {}} {
		if got := e.dingtalkTrouble("message"); got != want {
			t.Errorf("message %d: %+v, want %+v", i, got, want)
		}
	}
	if got := e.dingtalkTrouble("card"); got != (dingtalk.Trouble{Twice: true}) {
		t.Errorf("card: %+v, want twice", got)
	}
}
