package sample

import (
	"fmt"
	"math"
	"math/rand/v2"
	"time"
)

// zone is the ERP's: its times are local and carry no zone.
var zone = time.FixedZone("Asia/Shanghai", 8*60*60)

// company draws customers. Names, phones and credit codes never repeat, since customers would be merged by them.
type company struct {
	rng  *rand.Rand
	now  time.Time
	used map[string]bool
}

// customer gives the BD_Customer fields of customer number n, and how much it tends to buy.
func (c *company) customer(n int) (fields map[string]any, appetite float64) {
	where, line := pick(c.rng, places, func(p place) int { return p.weight }), pick(c.rng, industries, func(i industry) int { return i.weight })
	fields = profile(c.rng, where, line)
	fields["FName"] = c.name(where, line)
	headcount := float64(fields["F_LK_HEADCOUNT"].(int))
	created := c.now.AddDate(0, 0, -c.rng.IntN(5*365)-30)
	fields["FCUSTID"], fields["FNumber"] = 100000+n, fmt.Sprintf("KH%06d", n)
	identify(fields, where, uint64(n))
	fields["FCreateDate"] = created
	fields["FModifyDate"] = between(c.rng, created, c.now)
	return fields, lognormal(c.rng, 0, 1.1) * math.Sqrt(headcount)
}

// name draws a company name that nobody has yet; after some misses the brand grows.
func (c *company) name(where place, line industry) string {
	for length := 2; ; {
		name := companyName(c.rng, where, line, length)
		if !c.used[name] {
			c.used[name] = true
			return name
		}
		if c.rng.IntN(4) == 0 {
			length++
		}
	}
}

func companyName(rng *rand.Rand, where place, line industry, length int) string {
	brand := []rune{one(rng, brandFirst)}
	for len(brand) < length {
		brand = append(brand, one(rng, brandSecond))
	}
	return where.city + string(brand) + one(rng, line.trades) + one(rng, suffixes)
}

// profile draws what any customer or lead has, but for its name and identity.
func profile(rng *rand.Rand, where place, line industry) map[string]any {
	headcount := int(math.Round(math.Min(20000, 8+lognormal(rng, 4.6, 1.2)*line.scale)))
	revenue := math.Round(float64(headcount)*lognormal(rng, 13, 0.5)/10000) * 10000
	fields := map[string]any{
		"F_LK_INDUSTRY": line.name, "F_LK_HEADCOUNT": headcount, "F_LK_REVENUE": revenue, "FPROVINCIAL": where.province,
		"FADDRESS":    fmt.Sprintf("%s市%s%d号", where.city, one(rng, streets), 1+rng.IntN(399)),
		"F_LK_SOURCE": one(rng, sources), "F_LK_CONTACT_ROLE": pick(rng, roles, func(r role) int { return r.weight }).title,
		"F_LK_CONTACT": personName(rng), "F_LK_ACV": acv(rng, headcount), "FINVOICEBANKNAME": one(rng, banks),
		"F_LK_FOUNDED": time.Date(1992+rng.IntN(30), time.Month(1+rng.IntN(12)), 1+rng.IntN(28), 0, 0, 0, 0, zone),
		"FCustTypeId":  "普通销售客户", "FSALDEPTID": "销售部",
	}
	if rng.IntN(100) < 60 { // the others were never asked
		fields["F_LK_NPS"] = min(10, 3+rng.IntN(9))
	}
	return fields
}

// acv is the expected yearly contract in yuan, rounded to thousands.
func acv(rng *rand.Rand, headcount int) float64 {
	return math.Round(lognormal(rng, 10.2, 0.8)*math.Sqrt(float64(headcount)/100)/1000) * 1000
}

// identify sets what a customer is recognised by; serial must not repeat.
func identify(fields map[string]any, where place, serial uint64) {
	name := fields["FName"].(string)
	code := creditCode(where.area, serial*0x9E3779B97F4A7C15>>24)
	fields["FSOCIALCRECODE"], fields["FTAXREGISTERCODE"], fields["FINVOICETITLE"] = code, code, name
	runes := []rune(name)
	fields["FShortName"] = string(runes[:min(4, len(runes))])
	mobile := 13000000000 + serial*982451653%7000000000 // a permutation: the factor is prime to the modulus
	fields["FMobile"], fields["FTEL"] = fmt.Sprint(mobile), fmt.Sprint(mobile)
	fields["FEmail"] = fmt.Sprintf("contact%d@example.com", serial)
}

func personName(rng *rand.Rand) string {
	name := string(one(rng, surnames)) + string(one(rng, given))
	if rng.IntN(3) > 0 {
		name += string(one(rng, given))
	}
	return name
}

func one[T any](rng *rand.Rand, list []T) T { return list[rng.IntN(len(list))] }

// pick draws by weight.
func pick[T any](rng *rand.Rand, list []T, weight func(T) int) T {
	total := 0
	for _, x := range list {
		total += weight(x)
	}
	at := rng.IntN(total)
	for _, x := range list {
		if at -= weight(x); at < 0 {
			return x
		}
	}
	return list[len(list)-1]
}

func lognormal(rng *rand.Rand, mean, deviation float64) float64 {
	return math.Exp(mean + deviation*rng.NormFloat64())
}

// between draws a whole second in [from, to].
func between(rng *rand.Rand, from, to time.Time) time.Time {
	seconds := int64(to.Sub(from) / time.Second)
	if seconds <= 0 {
		return to.Truncate(time.Second)
	}
	return from.Add(time.Duration(rng.Int64N(seconds+1)) * time.Second).Truncate(time.Second)
}
