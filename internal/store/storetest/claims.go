package storetest

import (
	"strings"
	"testing"
	"time"

	"lingke/internal/customer"
	"lingke/internal/store"
)

var claimCases = []testCase{
	{"a claim stores the customer and spends both allowances", testClaim},
	{"a claim of an old Rev conflicts and spends nothing", testClaimConflict},
	{"a spent day refuses, a new day allows", testClaimDaily},
	{"a full holding refuses; a release gives it back, but not the day's", testClaimHolding},
	{"a refused claim changes neither the customer nor an allowance", testClaimRefused},
	{"one person's allowances are not another's", testClaimPersons},
}

func allowance(person string, daily, holding int) store.Allowance {
	return store.Allowance{Person: person, Day: "2026-03-02", Daily: daily, Holding: holding}
}

func wantSpent(t *testing.T, s store.Store, person, day string, daily, holding int) {
	t.Helper()
	d, h, err := s.Spent(t.Context(), person, day)
	must(t, err)
	same(t, []int{d, h}, []int{daily, holding})
}

func testClaim(t *testing.T, s store.Store) {
	c := owned(putLeads(t, s, 1)[0], "lina")
	c.Effects = sampleCustomer("c").Effects
	wantSpent(t, s, "lina", "2026-03-02", 0, 0)
	must(t, s.Claim(t.Context(), c, allowance("lina", 3, 3)))
	c.Rev = 2
	same(t, load(t, s, c.ID), c)
	wantSpent(t, s, "lina", "2026-03-02", 1, 1)
	wantSpent(t, s, "lina", "2026-03-03", 0, 1)
}

func testClaimConflict(t *testing.T, s store.Store) {
	c := putLeads(t, s, 1)[0]
	must(t, s.Claim(t.Context(), owned(c, "lina"), allowance("lina", 3, 3)))
	wantErr(t, s.Claim(t.Context(), owned(c, "zhangwei"), allowance("zhangwei", 3, 3)), store.ErrConflict)
	same(t, load(t, s, c.ID).Owner, "lina")
	wantSpent(t, s, "zhangwei", "2026-03-02", 0, 0)
}

func testClaimDaily(t *testing.T, s store.Store) {
	c := putLeads(t, s, 4)
	ctx := t.Context()
	a := allowance("lina", 2, 100)
	must(t, s.Claim(ctx, owned(c[0], "lina"), a))
	must(t, s.Claim(ctx, owned(c[1], "lina"), a))
	wantErr(t, s.Claim(ctx, owned(c[2], "lina"), a), store.ErrDailySpent)
	a.Day = "2026-03-03"
	must(t, s.Claim(ctx, owned(c[2], "lina"), a))
	wantSpent(t, s, "lina", "2026-03-02", 2, 3)
	wantSpent(t, s, "lina", "2026-03-03", 1, 3)
}

func testClaimHolding(t *testing.T, s store.Store) {
	c := putLeads(t, s, 3)
	ctx := t.Context()
	a := allowance("lina", 100, 2)
	must(t, s.Claim(ctx, owned(c[0], "lina"), a))
	must(t, s.Claim(ctx, owned(c[1], "lina"), a))
	wantErr(t, s.Claim(ctx, owned(c[2], "lina"), a), store.ErrHoldingFull)
	back := c[0]
	wantErr(t, s.Release(ctx, back, "lina"), store.ErrConflict)
	back.Rev = 2
	must(t, s.Release(ctx, back, "lina"))
	same(t, load(t, s, back.ID).Owner, "")
	wantSpent(t, s, "lina", "2026-03-02", 2, 1)
	must(t, s.Claim(ctx, owned(c[2], "lina"), a))
	wantSpent(t, s, "lina", "2026-03-02", 3, 2)
}

func testClaimRefused(t *testing.T, s store.Store) {
	c := putLeads(t, s, 1)[0]
	for _, refusal := range []struct {
		a    store.Allowance
		want error
	}{
		{allowance("lina", 0, 5), store.ErrDailySpent},
		{allowance("lina", 5, 0), store.ErrHoldingFull},
	} {
		wantErr(t, s.Claim(t.Context(), owned(c, "lina"), refusal.a), refusal.want)
		same(t, load(t, s, c.ID), c)
		wantSpent(t, s, "lina", "2026-03-02", 0, 0)
	}
}

func testClaimPersons(t *testing.T, s store.Store) {
	c := putLeads(t, s, 2)
	for i, person := range []string{"张伟", "张伟 2"} {
		must(t, s.Claim(t.Context(), owned(c[i], person), allowance(person, 1, 1)))
		wantSpent(t, s, person, "2026-03-02", 1, 1)
	}
}

var effectCases = []testCase{
	{"customers with effects are pending until the last is cleared", testEffects},
	{"clearing what is gone writes nothing; a missing customer is not found", testEffectsGone},
	{"the limit bounds the pending customers", testEffectsLimit},
}

func testEffects(t *testing.T, s store.Store) {
	ctx := t.Context()
	putLeads(t, s, 2)
	c := sampleCustomer("busy")
	c.Effects = append(c.Effects, customer.Effect{ID: "e2", Kind: customer.EffectTask, At: noon}, customer.Effect{ID: "e3", Kind: customer.EffectHandOut, At: noon})
	must(t, s.PutCustomer(ctx, c))
	c.Rev = 1
	same(t, ok(s.PendingCustomers(ctx, 10))(t), []customer.Customer{c})
	must(t, s.ClearEffects(ctx, "busy", []string{"e1", "e3", "e9"}))
	c.Rev, c.Effects = 2, c.Effects[1:2]
	same(t, ok(s.PendingCustomers(ctx, 10))(t), []customer.Customer{c})
	must(t, s.ClearEffects(ctx, "busy", []string{"e2"}))
	same(t, ids(ok(s.PendingCustomers(ctx, 10))(t)), []string(nil))
	same(t, load(t, s, "busy").Rev, int64(3))
}

func testEffectsGone(t *testing.T, s store.Store) {
	c := sampleCustomer("busy")
	must(t, s.PutCustomer(t.Context(), c))
	must(t, s.ClearEffects(t.Context(), "busy", []string{"e7"}))
	must(t, s.ClearEffects(t.Context(), "busy", nil))
	same(t, load(t, s, "busy").Rev, int64(1))
	wantErr(t, s.ClearEffects(t.Context(), "nobody", []string{"e1"}), store.ErrNotFound)
}

func testEffectsLimit(t *testing.T, s store.Store) {
	for _, id := range strings.Split("abcdef", "") {
		c := sampleCustomer(id)
		c.OwnedAt = time.Time{}
		must(t, s.PutCustomer(t.Context(), c))
	}
	same(t, len(ok(s.PendingCustomers(t.Context(), 4))(t)), 4)
	same(t, len(ok(s.PendingCustomers(t.Context(), 10))(t)), 6)
}
