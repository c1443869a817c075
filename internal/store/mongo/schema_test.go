package mongo_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/event"

	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/followup"
	"lingke/internal/inbox"
	"lingke/internal/store"
	"lingke/internal/store/mongo"
)

func TestIndexes(t *testing.T) {
	uri := freshURI(t)
	openAt(t, uri)
	openAt(t, uri) // a second replica creates nothing
	for collection, want := range map[string][]string{
		"customers": {
			"_id:1", "at_risk:1", "clock.next:1", "folded:1 _id:1", "grams:1 _id:1", "keys:1", "lapses:1", "owner:1 score.total:-1 _id:1", "pending:1", "places:1 score.total:-1 _id:1", "pool:1 score.total:-1 _id:1",
			"score.total:-1 _id:1", "tier:1 score.total:-1 _id:1",
		},
		"orders":     {"_id:1", "customer:1 date:1 _id:1"},
		"activities": {"_id:1", "customer:1 at:1 _id:1"},
		"tasks": {
			"_id:1", "customer:1 _id:1", "due:1 _id:1", "owner:1 due:1 _id:1", "owner:1 state:1 due:1 _id:1", "state:1 _id:1", "state:1 due:1 _id:1",
			"wake:1",
		},
		"deliveries": {
			"_id:1", "ask:1 _id:1", "created:-1 _id:-1", "customer:1 created:-1 _id:-1", "into:1 created:-1 _id:-1", "platform:1 rank:1 state:1 due:1 _id:1",
			"reader:1 platform:1 state:1 due:1", "state:1 created:-1 _id:-1",
		},
		"events":    {"_id:1", "state:1 due:1 _id:1", "state:1 received:-1 _id:-1"},
		"runs":      {"_id:1", "job:1 due:-1"},
		"budgets":   {"_id:1", "last:1"},
		"decisions": {"_id:1", "refs:1"},
		"questions": {"_id:1", "state:1 due:1 _id:1"},
		"reads":     {"_id:1", "customers:1 _id:1", "id:1", "person:1 _id:1"},
	} {
		if got := indexesOf(t, uri, collection); !slices.Equal(got, want) {
			t.Errorf("%s has %q, want %q", collection, got, want)
		}
	}
}

func indexesOf(t *testing.T, uri, collection string) []string {
	t.Helper()
	specs, err := database(t, uri).Collection(collection).Indexes().ListSpecifications(t.Context())
	check(t, err)
	var all []string
	for _, spec := range specs {
		var keys bson.D
		check(t, bson.Unmarshal(spec.KeysDocument, &keys))
		var fields []string
		for _, key := range keys {
			fields = append(fields, fmt.Sprintf("%s:%v", key.Key, key.Value))
		}
		all = append(all, strings.Join(fields, " "))
	}
	slices.Sort(all)
	return all
}

func TestOpenRefusesNewerDatabase(t *testing.T) {
	uri := freshURI(t)
	openAt(t, uri)
	_, err := database(t, uri).Collection("meta").UpdateByID(t.Context(), "schema", bson.M{"$set": bson.M{"version": 2}})
	check(t, err)
	if s, err := mongo.Open(t.Context(), uri); !errors.Is(err, mongo.ErrNewer) {
		t.Fatalf("Open = %v, %v, want ErrNewer", s, err)
	}
}

// TestPlans asks a server that explains its plans how it would run each query of the store.
func TestPlans(t *testing.T) {
	uri := freshURI(t)
	sent := &commands{}
	s := openAt(t, uri, mongo.WithMonitor(&event.CommandMonitor{Started: sent.note}))
	queries(t, s)
	db := database(t, uri)
	for _, command := range sent.all {
		var plan struct {
			Planner struct {
				Winning bson.M `bson:"winningPlan"`
			} `bson:"queryPlanner"`
		}
		err := db.RunCommand(t.Context(), bson.D{{Key: "explain", Value: command}, {Key: "verbosity", Value: "queryPlanner"}}).Decode(&plan)
		if err != nil || plan.Planner.Winning == nil {
			t.Skipf("the server explains no plans: %v", err)
		}
		if text := fmt.Sprint(plan.Planner.Winning); strings.Contains(text, "COLLSCAN") {
			t.Errorf("%v reads the whole collection: %s", command, text)
		}
	}
}

// commands collects what can be explained.
type commands struct {
	mu  sync.Mutex
	all []bson.D
}

func (c *commands) note(_ context.Context, e *event.CommandStartedEvent) {
	if !slices.Contains([]string{"find", "update", "delete"}, e.CommandName) {
		return
	}
	var command, bare bson.D
	if bson.Unmarshal(e.Command, &command) != nil {
		return
	}
	for _, field := range command { // what belongs to the session is not explained
		if !strings.HasPrefix(field.Key, "$") && !slices.Contains([]string{"lsid", "txnNumber", "writeConcern", "maxTimeMS"}, field.Key) {
			bare = append(bare, field)
		}
	}
	if collection, _ := command[0].Value.(string); collection != "meta" {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.all = append(c.all, bare)
	}
}

// queries sends every kind of query.
func queries(t *testing.T, s *mongo.Store) {
	t.Helper()
	ctx := t.Context()
	var errs []error
	add := func(err error) { errs = append(errs, err) }
	add(s.PutCustomer(ctx, customer.Customer{ID: "c", Name: "精密机械", Effects: []customer.Effect{{ID: "e"}}}))
	add(s.Claim(ctx, customer.Customer{ID: "c", Rev: 1, Owner: "lina"}, store.Allowance{Person: "lina", Day: "2026-03-02", Daily: 1, Holding: 1}))
	note := func(_ any, err error) { add(err) }
	note(s.CustomersByKey(ctx, []customer.Ref{"a/1"}, []string{"code"}))
	note(s.Holders(ctx, []string{"name 精密"}, 5))
	note(s.Decisions(ctx, []customer.Ref{"a/1"}))
	for range 2 {
		note(s.PutDecision(ctx, customer.Decide("a/1", "b/1", true, "lina", noon)))
	}
	_, _, err := s.Questions(ctx, customer.QuestionOpen, "", 5)
	add(err)
	note(s.PendingCustomers(ctx, 5))
	note(s.SearchCustomers(ctx, "密机", 5))
	note(s.SearchCustomers(ctx, "械", 5))
	for _, q := range []store.CustomerQuery{{}, {Owner: "lina"}, {Unowned: true}, {Pool: "p"}, {Tier: "A"}, {Stage: customer.Lead}} {
		for _, q.ByScore = range []bool{false, true} {
			_, _, err := s.Customers(ctx, q)
			add(err)
		}
	}
	note(s.Orders(ctx, []customer.Ref{"a/1", "a/2"}))
	note(s.Activities(ctx, []customer.Ref{"a/1"}, noon))
	for _, q := range []followup.Query{{}, {Owner: "lina"}, {Owner: "lina", State: followup.Open}, {Customer: "c"}, {State: followup.Open}, {DueBefore: noon}} {
		_, _, err := s.Tasks(ctx, q)
		add(err)
	}
	for _, q := range []delivery.Query{{}, {State: delivery.Dead}, {Customer: "c"}} {
		_, _, err := s.Deliveries(ctx, q)
		add(err)
	}
	note(s.LeaseDeliveries(ctx, "wecom", noon, noon.Add(time.Minute), "one", 5))
	note(s.AddEvent(ctx, inbox.Event{ID: "e", State: inbox.Due, Due: noon}))
	note(s.LeaseEvents(ctx, noon, noon.Add(time.Minute), "one", 5))
	note(s.Events(ctx, inbox.Dead, 5))
	note(s.PurgeEvents(ctx, noon))
	note(s.StartRun(ctx, "sync", noon, noon, noon, "one"))
	note(s.LastRun(ctx, "sync"))
	check(t, errors.Join(errs...))
}
