package kingdee

import (
	"encoding/json"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// scanSeeds are pages, and what is nearly one.
var scanSeeds = []string{
	`[]`, ` [ ] `, `[[1,"a"]]`, " [\n [ \"1\" ,\tnull ] , [-0.5e+3,true],[0,false] ] ", `[["深圳","a\u4e2d\n\"\\"],["\ud800",""]]`,
	`[[1,{"Key":2052}]]`, `[[01,2]]`, `[[1.,2]]`, `[[-,2]]`, `[[1e,2]]`, `[[+1,2]]`, `[["1","a"],["2"]]`, `[["1","a"],]`, `[["1","a",]]`, `[["1","a"]`, `[[1,2]] []`,
	`[[nul,2]]`, `[[nullx,2]]`, "[[\"a\nb\",2]]", "[[\"\xff\",2]]", `[["\x",2]]`, `[["\",2]]`, `[["\u12",2]]`, `[1,2]`, `[[[1],2]]`, `[["a"1,2]]`, `[[1 2]]`, `{}`,
}

// FuzzScanRows compares what the quick reader makes of a page with what encoding/json does.
func FuzzScanRows(f *testing.F) {
	for _, seed := range scanSeeds {
		f.Add([]byte(seed), 2)
	}
	f.Fuzz(func(t *testing.T, body []byte, width int) {
		if width < 0 || width > 50 {
			return
		}
		rows, ok := scanRows(body, width)
		if !ok {
			return
		}
		var want [][]cell
		if err := json.Unmarshal(body, &want); err != nil || !reflect.DeepEqual(rows, want) {
			t.Errorf("scanRows(%q) = %q; encoding/json: %q, %v", body, rows, want, err)
		}
	})
}

// TestPlainPagesAreScanned: a page as sites write them takes the quick way, whatever its texts.
func TestPlainPagesAreScanned(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		value := rapid.OneOf(rapid.Map(rapid.String(), func(s string) any { return s }), rapid.Map(rapid.Float64(), func(n float64) any { return n }),
			rapid.Map(rapid.Bool(), func(b bool) any { return b }), rapid.Just[any](nil))
		page := rapid.SliceOfN(rapid.SliceOfN(value, 3, 3), 0, 40).Draw(t, "page")
		body, err := json.Marshal(page)
		if err != nil {
			t.Fatal(err)
		}
		rows, ok := scanRows(body, 3)
		var want [][]cell
		if err := json.Unmarshal(body, &want); err != nil || !ok || !reflect.DeepEqual(rows, want) {
			t.Errorf("scanRows(%s) = %q, %v; want %q", body, rows, ok, want)
		}
	})
}

// TestRawsAreReadAsTheyWere: what is written by hand is JSON of the same cells.
func TestRawsAreReadAsTheyWere(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		page := rapid.SliceOfN(rapid.SliceOfN(rapid.OneOf(rapid.String(), rapid.StringMatching(`[0-9A-Z公司<&>"\\]{0,8}`)), 2, 2), 1, 5).Draw(t, "page")
		var rows [][]cell
		for _, texts := range page {
			rows = append(rows, []cell{{text, texts[0]}, {number, "12.50"}, {}, {boolean, "true"}, {nested, `{"a":1}`}, {text, texts[1]}})
		}
		raw, err := rawOf(&form{id: orderForm}, layout{keys: []string{"FID", "FModifyDate", "a", "b", "c", "d"}}, rows)
		if err != nil {
			t.Fatal(err)
		}
		var back rawDocument
		if err := json.Unmarshal(raw, &back); err != nil || back.Form != orderForm || len(back.Keys) != 6 || !reflect.DeepEqual(back.Rows, rows) {
			t.Errorf("%s: %q, %v", raw, back, err)
		}
	})
}
