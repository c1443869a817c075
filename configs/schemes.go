package configs

import (
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Scheme says which tier a customer has by its score, by its rank among all, or by a field. Several run side by side.
type Scheme struct {
	Name string
	By   string // the field that is looked at; empty: the score
	Cuts []Cut  // the best tier first
	Else string // the tier of all others
	// ElseTitle is what people call that tier.
	ElseTitle Text
	Bands     *Bands // nil in the file means ShippedBands
}

// Cut is where a tier begins: exactly one of Above, AtLeast, Top and When.
type Cut struct {
	Tier    string
	Title   Text     // what people call it; English readers read the tier itself where there is no English
	Above   *float64 // more than that
	AtLeast *float64 // that or more
	Top     Share    // down to that share of all customers, counted from the best
	When    string   // a condition, for those who reach no cut before
}

// Bands keep customers from moving between tiers because of noise. The score itself is never held.
type Bands struct {
	Enter Band     // how far beyond a better tier's edge a score must be to enter it
	Leave Band     // how far below its tier's edge a score must be to leave it
	Stay  Duration // how long a customer stays in a tier before it may leave it by itself
}

// Band is a distance from an edge: a share of the edge ("4%") or points ("3").
type Band struct {
	Share  float64
	Points float64
}

// Share is a part of the whole, written "5%" or 0.05.
type Share float64

// BigEvents move tiers at once, without bands.
type BigEvents struct {
	Order     float64 // yuan: an order of that much or more is one; 0: none
	Complaint bool    // whether a complaint that went up to a manager is one
}

var errShare = errors.New(`write a share like "5%" or 0.05`)

// UnmarshalText reads "5%" or "0.05".
func (s *Share) UnmarshalText(text []byte) error {
	n, percent, err := number(string(text))
	if percent {
		n /= 100
	}
	if err != nil || n < 0 || n > 1 {
		return errShare
	}
	*s = Share(n)
	return nil
}

var errBand = errors.New(`write a share of the edge like "4%", or points like 3`)

// UnmarshalText reads "4%" or "3".
func (b *Band) UnmarshalText(text []byte) error {
	n, percent, err := number(string(text))
	if err != nil || n < 0 || percent && n > 100 {
		return errBand
	}
	*b = Band{Points: n}
	if percent {
		*b = Band{Share: n / 100}
	}
	return nil
}

func number(text string) (n float64, percent bool, err error) {
	text, percent = strings.CutSuffix(strings.TrimSpace(text), "%")
	n, err = strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err == nil && (math.IsNaN(n) || math.IsInf(n, 0)) {
		err = errShare
	}
	return n, percent, err
}

// ShippedBands hold for a scheme that says nothing of its own: 4 % of the edge either way and 30 days.
func ShippedBands() *Bands {
	return &Bands{Enter: Band{Share: 0.04}, Leave: Band{Share: 0.04}, Stay: Duration(30 * day)}
}

// ShippedSchemes are the three schemes that run where the file names none: points (above 80, above 50), rank (the best 5 %, the next 15 %, then whoever
// bought or did something within a year) and money (10,000 and 5,000 yuan in a year).
func ShippedSchemes() []Scheme {
	edge := func(v float64) *float64 { return &v }
	return []Scheme{
		{Name: "points", Cuts: []Cut{{Tier: "A", Title: Text{ZH: "高价值"}, Above: edge(80)}, {Tier: "B", Title: Text{ZH: "重点"}, Above: edge(50)}}, Else: "C", ElseTitle: Text{ZH: "培育"}},
		{Name: "rank", Cuts: []Cut{
			{Tier: "A", Title: Text{ZH: "战略"}, Top: 0.05}, {Tier: "B", Title: Text{ZH: "高价值"}, Top: 0.2},
			{Tier: "C", Title: Text{ZH: "成长"}, When: "近一年订单数 > 0 or 近一年互动次数 > 0"},
		}, Else: "D", ElseTitle: Text{ZH: "普通"}},
		{Name: "money", By: "近一年消费额", Cuts: []Cut{
			{Tier: "high", Title: Text{ZH: "高"}, AtLeast: edge(10_000)}, {Tier: "medium", Title: Text{ZH: "中"}, AtLeast: edge(5_000)},
		}, Else: "low", ElseTitle: Text{ZH: "低"}},
	}
}

// WithScheme checks what only the scoring engine understands of a scheme: its field, its conditions, the order of its cuts. cfg is what was read so far.
func WithScheme(check func(cfg *Config, s Scheme) error) Option {
	return func(c *checker) { c.scheme = check }
}

func (c *checker) schemes() {
	c.between("big_events.order", int(min(c.cfg.BigEvents.Order, math.MaxInt32)), 0, math.MaxInt32)
	c.span("settle", c.cfg.Settle, 0, 30*day)
	names := make([]string, 0, len(c.cfg.Schemes))
	for i, s := range c.cfg.Schemes {
		path := fmt.Sprintf("schemes[%d]", i)
		if c.absent(path) && c.given("schemes") {
			c.problem(c.where(path), fmt.Sprintf("scheme %d is empty", i+1), "")
			continue
		}
		if slices.Contains(names, s.Name) && c.given(join(path, "name")) {
			c.refuse(join(path, "name"), fmt.Sprintf("scheme %s stands here twice", c.shown(join(path, "name"))), "")
		}
		names = append(names, s.Name)
		if c.given(path) {
			c.oneScheme(path, s)
		}
	}
	if c.given("schemes") && len(c.cfg.Schemes) == 0 {
		c.refuse("schemes", "no scheme is left", "leave the key out for the shipped ones")
	}
	if !c.given("leading") && len(names) > 0 && !slices.Contains(names, c.cfg.Leading) {
		c.cfg.Leading = names[0]
	}
	c.oneOf("leading", c.cfg.Leading, names...)
}

func (c *checker) oneScheme(path string, s Scheme) {
	before := len(c.problems)
	c.required(path, "name", s.Name == "")
	if at := join(path, "name"); c.given(at) && s.Name != "" && !schemeName(s.Name) {
		c.refuse(at, fmt.Sprintf("name %s is not usable", c.shown(at)), "use up to 40 small letters, digits, - and _")
	}
	c.required(path, "else", s.Else == "")
	c.required(path, "cuts", false)
	for i, cut := range s.Cuts {
		c.cut(fmt.Sprintf("%s.cuts[%d]", path, i), cut, s.By)
	}
	if s.Bands != nil {
		c.span(join(path, "bands.stay"), s.Bands.Stay, 0, 3650*day)
	}
	if len(c.problems) > before || c.scheme == nil || s.Name == "" || s.Else == "" {
		return
	}
	if err := c.scheme(c.cfg, s); err != nil {
		c.refuse(path, err.Error(), "")
	}
}

// schemeName: names are keys in the store.
func schemeName(name string) bool {
	for _, r := range name {
		if (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '-' && r != '_' {
			return false
		}
	}
	return len(name) <= 40
}

func (c *checker) cut(path string, cut Cut, by string) {
	c.required(path, "tier", cut.Tier == "")
	ways := 0
	for _, set := range []bool{cut.Above != nil, cut.AtLeast != nil, cut.Top != 0, cut.When != ""} {
		if set {
			ways++
		}
	}
	if c.given(path) && ways != 1 {
		c.problem(c.where(path), "a cut needs exactly one of above, at_least, top and when", "")
	}
	if by != "" && cut.Top != 0 {
		c.refuse(join(path, "top"), "ranks are by score: top does not go with by", "")
	}
}

func policyText(b Bands) string {
	return fmt.Sprintf("enter %s, leave %s, stay %s", b.Enter, b.Leave, b.Stay)
}

// String is how the file writes it.
func (b Band) String() string {
	if b.Share != 0 {
		return strconv.FormatFloat(b.Share*100, 'g', 6, 64) + "%"
	}
	return strconv.FormatFloat(b.Points, 'g', -1, 64)
}

// String is the share in percent.
func (s Share) String() string { return strconv.FormatFloat(float64(s)*100, 'g', 6, 64) + "%" }

// text is the scheme in one line.
func (s Scheme) text(leads bool) string {
	parts := make([]string, 0, len(s.Cuts)+1)
	for _, cut := range s.Cuts {
		parts = append(parts, cut.text())
	}
	parts = append(parts, s.Else+" for the others")
	by := ""
	if s.By != "" {
		by = " by " + s.By
	}
	lead := ""
	if leads {
		lead = ", leads"
	}
	return fmt.Sprintf("%s%s: %s; %s%s", s.Name, by, strings.Join(parts, ", "), policyText(*s.Bands), lead)
}

func (c Cut) text() string {
	switch {
	case c.Above != nil:
		return fmt.Sprintf("%s above %v", c.Tier, *c.Above)
	case c.AtLeast != nil:
		return fmt.Sprintf("%s from %v", c.Tier, *c.AtLeast)
	case c.Top != 0:
		return fmt.Sprintf("%s top %s", c.Tier, c.Top)
	}
	return fmt.Sprintf("%s when %s", c.Tier, c.When)
}
