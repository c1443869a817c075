package e2e_test

import (
	"database/sql"
	"flag"
	"math/rand/v2"
	"os"
	"strconv"
	"testing"
	"time"

	"lingke/internal/customer"
	"lingke/internal/store"
)

var killsFlag = flag.Int("e2e.kills", 0, "how often the crash test kills the gateway; 25 (8 with -short or -race) where neither this nor LINGKE_E2E_KILLS is set")

func kills(t *testing.T) int {
	t.Helper()
	if *killsFlag > 0 {
		return *killsFlag
	}
	if text := os.Getenv("LINGKE_E2E_KILLS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatalf("LINGKE_E2E_KILLS: %v", err)
		}
		return n
	}
	if testing.Short() || underRace {
		return 8
	}
	return 25
}

// lives are how long a gateway may live between its first connection and its end.
const (
	shortestLife = 150 * time.Millisecond
	longestLife  = 400 * time.Millisecond
	// betweenLives passes on every clock before the next one starts: longer than any lease, so that it takes up what the last one held.
	betweenLives = 130 * time.Second
)

// TestNothingAcceptedIsLostOrDoubledOverKills kills the gateway at random moments while records, clicks and messages come in and cards go out, then lets one
// work everything off.
func TestNothingAcceptedIsLostOrDoubledOverKills(t *testing.T) {
	s := newSite(t, plan{people: crowd(6), erp: true})
	addr := freeAddr(t)
	s.front.lead(addr)
	l := s.drive(60 * time.Millisecond)
	defer l.end()
	l.lost = true
	e := newEvidence()
	owners := make(map[string]string)
	n := kills(t)
	for i := range n {
		g := s.spawn(addr, "")
		time.Sleep(shortestLife + rand.N(longestLife-shortestLife)) // the random moment
		g.kill(t)
		e.gather(s.requests())
		if i%20 == 19 {
			s.look(func(st store.Store) { sameOwners(t, st, owners) })
		}
		s.advance(betweenLives)
	}
	last := s.run()
	l.end()
	drained(t, last.app.Store(), 120*time.Second)
	if l.pulled(last.app.Store()) {
		drained(t, last.app.Store(), 60*time.Second)
	}
	e.gather(s.requests())
	sameOwners(t, last.app.Store(), owners)
	l.verify(t, last.app.Store(), e)
	last.end(t)
	integrity(t, s.database())
	t.Logf("%6d kills", n)
}

// pulled waits until the last change in Kingdee has come.
func (l *load) pulled(st store.Store) bool {
	l.s.t.Helper()
	eventually(l.s.t, 30*time.Second, "Kingdee's last changes", func() error {
		all := make(map[string]customer.Customer)
		if err := st.EachCustomer(l.s.t.Context(), func(c customer.Customer) error { all[c.ID] = c; return nil }); err != nil {
			return err
		}
		return l.behind(all)
	})
	return true
}

// sameOwners checks that nobody lost a customer since the last look.
func sameOwners(t *testing.T, st store.Store, owners map[string]string) {
	t.Helper()
	err := st.EachCustomer(t.Context(), func(c customer.Customer) error {
		if was := owners[c.ID]; was != "" && was != c.Owner {
			t.Errorf("%s was %s's and is now %q's", c.Name, was, c.Owner)
		}
		owners[c.ID] = c.Owner
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// integrity lets SQLite look through the whole file.
func integrity(t *testing.T, path string) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var found string
	if err := db.QueryRowContext(t.Context(), "PRAGMA integrity_check").Scan(&found); err != nil || found != "ok" {
		t.Errorf("integrity_check: %q, %v", found, err)
	}
}
