package e2e_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"sync"
	"testing"
	"time"
)

// cardWatch notes when the platforms have shown the cards of the benchmark's customers, whose names hold their number.
type cardWatch struct {
	mu    sync.Mutex
	begun map[string]time.Time
	left  map[string]int
	took  latencies
	done  chan struct{} // receives once for each customer whose cards all stand
}

// cardsEach is how many calls show one customer's card: one on each platform.
const cardsEach = 2

func newCardWatch() *cardWatch {
	return &cardWatch{begun: map[string]time.Time{}, left: map[string]int{}, done: make(chan struct{}, 1<<20)}
}

var cardMark = regexp.MustCompile(`BENCH[0-9]{7}`)

func (w *cardWatch) begin(mark string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.begun[mark], w.left[mark] = time.Now(), cardsEach
}

// watch is a dataGateway's watch.
func (w *cardWatch) watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodPost || r.URL.Path == "/v1.0/gateway/connections/open" {
			next.ServeHTTP(out, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(out, err.Error(), http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		answer := httptest.NewRecorder()
		next.ServeHTTP(answer, r)
		for name, values := range answer.Header() {
			out.Header()[name] = values
		}
		out.WriteHeader(answer.Code)
		_, _ = out.Write(answer.Body.Bytes())
		if mark := cardMark.Find(body); mark != nil && answer.Code == http.StatusOK {
			w.shown(string(mark))
		}
	})
}

func (w *cardWatch) shown(mark string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.left[mark]--; w.left[mark] == 0 {
		w.took.add(time.Since(w.begun[mark]))
		w.done <- struct{}{}
	}
}

// BenchmarkRecordToCard pushes customers at a fixed rate and measures from the start of each push until the last platform has shown the customer's card.
func BenchmarkRecordToCard(b *testing.B) {
	for b.Loop() {
		w := newCardWatch()
		g := newDataGateway(b, time.Now(), nil, w.watch)
		accepted := &latencies{}
		n := paced(*loadRate, *loadFor, func(i int) {
			mark := fmt.Sprintf("BENCH%07d", i)
			w.begin(mark)
			began := time.Now()
			g.push(b, mark, []dataItem{{Type: "customer.upsert", Data: goodLead(mark)}})
			accepted.add(time.Since(began))
		})
		w.wait(b, n)
		b.ReportMetric(float64(n), "cards")
		accepted.report(b, "push-")
		w.took.report(b, "card-")
	}
}

// goodLead is above 50 points by its profile alone.
func goodLead(mark string) map[string]any {
	return map[string]any{
		"id": mark, "name": "苏州" + mark + "精密制造有限公司", "industry": "制造业", "headcount": 2000, "region": "华东", "contact_role": "总经理",
		"annual_revenue": 500_000_000, "potential_acv": 600_000, "nps": 10, "phone": "13800000000",
	}
}

func (w *cardWatch) wait(b *testing.B, n int) {
	b.Helper()
	limit := time.After(2 * time.Minute)
	for i := range n {
		select {
		case <-w.done:
		case <-limit:
			b.Fatalf("%d of %d customers have their cards", i, n)
		}
	}
}
