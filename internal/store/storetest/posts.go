package storetest

import (
	"fmt"
	"testing"

	"lingke/internal/outbound"
	"lingke/internal/store"
)

var postCases = []testCase{
	{"a post comes back as it was, and is stored once", testPostRoundTrip},
	{"leases give what is due of one target, earliest first, to one worker", testPostLease},
	{"a post's outcome needs the lease", testPostFinish},
	{"a dead post can be replayed, another cannot", testPostReplay},
	{"posts come newest first, by target and by state, page after page", testPostPages},
	{"purging forgets what is old, whatever its state", testPostPurge},
}

func samplePost(id, target string, minute int) outbound.Post {
	return outbound.Post{
		ID: id, Target: target, Customer: "c1", Event: "customer.tier_changed", Body: []byte(`{"华":1}`), Created: after(minute), State: outbound.Due, Due: after(minute),
	}
}

func addPosts(t *testing.T, s store.Store, all ...outbound.Post) {
	t.Helper()
	same(t, ok(s.AddPosts(t.Context(), all))(t), len(all))
}

func posts(t *testing.T, s store.Store, q outbound.Query) []string {
	t.Helper()
	page, next, err := s.Posts(t.Context(), q)
	must(t, err)
	ids := make([]string, 0, len(page)+1)
	for _, p := range page {
		ids = append(ids, p.ID)
	}
	if next != "" {
		ids = append(ids, "…")
	}
	return ids
}

func testPostRoundTrip(t *testing.T, s store.Store) {
	p := samplePost("p1", "webhook:a", 0)
	p.Attempts, p.Why, p.Ended = 2, "上次失败", after(3)
	addPosts(t, s, p)
	other := p
	other.Body = []byte("other")
	same(t, ok(s.AddPosts(t.Context(), []outbound.Post{other, samplePost("p2", "webhook:a", 1)}))(t), 1)
	page, _, err := s.Posts(t.Context(), outbound.Query{})
	must(t, err)
	same(t, page, []outbound.Post{samplePost("p2", "webhook:a", 1), p})
}

func testPostLease(t *testing.T, s store.Store) {
	addPosts(t, s, samplePost("p3", "webhook:a", 3), samplePost("p1", "webhook:a", 1), samplePost("p2", "webhook:a", 1), samplePost("x", "source:b", 0), samplePost("late", "webhook:a", 9))
	lease := func(now int, token string, limit int) (ids []string) {
		t.Helper()
		for _, p := range ok(s.LeasePosts(t.Context(), "webhook:a", after(now), after(now+2), token, limit))(t) {
			ids = append(ids, p.ID)
		}
		return ids
	}
	same(t, lease(3, "one", 2), []string{"p1", "p2"})
	same(t, lease(4, "two", 9), []string{"p3"})
	same(t, lease(4, "two", 9), []string(nil))
	same(t, lease(5, "two", 9), []string{"p1", "p2"})
}

func testPostFinish(t *testing.T, s store.Store) {
	addPosts(t, s, samplePost("p1", "webhook:a", 0))
	p := ok(s.LeasePosts(t.Context(), "webhook:a", noon, after(1), "one", 1))(t)[0]
	wantErr(t, s.FinishPost(t.Context(), p, "two"), store.ErrLeaseLost)
	wantErr(t, s.FinishPost(t.Context(), p, ""), store.ErrLeaseLost)
	p.Attempts, p.Due, p.Why = 1, after(5), "status 503"
	must(t, s.FinishPost(t.Context(), p, "one"))
	wantErr(t, s.FinishPost(t.Context(), p, "one"), store.ErrLeaseLost)
	same(t, len(ok(s.LeasePosts(t.Context(), "webhook:a", after(4), after(9), "one", 1))(t)), 0)
	same(t, ok(s.LeasePosts(t.Context(), "webhook:a", after(5), after(9), "one", 1))(t), []outbound.Post{p})
}

func testPostReplay(t *testing.T, s store.Store) {
	addPosts(t, s, samplePost("p1", "webhook:a", 0))
	wantErr(t, s.ReplayPost(t.Context(), "p1", after(1)), store.ErrNotFound)
	p := ok(s.LeasePosts(t.Context(), "webhook:a", noon, after(1), "one", 1))(t)[0]
	p.State, p.Attempts, p.Why, p.Ended = outbound.Dead, 9, "status 404", after(1)
	must(t, s.FinishPost(t.Context(), p, "one"))
	must(t, s.ReplayPost(t.Context(), "p1", after(2)))
	p.State, p.Attempts, p.Due, p.Ended = outbound.Due, 0, after(2), outbound.Post{}.Ended
	same(t, ok(s.LeasePosts(t.Context(), "webhook:a", after(2), after(3), "two", 1))(t), []outbound.Post{p})
	wantErr(t, s.ReplayPost(t.Context(), "nobody", after(2)), store.ErrNotFound)
}

func testPostPages(t *testing.T, s store.Store) {
	for i := range 5 {
		p := samplePost(fmt.Sprint("p", i), map[bool]string{true: "webhook:a", false: "source:b"}[i%2 == 0], i)
		if i > 2 {
			p.State = outbound.Dead
		}
		addPosts(t, s, p)
	}
	same(t, posts(t, s, outbound.Query{}), []string{"p4", "p3", "p2", "p1", "p0"})
	same(t, posts(t, s, outbound.Query{Target: "webhook:a"}), []string{"p4", "p2", "p0"})
	same(t, posts(t, s, outbound.Query{State: outbound.Dead}), []string{"p4", "p3"})
	same(t, posts(t, s, outbound.Query{State: outbound.Dead, Target: "source:b"}), []string{"p3"})
	_, next, err := s.Posts(t.Context(), outbound.Query{Limit: 2})
	must(t, err)
	same(t, posts(t, s, outbound.Query{Limit: 2, After: next}), []string{"p2", "p1", "…"})
	_, _, err = s.Posts(t.Context(), outbound.Query{After: "nonsense"})
	wantErr(t, err, store.ErrCursor)
}

func testPostPurge(t *testing.T, s store.Store) {
	dead := samplePost("p1", "webhook:a", 1)
	dead.State = outbound.Dead
	addPosts(t, s, samplePost("p0", "webhook:a", 0), dead, samplePost("p2", "webhook:a", 2))
	same(t, ok(s.PurgePosts(t.Context(), after(2)))(t), 2)
	same(t, posts(t, s, outbound.Query{}), []string{"p2"})
}
