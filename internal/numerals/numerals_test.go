package numerals_test

import (
	"testing"

	"lingke/internal/numerals"
)

func TestNumbersAreReadAsPeopleSayThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]float64{
		"7": 7, "12.5": 12.5, "0": 0, "三": 3, "两": 2, "十": 10, "十一": 11, "二十": 20, "二十三": 23, "一百二十": 120, "一百五": 150, "一百零五": 105, "两千五": 2500, "三千零二十": 3020, "九千九百九十九": 9999,
	} {
		if n, ok := numerals.Parse(text); !ok || n != want {
			t.Errorf("%s is %v, %v; want %v", text, n, ok, want)
		}
	}
	for _, text := range []string{"", ".", "1.2.3", "-1", "1e9", "Inf", "NaN", "0x10", "半", "十百", "一二", "三a", "百百", "零"} {
		if n, ok := numerals.Parse(text); ok {
			t.Errorf("%q is read as %v", text, n)
		}
	}
	for text, want := range map[string]int{"十二": 12, "3": 3, "12.5": 0, "": 0, "99999999999": 0} {
		if n := numerals.Count(text); n != want {
			t.Errorf("%q counts %d, want %d", text, n, want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"二十三", "12.5", "两千五", "千千"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if n, ok := numerals.Parse(text); ok && n < 0 {
			t.Errorf("%q is %v", text, n)
		}
	})
}
