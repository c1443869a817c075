package e2e_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/followup"
)

// envDigest is the file into which TestAYear writes what its stretch came to.
const envDigest = "LINGKE_E2E_DIGEST"

var (
	zoneFrom = flag.String("zones.from", "2026-03-05,2026-10-29", "first days of the stretches that are compared between time zones: clocks change in Los Angeles on 8 March and 1 November")
	zoneDays = flag.Int("zones.days", 6, "how many days each of them has; 365 for a year")
)

// TestTheSameYearOnMachinesOfAnyZone: TestAYear in processes whose machine has another time zone ends in the same customers, tasks and messages.
func TestTheSameYearOnMachinesOfAnyZone(t *testing.T) {
	if testing.Short() || underRace {
		t.Skip("six stretches of a year take their time")
	}
	for from := range strings.SplitSeq(*zoneFrom, ",") {
		zones := []string{"Asia/Shanghai", "UTC", "America/Los_Angeles"}
		digests := make([][]byte, len(zones))
		var all sync.WaitGroup
		for i, zone := range zones {
			all.Go(func() { digests[i] = stretchIn(t, zone, from) })
		}
		all.Wait()
		for i, zone := range zones {
			if place := firstDifference(digests[0], digests[i]); place != "" {
				t.Errorf("from %s in %s and %s: %s", from, zones[0], zone, place)
			}
		}
		if lines := bytes.Count(digests[0], []byte("\n")); lines < 100 {
			t.Errorf("from %s: only %d records to compare", from, lines)
		} else {
			t.Logf("from %s: %d records are equal", from, lines)
		}
	}
}

// stretchIn runs TestAYear in a process of its own under a time zone and returns what it came to.
func stretchIn(t *testing.T, zone, from string) []byte {
	file := filepath.Join(t.TempDir(), "digest")
	cmd := exec.Command(os.Args[0], "-test.run", "^TestAYear$", "-test.timeout", "60m", "-year.from", from, "-year.days", fmt.Sprint(*zoneDays), "-year.seed", fmt.Sprint(*yearSeed), "-year.customers", fmt.Sprint(*yearSize)) //nolint:gosec // this program
	cmd.Env = append(os.Environ(), "TZ="+zone, envDigest+"="+file)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%s: %v\n%s", zone, err, out)
		return nil
	}
	digest, err := os.ReadFile(file) //nolint:gosec // of this test
	if err != nil {
		t.Error(err)
	}
	return digest
}

func firstDifference(a, b []byte) string {
	left, right := strings.Split(string(a), "\n"), strings.Split(string(b), "\n")
	for i := range min(len(left), len(right)) {
		if left[i] != right[i] {
			return fmt.Sprintf("record %d\n%s\n%s", i, left[i], right[i])
		}
	}
	if len(left) != len(right) {
		return fmt.Sprintf("%d and %d records", len(left), len(right))
	}
	return ""
}

// writeDigest writes what the stretch came to, where another process asked for it.
func (y *year) writeDigest() {
	path := os.Getenv(envDigest)
	if path == "" {
		return
	}
	zone, err := time.LoadLocation(os.Getenv("TZ"))
	if err != nil {
		y.t.Fatal(err)
	}
	for _, at := range []time.Time{y.first, y.at} {
		if at.In(zone).Format(time.DateTime) != at.Local().Format(time.DateTime) {
			y.t.Fatalf("this process is not in %s", zone)
		}
	}
	if err := os.WriteFile(path, y.digest(), 0o600); err != nil {
		y.t.Fatal(err)
	}
}

// random are parts that come from random numbers and from addresses of the machine: links with their keys, names of what a person did.
var random = regexp.MustCompile(`https?://[^"\\ )]*|"id":"(chat|reply)[^"]*"`)

// digest is every customer with what it bought and did, every task and every message but answers, a line each.
func (y *year) digest() []byte {
	y.t.Helper()
	var lines []string
	add := func(kind, id string, what any) {
		text, err := json.Marshal(what)
		if err != nil {
			y.t.Fatal(err)
		}
		lines = append(lines, kind+" "+id+" "+random.ReplaceAllString(string(text), ""))
	}
	ctx := y.t.Context()
	err := y.store.EachCustomer(ctx, func(c customer.Customer) error {
		orders, err := y.store.Orders(ctx, c.Refs())
		if err != nil {
			return err
		}
		activities, err := y.store.Activities(ctx, c.Refs(), time.Time{})
		notes := slices.DeleteFunc(slices.Clone(activities), func(a customer.Activity) bool { return a.ID.Source() != "chat" })
		others := slices.DeleteFunc(activities, func(a customer.Activity) bool { return a.ID.Source() == "chat" })
		add("customer", c.ID, []any{c, orders, others, len(notes)})
		return err
	})
	if err != nil {
		y.t.Fatal(err)
	}
	y.eachTask(func(t followup.Task) { add("task", t.ID, t) })
	y.eachDelivery(func(d delivery.Delivery) {
		if !strings.HasPrefix(d.ID, "reply-") {
			d.Report, d.Attempts = nil, 0
			add("delivery", d.ID, d)
		}
	})
	slices.Sort(lines)
	return []byte(strings.Join(lines, "\n"))
}

func (y *year) eachTask(fn func(followup.Task)) {
	for q := (followup.Query{Limit: 1000}); ; {
		page, next, err := y.store.Tasks(y.t.Context(), q)
		if err != nil {
			y.t.Fatal(err)
		}
		for _, t := range page {
			fn(t)
		}
		if q.After = next; next == "" {
			return
		}
	}
}

func (y *year) eachDelivery(fn func(delivery.Delivery)) {
	for q := (delivery.Query{Limit: 1000}); ; {
		page, next, err := y.store.Deliveries(y.t.Context(), q)
		if err != nil {
			y.t.Fatal(err)
		}
		for _, d := range page {
			fn(d)
		}
		if q.After = next; next == "" {
			return
		}
	}
}
