package httpapi

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestPhoneNumbersAreMaskedAndNothingElse(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"13812345678":               "138****5678",
		"138 1234 5678":             "138 **** 5678",
		"138-1234-5678，找王总":         "138-****-5678，找王总",
		"电话13812345678转8":           "电话138****5678转8",
		"+86 13812345678":           "+86 138****5678",
		"8613812345678":             "86138****5678",
		"１３８１２３４５６７８":               "138****5678",
		"0755-12345678":             "0755-****5678",
		"(010)12345678":             "(010)****5678",
		"甲13812345678乙13900001111":  "甲138****5678乙139****1111",
		"13812345678 13900001111":   "138****5678 139****1111",
		"138 1234 13812345678":      "138 1234 138****5678",
		"(010) 13812345678":         "(010) 138****5678",
		"1200":                      "1200",
		"1250000.50":                "1250000.50",
		"13800138000.50":            "13800138000.50",
		"2026-03-02T08:30:00+08:00": "2026-03-02T08:30:00+08:00",
		"2026-03-02":                "2026-03-02",
		"91310115138001380001":      "91310115138001380001",
		"91310115MA1K4ABC12":        "91310115MA1K4ABC12",
		"订单 SO13812345678X":         "订单 SO13812345678X",
		"张三":                        "张三",
		"":                          "",
	} {
		if got := maskText(text); got != want {
			t.Errorf("maskText(%q) = %q, want %q", text, got, want)
		}
	}
}

func TestFieldsThatHoldPhoneNumbersAreMaskedWhateverTheirShape(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"phone": "***4567", "contact_mobile": "***4567", "电话": "***4567", "tel": "***4567", "Home_Tel": "***4567", "hotel": "1234567", "headcount": "1234567",
	} {
		if got := fieldText(name, "1234567"); string(got) != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// Whatever surrounds a mobile number, it does not leave, and masking twice changes nothing more.
func FuzzMask(f *testing.F) {
	f.Add("找", "王总")
	f.Add("+86-", " ")
	f.Add("1", "2")
	f.Add("13800001111,", "/13912345678")
	f.Fuzz(func(t *testing.T, before, after string) {
		text := before + " 13812345678 " + after
		once := maskText(text)
		if again := maskText(once); again != once {
			t.Errorf("%q → %q → %q", text, once, again)
		}
		if _, err := json.Marshal(Text(text)); err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if strings.Contains(once, "13812345678") {
			t.Errorf("%q leaves as %q", text, once)
		}
	})
}
