package mongo_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"lingke/internal/customer"
	"lingke/internal/store"
	"lingke/internal/store/mongo"
)

var noon = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)

// crashed is a store in which a process died during a claim of c0 by lina, whose one claim of the day that was.
type crashed struct {
	*mongo.Store
	now *time.Time
	db  *driver.Database
}

// crash leaves what a process leaves that died after booking a claim of customer c0 with Rev 1.
func crash(t *testing.T) crashed {
	t.Helper()
	uri, now := freshURI(t), noon
	c := crashed{openAt(t, uri, mongo.WithClock(func() time.Time { return now })), &now, database(t, uri)}
	for _, id := range []string{"c0", "c1", "c2"} {
		check(t, c.PutCustomer(t.Context(), customer.Customer{ID: id, Name: "精密机械"}))
	}
	booking := bson.M{"customer": "c0", "rev": int64(1), "day": "2026-03-02", "at": noon}
	_, err := c.db.Collection("allowances").InsertOne(t.Context(), bson.M{
		"_id": "lina", "ver": int64(1), "days": bson.M{"2026-03-02": 1}, "booked": bson.M{"0f0e": booking},
	})
	check(t, err)
	return c
}

func database(t *testing.T, uri string) *driver.Database {
	t.Helper()
	client, err := driver.Connect(options.Client().ApplyURI(uri))
	check(t, err)
	t.Cleanup(func() { _ = client.Disconnect(context.Background()) })
	name, _, _ := strings.Cut(uri[strings.LastIndex(uri, "/")+1:], "?")
	return client.Database(name)
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// claim claims as lina, who may once a day and hold one.
func (c crashed) claim(t *testing.T, id string, rev int64, daily, holding int) error {
	t.Helper()
	return c.Claim(t.Context(), customer.Customer{ID: id, Rev: rev, Owner: "lina"}, store.Allowance{Person: "lina", Day: "2026-03-02", Daily: daily, Holding: holding})
}

func (c crashed) wantSpent(t *testing.T, daily, holding int) {
	t.Helper()
	d, h, err := c.Spent(t.Context(), "lina", "2026-03-02")
	check(t, err)
	if d != daily || h != holding {
		t.Fatalf("spent %d, holds %d; want %d and %d", d, h, daily, holding)
	}
}

func TestClaimUnderWayCounts(t *testing.T) {
	c := crash(t)
	*c.now = noon.Add(time.Minute)
	if err := c.claim(t, "c1", 1, 1, 9); !errors.Is(err, store.ErrDailySpent) {
		t.Fatalf("got %v, want ErrDailySpent", err)
	}
	if err := c.claim(t, "c1", 1, 9, 1); !errors.Is(err, store.ErrHoldingFull) {
		t.Fatalf("got %v, want ErrHoldingFull", err)
	}
}

func TestClaimThatDiedIsGivenBack(t *testing.T) {
	c := crash(t)
	*c.now = noon.Add(time.Minute + time.Millisecond)
	check(t, c.claim(t, "c1", 1, 1, 1))
	c.wantSpent(t, 1, 1)
}

func TestClaimThatOnlySleptConflicts(t *testing.T) {
	c := crash(t)
	*c.now = noon.Add(2 * time.Minute)
	check(t, c.claim(t, "c1", 1, 1, 1))
	err := c.PutCustomer(t.Context(), customer.Customer{ID: "c0", Rev: 1, Owner: "lina"}) // what the sleeper does when it wakes
	if !errors.Is(err, store.ErrConflict) {
		t.Fatalf("got %v, want ErrConflict", err)
	}
}

func TestClaimThatDiedAfterItsWriteStaysSpent(t *testing.T) {
	c := crash(t)
	check(t, c.PutCustomer(t.Context(), customer.Customer{ID: "c0", Rev: 1, Owner: "lina"}))
	*c.now = noon.Add(2 * time.Minute)
	if err := c.claim(t, "c1", 1, 1, 9); !errors.Is(err, store.ErrDailySpent) {
		t.Fatalf("got %v, want ErrDailySpent", err)
	}
	check(t, c.claim(t, "c1", 1, 2, 2))
	c.wantSpent(t, 2, 2)
}

func TestClaimKeepsNoBooking(t *testing.T) {
	c := crash(t)
	*c.now = noon.Add(2 * time.Minute)
	check(t, c.claim(t, "c1", 1, 9, 9))
	if err := c.claim(t, "c2", 7, 9, 9); !errors.Is(err, store.ErrConflict) {
		t.Fatalf("got %v, want ErrConflict", err)
	}
	var doc struct{ Booked map[string]any }
	check(t, c.db.Collection("allowances").FindOne(t.Context(), bson.M{"_id": "lina"}).Decode(&doc))
	if len(doc.Booked) != 0 {
		t.Fatalf("bookings are left: %v", doc.Booked)
	}
}

func TestClaimForgetsOldDays(t *testing.T) {
	c := crash(t)
	days := bson.M{}
	for i := range 60 {
		days[noon.AddDate(0, 0, -1-i).Format(time.DateOnly)] = 1
	}
	_, err := c.db.Collection("allowances").UpdateByID(t.Context(), "lina", bson.M{"$set": bson.M{"days": days}})
	check(t, err)
	check(t, c.claim(t, "c1", 1, 9, 9))
	for day, want := range map[string]int{"2026-03-02": 1, "2026-03-01": 1, "2026-01-21": 1, "2026-01-20": 0} {
		if got, _, err := c.Spent(t.Context(), "lina", day); err != nil || got != want {
			t.Errorf("%s: %d claims, %v, want %d", day, got, err, want)
		}
	}
}

func TestClaimRefusesWhatIsNoDay(t *testing.T) {
	c := crash(t)
	for _, a := range []store.Allowance{{Person: "lina", Day: "2026-3-2"}, {Person: "lina", Day: "$x.y"}, {Day: "2026-03-02"}} {
		a.Daily, a.Holding = 9, 9
		if err := c.Claim(t.Context(), customer.Customer{ID: "c1", Rev: 1, Owner: "lina"}, a); err == nil {
			t.Errorf("%+v was accepted", a)
		}
	}
}
