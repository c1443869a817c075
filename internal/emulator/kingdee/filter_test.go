package kingdee

import (
	"strings"
	"testing"
	"time"
)

// FuzzFilter states what must hold for any filter: it is refused with a ResponseStatus, or it gives each row a verdict that
// its negation turns around.
func FuzzFilter(f *testing.F) {
	for _, seed := range []string{"", "FNumber = 'a'", "FModifyDate >= '2025-01-01 00:00:00' AND FDocumentStatus = 'C'", "FName LIKE '%x%' or not (FCUSTID in (1,2))",
		"FNumber='it''s'", "N'x'=N'x'", "FTEL IS NOT NULL", "F_LK_ACV BETWEEN -1 AND .5", strings.Repeat("(", 200), "1=1"} {
		f.Add(seed)
	}
	s := New(Options{}, time.Now)
	if err := s.PutRecord("BD_Customer", map[string]any{"FName": "测试", "F_LK_ACV": 3}); err != nil {
		f.Fatal(err)
	}
	customers := s.forms["bd_customer"]
	resolve := func(key string) (column, error) { return s.column(customers, key) }
	r := row{rec: customers.ids.list[0]}
	f.Fuzz(func(t *testing.T, text string) {
		n, err := parseFilter(text, resolve)
		if err != nil {
			if asRefusal(err).code == codeOK {
				t.Errorf("%q: refused without a code", text)
			}
			return
		}
		if plain, turned := n.eval(r), (negate{n}).eval(r); plain+turned != yes {
			t.Errorf("%q is %d, its negation %d", text, plain, turned)
		}
		if lo, hi := bounds(n, customers.modify); n.eval(r) == yes {
			at := r.rec.cells[customers.modify.at]
			if lo != nil && compareCells(at, lo) < 0 || hi != nil && compareCells(at, hi) > 0 {
				t.Errorf("%q passes a row that its bounds leave out", text)
			}
		}
	})
}

// FuzzEnvelope: any body gives a call whose parameters can be asked for.
func FuzzEnvelope(f *testing.F) {
	for _, seed := range []string{`{"data":{"FormId":"x"}}`, `{"parameters":["a","{}"]}`, `{"parameters":"[1]"}`, `[]`, `""`, `{"data":"\"x\""}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		c, err := parseCall(body)
		if err != nil {
			return
		}
		_ = c.text(0, "formid")
		if data, err := c.data(0); err == nil {
			_, _ = data.number("limit")
			_, _ = data.list("numbers")
		}
	})
}

func TestLike(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		text, pattern string
		want          bool
	}{
		{"恒力机械", "%机%", true}, {"恒力机械", "恒_机械", true}, {"恒力机械", "恒机械", false}, {"ABC", "a%c", true}, {"abcabd", "%abd", true},
		{"", "%", true}, {"", "_", false}, {"abc", "ab", false}, {"a", "a%%", true},
	} {
		if got := like(tc.text, tc.pattern); got != tc.want {
			t.Errorf("like(%q, %q) = %v", tc.text, tc.pattern, got)
		}
	}
}
