package e2e_test

import (
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"go.uber.org/goleak"

	"lingke/internal/delivery"
	"lingke/internal/inbox"
	"lingke/internal/store"
)

// TestATerminatedGatewayFinishesWhatItAccepted stops the real program as a service manager does, in the middle of the load, several times. It ends by itself without
// an error, nothing stays leased, so that the next one goes on at once, and nothing accepted is lost.
func TestATerminatedGatewayFinishesWhatItAccepted(t *testing.T) {
	program := lingke(t)
	s := newSite(t, plan{people: crowd(6), erp: true})
	addr := freeAddr(t)
	s.front.lead(addr)
	l := s.drive(20 * time.Millisecond)
	defer l.end()
	e := newEvidence()
	for range 3 {
		g := s.spawn(addr, program)
		s.connected(1)
		s.busy(l)
		asked := time.Now()
		if err := g.terminate(t, 30*time.Second); err != nil {
			t.Errorf("the program ended with %v\n%s", err, g.stderr)
		}
		t.Logf("stopped within %s", time.Since(asked).Round(time.Millisecond))
		s.look(func(st store.Store) { noneLeased(t, s, st) })
	}
	last := s.run()
	l.end()
	drained(t, last.app.Store(), 60*time.Second)
	l.pulled(last.app.Store())
	drained(t, last.app.Store(), 60*time.Second)
	e.gather(s.requests())
	l.verify(t, last.app.Store(), e)
}

// busy waits until the load has got a good number of answers from this gateway.
func (s *site) busy(l *load) {
	s.t.Helper()
	taken := func() int {
		l.mu.Lock()
		defer l.mu.Unlock()
		return l.counts["pushes that got 200"]
	}
	before := taken()
	eventually(s.t, 30*time.Second, "work for the gateway", func() error {
		if n := taken() - before; n < 25 {
			return fmt.Errorf("%d pushes taken", n)
		}
		return nil
	})
}

// noneLeased checks that everything that is due can be had: a stopped gateway holds nothing back. It asks a minute ahead, which is past every retry's delay and within
// every lease, and takes what it gets for no time at all.
func noneLeased(t *testing.T, s *site, st store.Store) {
	t.Helper()
	now := s.now()
	soon := now.Add(time.Minute)
	due, err := st.Events(t.Context(), inbox.Due, 1000)
	if err != nil {
		t.Fatal(err)
	}
	free, err := st.LeaseEvents(t.Context(), soon, now, "look", 1000)
	if err != nil {
		t.Fatal(err)
	}
	if len(free) != len(due) {
		t.Errorf("%d events are due, %d of them free", len(due), len(free))
	}
	waiting, _, err := st.Deliveries(t.Context(), delivery.Query{State: delivery.Due, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	taken := 0
	for _, platform := range platforms {
		free, err := st.LeaseDeliveries(t.Context(), platform, soon, now, "look", 1000)
		if err != nil {
			t.Fatal(err)
		}
		taken += len(free)
	}
	if taken != len(waiting) {
		t.Errorf("%d deliveries are due, %d of them free", len(waiting), taken)
	}
	t.Logf("%d events and %d deliveries are left for the next gateway", len(due), len(waiting))
}

// TestAGatewayThatStoppedLeavesNoGoroutine starts and stops one in this process, twice, and then the platforms.
func TestAGatewayThatStoppedLeavesNoGoroutine(t *testing.T) {
	before := goleak.IgnoreCurrent()
	t.Run("start and stop", func(t *testing.T) {
		s := newSite(t, plan{people: crowd(6), erp: true})
		for range 2 {
			g := s.run()
			s.lead("c-1", "扬州唯一精密机械有限公司")
			eventually(t, 20*time.Second, "the card", func() error {
				if len(s.leads("")) == 0 {
					return errors.New("nobody sees one")
				}
				return nil
			})
			g.end(t)
		}
	})
	http.DefaultClient.CloseIdleConnections()
	if err := goleak.Find(before); err != nil {
		t.Error(err)
	}
}
