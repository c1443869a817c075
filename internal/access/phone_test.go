package access

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestPhonesShowOnlyTheirEnds(t *testing.T) {
	for text, want := range map[string]string{
		"13812345678":                "138****5678",
		"138 1234 5678":              "138 **** 5678",
		"138-1234-5678":              "138-****-5678",
		"+8613812345678":             "+86138****5678",
		"+86 138 1234 5678":          "+86 138 **** 5678",
		"008613812345678":            "0086138****5678",
		"１３８１２３４５６７８":                "１３８****５６７８",
		"010-12345678":               "010-****5678",
		"01012345678":                "010****5678",
		"(021)12345678":              "(021)****5678",
		"0755-12345678":              "0755-****5678",
		"0571-1234567":               "0571-***4567",
		"12345678":                   "****5678",
		"1234567":                    "***4567",
		"400-800-1234":               "***-***-1234",
		"010-12345678转802":           "010-****5678转***",
		"10086":                      "*****",
		"13812345678/13987654321":    "138****5678/139****4321",
		"张三13812345678、010-12345678": "张三138****5678、010-****5678",
		"+1 415 555 2671":            "+* *** *** 2671",
		"138****5678":                "***" + "****5678",
		"无":                          "无",
		"":                           "",
	} {
		if got := MaskPhone(text); got != want {
			t.Errorf("MaskPhone(%s) = %s, want %s", text, got, want)
		}
	}
}

func TestMaskingKeepsTheLengthAndHidesEnough(t *testing.T) {
	text := rapid.StringOf(rapid.SampledFrom([]rune("0123456789186 -+/转（１")))
	rapid.Check(t, func(t *rapid.T) {
		in := text.Draw(t, "text")
		out := MaskPhone(in)
		if utf8.RuneCountInString(in) != utf8.RuneCountInString(out) {
			t.Fatalf("%q became %q", in, out)
		}
		for _, part := range strings.FieldsFunc(out, func(r rune) bool { return r == '/' || r == '转' }) {
			shown := strings.Count(strings.Map(func(r rune) rune {
				if unicode.IsDigit(r) {
					return 'd'
				}
				return -1
			}, part), "d")
			if shown > 4+3+4 { // country code with 00, three, four
				t.Fatalf("%q shows %d digits in %q", in, shown, part)
			}
		}
	})
}

func TestNothingPrintsAPhone(t *testing.T) {
	p := NewPhone("13812345678")
	holder := struct {
		P Phone
		M map[string]*Phone
		p Phone
	}{p, map[string]*Phone{"a": &p}, p}
	var out bytes.Buffer
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		fmt.Fprintf(&out, verb+verb+verb, p, &p, holder)
	}
	asJSON, err := json.Marshal(holder)
	if err != nil {
		t.Fatal(err)
	}
	slog.New(slog.NewTextHandler(&out, nil)).Info("x", "p", p, "h", holder)
	slog.New(slog.NewJSONHandler(&out, nil)).Info("x", "p", p, "h", holder)
	if all := out.String() + string(asJSON); strings.Contains(all, "12345") || strings.Contains(all, fmt.Sprintf("%x", "12345")) {
		t.Errorf("the phone stands in %s", all)
	}
	if !strings.Contains(string(asJSON), "138****5678") || p.Reveal() != "13812345678" || (Phone{}).String() != "" {
		t.Errorf("JSON %s, revealed %s", asJSON, p.Reveal())
	}
}
