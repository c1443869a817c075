package mongo

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"

	"lingke/internal/customer"
	"lingke/internal/store"
)

// maxAliases bounds how many merges one id is followed through.
const maxAliases = 100

// customerDoc is a stored customer. A document that is not live is another name: it has nothing but _id, rev, live and alias.
type customerDoc struct {
	customer.Customer `bson:",inline"`

	Live    bool     `bson:"live"`
	Alias   string   `bson:"alias,omitempty"`
	Keys    []string `bson:"keys"`   // see customer.Customer.Keys
	Folded  string   `bson:"folded"` // the name as search compares it
	Grams   []string `bson:"grams"`  // of folded
	Places  []string `bson:"places"` // see customer.Customer.Places
	Pending bool     `bson:"pending,omitempty"`
}

// aliasDoc is the document of an id that is another name.
type aliasDoc struct {
	ID    string `bson:"_id"`
	Rev   int64  `bson:"rev"`
	Live  bool   `bson:"live"`
	Alias string `bson:"alias"`
}

// newCustomerDoc is c as it is stored by the next write.
func newCustomerDoc(c customer.Customer) customerDoc {
	c.Rev++
	folded := fold(c.Name)
	return customerDoc{
		Customer: c, Live: true, Keys: c.Keys(), Folded: folded, Grams: gramsOf(folded), Places: c.Places(), Pending: len(c.Effects) > 0,
	}
}

// keysOf are the texts by which customers are found, of refs and other keys.
func keysOf(refs []customer.Ref, keys []string) []string {
	all := slices.Clone(keys)
	for _, ref := range refs {
		all = append(all, customer.RefKey(ref))
	}
	return all
}

// withRev selects a customer that was not written since it had the rev.
func withRev(id string, rev int64) bson.D {
	return bson.D{is("_id", id), is("rev", rev), is("live", true)}
}

// findCustomers reads customers without what is stored for queries only.
func (s *Store) findCustomers(ctx context.Context, filter bson.D, opts *options.FindOptionsBuilder) ([]customer.Customer, error) {
	return findAll[customer.Customer](ctx, s.customers, filter, opts.SetProjection(bson.D{is("keys", 0), is("folded", 0), is("grams", 0), is("places", 0)}))
}

// Customer is as in store.Customers. An id that was merged away costs one more read for each merge.
func (s *Store) Customer(ctx context.Context, id string) (customer.Customer, error) {
	next := id
	for range maxAliases {
		doc, err := findOne[customerDoc](ctx, s.customers, byID(next))
		if err != nil {
			return customer.Customer{}, fmt.Errorf("customer %q: %w", id, err)
		}
		if doc.Live {
			return doc.Customer, nil
		}
		next = doc.Alias
	}
	return customer.Customer{}, fmt.Errorf("customer %q stands for another through more than %d merges", id, maxAliases)
}

// CustomersByKey is as in store.Customers.
func (s *Store) CustomersByKey(ctx context.Context, refs []customer.Ref, keys []string) ([]customer.Customer, error) {
	return s.withKeys(ctx, keysOf(refs, keys), options.Find())
}

// Holders is as in store.Customers.
func (s *Store) Holders(ctx context.Context, keys []string, limit int) ([]store.Holder, error) {
	if len(keys) == 0 || limit < 1 {
		return nil, nil
	}
	return s.findHolders(ctx, bson.D{op("keys", is("$in", keys))}, int64(limit))
}

// findHolders reads the first by id that a filter selects, up to limit, and no more of them than id and keys.
func (s *Store) findHolders(ctx context.Context, filter bson.D, limit int64) ([]store.Holder, error) {
	type held struct {
		ID   string   `bson:"_id"`
		Keys []string `bson:"keys"`
	}
	opts := options.Find().SetSort(order("_id")).SetLimit(limit).SetProjection(bson.D{is("keys", 1)})
	all, err := findAll[held](ctx, s.customers, filter, opts)
	out := make([]store.Holder, len(all))
	for i, h := range all {
		out[i] = store.Holder(h)
		slices.Sort(out[i].Keys)
	}
	return out, err
}

// KeyHolders is as in store.Customers.
func (s *Store) KeyHolders(ctx context.Context, keys []string) (map[string][]string, error) {
	all, err := s.Holders(ctx, keys, math.MaxInt32)
	if err != nil {
		return nil, err
	}
	asked := make(map[string]bool, len(keys))
	for _, key := range keys {
		asked[key] = true
	}
	out := make(map[string][]string, len(keys))
	for _, h := range all {
		for _, key := range slices.Compact(h.Keys) {
			if asked[key] {
				out[key] = append(out[key], h.ID)
			}
		}
	}
	return out, nil
}

func (s *Store) withKeys(ctx context.Context, keys []string, opts *options.FindOptionsBuilder) ([]customer.Customer, error) {
	if len(keys) == 0 {
		return nil, nil
	}
	return s.findCustomers(ctx, bson.D{op("keys", is("$in", keys))}, opts.SetSort(order("_id")))
}

// PutCustomer is as in store.Customers.
func (s *Store) PutCustomer(ctx context.Context, c customer.Customer) error {
	doc := newCustomerDoc(c)
	var stored bool
	var err error
	if c.Rev == 0 {
		stored, err = s.addCustomer(ctx, doc)
	} else {
		stored, err = replace(ctx, s.customers, withRev(c.ID, c.Rev), doc)
	}
	if err == nil && !stored {
		err = fmt.Errorf("it has not rev %d: %w", c.Rev, store.ErrConflict)
	}
	if err != nil {
		return fmt.Errorf("customer %q: %w", c.ID, err)
	}
	return nil
}

// PutCustomers is as in store.Customers.
func (s *Store) PutCustomers(ctx context.Context, all []customer.Customer) ([]int, error) {
	taken := make([]bool, len(all))
	err := eachOf(ctx, len(all), func(ctx context.Context, i int) error {
		err := s.PutCustomer(ctx, all[i])
		if taken[i] = errors.Is(err, store.ErrConflict); taken[i] {
			return nil
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	var conflicts []int
	for i, t := range taken {
		if t {
			conflicts = append(conflicts, i)
		}
	}
	return conflicts, nil
}

// addCustomer stores a customer under a new id, or under one that is another name until now.
func (s *Store) addCustomer(ctx context.Context, doc customerDoc) (bool, error) {
	stored, err := insert(ctx, s.customers, doc)
	if err != nil || stored {
		return stored, err
	}
	name, err := findOne[aliasDoc](ctx, s.customers, bson.D{is("_id", doc.ID), is("live", false)})
	if errors.Is(err, store.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	doc.Rev = name.Rev + 1 // revs of an id never fall, since what is shown of it is ordered by them
	return replace(ctx, s.customers, bson.D{is("_id", doc.ID), is("live", false), is("rev", name.Rev)}, doc)
}

// PendingCustomers is as in store.Customers.
func (s *Store) PendingCustomers(ctx context.Context, limit int) ([]customer.Customer, error) {
	if limit < 1 {
		return nil, nil
	}
	return s.findCustomers(ctx, bson.D{is("pending", true)}, options.Find().SetLimit(int64(limit)))
}

// LapsedCustomers is as in store.Customers.
func (s *Store) LapsedCustomers(ctx context.Context, now time.Time, limit int) ([]customer.Customer, error) {
	if limit < 1 {
		return nil, nil
	}
	return s.findCustomers(ctx, bson.D{op("lapses", is("$lte", now))}, options.Find().SetSort(order("lapses")).SetLimit(int64(limit)))
}

// ClearEffects is as in store.Customers. It begins again when somebody writes the customer meanwhile.
func (s *Store) ClearEffects(ctx context.Context, id string, effects []string) error {
	for {
		c, err := findOne[customer.Customer](ctx, s.customers, bson.D{is("_id", id), is("live", true)})
		if err != nil {
			return fmt.Errorf("customer %q: %w", id, err)
		}
		left := slices.DeleteFunc(slices.Clone(c.Effects), func(e customer.Effect) bool { return slices.Contains(effects, e.ID) })
		if len(left) == len(c.Effects) {
			return nil
		}
		c.Effects = left
		if err := s.PutCustomer(ctx, c); !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
}

// RemoveCustomer is as in store.Customers. Its other names then lead nowhere.
func (s *Store) RemoveCustomer(ctx context.Context, id string, rev int64) error {
	result, err := s.customers.DeleteOne(ctx, withRev(id, rev))
	if err != nil {
		return wrap(ctx, err, "removing customer %q", id)
	}
	if result.DeletedCount == 0 {
		return fmt.Errorf("customer %q has not rev %d: %w", id, rev, store.ErrConflict)
	}
	return nil
}
