package validate

import "math"

// monotone fits the weights by going from one to the next, each by its own Newton step, those of thresholds not below 0.
func monotone(candidates []candidate, won []bool, c float64) []float64 {
	weights, at := make([]float64, len(candidates)), make([]float64, len(won))
	every := make([]int, len(won))
	for i := range every {
		every[i] = i
	}
	for range 300 {
		moved := math.Abs(move(every, won, at, c, 0, 0, true))
		for k, r := range candidates {
			step := move(r.rows, won, at, c, 1, weights[k], r.free)
			weights[k] += step
			moved = max(moved, math.Abs(step))
		}
		if moved < 1e-4 {
			break
		}
	}
	return weights
}

// move takes one weight to where its slope vanishes, by one Newton step, and moves the rows along. ridge draws it to 0. The step is
// bounded, so that two weights of the same rows cannot throw each other about.
func move(rows []int, won []bool, at []float64, c, ridge, weight float64, free bool) float64 {
	slope, curve := ridge*weight, ridge
	for _, i := range rows {
		p := sigmoid(at[i])
		curve += c * p * (1 - p)
		if won[i] {
			p--
		}
		slope += c * p
	}
	step := min(max(-slope/max(curve, 1e-9), -1), 1)
	if !free {
		step = max(step, -weight)
	}
	for _, i := range rows {
		at[i] += step
	}
	return step
}
