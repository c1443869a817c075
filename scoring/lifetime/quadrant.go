package lifetime

import (
	"math"
	"slices"
)

// Quadrant says where a customer stands by what it brings today and what it could bring.
type Quadrant string

const (
	Star      Quadrant = "star"      // much value, much potential
	Growth    Quadrant = "growth"    // little value yet, much potential
	Maintain  Quadrant = "maintain"  // much value, little more to win
	Transform Quadrant = "transform" // little of both
	Unknown   Quadrant = ""          // one of the two is not known
)

// Chinese is the quadrant's name in chat.
func (q Quadrant) Chinese() string {
	names := map[Quadrant]string{Star: "明星", Growth: "成长", Maintain: "维护", Transform: "转型", Unknown: "未知"}
	return names[q]
}

// Cross is where the four quadrants meet: a value or potential that reaches it is "much".
type Cross struct {
	Value, Potential float64
}

// Quadrant places a customer. NaN stands for a number that is not known, which is not the same as 0.
func (c Cross) Quadrant(value, potential float64) Quadrant {
	switch {
	case math.IsNaN(value) || math.IsNaN(potential):
		return Unknown
	case value >= c.Value && potential >= c.Potential:
		return Star
	case potential >= c.Potential:
		return Growth
	case value >= c.Value:
		return Maintain
	}
	return Transform
}

// CrossAt puts the cross where the best share of all customers (0.2: the best 20 %) has much of each. Numbers that are not known do
// not count. Where most customers share the number at the edge, as 0, all of them have it; a cross at the smallest number of all
// would part nobody and moves just above it. Without any number, nobody has much.
func CrossAt(values, potentials []float64, share float64) Cross {
	return Cross{edge(values, share), edge(potentials, share)}
}

func edge(all []float64, share float64) float64 {
	known := slices.DeleteFunc(slices.Clone(all), math.IsNaN)
	if len(known) == 0 {
		return math.Inf(1)
	}
	slices.Sort(known)
	want := min(max(int(math.Round(share*float64(len(known)))), 1), len(known))
	at := known[len(known)-want]
	if at == known[0] && known[0] != known[len(known)-1] {
		return math.Nextafter(at, math.Inf(1))
	}
	return at
}
