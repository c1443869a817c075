package e2e_test

import (
	"encoding/json"
	"testing"
	"time"

	"lingke/internal/emulator"
)

// quick is how many times faster than the machine's the clock of the fault test goes, on both sides: what a gateway waits through in a
// minute passes in seconds.
const quick = 10

func quickClock() func() time.Time {
	start := time.Now()
	return func() time.Time { return start.Add(quick * time.Since(start)) }
}

// troubles are what platforms and networks do on a bad day. Answers are the platforms' own.
func troubles() []emulator.Fault {
	answer := func(text string) json.RawMessage { return json.RawMessage(text) }
	const card, update, send, change = "POST /v1.0/card/instances/createAndDeliver", "PUT /v1.0/card/instances", "POST /cgi-bin/message/send", "POST /cgi-bin/message/update_template_card"
	return []emulator.Fault{
		{Match: card, Times: 5, Status: 429, Body: answer(`{"code":"Throttling.QpsLimit","message":"slow down"}`)},
		{Match: card, Times: 5, Status: 500, Body: answer(`{"code":"system.error","message":"oops"}`)},
		{Match: card, Times: 5, Status: 400, Body: answer(`{"code":"InvalidAuthentication","message":"不合法的access_token"}`)},
		{Match: card, Times: 5, Cut: true, After: true},
		{Match: card, Times: 5, Twice: true},
		{Match: card, Times: 3, Status: 502, Body: answer(`"<html>bad gateway</html>"`), After: true},
		{Match: update, Times: 5, Status: 503, Body: answer(`{"code":"ServiceUnavailable","message":"busy"}`)},
		{Match: update, Times: 5, Cut: true},
		{Match: update, Times: 5, DelayMS: 150},
		{Match: send, Times: 5, Status: 200, Body: answer(`{"errcode":-1,"errmsg":"system error"}`)},
		{Match: send, Times: 3, Status: 200, Body: answer(`{"errcode":42001,"errmsg":"access_token expired"}`)},
		{Match: send, Times: 3, Status: 200, Body: answer(`{"errcode":45033,"errmsg":"api concurrent out of limit"}`)},
		{Match: send, Times: 5, Cut: true},
		{Match: send, Times: 5, DelayMS: 150},
		{Match: change, Times: 5, Status: 200, Body: answer(`{"errcode":-1,"errmsg":"system error"}`)},
		{Match: change, Times: 5, Cut: true},
		{Match: "POST /v1.0/oauth2/accessToken", Times: 2, Status: 500, Body: answer(`{"code":"system.error","message":"oops"}`)},
		{Match: "GET /cgi-bin/gettoken", Times: 2, Cut: true},
		{Match: "PUSH wecom/callback", Times: 8, Cut: true, After: true},
		{Match: "PUSH wecom/callback", Times: 8, Twice: true},
		{Match: "PUSH dingtalk/card", Times: 4, Twice: true},
		{Match: "PUSH dingtalk/card", Times: 2, Cut: true},
		{Match: "PUSH dingtalk/message", Times: 3, Twice: true},
		{Match: "* /k3cloud/*", Times: 3, Status: 500, Body: answer(`"oops"`)},
		{Match: "* /k3cloud/*", Times: 3, Cut: true},
	}
}

// TestABadDayAtThePlatformsLosesAndDoublesNothing lets every trouble happen under load.
func TestABadDayAtThePlatformsLosesAndDoublesNothing(t *testing.T) {
	s := newSite(t, plan{people: crowd(6), erp: true, clock: quickClock()})
	g := s.run()
	l := s.drive(40 * time.Millisecond)
	defer l.end()
	injected := troubles()
	for _, f := range injected {
		s.fault(f)
	}
	eventually(t, 30*time.Second, "every trouble met", func() error { return s.met() })
	l.end()
	drained(t, g.app.Store(), 60*time.Second)
	l.pulled(g.app.Store())
	drained(t, g.app.Store(), 60*time.Second)
	e := newEvidence()
	e.gather(s.requests())
	l.verify(t, g.app.Store(), e)
	t.Logf("%6d kinds of trouble", len(injected))
}
