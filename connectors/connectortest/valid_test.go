package connectortest

import (
	"strings"
	"testing"
	"time"

	"lingke/connectors"
)

func TestValid(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 8, 30, 0, int(5*time.Millisecond), time.UTC)
	order := func(field, value string) connectors.Record {
		return connectors.Record{Kind: connectors.Order, ID: "1", Customer: "2", ModifiedAt: at, Fields: map[string]string{field: value}}
	}
	for _, c := range []struct {
		name string
		rec  connectors.Record
		want string // part of the error; "" for none
	}{
		{"customer", connectors.Record{Kind: connectors.Customer, ID: "1", ModifiedAt: at}, ""},
		{"plain decimal", order("amount", "1250000.50"), ""},
		{"small negative decimal", order("margin", "-0.5"), ""},
		{"emptied amount", order("amount", ""), ""},
		{"exponent", order("amount", "1e6"), "plain decimal"},
		{"thousands separator", order("amount", "1,000"), "plain decimal"},
		{"date without zone", order("date", "2026-03-01"), "cannot parse"},
		{"unknown status", order("status", "C"), "no status"},
		{"no id", connectors.Record{Kind: connectors.Customer, ModifiedAt: at}, "id is empty"},
		{"long id", connectors.Record{Kind: connectors.Customer, ID: strings.Repeat("x", 201), ModifiedAt: at}, "201 bytes"},
		{"order of nobody", connectors.Record{Kind: connectors.Order, ID: "1", ModifiedAt: at}, "customer is empty"},
		{"unknown kind", connectors.Record{Kind: "thing", ID: "1", ModifiedAt: at}, "unknown"},
		{"local time", connectors.Record{Kind: connectors.Customer, ID: "1", ModifiedAt: at.In(time.FixedZone("CST", 28800))}, "not UTC"},
		{"microseconds", connectors.Record{Kind: connectors.Customer, ID: "1", ModifiedAt: at.Add(time.Microsecond)}, "finer"},
		{"no time", connectors.Record{Kind: connectors.Customer, ID: "1"}, "missing"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := Valid(c.rec)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("Valid = %v, want %q", err, c.want)
			}
		})
	}
}
