package configs

import "strings"

// nearest returns the candidate that word was most likely meant to be, or "" where none is near enough: one slip is
// forgiven in a word of up to five characters, one more for every three after.
func nearest(word string, candidates []string) string {
	runes := []rune(strings.ToLower(word))
	if len(runes) == 0 || len(runes) > 64 {
		return ""
	}
	best, found := max(1, len(runes)/3)+1, ""
	for _, c := range candidates {
		if d := distance(runes, []rune(strings.ToLower(c))); d < best {
			best, found = d, c
		}
	}
	return found
}

// distance counts the insertions, deletions, replacements and swaps of neighbours that turn a into b (optimal string
// alignment).
func distance(a, b []rune) int {
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+unequal(a[i-1], b[j-1]))
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}

func unequal(a, b rune) int {
	if a == b {
		return 0
	}
	return 1
}
