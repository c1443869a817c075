package scoring

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func TestPointsSchemeAtItsEdges(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		total float64
		tier  string
		title string
	}{
		{"the highest", 100, "A", "高价值"}, {"just above 80", 80.001, "A", "高价值"}, {"80 itself", 80, "B", "重点"},
		{"just above 50", 50.001, "B", "重点"}, {"50 itself", 50, "C", "培育"}, {"nothing", 0, "C", "培育"}, {"no number", math.NaN(), "C", "培育"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if got := Points().Tier(c.total); got != c.tier || Points().Title(got) != c.title {
				t.Errorf("Tier(%v) = %s %s, want %s %s", c.total, got, Points().Title(got), c.tier, c.title)
			}
		})
	}
}

func TestAtLeastIncludesItsEdge(t *testing.T) {
	t.Parallel()
	edge := 80.0
	s := Scheme{Name: "s", Cuts: []Cut{{Tier: "S", Above: &edge}, {Tier: "A", AtLeast: &edge}}, Else: "B"}
	if err := s.Validate(); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(s.Tiers(), []string{"S", "A", "B"}) || s.Title("A") != "A" {
		t.Errorf("tiers %v", s.Tiers())
	}
	for total, want := range map[float64]string{80.001: "S", 80: "A", 79.999: "B"} {
		if got := s.Tier(total); got != want {
			t.Errorf("Tier(%v) = %s, want %s", total, got, want)
		}
	}
}

func TestValidateFindsMeaninglessSchemes(t *testing.T) {
	t.Parallel()
	low, high, nan := 50.0, 80.0, math.NaN()
	for _, c := range []struct {
		name string
		s    Scheme
		want string
	}{
		{"the shipped one is good", Points(), ""},
		{"no tier for the others", Scheme{Cuts: []Cut{{Tier: "A", Above: &low}}}, "empty or there twice"},
		{"a tier twice", Scheme{Cuts: []Cut{{Tier: "A", Above: &low}}, Else: "A"}, "empty or there twice"},
		{"no cut-off", Scheme{Cuts: []Cut{{Tier: "A"}}, Else: "B"}, "either above or at least"},
		{"two cut-offs", Scheme{Cuts: []Cut{{Tier: "A", Above: &low, AtLeast: &high}}, Else: "B"}, "either above or at least"},
		{"NaN", Scheme{Cuts: []Cut{{Tier: "A", Above: &nan}}, Else: "B"}, "either above or at least"},
		{"upwards", Scheme{Cuts: []Cut{{Tier: "A", Above: &low}, {Tier: "B", Above: &high}}, Else: "C"}, "never be reached"},
		{"the same edge twice", Scheme{Cuts: []Cut{{Tier: "A", AtLeast: &low}, {Tier: "B", Above: &low}}, Else: "C"}, "never be reached"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := c.s.Validate()
			if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) {
				t.Errorf("Validate = %v, want %q", err, c.want)
			}
		})
	}
}
