package app

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode"

	"lingke/configs"
	"lingke/connectors"
	"lingke/internal/lang"
	"lingke/internal/store"
)

func TestACustomerIsExplainedByWhatPeopleTypeOfItsName(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	shipped, err := configs.FS.ReadFile("models/default.yaml")
	must(t, err)
	c.write("model.yaml", string(shipped))
	a := c.open()
	var records []connectors.Record
	for i, name := range []string{"苏州明图", "苏州明图机电", "苏州明图机械", "杭州海图", "苏州明达", "苏州明光", "苏州明远"} {
		records = append(records, connectors.Record{Kind: connectors.Customer, ID: fmt.Sprint(i), ModifiedAt: c.Now(), Fields: map[string]string{"name": name}})
	}
	visit := connectors.Record{Kind: connectors.Activity, ID: "v1", Customer: "3", ModifiedAt: c.Now(), Fields: map[string]string{"type": connectors.ActivityVisit, "date": c.Now().Format(time.RFC3339)}}
	records = append(records, visit)
	c.take(a, records)
	for typed, want := range map[string]string{"海图": "杭州海图", "苏州明图": "苏州明图**", "明图机电": "苏州明图机电"} {
		if text, err := a.Explain(t.Context(), typed, lang.Chinese); err != nil || !strings.Contains(text, want) {
			t.Errorf("%s: %v, %q", typed, err, text)
		}
	}
	english, err := a.Explain(t.Context(), "海图", lang.English)
	if left := strings.ReplaceAll(english, "杭州海图", ""); err != nil || !strings.Contains(left, "Visited within 10 days") || strings.ContainsFunc(left, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
		t.Errorf("in English: %v, %q", err, english)
	}
	if _, err := a.Explain(t.Context(), "北京", lang.Chinese); !errors.Is(err, store.ErrNotFound) || strings.Count(err.Error(), "not found") != 1 {
		t.Errorf("nobody has the name: %v", err)
	}
	_, err = a.Explain(t.Context(), "苏州明", lang.Chinese)
	if !errors.Is(err, ErrSeveral) || strings.Count(err.Error(), "苏州明") != 1+fewNames || !strings.HasSuffix(err.Error(), "…") {
		t.Errorf("six have it: %v", err)
	}
}
