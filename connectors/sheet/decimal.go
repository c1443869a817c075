package sheet

import (
	"fmt"
	"math/big"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// decimal is a number in millionths: exact for amounts, and sums of them do not drift.
type decimal int64

const decimalUnit = 1_000_000

// maxWhole bounds what is taken for an amount: below a trillion, about the yearly output of a province.
const maxWhole = 1_000_000_000_000

const (
	amountZH = "应为金额，如 12500.50、1,250.00、￥1.2万、(300)"
	amountEN = "expected an amount such as 12500.50, 1,250.00, ￥1.2万 or (300)"
)

// The ways in which a text is no amount.
var (
	notNumber = because(amountZH, amountEN)
	tooMuch   = because("超过一万亿；"+amountZH, "larger than a trillion; "+amountEN)
	badCommas = because("逗号只能用作千位分隔；"+amountZH, "commas must part thousands; "+amountEN)
	foreign   = because("是外币；请换算为人民币", "is in another currency; expected yuan")
	notShare  = Reason{ZH: "应为数字或百分比，如 35%", EN: "expected a number or a share such as 35%"}
)

// String is the shortest decimal.
func (d decimal) String() string {
	sign := ""
	if d < 0 {
		sign, d = "-", -d
	}
	s := fmt.Sprintf("%s%d.%06d", sign, d/decimalUnit, d%decimalUnit)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// times multiplies, rounded half away from zero; ok is false where the product is too large.
func (d decimal) times(by decimal) (product decimal, ok bool) {
	p := new(big.Int).Mul(big.NewInt(int64(d)), big.NewInt(int64(by)))
	half := big.NewInt(decimalUnit / 2)
	if p.Sign() < 0 {
		half.Neg(half)
	}
	p.Quo(p.Add(p, half), big.NewInt(decimalUnit))
	if !p.IsInt64() || p.CmpAbs(big.NewInt(maxWhole*decimalUnit)) > 0 {
		return 0, false
	}
	return decimal(p.Int64()), true
}

// unitNames are factors as they stand behind amounts and in headers, the longest first.
var unitNames = []struct {
	name   string
	factor int64
}{{"万亿", 1e12}, {"百万", 1e6}, {"千万", 1e7}, {"十万", 1e5}, {"亿", 1e8}, {"万", 1e4}, {"千", 1e3}, {"百", 1e2}, {"w", 1e4}, {"k", 1e3}}

// currencies that mean yuan, removed from both ends; any other currency is refused.
var yuanMarks = []string{"人民币", "rmb", "cny", "￥", "¥", "元整", "元", "圆"}

// foreignMarks are currencies that would silently be taken for yuan.
var foreignMarks = []string{"$", "usd", "us$", "hk$", "hkd", "eur", "€", "gbp", "£", "jpy", "港币", "美元", "欧元", "日元", "港元", "英镑"}

// parseAmount reads an amount in yuan as people write it; "" and a lone dash are none (ok is false).
func parseAmount(s string) (d decimal, ok bool, err error) {
	if d, plain := plainDecimal(s); plain {
		return d, true, nil
	}
	t := fold(s)
	if t == "" || t == "-" || t == "--" || t == "—" || t == "/" || t == "无" {
		return 0, false, nil
	}
	for _, mark := range foreignMarks {
		if strings.Contains(t, mark) {
			return 0, false, foreign
		}
	}
	t, negative := stripSign(t)
	d, err = parseParts(t)
	if err != nil {
		return 0, false, err
	}
	if negative {
		d = -d
	}
	return d, true, nil
}

// plainDecimal is the quick way for what nearly all cells hold: up to twelve digits, a point, up to six more.
func plainDecimal(s string) (d decimal, ok bool) {
	digits, negative := strings.CutPrefix(s, "-")
	whole, fraction, _ := strings.Cut(digits, ".")
	if whole == "" || len(whole) > 12 || len(fraction) > 6 {
		return 0, false
	}
	for _, part := range []string{whole, (fraction + "000000")[:6]} {
		for _, c := range []byte(part) {
			if c < '0' || c > '9' {
				return 0, false
			}
			d = d*10 + decimal(c-'0')
		}
	}
	if negative {
		d = -d
	}
	return d, true
}

// fold makes full-width letters narrow, drops blanks and lowers the case.
func fold(s string) string {
	return strings.ToLower(strings.Join(strings.Fields(norm.NFKC.String(strings.ReplaceAll(s, "￥", "¥"))), ""))
}

// stripSign removes the marks of yuan and of negative amounts: (300), -300, 300-, 红字 is not known.
func stripSign(t string) (rest string, negative bool) {
	if strings.HasPrefix(t, "(") && strings.HasSuffix(t, ")") {
		t, negative = t[1:len(t)-1], true
	}
	for again := true; again; {
		again = false
		for _, mark := range yuanMarks {
			cut := strings.TrimSuffix(strings.TrimPrefix(t, mark), mark)
			again, t = again || cut != t, cut
		}
		if !negative {
			cut := strings.TrimPrefix(strings.TrimPrefix(t, "-"), "−")
			if cut == t {
				cut = strings.TrimSuffix(t, "-")
			}
			negative, again, t = cut != t, again || cut != t, cut
		}
		cut := strings.TrimPrefix(t, "+")
		again, t = again || cut != t, cut
	}
	return t, negative
}

// parseParts reads 1亿2000万300.5: parts of falling size.
func parseParts(t string) (decimal, error) {
	var sum decimal
	smallest := int64(1 << 62)
	for t != "" {
		digits := strings.IndexFunc(t, func(r rune) bool { return !strings.ContainsRune("0123456789.,e+-", r) })
		if digits < 0 {
			digits = len(t)
		}
		part, factor := t[:digits], int64(1)
		t = t[digits:]
		for _, u := range unitNames {
			if rest, ok := strings.CutPrefix(t, u.name); ok {
				t, factor = rest, u.factor
				break
			}
		}
		if factor >= smallest {
			return 0, notNumber
		}
		smallest = factor
		d, err := parseDecimal(part, factor)
		if err != nil {
			return 0, err
		}
		sum += d
		if sum > maxWhole*decimalUnit {
			return 0, tooMuch
		}
	}
	return sum, nil
}

// parseDecimal reads one plain number with commas between thousands, times a factor, rounded to millionths.
func parseDecimal(s string, factor int64) (decimal, error) {
	plain, err := withoutCommas(s)
	if err != nil {
		return 0, err
	}
	if len(plain) > 40 || exponent(plain) > 30 || plain == "" {
		return 0, notNumber
	}
	if strings.ContainsAny(plain[:1], "+-e") {
		return 0, notNumber
	}
	v, ok := new(big.Rat).SetString(plain)
	if !ok {
		return 0, notNumber
	}
	v.Mul(v, new(big.Rat).SetInt64(factor))
	if v.Cmp(new(big.Rat).SetInt64(maxWhole)) > 0 {
		return 0, tooMuch
	}
	v.Mul(v, new(big.Rat).SetInt64(decimalUnit))
	twice := new(big.Int).Add(new(big.Int).Mul(v.Num(), big.NewInt(2)), v.Denom())
	return decimal(twice.Quo(twice, new(big.Int).Mul(v.Denom(), big.NewInt(2))).Int64()), nil
}

// exponent is the absolute value of the decimal exponent, so that 1e999999999 costs nothing.
func exponent(s string) int {
	_, e, found := strings.Cut(s, "e")
	if !found {
		return 0
	}
	e = strings.TrimLeft(e, "+-")
	if len(e) == 0 || len(e) > 3 {
		return 1 << 30
	}
	n := 0
	for _, r := range e {
		if r < '0' || r > '9' {
			return 1 << 30
		}
		n = n*10 + int(r-'0')
	}
	return n
}

// withoutCommas accepts commas only where they part thousands: 12,50 is a decimal comma elsewhere and no amount here.
func withoutCommas(s string) (string, error) {
	whole, fraction, _ := strings.Cut(s, ".")
	if strings.Contains(fraction, ",") {
		return "", badCommas
	}
	groups := strings.Split(whole, ",")
	for i, g := range groups {
		if i > 0 && len(g) != 3 || i == 0 && len(groups) > 1 && (len(g) == 0 || len(g) > 3) {
			return "", badCommas
		}
	}
	return strings.ReplaceAll(s, ",", ""), nil
}

// parseNumber reads a plain number, or a share such as 35%, which is 0.35.
func parseNumber(s string) (d decimal, ok bool, err error) {
	t := fold(s)
	share := strings.HasSuffix(t, "%")
	if !share {
		return parseAmount(s)
	}
	if d, ok, err = parseAmount(strings.TrimSuffix(t, "%")); err != nil || !ok {
		return 0, false, notShare
	}
	d, _ = d.times(decimalUnit / 100)
	return d, true, nil
}

// headerFactor is the unit that a header names in brackets: 金额（万元） means that its numbers are in 10,000 yuan.
func headerFactor(header string) int64 {
	h := fold(header)
	open := strings.LastIndex(h, "(")
	if open < 0 || !strings.HasSuffix(h, ")") {
		_, after, found := strings.Cut(h, "单位:")
		if !found {
			return 1
		}
		h = "(" + after + ")"
		open = 0
	}
	inside, isYuan := strings.CutSuffix(strings.TrimPrefix(h[open+1:len(h)-1], "人民币"), "元")
	for _, u := range unitNames {
		if inside == u.name && (isYuan || u.factor >= 1e4) {
			return u.factor
		}
	}
	return 1
}
