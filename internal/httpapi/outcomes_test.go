package httpapi

import (
	"testing"
)

func TestOutcomesAndJudgementsAreTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.lead("1", "东方机械")
	path := "/api/v1/customers/" + c.ID
	decode[Customer](t, w.api("POST", path+"/claim", `{"person":"zhangwei"}`), 200)
	for name, x := range map[string]struct {
		path, body string
		status     int
		code       string
	}{
		"somebody else's":       {"/outcome", `{"person":"lina","result":"won","amount":5}`, 403, "not_allowed"},
		"nobody":                {"/outcome", `{"person":"x","result":"won","amount":5}`, 422, "unknown_person"},
		"won for nothing":       {"/outcome", `{"person":"zhangwei","result":"won"}`, 422, "outcome"},
		"lost without a reason": {"/outcome", `{"person":"zhangwei","result":"lost"}`, 422, "outcome"},
		"neither":               {"/outcome", `{"person":"zhangwei","result":"maybe"}`, 422, "invalid"},
		"no quality":            {"/feedback", `{"person":"zhangwei","quality":"great"}`, 422, "invalid"},
	} {
		if p := decode[Problem](t, w.api("POST", path+x.path, x.body), x.status); p.Code != x.code {
			t.Errorf("%s: %+v", name, p)
		}
	}
	const won = `{"person":"zhangwei","result":"won","amount":125000.5,"days":30,"at":"2026-03-02T01:00:00Z"}`
	first := decode[Customer](t, w.api("POST", path+"/outcome", won), 200)
	if first.Stage != "active" {
		t.Errorf("stage %s", first.Stage)
	}
	decode[Customer](t, w.api("POST", path+"/outcome", won), 200) // a slow network
	decode[Customer](t, w.api("POST", path+"/feedback", `{"person":"wangfang","quality":"good","note":"决策人明确"}`), 200)
	stored, err := w.store.Customer(t.Context(), c.ID)
	if err != nil {
		t.Fatal(err)
	}
	orders, err := w.store.Orders(t.Context(), stored.Refs())
	if err != nil || len(orders) != 1 || orders[0].Amount.String() != "125000.50" || orders[0].By != "zhangwei" {
		t.Errorf("%+v, %v", orders, err)
	}
	done, err := w.store.Activities(t.Context(), stored.Refs(), start.AddDate(-1, 0, 0))
	if q, note, ok := done[0].Quality(); err != nil || len(done) != 1 || !ok || q != "good" || note != "决策人明确" {
		t.Errorf("%+v, %v", done, err)
	}
}
