//go:build race

package sheet_test

// underRace makes the large tests smaller: the race detector slows them about ten times.
const underRace = true
