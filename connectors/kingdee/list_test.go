package kingdee_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"lingke/connectors"
	"lingke/connectors/kingdee"
	emulator "lingke/internal/emulator/kingdee"
)

func ids(t *testing.T, c *kingdee.Conn, kind connectors.Kind) []string {
	t.Helper()
	var got []string
	if err := c.EachID(t.Context(), kind, func(id string) error {
		got = append(got, id)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	slices.Sort(got)
	return got
}

func TestIDsAreThoseOfThePulledRecords(t *testing.T) {
	t.Parallel()
	for _, hidden := range []string{"", "SAL_SaleOrder.FID"} {
		s := newSite(t, func(o *emulator.Options) {
			if hidden != "" {
				o.Hide = []string{hidden}
			}
		})
		for n := 1; n <= 25; n++ {
			s.customer(t, n, "")
			s.order(t, 1000+n, n, n%5+1, "")
		}
		c := s.open(t, func(c *kingdee.Config) { c.PageSize = 10 })
		records, _, _ := pull(t, c, "")
		for _, kind := range c.Lists() {
			var want []string
			for key := range records {
				if id, ok := strings.CutPrefix(key, string(kind)+" "); ok {
					want = append(want, id)
				}
			}
			slices.Sort(want)
			if got := ids(t, s.open(t, func(c *kingdee.Config) { c.PageSize = 10 }), kind); !slices.Equal(got, want) || len(got) != 25 {
				t.Errorf("without %q, %s: %v, want %v", hidden, kind, got, want)
			}
		}
	}
}

func TestADeletionWhileIDsAreReadHidesNoOtherID(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	for n := 1; n <= 30; n++ {
		s.customer(t, n, "")
	}
	s.before = func(query int) {
		if err := s.RemoveRecord("BD_Customer", int64(query)); err != nil { // among those that were read
			t.Error(err)
		}
	}
	got := ids(t, s.open(t, func(c *kingdee.Config) { c.PageSize = 10 }), connectors.Customer)
	for n := 5; n <= 30; n++ {
		if !slices.Contains(got, fmt.Sprint(n)) {
			t.Errorf("%d is missing: %v", n, got)
		}
	}
}

func TestAnAnswerThatIsNoPageOfIDsIsAnErrorAndNoEnd(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]string{
		"a web page": "<html>login</html>", "an error among rows": `[[{"Result":{"ResponseStatus":{"IsSuccess":false,"Errors":[{"Message":"服务器忙"}]}}}]]`,
		"half an answer": "[[1],[2", "the same page again and again": "[[7]]",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, nil)
			s.instead = func(query int) string { return answer }
			n := 0
			err := s.open(t, nil).EachID(t.Context(), connectors.Customer, func(string) error { n++; return nil })
			if err == nil || n > 2 {
				t.Errorf("%d ids, %v", n, err)
			}
		})
	}
}

func TestIDsStopAtTheCallersError(t *testing.T) {
	t.Parallel()
	s, enough := newSite(t, nil), errors.New("enough")
	s.customer(t, 1, "")
	if err := s.open(t, nil).EachID(t.Context(), connectors.Customer, func(string) error { return enough }); !errors.Is(err, enough) {
		t.Error(err)
	}
}
