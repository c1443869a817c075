package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"lingke/internal/emulator/world"
)

// clicks is how many customers each platform's half of BenchmarkClickToCard claims.
const clicks = 15 // within the day's allowance

// BenchmarkClickToCard claims customers by clicking their cards, one after the other, and measures from the click until the clicker's card, and until everybody's copy on both platforms, says who
// has the customer.
func BenchmarkClickToCard(b *testing.B) {
	for _, platform := range platforms {
		b.Run(platform, func(b *testing.B) {
			for b.Loop() {
				g := newDataGateway(b, time.Now(), nil, nil)
				own, all := &latencies{}, &latencies{}
				for i := range clicks {
					mark := fmt.Sprintf("BENCH%07d", i)
					g.push(b, mark, []dataItem{{Type: "customer.upsert", Data: goodLead(mark)}})
					g.claimed(b, platform, mark, own, all)
				}
				own.report(b, "own-")
				all.report(b, "everybody-")
			}
		})
	}
}

// readers are the people who get the benchmark's cards, by platform.
var readers = map[string][]string{"dingtalk": {"rep4222"}, "wecom": {"LiuYang"}}

// claimed clicks a customer's card and notes how long the copies took.
func (g *dataGateway) claimed(b *testing.B, platform, mark string, own, all *latencies) {
	b.Helper()
	until(b, func() bool { return g.card("dingtalk", mark) != nil && g.card("wecom", mark) != nil })
	began := time.Now()
	body, err := json.Marshal(map[string]any{"platform": platform, "person": "liuyang", "message": g.card(platform, mark).ID, "action": "claim"})
	if err != nil {
		b.Fatal(err)
	}
	answer := httptest.NewRecorder()
	g.em.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodPost, "/_emulator/clicks", bytes.NewReader(body)))
	if !strings.Contains(answer.Body.String(), `"accepted":true`) {
		b.Fatalf("click: %s", answer.Body)
	}
	taken := func(platform string) bool {
		m := g.card(platform, mark)
		return m != nil && strings.Contains(fmt.Sprintf("%+v", *m.Card), "已被")
	}
	until(b, func() bool { return taken(platform) })
	own.add(time.Since(began))
	until(b, func() bool { return taken("dingtalk") && taken("wecom") })
	all.add(time.Since(began))
}

// card is the newest card of a customer that the first reader of a platform sees.
func (g *dataGateway) card(platform, mark string) *world.Message {
	messages := g.em.World().Conversations(platform, readers[platform][0])[0].Messages
	for i := len(messages) - 1; i >= 0; i-- {
		if m := messages[i]; m.Card != nil && strings.HasPrefix(m.Card.ID, "lead-") && strings.Contains(m.Card.Title, mark) {
			return &m
		}
	}
	return nil
}

// until looks every half millisecond.
func until(b *testing.B, ok func() bool) {
	b.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			b.Fatal("it does not happen")
		}
		time.Sleep(500 * time.Microsecond)
	}
}
