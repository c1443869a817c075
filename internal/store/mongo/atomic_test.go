package mongo_test

import (
	"errors"
	"sync"
	"sync/atomic"
	"testing"

	"go.mongodb.org/mongo-driver/v2/bson"
	driver "go.mongodb.org/mongo-driver/v2/mongo"
)

// TestServerIsAtomic asks of the server itself what every promise of the store rests on, so that a failed race can be laid at the right
// door. What find-and-modify returns is left out, as the store does not use it: mongo-java-server 1.47.0 returns the document as it is
// when the answer is written, which may be after further changes.
func TestServerIsAtomic(t *testing.T) {
	needAtomic(t)
	things := database(t, freshURI(t)).Collection("things")
	t.Cleanup(func() { _ = things.Database().Drop(t.Context()) })
	t.Run("200 find-and-modify lose nothing", func(t *testing.T) { checkCounting(t, things) })
	t.Run("of 200 conditional updates one matches", func(t *testing.T) {
		_, err := things.InsertOne(t.Context(), bson.M{"_id": "lead", "rev": 1})
		check(t, err)
		var won atomic.Int32
		together(t, 200, func(i int) error {
			result, err := things.UpdateOne(t.Context(), bson.M{"_id": "lead", "rev": 1}, bson.M{"$set": bson.M{"owner": i}, "$inc": bson.M{"rev": 1}})
			if err == nil && result.MatchedCount == 1 {
				won.Add(1)
			}
			return err
		})
		if won.Load() != 1 {
			t.Fatalf("%d updates matched", won.Load())
		}
	})
	t.Run("of 200 inserts of one id one succeeds", func(t *testing.T) {
		var won atomic.Int32
		together(t, 200, func(i int) error {
			_, err := things.InsertOne(t.Context(), bson.M{"_id": "same", "by": i})
			if driver.IsDuplicateKeyError(err) {
				return nil
			}
			won.Add(1)
			return err
		})
		if won.Load() != 1 {
			t.Fatalf("%d inserts succeeded", won.Load())
		}
	})
}

func checkCounting(t *testing.T, things *driver.Collection) {
	_, err := things.InsertOne(t.Context(), bson.M{"_id": "counter", "n": 0})
	check(t, err)
	together(t, 200, func(int) error {
		return things.FindOneAndUpdate(t.Context(), bson.M{"_id": "counter"}, bson.M{"$inc": bson.M{"n": 1}}).Err()
	})
	var doc struct{ N int }
	check(t, things.FindOne(t.Context(), bson.M{"_id": "counter"}).Decode(&doc))
	if doc.N != 200 {
		t.Fatalf("200 times one is %d", doc.N)
	}
}

// together runs fn(0)…fn(n-1) at the same moment.
func together(t *testing.T, n int, fn func(i int) error) {
	t.Helper()
	errs := make([]error, n)
	gate := make(chan struct{})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { <-gate; errs[i] = fn(i) })
	}
	close(gate)
	all.Wait()
	check(t, errors.Join(errs...))
}
