package kingdee

import (
	"math/big"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestPlainDecimal(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"0": "0", "-0": "0", "-0.00": "0", "9500": "9500", "9500.0000000000": "9500", "840.70": "840.7", "1E+3": "1000", "1.25e-4": "0.000125",
		"0.10": "0.1", "123456789012345678.99": "123456789012345678.99", "-12.5e1": "-125", "007": "7", ".5": "0.5",
		"": "", "-": "", "1e400": "", "abc": "", "1.2.3": "", "1e": "", "0x10": "", "--1": "",
	} {
		if got, ok := plainDecimal(in); got != want || ok != (want != "") {
			t.Errorf("plainDecimal(%q) = %q, %v; want %q", in, got, ok, want)
		}
	}
}

func TestPlainDecimalKeepsTheValue(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := rapid.StringMatching(`-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,10})?([eE][+-]?[0-9]{1,2})?`).Draw(t, "number")
		out, ok := plainDecimal(in)
		if !ok {
			t.Fatalf("plainDecimal(%q) refused", in)
		}
		a, _ := new(big.Rat).SetString(in)
		b, valid := new(big.Rat).SetString(out)
		if !valid || a.Cmp(b) != 0 {
			t.Fatalf("plainDecimal(%q) = %q", in, out)
		}
	})
}

func TestCellValue(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		cell cell
		want string
		ok   bool
	}{
		{"date", cell{text, "2025-03-06T00:00:00"}, "2025-03-06T00:00:00+08:00", true},
		{"time with fraction", cell{text, "2025-03-06T08:30:00.123"}, "2025-03-06T08:30:00.123+08:00", true},
		{"time with a blank", cell{text, "2025-03-06 08:30:00"}, "2025-03-06T08:30:00+08:00", true},
		{"empty date", cell{text, "0001-01-01T00:00:00"}, "", true},
		{"a code that looks like a day stays text", cell{text, "2025-03-06"}, "2025-03-06", true},
		{"text loses its blanks", cell{text, " 深圳 "}, "深圳", true},
		{"phone stays text", cell{text, "0755-26610000"}, "0755-26610000", true},
		{"number", cell{number, "9500.00"}, "9500", true},
		{"boolean", cell{boolean, "true"}, "true", true},
		{"null", cell{}, "", true},
		{"object", cell{nested, "{}"}, "", false},
	} {
		if got, ok := c.cell.value(shanghai()); got != c.want || ok != c.ok {
			t.Errorf("%s: value = %q, %v; want %q", c.name, got, ok, c.want)
		}
	}
}

func TestNaiveTimeIsTheClockOfTheSite(t *testing.T) {
	t.Parallel()
	at, err := naiveTime("2026-03-01T08:30:00.1234567")
	if err != nil {
		t.Fatal(err)
	}
	want := time.Date(2026, 3, 1, 0, 30, 0, int(123*time.Millisecond), time.UTC)
	if got := utcMillis(at, shanghai()); got != want {
		t.Errorf("utcMillis = %v, want %v", got, want)
	}
	if got := naive(want, shanghai()); got.Format(filterTime) != "2026-03-01 08:30:00" {
		t.Errorf("naive = %v", got)
	}
	for _, bad := range []string{"", "yesterday", "2026-13-01T00:00:00", "1767225600"} {
		if _, err := naiveTime(bad); err == nil {
			t.Errorf("naiveTime(%q) accepted", bad)
		}
	}
}
