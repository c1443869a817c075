package app

import (
	"fmt"
	"testing"
	"time"

	"lingke/internal/customer"
	"lingke/internal/followup"
	"lingke/internal/ingest"
)

// TestARunThatDiedMidwayStaysWithinTheDaysLimit begins a morning as a gateway does that is killed after some customers, and lets others take the run over.
func TestARunThatDiedMidwayStaysWithinTheDaysLimit(t *testing.T) {
	t.Parallel()
	for _, died := range []int{0, 2, 5} {
		t.Run(fmt.Sprint("after ", died), func(t *testing.T) {
			t.Parallel()
			c := newCompany(t)
			a := c.open()
			ctx := t.Context()
			const n, limit = 12, 5 // customers of one owner; cadence.daily as shipped
			at := c.Now().AddDate(-1, 0, 0)
			for i := range n {
				x := customer.Customer{
					ID: fmt.Sprintf("c%02d", i), Name: fmt.Sprint("客户", i), Owner: "lina", OwnedAt: at, Since: at, Updated: at, Stage: customer.Lead,
					Fields: map[string]customer.Field{"headcount": {Value: "20", Source: "crm", At: at}},
				}
				if err := a.store.PutCustomer(ctx, x); err != nil {
					t.Fatal(err)
				}
				if err := a.ingest.Rescore(ctx, x.ID); err != nil {
					t.Fatal(err)
				}
			}
			asked := func() int {
				if _, err := a.dispatch.Sweep(ctx); err != nil {
					t.Fatal(err)
				}
				page, _, err := a.store.Tasks(ctx, followup.Query{Owner: "lina", State: followup.Open, Limit: 100})
				if err != nil {
					t.Fatal(err)
				}
				return len(page)
			}
			all, _, keep, err := a.plan(ctx, customer.Contacts, func(one ingest.Asked) error { return fmt.Errorf("%s is free of the limit", one.Name) })
			if err != nil || len(all) != limit {
				t.Fatalf("%d planned: %v", len(all), err)
			}
			if err := keep(); err != nil {
				t.Fatal(err)
			}
			for _, one := range all[:died] { // and then the gateway is killed
				if err := a.ingest.Follow(ctx, one.Customer, customer.Contacts); err != nil {
					t.Fatal(err)
				}
			}
			other := c.open() // another gateway takes the run over, and somebody runs the job by hand besides
			for range 2 {
				if _, err := other.followUp(ctx, customer.Contacts); err != nil {
					t.Fatal(err)
				}
				if got := asked(); got != limit {
					t.Fatalf("%d tasks in a day, the limit is %d", got, limit)
				}
			}
			c.Pass(24 * time.Hour)
			if _, err := other.followUp(ctx, customer.Contacts); err != nil {
				t.Fatal(err)
			}
			if got := asked(); got != 2*limit {
				t.Errorf("%d tasks in two days", got)
			}
		})
	}
}
