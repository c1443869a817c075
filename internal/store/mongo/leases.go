package mongo

import (
	"context"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

// leaseStep is how many documents one update leases.
const leaseStep = 50

// leaseDoc is the lease of a delivery or an event: until an instant it belongs to whoever knows the token. Nobody has it where token is "".
type leaseDoc struct {
	Token string    `bson:"token"`
	Until time.Time `bson:"until"`
	// Call is the one call that took the lease: a worker may use one token for several calls at once.
	Call string `bson:"call,omitempty"`
}

// idDoc is a document's id.
type idDoc struct {
	ID string `bson:"_id"`
}

// leaseRequest is one call for leases.
type leaseRequest struct {
	filter     bson.D // what may be leased, beside due and until
	now, until time.Time
	token      string
	limit      int
	also       []bson.E // fields that are set with the lease
}

// lease takes what is due and not leased, earliest first. Each step looks for ids and then leases them; the update repeats the conditions for
// each document, so of two calls that found the same id one gets it. It goes on while there is anything to find.
func lease[T any](ctx context.Context, in *mongo.Collection, r leaseRequest) ([]T, error) {
	call := newToken()
	free := append(bson.D{}, r.filter...)
	free = append(free, op("due", is("$lte", r.now)), op("until", is("$lte", r.now)), op("call", is("$ne", call)))
	set := op("$set", append(r.also, is("token", r.token), is("until", r.until), is("call", call))...)
	var taken []T
	for len(taken) < r.limit {
		step := min(r.limit-len(taken), leaseStep)
		sort := options.Find().SetSort(order("due", "_id")).SetLimit(int64(step)).SetProjection(bson.D{is("_id", 1)})
		found, err := findAll[idDoc](ctx, in, free, sort)
		if err != nil || len(found) == 0 {
			return taken, err
		}
		some, err := leaseThese[T](ctx, in, found, free, bson.D{set}, call)
		if taken = append(taken, some...); err != nil || (len(found) < step && len(some) == len(found)) {
			return taken, err
		}
	}
	return taken, nil
}

// leaseThese leases those of the found that still are free, and returns them as they are then.
func leaseThese[T any](ctx context.Context, in *mongo.Collection, found []idDoc, free, change bson.D, call string) ([]T, error) {
	ids := make([]string, len(found))
	for i, doc := range found {
		ids[i] = doc.ID
	}
	these := op("_id", is("$in", ids))
	if _, err := in.UpdateMany(ctx, append(bson.D{these}, free...), change); err != nil {
		return nil, wrap(ctx, err, "leasing %s", in.Name())
	}
	return findAll[T](ctx, in, bson.D{these, is("call", call)}, options.Find().SetSort(order("due", "_id")))
}
