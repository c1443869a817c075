package ingest_test

import (
	"slices"
	"testing"
	"time"

	"lingke/connectors"
	"lingke/internal/customer"
)

// TestASourceSaysWhoHasACustomer has the ERP name the salesperson.
func TestASourceSaysWhoHasACustomer(t *testing.T) {
	t.Parallel()
	m := newMill(t)
	m.force.Owners = map[string]string{"张伟": "zhangwei", "zhangwei": "zhangwei", "李娜": "lina"}
	m.apply(m.company("1", 100, connectors.FieldOwner, " 张伟 "), m.company("2", 900, connectors.FieldOwner, "zhangwei"), m.company("3", 900, connectors.FieldOwner, "路人"), m.company("4", 900))
	for id, want := range map[string]string{"1": "zhangwei", "2": "zhangwei", "3": "", "4": ""} {
		if c := m.customer(id); c.Owner != want || (c.Pool == "") != (want != "") || (c.Handed.Rule == customer.HandedBySource) != (want != "") {
			t.Errorf("customer %s: owner %q in pool %q by %+v, want owner %q", id, c.Owner, c.Pool, c.Handed, want)
		}
	}
	c := m.customer("2")
	for _, kind := range []customer.EffectKind{customer.EffectCards, customer.EffectTask, customer.EffectHandOut} {
		if slices.Contains(kinds(c), string(kind)) {
			t.Errorf("a customer that comes with its owner requires %v", kinds(c))
		}
	}
	if c.Clock.Next.IsZero() || !c.OwnedAt.Equal(c.Clock.Last) || !c.Waiting.Since.IsZero() {
		t.Errorf("the owner's clock does not run: %+v", c)
	}
}

// TestWhoHasACustomerIsDecidedHere lets the source name another person later, and somebody whom nobody here knows at first.
func TestWhoHasACustomerIsDecidedHere(t *testing.T) {
	t.Parallel()
	m := newMill(t)
	m.force.Owners = map[string]string{"张伟": "zhangwei", "李娜": "lina"}
	m.apply(m.company("1", 900, connectors.FieldOwner, "张伟"))
	m.at = m.at.Add(time.Hour)
	m.apply(m.company("1", 950, connectors.FieldOwner, "李娜"))
	if c := m.customer("1"); c.Owner != "zhangwei" || c.Text(connectors.FieldOwner) != "李娜" {
		t.Errorf("the owner is %q, the source says %q", c.Owner, c.Text(connectors.FieldOwner))
	}

	m.apply(m.company("2", 900))
	m.carried("2")
	m.at = m.at.Add(time.Hour)
	m.apply(m.company("2", 900, connectors.FieldOwner, "李娜"))
	if c := m.customer("2"); c.Owner != "lina" || !slices.Contains(kinds(c), string(customer.EffectCards)) {
		t.Errorf("a lead that was offered to a pool has owner %q and requires %v, want lina and its cards closed", c.Owner, kinds(c))
	}

	c := m.customer("2")
	c.Owner, c.OwnedAt, c.Handed, c.Clock, c.Round = "", time.Time{}, customer.Handed{}, customer.Clock{}, 1
	c.Returned("lina", m.at)
	must(t, m.store.PutCustomer(t.Context(), c))
	m.at = m.at.Add(time.Hour)
	m.apply(m.company("2", 990, connectors.FieldOwner, "李娜"))
	if c := m.customer("2"); c.Owner != "" {
		t.Errorf("who gave the customer back has it again: %q", c.Owner)
	}
}
