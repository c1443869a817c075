//go:build race

package e2e_test

// underRace makes the large tests smaller: the race detector slows them about ten times.
const underRace = true
