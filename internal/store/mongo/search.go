package mongo

import (
	"context"
	"slices"
	"strings"
	"unicode/utf8"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
	"golang.org/x/text/unicode/norm"

	"lingke/internal/customer"
)

// searchBound is how many names with the right grams are looked at before a search gives what it has.
const searchBound = 20_000

// fold is how names are compared: full-width and half-width forms, and upper and lower case, are one.
func fold(text string) string {
	return strings.TrimSpace(strings.ToLower(norm.NFKC.String(text)))
}

// gramsOf returns the different characters and pairs of neighbouring characters of a folded text, sorted.
func gramsOf(folded string) []string {
	runes := []rune(folded)
	all := make([]string, 0, 2*len(runes))
	for i := range runes {
		all = append(all, string(runes[i]))
		if i > 0 {
			all = append(all, string(runes[i-1:i+1]))
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// wanted are the grams that a text is looked up by: its pairs, or the one character that it is.
func wanted(folded string) []string {
	if utf8.RuneCountInString(folded) < 2 {
		return []string{folded}
	}
	return slices.DeleteFunc(gramsOf(folded), func(gram string) bool { return utf8.RuneCountInString(gram) < 2 })
}

// nameDoc is what a search reads of the customers that it may not show.
type nameDoc struct {
	ID     string `bson:"_id"`
	Folded string `bson:"folded"`
}

// SearchCustomers is as in store.Customers. Names that hold the text inside are looked for among those with all its grams, in id order;
// of more than 20,000 such names, which a text of very common characters may have, the later are left out.
func (s *Store) SearchCustomers(ctx context.Context, text string, limit int) ([]customer.Customer, error) {
	text = fold(text)
	if text == "" || limit < 1 {
		return nil, nil
	}
	ids, err := s.names(ctx, bson.D{is("folded", text)}, limit)
	if err != nil {
		return nil, err
	}
	if len(ids) < limit {
		start := bson.D{op("folded", is("$gt", text), is("$lt", text+string(utf8.MaxRune)))}
		more, err := s.names(ctx, start, limit-len(ids))
		if err != nil {
			return nil, err
		}
		ids = append(ids, more...)
	}
	if len(ids) < limit {
		more, err := s.namesInside(ctx, text, limit-len(ids))
		if err != nil {
			return nil, err
		}
		ids = append(ids, more...)
	}
	return s.inOrder(ctx, ids)
}

func (s *Store) names(ctx context.Context, filter bson.D, limit int) ([]string, error) {
	found, err := findAll[nameDoc](ctx, s.customers, filter, options.Find().SetSort(order("_id")).SetLimit(int64(limit)).SetProjection(bson.D{is("_id", 1)}))
	ids := make([]string, len(found))
	for i, name := range found {
		ids[i] = name.ID
	}
	return ids, err
}

// namesInside finds names that hold text elsewhere than at their start.
func (s *Store) namesInside(ctx context.Context, text string, limit int) ([]string, error) {
	filter := bson.D{op("grams", is("$all", wanted(text)))}
	opts := options.Find().SetSort(order("_id")).SetLimit(searchBound).SetBatchSize(500).SetProjection(bson.D{is("folded", 1)})
	cursor, err := s.customers.Find(ctx, filter, opts)
	if err != nil {
		return nil, wrap(ctx, err, "searching")
	}
	defer func() { _ = cursor.Close(context.WithoutCancel(ctx)) }() // the server forgets it by itself, too
	var ids []string
	for len(ids) < limit && cursor.Next(ctx) {
		var name nameDoc
		if err := cursor.Decode(&name); err != nil {
			return nil, wrap(ctx, err, "searching")
		}
		if strings.Index(name.Folded, text) > 0 {
			ids = append(ids, name.ID)
		}
	}
	return ids, wrap(ctx, cursor.Err(), "searching")
}

// inOrder reads customers in the order of ids.
func (s *Store) inOrder(ctx context.Context, ids []string) ([]customer.Customer, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	found, err := s.findCustomers(ctx, bson.D{op("_id", is("$in", ids)), is("live", true)}, options.Find())
	place := make(map[string]int, len(ids))
	for i, id := range ids {
		place[id] = i
	}
	slices.SortFunc(found, func(a, b customer.Customer) int { return place[a.ID] - place[b.ID] })
	return found, err
}
