package app

import (
	"strings"
	"testing"
	"time"

	"lingke/connectors"
	"lingke/internal/lang"
	"lingke/scoring"
)

func TestAnExplanationShowsTheAdjustmentUnderThePersonsNameUntilItsMinute(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	a := c.open()
	c.take(a, []connectors.Record{{Kind: connectors.Customer, ID: "1", ModifiedAt: c.Now(), Fields: map[string]string{"name": "精密机械", "headcount": "1000"}}})
	page, err := a.store.SearchCustomers(t.Context(), "精密机械", 1)
	if err != nil || len(page) != 1 {
		t.Fatal(page, err)
	}
	_, err = a.ingest.Adjust(t.Context(), page[0].ID, scoring.Adjustment{Points: 5, Reason: "大项目在谈", By: "lina", Expires: c.Now().Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	shows := func(want bool) {
		t.Helper()
		text, err := a.Explain(t.Context(), "精密机械", lang.Chinese)
		if err != nil || strings.Contains(text, "李娜：大项目在谈") != want || strings.Contains(text, "lina") {
			t.Errorf("%v; the adjustment should show: %v, in\n%s", err, want, text)
		}
	}
	shows(true)
	c.Pass(time.Hour)
	shows(true) // as the score was made with it
	if n, err := a.ingest.RescoreLapsed(t.Context()); n != 1 || err != nil {
		t.Errorf("%d, %v", n, err)
	}
	shows(false)
}
