package rest_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"lingke/connectors"
	"lingke/connectors/mapping"
	"lingke/connectors/rest"
)

// TestOnlyCompleteListsAreListed: a kind of which one address lists a part only is not looked at, and a list that cannot be read whole says nothing.
func TestOnlyCompleteListsAreListed(t *testing.T) {
	t.Parallel()
	answer := `{"list":[{"id":"a","updated":1772415000},{"id":"b","updated":1772415000}]}`
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(answer)) }))
	t.Cleanup(srv.Close)
	of := func(name string, kind connectors.Kind, complete bool) rest.Resource {
		m := mapping.Mapping{"modified_at": from(t, "updated")}
		if kind == connectors.Order {
			m["customer_id"] = from(t, "who")
		}
		return rest.Resource{Path: name, Kind: kind, Items: path(t, "list"), Mapping: m, Complete: complete}
	}
	c, err := rest.Config{BaseURL: srv.URL, Rate: 100, Resources: []rest.Resource{
		of("a", connectors.Customer, true), of("b", connectors.Order, true), of("c", connectors.Order, false),
	}}.Open("shop")
	if err != nil {
		t.Fatal(err)
	}
	if got := c.Lists(); len(got) != 1 || got[0] != connectors.Customer {
		t.Fatalf("%v", got)
	}
	var ids []string
	list := func() error {
		ids = nil
		return c.EachID(t.Context(), connectors.Customer, func(id string) error {
			ids = append(ids, id)
			return nil
		})
	}
	if err := list(); err != nil || strings.Join(ids, "") != "ab" {
		t.Errorf("%v, %v", ids, err)
	}
	if err := c.EachID(t.Context(), connectors.Order, nil); err == nil {
		t.Error("a kind that is listed in part")
	}
	for _, bad := range []string{`{"list":[{"id":"a","updated":1772415000},{"updated":1772415000}]}`, `{"error":"busy"}`, `<html>`} {
		answer = bad
		if err := list(); err == nil {
			t.Errorf("%s is taken for a list", bad)
		}
	}
}
