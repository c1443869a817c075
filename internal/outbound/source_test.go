package outbound_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lingke/connectors"
	"lingke/internal/customer"
	"lingke/internal/outbound"
)

const code = "91350100M000100Y43"

var tierOnly = customer.Watch{Tier: true}

func TestTwoSystemsThatTellAndAreToldComeToRest(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tierOnly)
	a, b := w.system("a", connectors.WriteTier), w.system("b", connectors.WriteTier)
	a.change("1", map[string]string{"name": "华星", "credit_code": code, "phone": "111", "headcount": "800"})
	b.change("7", map[string]string{"name": "华星", "credit_code": code, "phone": "222"})
	before := w.customer("a/1").Fields["phone"]
	if before.Value != "222" {
		t.Fatalf("phone %v: the later one of equal rank should count", before)
	}
	for range 10 {
		w.carry()
		w.Pass(30 * time.Second)
		a.tell()
		b.tell()
	}
	if len(a.written) != 1 || len(b.written) != 1 || a.written[0].Fields["tier"] != "A" {
		t.Errorf("written %v and %v, want the tier once each", a.written, b.written)
	}
	if after := w.customer("a/1").Fields["phone"]; after != before {
		t.Errorf("phone is %v after the echoes, was %v", after, before)
	}
	a.change("1", map[string]string{"name": "华星", "credit_code": code, "phone": "333", "headcount": "800"})
	if got := w.customer("a/1").Fields["phone"].Value; got != "333" {
		t.Errorf("phone is %s: a real change right after our writing was lost", got)
	}
	a.change("1", map[string]string{"name": "华星", "credit_code": code, "phone": "333", "headcount": "5"})
	w.carry()
	if len(a.written) != 2 || len(b.written) != 2 || b.written[1].Fields["tier"] == "A" {
		t.Errorf("written %v and %v after a change of tier", a.written, b.written)
	}
}

func TestEchoesThatAreTakenInWouldBeNews(t *testing.T) {
	t.Parallel()
	w := newWorld(t, customer.Watch{}) // nobody watches, so nothing is known of writing
	a, b := w.system("a"), w.system("b")
	a.change("1", map[string]string{"name": "华星", "credit_code": code, "phone": "111"})
	b.change("7", map[string]string{"name": "华星", "credit_code": code, "phone": "222"})
	w.Pass(time.Minute)
	must(t, a.WriteBack(t.Context(), connectors.Change{ID: "1"}))
	a.tell()
	if got := w.customer("a/1").Fields["phone"].Value; got != "111" {
		t.Errorf("phone is %s: the test of echoes shows nothing", got)
	}
}

func TestARecordThatJoinsACustomerIsToldWhatTheOthersKnow(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tierOnly)
	a, b := w.system("a", connectors.WriteTier), w.system("b", connectors.WriteTier)
	a.change("1", map[string]string{"name": "华星", "credit_code": code, "headcount": "800"})
	w.carry()
	b.change("7", map[string]string{"name": "华星", "credit_code": code})
	w.carry()
	if len(a.written) != 1 || len(b.written) != 1 || b.written[0].Fields["tier"] != "A" {
		t.Errorf("written %v and %v", a.written, b.written)
	}
}

func TestWritingIsTriedAgainUntilItIsConfirmed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tierOnly)
	a := w.system("a", connectors.WriteTier)
	a.fail = errors.New("down")
	a.change("1", map[string]string{"name": "华星", "headcount": "800"})
	w.carry()
	if got, ok := w.customer("a/1").WrittenTo("a/1"); !ok || got.Done {
		t.Fatalf("noted %+v, %v", got, ok)
	}
	a.fail = nil
	w.Pass(time.Minute)
	w.send()
	if got, _ := w.customer("a/1").WrittenTo("a/1"); len(a.written) != 1 || !got.Done {
		t.Errorf("written %v, noted %+v", a.written, got)
	}
}

func TestWhatIsWrittenIsHowTheCustomerStandsWhenItIsWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tierOnly)
	a := w.system("a", connectors.WriteTier)
	a.fail = errors.New("down")
	for _, headcount := range []string{"800", "5", "800", "5"} {
		a.change("1", map[string]string{"name": "华星", "headcount": headcount})
		w.carry()
	}
	a.fail = nil
	w.Pass(time.Hour)
	w.send()
	if len(a.written) != 1 || a.written[0].Fields["tier"] != w.customer("a/1").Tier {
		t.Errorf("written %v, the tier is %s", a.written, w.customer("a/1").Tier)
	}
	if left := w.posts(outbound.Due); len(left) != 0 {
		t.Errorf("left %v", left)
	}
}

func TestAllFieldsAreToldInPeoplesWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t, customer.Watch{Tier: true, Score: true, Owner: true})
	a := w.system("a", connectors.WriteFields()...)
	a.change("1", map[string]string{"name": "华星", "headcount": "800"})
	c := w.customer("a/1")
	c.Owner, c.Tags = "lina", []string{"VIP", "VIP优先购"}
	c.Announce(customer.Watch{Owner: true}, w.Now())
	must(t, w.store.PutCustomer(t.Context(), c))
	w.carry()
	want := []connectors.Change{{ID: "1", Fields: map[string]string{"tier": "A", "score": "85", "owner": "员工lina", "tags": "VIP、VIP优先购"}}}
	if d := cmp.Diff(want, a.written); d != "" {
		t.Error(d)
	}
}

func TestARefusalIsDeadAtOnceAndCanBeReplayed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tierOnly)
	a := w.system("a", connectors.WriteTier)
	a.fail = fmt.Errorf("no such field: %w", connectors.ErrConfig)
	a.change("1", map[string]string{"name": "华星", "headcount": "800"})
	w.carry()
	dead := w.posts(outbound.Dead)
	if len(dead) != 1 || dead[0].Attempts != 1 {
		t.Fatalf("%+v", dead)
	}
	a.fail = nil
	must(t, w.store.ReplayPost(t.Context(), dead[0].ID, w.Now()))
	w.send()
	if len(a.written) != 1 || len(w.posts(outbound.Done)) != 1 {
		t.Errorf("written %v", a.written)
	}
}

func TestADeletedRecordIsToldNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, tierOnly)
	a := w.system("a", connectors.WriteTier)
	a.fail = errors.New("down")
	a.change("1", map[string]string{"name": "华星", "headcount": "800"})
	w.carry()
	w.Pass(time.Minute)
	must(t, w.ingest.Apply(t.Context(), "a", connectors.Record{Kind: connectors.Customer, ID: "1", ModifiedAt: w.Now(), Deleted: true}))
	a.fail = nil
	w.carry()
	w.Pass(time.Hour)
	w.send()
	if len(a.written) != 0 || len(w.posts(outbound.Due)) != 0 {
		t.Errorf("written %v, left %v", a.written, w.posts(outbound.Due))
	}
}
