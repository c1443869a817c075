package phone_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"lingke/internal/customer/phone"
)

func TestFindReadsNumbersAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	mobile := []phone.Number{{Kind: phone.Mobile, Text: "13812345678"}}
	land := func(extension string) []phone.Number {
		return []phone.Number{{Kind: phone.Landline, Text: "0512-66667777", Extension: extension}}
	}
	for in, want := range map[string][]phone.Number{
		"13812345678": mobile, " 138 1234 5678": mobile, "138-1234-5678": mobile, "１３８１２３４５６７８": mobile, "+86 13812345678": mobile,
		"008613812345678": mobile, "8613812345678": mobile, "（+86）138-1234-5678": mobile, "013812345678": mobile, "手机：13812345678": mobile,
		"0512-66667777": land(""), "051266667777": land(""), "(0512) 6666 7777": land(""), "０５１２—６６６６７７７７": land(""), "+86 512 66667777": land(""),
		"86-0512-66667777": land(""), "0512-66667777-801": land("801"), "0512-66667777转801": land("801"), "0512-66667777 ext. 801": land("801"), "0512-66667777#801": land("801"),
		"010-12345678":                  {{Kind: phone.Landline, Text: "010-12345678"}},
		"+86 10 1234567":                {{Kind: phone.Landline, Text: "010-1234567"}},
		"021 5432 1098":                 {{Kind: phone.Landline, Text: "021-54321098"}},
		"400-820-8820":                  {{Kind: phone.Service, Text: "4008208820"}},
		"8008101234":                    {{Kind: phone.Service, Text: "8008101234"}},
		"95588":                         {{Kind: phone.Service, Text: "95588"}},
		"+49 30 1234567":                {{Kind: phone.Foreign, Text: "+49301234567"}},
		"13812345678/0512-66667777转801": {mobile[0], land("801")[0]},
		"66667777":                      nil, "1.38E+10": nil, "12345678901": nil, "1381234567": nil, "": nil, "无": nil, "0512": nil, "+86": nil, "0": nil,
	} {
		t.Run(in, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(want, phone.Find(in)); diff != "" {
				t.Errorf("Find(%q): %s", in, diff)
			}
		})
	}
}

func TestOnlyARealNumberOfOnesOwnIdentifies(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]bool{
		"13812345678": true, "0512-66667777": true, "13800138000": false, "13900000000": false, "0512-11111111": false, "400-820-8820": false, "+49 30 1234567": false,
	} {
		if found := phone.Find(in); len(found) != 1 || found[0].Identifies() != want {
			t.Errorf("%s: %+v, want identifying %v", in, found, want)
		}
	}
}

// FuzzFind: the one writing of a number is read as that number again.
func FuzzFind(f *testing.F) {
	f.Add("+86 (0512) 6666-7777转801, １３８１２３４５６７８")
	f.Add("1.38E+10/400-820-8820")
	f.Fuzz(func(t *testing.T, text string) {
		for _, n := range phone.Find(text) {
			n.Identifies()
			again := phone.Find(n.Text)
			if len(again) != 1 || again[0].Text != n.Text || again[0].Kind != n.Kind {
				t.Errorf("%q holds %+v, which reads as %+v", text, n, again)
			}
		}
	})
}

func BenchmarkFind(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		phone.Find("+86 (0512) 6666-7777转801")
	}
}
