package httpapi

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"lingke/internal/access"
)

// silent are the operations that read and tell of no customer.
var silent = []string{
	"list-imports", "get-import", "get-import-problems", // files as they were given
	"list-people", "list-budgets", "list-models", "get-model", "list-connectors", "list-refused", "list-targets", "list-posts", "list-reads", "check-reads", "openapi",
}

// TestEveryOperationThatReadsLeavesALineOrIsNamed finds the operations in the document that they are told by, so that a new one has to be decided on.
func TestEveryOperationThatReadsLeavesALineOrIsNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.lead("C-1", "华东精密机械", "industry", "制造业", "headcount", "1200")
	claimed := w.api("POST", "/api/v1/customers/"+c.ID+"/claim", `{"person":"zhangwei"}`) // so that there are a task and deliveries
	if claimed.status != http.StatusOK {
		t.Fatal(claimed.body)
	}
	doc := decode[struct {
		Paths map[string]struct {
			Get *struct {
				OperationID string `json:"operationId"`
			} `json:"get"`
		} `json:"paths"`
	}](t, w.api("GET", "/api/v1/openapi.json", ""), http.StatusOK)
	told := 0
	for path, item := range doc.Paths {
		if item.Get == nil || slices.Contains(silent, item.Get.OperationID) {
			continue
		}
		told++
		before := len(w.reads())
		address := strings.NewReplacer("{id}", c.ID, "{file}", "customers.csv").Replace(path)
		if got := w.api("GET", address, ""); got.status != http.StatusOK {
			t.Errorf("GET %s: %d %s", address, got.status, got.body)
		}
		all := w.reads()
		empty := item.Get.OperationID == "list-merge-questions" // there are none
		if want := before + 1; !empty && len(all) != want {
			t.Errorf("%s: %d lines, want %d", item.Get.OperationID, len(all), want)
			continue
		}
		if r := all[len(all)-1]; !empty && (r.Account != "token 2" || !strings.HasPrefix(r.Command, "GET /api/v1/") || r.Layers != "tier basis money" || r.Platform != "api" && r.Platform != "export") {
			t.Errorf("%s: %+v", item.Get.OperationID, r)
		}
	}
	if told < 8 {
		t.Errorf("only %d operations were looked at", told)
	}
}

// reads is the whole log of reads, which must be as it was written.
func (w *world) reads() []access.Read {
	w.t.Helper()
	found, err := w.deps.Reads.Check(w.t.Context())
	if err != nil || !found.Whole() {
		w.t.Fatalf("%v, %v", found.Damage, err)
	}
	all, err := w.store.ReadsAfter(w.t.Context(), 0, 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	return all
}

func TestReadsAreListedAndChecked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a, b := w.lead("1", "甲公司"), w.lead("2", "乙公司 13812345678")
	w.api("GET", "/api/v1/customers/"+a.ID, "")
	w.api("GET", "/api/v1/customers?q=13812345678", "")
	page := decode[ReadPage](t, w.api("GET", "/api/v1/reads?customer="+a.ID, ""), http.StatusOK)
	if len(page.Reads) != 2 || page.Reads[0].Command != "GET /api/v1/customers/"+a.ID || page.Reads[1].Command != "PUT /api/v1/customers/crm/1" {
		t.Errorf("%+v", page.Reads)
	}
	newest := decode[ReadPage](t, w.api("GET", "/api/v1/reads?limit=1", ""), http.StatusOK)
	if len(newest.Reads) != 1 || newest.Next == "" || !slices.Equal(newest.Reads[0].Customers, []string{b.ID}) || strings.Contains(newest.Reads[0].Command, "1381234") {
		t.Errorf("%+v", newest)
	}
	check := decode[ReadCheck](t, w.api("GET", "/api/v1/reads/check", ""), http.StatusOK)
	if !check.Whole || check.Lines != 4 || !strings.HasPrefix(check.Head, "4:") {
		t.Errorf("%+v", check)
	}
	if _, err := w.store.PurgeReads(t.Context(), 2); err != nil { // by somebody else
		t.Fatal(err)
	}
	check = decode[ReadCheck](t, w.api("GET", "/api/v1/reads/check?noted="+check.Head, ""), http.StatusOK)
	if check.Whole || len(check.Damage) != 1 || check.Damage[0].From != 1 || check.Damage[0].To != 2 {
		t.Errorf("%+v", check)
	}
}
