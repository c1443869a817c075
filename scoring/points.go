package scoring

import "math"

// Points are whole thousandths throughout, so that they add up exactly and in any order, on any machine. A float64 holds
// the quotient of any such number exactly enough that thousandths(points(n)) == n.

func thousandths(points float64) int64 { return int64(math.Round(points * 1000)) }

func points(thousandths int64) float64 { return float64(thousandths) / 1000 }

// portion is the share (0 to 1; less, more and NaN are cut to that) of full thousandths, rounded half up. The conversion
// around the product keeps the compiler from fusing it with the addition, which some processors would round differently.
func portion(share, full float64) int64 {
	if !(share > 0) { // also NaN
		return 0
	}
	if share > 1 {
		share = 1
	}
	return int64(float64(share*full) + 0.5)
}

// logarithm is the natural logarithm of a finite x >= 1, computed by steps that every processor rounds alike; the standard
// library's may differ in the last digit between machines, and a score must not.
func logarithm(x float64) float64 {
	m, e := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m, e = m*2, e-1
	}
	z := (m - 1) / (m + 1)
	square, power, sum := float64(z*z), z, 0.0
	for k := 1.0; k < 24; k += 2 {
		sum += float64(power / k)
		power = float64(power * square)
	}
	return float64(2*sum) + float64(float64(e)*math.Ln2)
}
