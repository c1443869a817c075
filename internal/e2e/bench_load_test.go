package e2e_test

import (
	"bufio"
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"lingke/connectors/webhook"
)

// What the benchmarks scale by. The defaults let every benchmark run once within seconds; the figures of the documentation are taken with
// -load.rows 100000 -load.for 60s.
var (
	loadRows = flag.Int("load.rows", 5_000, "customers that the sync benchmark pulls; it pulls twice as many orders")
	loadFor  = flag.Duration("load.for", 3*time.Second, "how long the benchmarks at a fixed rate run")
	loadRate = flag.Int("load.rate", 200, "events a second of the benchmarks at a fixed rate")
)

// loadClients is how many connections a busy gateway has.
const loadClients = 64

// latencies collects how long things took. Its methods may be called from several goroutines.
type latencies struct {
	mu   sync.Mutex
	took []time.Duration
}

func (l *latencies) add(d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.took = append(l.took, d)
}

// report adds the percentiles to the benchmark's line.
func (l *latencies) report(b *testing.B, prefix string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.took) == 0 {
		return
	}
	slices.Sort(l.took)
	ms := func(percent int) float64 {
		return float64(l.took[min(len(l.took)-1, len(l.took)*percent/100)].Microseconds()) / 1000
	}
	b.ReportMetric(ms(50), prefix+"p50-ms")
	b.ReportMetric(ms(99), prefix+"p99-ms")
}

// concurrently makes n calls from 64 goroutines, each with the number of its goroutine and of the call, and returns how long each took.
func concurrently(b *testing.B, n int, call func(worker, i int) error) *latencies {
	b.Helper()
	took := &latencies{took: make([]time.Duration, n)}
	var next atomic.Int64
	var all sync.WaitGroup
	for worker := range loadClients {
		all.Go(func() {
			for i := int(next.Add(1)) - 1; i < n; i = int(next.Add(1)) - 1 {
				began := time.Now()
				if err := call(worker, i); err != nil {
					b.Error(err)
					return
				}
				took.took[i] = time.Since(began)
			}
		})
	}
	all.Wait()
	return took
}

// paced starts a call every 1/rate of a second for a time, whether or not earlier ones have ended, and waits for all of them: what is late counts.
func paced(rate int, span time.Duration, call func(i int)) (n int) {
	var all sync.WaitGroup
	began := time.Now()
	n = max(1, int(float64(rate)*span.Seconds()))
	for i := range n {
		due := began.Add(time.Duration(i) * time.Second / time.Duration(rate))
		time.Sleep(time.Until(due))
		all.Go(func() { call(i) })
	}
	all.Wait()
	return n
}

// rawClient is one kept-alive connection that costs as little as possible, since it shares the machine with what is measured.
type rawClient struct {
	conn net.Conn
	in   *bufio.Reader
	out  []byte
}

func dialRaw(b *testing.B, addr string) *rawClient {
	b.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = conn.Close() })
	return &rawClient{conn: conn, in: bufio.NewReader(conn)}
}

// post sends a request that stands ready (head ends before the empty line) and returns an error unless the answer is 200.
func (c *rawClient) post(head, body []byte) error {
	c.out = append(append(append(c.out[:0], head...), "\r\n"...), body...)
	if _, err := c.conn.Write(c.out); err != nil {
		return err
	}
	status, err := c.in.ReadSlice('\n')
	if err != nil {
		return err
	}
	ok := bytes.HasPrefix(status, []byte("HTTP/1.1 200"))
	line := string(status)
	length, err := c.headers()
	if err != nil {
		return err
	}
	if _, err := io.CopyN(io.Discard, c.in, int64(length)); err != nil {
		return err
	}
	if !ok {
		return fmt.Errorf("answer: %s", line)
	}
	return nil
}

var errLength = errors.New("an answer without Content-Length")

// headers reads up to the empty line and returns the length of the body.
func (c *rawClient) headers() (int, error) {
	length := -1
	for {
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return 0, err
		}
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			break
		}
		if name, value, _ := bytes.Cut(line, []byte(": ")); bytes.EqualFold(name, []byte("content-length")) {
			if _, err := fmt.Sscan(string(value), &length); err != nil {
				return 0, err
			}
		}
	}
	if length < 0 {
		return 0, errLength
	}
	return length, nil
}

// signedHeads are the heads of n pushes of one body, each with an id of its own.
func signedHeads(n int, prefix string, at time.Time, body []byte) [][]byte {
	heads := make([][]byte, n)
	for i := range heads {
		var head bytes.Buffer
		fmt.Fprintf(&head, "POST /hooks/crm HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n", len(body))
		h := webhook.Sign(dataSecret, fmt.Sprintf("%s-%d", prefix, i), at, body)
		if err := h.Write(&head); err != nil {
			panic(err) // a buffer takes everything
		}
		heads[i] = head.Bytes()
	}
	return heads
}

// serveHandler serves h on loopback until the benchmark ends.
func serveHandler(b *testing.B, h http.Handler) string {
	b.Helper()
	l := dataListen(b)
	srv := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- srv.Serve(l) }()
	b.Cleanup(func() {
		_ = srv.Close()
		if err := <-ended; !errors.Is(err, http.ErrServerClosed) {
			b.Error(err)
		}
	})
	return l.Addr().String()
}
