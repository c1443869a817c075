package sheet_test

import (
	"bytes"
	"encoding/csv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lingke/connectors"
	"lingke/connectors/sheet"
)

func written(t testing.TB, name string, header []string, rows ...[]any) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := sheet.NewWriter(&out, name, "客户", shanghai, header...)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if err := w.Row(r...); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestWhatIsWrittenIsReadAgain(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 2, 8, 30, 0, 0, shanghai)
	for _, name := range []string{"客户.csv", "客户.XLSX"} {
		r := readable(t, written(t, name, []string{"客户编号", "客户名称", "电话", "订单号", "订单日期", "金额"}, []any{"K1", "=cmd|' /C calc'!A0", "+1 5551234567", "S1", at, -12.5}), "")
		if r.Failed != 0 || field(r, connectors.Customer, "name") != "=cmd|' /C calc'!A0" || field(r, connectors.Customer, "phone") != "+15551234567" {
			t.Errorf("%s: %+v %v", name, r.Records, r.Problems)
		}
		if field(r, connectors.Order, "date") != at.Format(time.RFC3339) || field(r, connectors.Order, "amount") != "-12.5" {
			t.Errorf("%s: %+v", name, r.Records)
		}
	}
}

func TestNoTextOfACSVIsAFormula(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		text := rapid.OneOf(rapid.String(), rapid.StringMatching(`[=+\-@\t＝＋－＠'][a-z]{0,3}`)).Draw(rt, "text")
		content := written(t, "a.csv", []string{"客户名称"}, []any{text})
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(content), "\uFEFF"))).ReadAll()
		if err != nil || len(rows) < 2 {
			return // an empty line
		}
		if got := rows[1][0]; got != "-" && strings.IndexAny(got, "=+-@\t\r＝＋－＠") == 0 {
			rt.Fatalf("%q is written as %q", text, got)
		}
	})
}

func TestTheTemplateIsReadWithoutItsExample(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	if err := sheet.Template(&out); err != nil {
		t.Fatal(err)
	}
	r := readable(t, out.Bytes(), "")
	if r.Rows != 1 || r.Skipped != 1 || r.Failed != 0 || len(r.Records) != 0 {
		t.Errorf("%d rows, %d skipped, %d failed", r.Rows, r.Skipped, r.Failed)
	}
	for _, u := range r.Unused {
		if u.Header != "员工人数" { // needs no words of its own: the schema brings it
			t.Errorf("the template's column %s is not understood", u.Header)
		}
	}
}

func TestACustomerNeedsNoOrder(t *testing.T) {
	t.Parallel()
	r := readable(t, []byte("客户编号,客户名称,订单编号,金额\nK1,华星,,\nK2,远大,S1,5\nK3,东方,,7\n"), "")
	if r.Good != 2 || r.Failed != 1 || r.Problems[0].Row != 4 || r.Problems[0].Field != "order.id" {
		t.Errorf("%d good, %v", r.Good, r.Problems)
	}
}

func TestARowWithoutAnIDIsKnownByItsName(t *testing.T) {
	t.Parallel()
	r := readable(t, []byte("客户编号,客户名称\n,华星 机械\nK2,远大\n,华星机械\n,\n"), "")
	if r.Good != 3 || len(r.Records) != 2 || r.Records[0].ID == "" || r.Records[1].ID != "K2" {
		t.Errorf("%d good, %+v", r.Good, r.Records)
	}
}
