package storetest

import (
	"slices"
	"testing"
	"time"

	"lingke/connectors"
	"lingke/internal/customer"
	"lingke/internal/store"
)

var identityCases = []testCase{
	{"who has a key is told by ids and keys", testHolders},
	{"who has which of some keys is told by key", testKeyHolders},
	{"of the decisions about two records the last counts, in whatever order they come", testDecisionOrder},
	{"decisions are found by either of their records", testDecisionsByRef},
	{"a question is asked once", testQuestionOnce},
	{"each write of a question raises Rev, and an old Rev conflicts", testQuestionRev},
	{"questions are paged by state, the first due first", testQuestionPages},
}

// named gives a customer a record that tells a name and a phone number.
func named(c customer.Customer, name, phone string) customer.Customer {
	values := map[string]customer.Value{connectors.FieldName: {Text: name, At: noon}, connectors.FieldPhone: {Text: phone, At: noon}}
	c.Name, c.Records = name, []customer.Record{{Ref: c.Records[0].Ref, At: noon, Values: values}}
	return c
}

func testHolders(t *testing.T, s store.Store) {
	ctx := t.Context()
	a, b := named(lead("a"), "苏州华星机械有限公司", "0512-66667777"), named(lead("b"), "华星", "13812345678")
	c := named(lead("c"), "恒达电气", "+86 512 6666 7777")
	for _, x := range []customer.Customer{c, b, a} {
		must(t, s.PutCustomer(ctx, x))
	}
	holders := func(keys []string, limit int) (out []string) {
		t.Helper()
		for _, h := range ok(s.Holders(ctx, keys, limit))(t) {
			of := map[string]customer.Customer{"a": a, "b": b, "c": c}[h.ID]
			want := of.Keys()
			slices.Sort(want)
			same(t, h.Keys, slices.Compact(want))
			out = append(out, h.ID)
		}
		return out
	}
	same(t, holders(a.Weak(), 10), []string{"a", "b", "c"})
	same(t, holders(append(b.Weak(), b.Weak()...), 10), []string{"a", "b"})
	same(t, holders(a.Weak(), 2), []string{"a", "b"})
	same(t, holders([]string{"nobody's"}, 10), []string(nil))
	c = named(c, "恒达电气", "")
	c.Rev = 1
	must(t, s.PutCustomer(ctx, c))
	same(t, holders(a.Weak(), 10), []string{"a", "b"})
	same(t, holders(nil, 10), []string(nil))
	same(t, holders(a.Weak(), 0), []string(nil))
}

func testKeyHolders(t *testing.T, s store.Store) {
	ctx := t.Context()
	a, b := named(lead("a"), "苏州华星机械有限公司", "0512-66667777"), named(lead("b"), "恒达电气", "0512-66667777")
	must(t, s.PutCustomer(ctx, a))
	must(t, s.PutCustomer(ctx, b))
	ref := customer.RefKey(a.Records[0].Ref)
	number := slices.DeleteFunc(a.Weak(), func(key string) bool { return !slices.Contains(b.Weak(), key) })
	same(t, len(number), 1)
	held := ok(s.KeyHolders(ctx, []string{ref, "nobody's", number[0], ref}))(t)
	slices.Sort(held[number[0]])
	same(t, held, map[string][]string{ref: {"a"}, number[0]: {"a", "b"}})
	same(t, len(ok(s.KeyHolders(ctx, nil))(t)), 0)
	b = named(b, "恒达电气", "")
	b.Rev = 1
	must(t, s.PutCustomer(ctx, b))
	same(t, ok(s.KeyHolders(ctx, number))(t), map[string][]string{number[0]: {"a"}})
}

func sampleDecision(a, b customer.Ref, one bool, minute int) customer.Decision {
	return customer.Decide(a, b, one, "wang", after(minute))
}

func testDecisionOrder(t *testing.T, s store.Store) {
	ctx := t.Context()
	first, last := sampleDecision("kingdee/1", "website/1", true, 1), sampleDecision("website/1", "kingdee/1", false, 2)
	for _, order := range [][]customer.Decision{{first, last}, {last, first}} {
		for _, d := range order {
			ok(s.PutDecision(ctx, d))(t)
		}
		same(t, ok(s.Decisions(ctx, []customer.Ref{"kingdee/1"}))(t), []customer.Decision{last})
	}
	same(t, ok(s.PutDecision(ctx, last))(t), false)
	same(t, ok(s.PutDecision(ctx, sampleDecision("kingdee/1", "website/1", true, 3)))(t), true)
}

func testDecisionsByRef(t *testing.T, s store.Store) {
	ctx := t.Context()
	ab, ac, cd := sampleDecision("k/a", "k/b", true, 0), sampleDecision("k/c", "k/a", false, 0), sampleDecision("k/c", "k/d", true, 0)
	for _, d := range []customer.Decision{cd, ac, ab} {
		same(t, ok(s.PutDecision(ctx, d))(t), true)
	}
	same(t, ok(s.Decisions(ctx, []customer.Ref{"k/a"}))(t), []customer.Decision{ab, ac})
	same(t, ok(s.Decisions(ctx, []customer.Ref{"k/d", "k/c"}))(t), []customer.Decision{ac, cd})
	same(t, ok(s.Decisions(ctx, []customer.Ref{"k/e"}))(t), []customer.Decision(nil))
	same(t, ok(s.Decisions(ctx, nil))(t), []customer.Decision(nil))
}

func sampleQuestion(id customer.Ref, minute int) customer.Question {
	return customer.Ask("kingdee/"+id, "website/"+id, "likely", []string{"0512-66667777"}, after(minute))
}

func testQuestionOnce(t *testing.T, s store.Store) {
	ctx := t.Context()
	q := sampleQuestion("1", 0)
	same(t, ok(s.AddQuestion(ctx, q))(t), true)
	same(t, ok(s.AddQuestion(ctx, sampleQuestion("1", 5)))(t), false)
	q.Rev = 1
	same(t, ok(s.Question(ctx, q.ID))(t), q)
	_, err := s.Question(ctx, "nobody's")
	wantErr(t, err, store.ErrNotFound)
}

func testQuestionRev(t *testing.T, s store.Store) {
	ctx := t.Context()
	q := sampleQuestion("1", 0)
	wantErr(t, s.PutQuestion(ctx, q), store.ErrConflict)
	ok(s.AddQuestion(ctx, q))(t)
	wantErr(t, s.PutQuestion(ctx, q), store.ErrConflict)
	q.Rev, q.State, q.Answer, q.By, q.Answered = 1, customer.QuestionAnswered, customer.AnswerApart, "wang", after(7)
	must(t, s.PutQuestion(ctx, q))
	wantErr(t, s.PutQuestion(ctx, q), store.ErrConflict)
	q.Rev = 2
	same(t, ok(s.Question(ctx, q.ID))(t), q)
}

func testQuestionPages(t *testing.T, s store.Store) {
	ctx := t.Context()
	var want []string
	for i := range 7 {
		q := sampleQuestion(customer.Ref(rune('a'+i)), i)
		q.Due = noon.Add(-time.Duration(i/2) * time.Hour)
		ok(s.AddQuestion(ctx, q))(t)
	}
	open := sampleQuestion("open", 0)
	open.State = customer.QuestionOpen
	ok(s.AddQuestion(ctx, open))(t)
	all, next, err := s.Questions(ctx, customer.QuestionWaiting, "", 0)
	must(t, err)
	same(t, next, "")
	for i, q := range all {
		want = append(want, q.ID)
		if i > 0 && (q.Due.Before(all[i-1].Due) || q.Due.Equal(all[i-1].Due) && q.ID < all[i-1].ID) {
			t.Fatalf("%s comes before %s", all[i-1].ID, q.ID)
		}
	}
	same(t, len(want), 7)
	var got []string
	for after := ""; ; {
		page, next, err := s.Questions(ctx, customer.QuestionWaiting, after, 2)
		must(t, err)
		for _, q := range page {
			got = append(got, q.ID)
		}
		if after = next; after == "" {
			break
		}
	}
	same(t, got, want)
	_, _, err = s.Questions(ctx, customer.QuestionWaiting, "nonsense", 2)
	wantErr(t, err, store.ErrCursor)
}
