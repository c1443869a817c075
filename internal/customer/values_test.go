package customer_test

import (
	"encoding/json"
	"errors"
	"math"
	"testing"
	"time"

	"pgregory.net/rapid"

	"lingke/internal/customer"
)

func TestCreditCode(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, in, want string
		ok             bool
	}{
		{"published code", "91350100M000100Y43", "91350100M000100Y43", true},
		{"small letters and blanks", " 91350100m000 100y43", "91350100M000100Y43", true},
		{"full-width digits", "９１３５０１００M000100Y43", "91350100M000100Y43", true},
		{"wrong check digit", "91350100M000100Y44", "91350100M000100Y44", false},
		{"letter that the standard leaves out", "9135010OM000100Y43", "", false},
		{"too short", "91350100M000100Y4", "", false},
		{"nothing", "", "", false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, ok := customer.CreditCode(tt.in)
			if got != tt.want || ok != tt.ok {
				t.Errorf("CreditCode(%q) = %q, %v, want %q, %v", tt.in, got, ok, tt.want, tt.ok)
			}
		})
	}
}

func FuzzCreditCode(f *testing.F) {
	f.Add("91350100M000100Y43")
	f.Add("９１３５０１００M000100Y43")
	f.Fuzz(func(t *testing.T, s string) {
		code, ok := customer.CreditCode(s)
		if !ok {
			return
		}
		if again, still := customer.CreditCode(code); again != code || !still {
			t.Errorf("CreditCode(%q) = %q, which itself gives %q, %v", s, code, again, still)
		}
	})
}

func TestParseMoney(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"0": "0.00", "1250000.50": "1250000.50", "-3": "-3.00", ".5": "0.50", "7.": "7.00", "0.0001": "0.0001", "0.00005": "0.0001",
		"8061539.339": "8061539.339", "99999999999999.9999": "99999999999999.9999", " 12 ": "12.00",
	} {
		m, err := customer.ParseMoney(in)
		if err != nil || m.String() != want {
			t.Errorf("ParseMoney(%q) = %s, %v, want %s", in, m, err, want)
		}
	}
	for _, in := range []string{"", ".", "-", "1,000", "1e5", "￥3", "1.2.3", "123456789012345", "--1", "1 2"} {
		if m, err := customer.ParseMoney(in); !errors.Is(err, customer.ErrMoney) {
			t.Errorf("ParseMoney(%q) = %s, %v, want ErrMoney", in, m, err)
		}
	}
}

func TestMoneySurvivesJSON(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		m := customer.Money(rapid.Int64Range(-math.MaxInt64/10, math.MaxInt64/10).Draw(t, "money"))
		text, err := json.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		var back customer.Money
		if err := json.Unmarshal(text, &back); err != nil || back != m {
			t.Fatalf("%d became %s became %d, %v", m, text, back, err)
		}
	})
}

func TestVersionsOfAnOrderHaveOneOrder(t *testing.T) {
	t.Parallel()
	older := customer.Order{ID: "k/1", Amount: 10, ModifiedAt: start}
	newer := customer.Order{ID: "k/1", Amount: 5, ModifiedAt: start.Add(time.Millisecond)}
	twin := customer.Order{ID: "k/1", Amount: 11, ModifiedAt: start}
	if older.Version() >= newer.Version() {
		t.Error("a later version does not come after an earlier one")
	}
	if older.Version() == twin.Version() {
		t.Error("two different versions of the same time are not told apart")
	}
}
