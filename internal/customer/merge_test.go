package customer_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lingke/connectors"
	"lingke/internal/customer"
)

var (
	start = time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC)
	ranks = customer.Ranks{"kingdee", "website"}
	codes = []string{"", "91350100M000100Y43", "91110000600037341L", "not a code"}
)

// world applies versions and decisions as ingest does, in memory.
type world struct {
	customers map[string]customer.Customer
	decisions map[string]customer.Decision
}

func newWorld() *world {
	return &world{map[string]customer.Customer{}, map[string]customer.Decision{}}
}

// kin looks up until nothing is missing, as the store would find it.
func (w *world) kin(k customer.Kin, missing []string) customer.Kin {
	looked := map[string]bool{}
	for len(missing) > 0 {
		for _, key := range missing {
			looked[key] = true
		}
		k.Customers, k.Decisions = nil, nil
		about := map[customer.Ref]bool{}
		for key := range looked {
			if ref, found := strings.CutPrefix(key, "ref "); found {
				about[customer.Ref(ref)] = true
			}
		}
		for _, c := range w.customers {
			if slices.ContainsFunc(c.Keys(), func(key string) bool { return looked[key] }) {
				k.Customers = append(k.Customers, c)
				for _, ref := range c.Refs() {
					about[ref] = true
				}
			}
		}
		for _, d := range w.decisions {
			if about[d.A] || about[d.B] {
				k.Decisions = append(k.Decisions, d)
			}
		}
		missing = k.Missing(looked)
	}
	return k
}

func (w *world) tell(ref customer.Ref, v connectors.Record) {
	k := customer.Kin{Ref: ref, Version: v}
	change, changed := customer.Regroup(w.kin(k, k.Missing(nil)), ranks)
	w.store(change, changed)
}

func (w *world) decide(d customer.Decision) {
	if old, known := w.decisions[d.ID]; known && !d.Replaces(old) {
		return
	}
	w.decisions[d.ID] = d
	change, changed := customer.Regroup(w.kin(customer.Kin{}, []string{customer.RefKey(d.A), customer.RefKey(d.B)}), ranks)
	w.store(change, changed)
}

func (w *world) store(change customer.Regrouping, changed bool) {
	if !changed {
		return
	}
	for _, gone := range change.Gone {
		delete(w.customers, gone.ID)
	}
	for _, c := range change.Put {
		w.customers[c.ID] = c
	}
}

func (w *world) text(t interface{ Fatal(...any) }) string {
	out, err := json.Marshal(w.customers)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// told is a version of a record, or a decision.
type told struct {
	ref      customer.Ref
	version  connectors.Record
	decision customer.Decision
}

func (w *world) take(x told) {
	if x.decision.ID != "" {
		w.decide(x.decision)
		return
	}
	w.tell(x.ref, x.version)
}

func drawDecision(t *rapid.T) told {
	a, b := drawRef(t), drawRef(t)
	if a == b {
		b += "0"
	}
	at := start.Add(time.Duration(rapid.IntRange(0, 3).Draw(t, "decided")) * time.Minute)
	return told{decision: customer.Decide(a, b, rapid.Bool().Draw(t, "same"), rapid.SampledFrom([]string{"wang", "li"}).Draw(t, "by"), at)}
}

func drawRef(t *rapid.T) customer.Ref {
	source := rapid.SampledFrom([]string{"kingdee", "website", "excel"}).Draw(t, "source")
	return customer.NewRef(source, fmt.Sprint(rapid.IntRange(1, 3).Draw(t, "id")))
}

func drawTold(t *rapid.T) []told {
	n := rapid.IntRange(1, 30).Draw(t, "versions")
	out := make([]told, n)
	for i := range out {
		if rapid.IntRange(0, 3).Draw(t, "kind") == 0 {
			out[i] = drawDecision(t)
			continue
		}
		fields := map[string]string{connectors.FieldName: rapid.SampledFrom([]string{"华星机械", "华星", "宏远电子", ""}).Draw(t, "name")}
		if rapid.Bool().Draw(t, "tells code") {
			fields[connectors.FieldCreditCode] = rapid.SampledFrom(codes).Draw(t, "code")
		}
		if rapid.Bool().Draw(t, "tells phone") {
			fields[connectors.FieldPhone] = rapid.SampledFrom([]string{"13800000001", "13800000002"}).Draw(t, "phone")
		}
		if rapid.IntRange(0, 4).Draw(t, "tells another") == 0 {
			fields[connectors.FieldSameAs] = string(drawRef(t))
		}
		if rapid.IntRange(0, 4).Draw(t, "tells kind") == 0 {
			fields[connectors.FieldKind] = connectors.KindPerson
		}
		out[i] = told{
			ref: drawRef(t),
			version: connectors.Record{
				Kind: connectors.Customer, ModifiedAt: start.Add(time.Duration(rapid.IntRange(0, 5).Draw(t, "minute")) * time.Minute),
				Deleted: rapid.IntRange(0, 9).Draw(t, "deleted") == 0, Fields: fields,
			},
		}
	}
	return out
}

func TestAnyOrderWithRepeatsEndsInTheSameCustomers(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		versions := drawTold(t)
		inOrder, shuffled := newWorld(), newWorld()
		for _, v := range versions {
			inOrder.take(v)
		}
		again := append(append([]told(nil), versions...), versions[:len(versions)/2]...)
		rnd := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		rnd.Shuffle(len(again), func(i, j int) { again[i], again[j] = again[j], again[i] })
		for _, v := range again {
			shuffled.take(v)
		}
		if a, b := inOrder.text(t), shuffled.text(t); a != b {
			t.Fatalf("in order:\n%s\nshuffled:\n%s", a, b)
		}
	})
}

func TestRecordsWithOneCreditCodeAreOneCustomer(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.tell("kingdee/7", version(0, map[string]string{"name": "华星机械有限公司", "credit_code": codes[1]}))
	w.tell("website/a", version(1, map[string]string{"name": "华星", "phone": "13800000001"}))
	if len(w.customers) != 2 {
		t.Fatalf("%d customers before the code is known, want 2", len(w.customers))
	}
	w.tell("website/a", version(2, map[string]string{"credit_code": " 91350100m000100y43 "}))
	if len(w.customers) != 1 {
		t.Fatalf("%d customers after, want 1", len(w.customers))
	}
	for _, c := range w.customers {
		if c.Name != "华星机械有限公司" || c.Text("phone") != "13800000001" || c.Fields["phone"].Source != "website" {
			t.Errorf("merged to %+v", c.Fields)
		}
	}
	w.tell("website/a", version(3, map[string]string{"credit_code": codes[2]}))
	if len(w.customers) != 2 {
		t.Errorf("%d customers after the code was corrected, want 2 again", len(w.customers))
	}
}

func TestRankCountsBeforeTimeAndTimeBeforeText(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name   string
		second customer.Ref
		at     int
		text   string
		want   string
	}{
		{"a source of lower rank does not replace, however late", "website/1", 9, "新名", "旧名"},
		{"a record of the same source does when it is later", "kingdee/2", 9, "新名", "新名"},
		{"an emptied value leaves the other source's", "kingdee/2", 9, "", "旧名"},
		{"of the same time the greater text", "kingdee/2", 0, "新名", "旧名"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld()
			w.tell("kingdee/1", version(0, map[string]string{"name": "旧名", "credit_code": codes[1]}))
			w.tell(tt.second, version(tt.at, map[string]string{"name": tt.text, "credit_code": codes[1]}))
			for _, c := range w.customers {
				if c.Name != tt.want {
					t.Errorf("name is %q, want %q", c.Name, tt.want)
				}
			}
		})
	}
}

func TestMergedCustomerKeepsTheLongestOwnership(t *testing.T) {
	t.Parallel()
	early := customer.Customer{ID: customer.IDOf("kingdee/1"), Owner: "a", OwnedAt: start, Records: record("kingdee/1", "")}
	late := customer.Customer{ID: customer.IDOf("website/1"), Owner: "b", OwnedAt: start.Add(time.Hour), CreditCode: codes[1], Records: record("website/1", codes[1])}
	change, changed := customer.Regroup(customer.Kin{
		Ref: "kingdee/1", Version: version(5, map[string]string{"credit_code": codes[1]}), Customers: []customer.Customer{early, late},
	}, ranks)
	if !changed || len(change.Put) != 1 || len(change.Gone) != 1 {
		t.Fatalf("regrouped to %+v", change)
	}
	if change.Put[0].Owner != "a" {
		t.Errorf("owner is %q, want the earlier one", change.Put[0].Owner)
	}
}

func record(ref customer.Ref, code string) []customer.Record {
	return []customer.Record{{Ref: ref, At: start, Values: map[string]customer.Value{"credit_code": {Text: code, At: start}}}}
}

func version(minute int, fields map[string]string) connectors.Record {
	return connectors.Record{Kind: connectors.Customer, ModifiedAt: start.Add(time.Duration(minute) * time.Minute), Fields: fields}
}
