package customer

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Money is an amount in yuan, exact to 1/10000 yuan: the finest unit in which ERP systems keep order totals.
type Money int64

// moneyUnit is one yuan.
const moneyUnit = 10_000

// ErrMoney says that a text is no amount.
var ErrMoney = errors.New("not an amount")

// ParseMoney reads a plain decimal such as "1250000.50" or "-3". Digits beyond the fourth decimal are rounded half away
// from zero.
func ParseMoney(s string) (Money, error) {
	text, negative := strings.CutPrefix(strings.TrimSpace(s), "-")
	whole, fraction, _ := strings.Cut(text, ".")
	if (whole == "" && fraction == "") || !digits(whole) || !digits(fraction) || len(whole) > 14 {
		return 0, fmt.Errorf("%w: %q", ErrMoney, s)
	}
	yuan, _ := strconv.ParseInt("0"+whole, 10, 64) // at most 14 digits: fits
	padded := (fraction + "00000")[:5]
	part, _ := strconv.ParseInt(padded, 10, 64)
	m := Money(yuan*moneyUnit + (part+5)/10)
	if negative {
		m = -m
	}
	return m, nil
}

func digits(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r < '0' || r > '9' }) < 0
}

// Yuan returns the amount in yuan as a floating-point number, exact for amounts below 900 billion yuan.
func (m Money) Yuan() float64 { return float64(m) / moneyUnit }

// FromYuan returns the nearest amount.
func FromYuan(yuan float64) Money { return Money(math.Round(yuan * moneyUnit)) }

// String returns the shortest decimal with at least two places: "1250000.50", "0.0001".
func (m Money) String() string {
	sign := ""
	if m < 0 {
		sign, m = "-", -m
	}
	fraction := fmt.Sprintf("%04d", m%moneyUnit)
	fraction = fraction[:2] + strings.TrimRight(fraction[2:], "0")
	return fmt.Sprintf("%s%d.%s", sign, m/moneyUnit, fraction)
}

// MarshalJSON writes the amount as a JSON number.
func (m Money) MarshalJSON() ([]byte, error) { return []byte(m.String()), nil }

// UnmarshalJSON reads a JSON number.
func (m *Money) UnmarshalJSON(text []byte) error {
	v, err := ParseMoney(string(text))
	*m = v
	return err
}
