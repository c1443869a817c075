package emulator_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"lingke/internal/emulator"
)

func TestPushFaultsOfWeCom(t *testing.T) {
	for _, c := range []struct {
		name     string
		fault    object
		arrivals int
	}{
		{"no fault", nil, 1},
		{"twice", object{"twice": true}, 2},
		{"the answer is lost, so it comes again", object{"after": true, "cut": true}, 2},
		{"cut, so it comes again", object{"cut": true}, 1},
		{"refused on the way, so it comes again", object{"status": 502}, 1},
		{"delayed", object{"delay_ms": 1}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			arrived := make(chan struct{}, 10)
			gateway := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { arrived <- struct{}{} }))
			defer gateway.Close()
			b := start(t, func(o *emulator.Options) { o.WeCom.CallbackURL, o.WeCom.Gap = gateway.URL, time.Millisecond })
			if c.fault != nil {
				c.fault["match"], c.fault["times"] = "PUSH wecom/*", 1
				b.fault(c.fault)
			}
			b.do("POST", "/_emulator/messages", object{"platform": "wecom", "person": "wangfang", "conversation": "", "text": "今日"})
			for range c.arrivals {
				<-arrived
			}
			b.e.Close()
			if n := len(arrived); n != 0 {
				t.Errorf("%d arrivals too many", n)
			}
		})
	}
}
