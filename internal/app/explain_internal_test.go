package app

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"lingke/connectors"
	"lingke/internal/store"
)

func TestACustomerIsExplainedByWhatPeopleTypeOfItsName(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	a := c.open()
	var records []connectors.Record
	for i, name := range []string{"苏州明图", "苏州明图机电", "苏州明图机械", "杭州海图", "苏州明达", "苏州明光", "苏州明远"} {
		records = append(records, connectors.Record{Kind: connectors.Customer, ID: fmt.Sprint(i), ModifiedAt: c.Now(), Fields: map[string]string{"name": name}})
	}
	c.take(a, records)
	for typed, want := range map[string]string{"海图": "杭州海图", "苏州明图": "苏州明图**", "明图机电": "苏州明图机电"} {
		if text, err := a.Explain(t.Context(), typed); err != nil || !strings.Contains(text, want) {
			t.Errorf("%s: %v, %q", typed, err, text)
		}
	}
	if _, err := a.Explain(t.Context(), "北京"); !errors.Is(err, store.ErrNotFound) || strings.Count(err.Error(), "not found") != 1 {
		t.Errorf("nobody has the name: %v", err)
	}
	_, err := a.Explain(t.Context(), "苏州明")
	if !errors.Is(err, ErrSeveral) || strings.Count(err.Error(), "苏州明") != 1+fewNames || !strings.HasSuffix(err.Error(), "…") {
		t.Errorf("six have it: %v", err)
	}
}
