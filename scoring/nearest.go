package scoring

// nearest returns the known name with the fewest edits from name, if these are at most half of its letters.
func nearest(name string, known []string) string {
	best, fewest := "", len([]rune(name))/2+1
	for _, k := range known {
		if d := edits(name, k); d < fewest {
			best, fewest = k, d
		}
	}
	return best
}

// edits is the Levenshtein distance in runes. Names longer than any real one count as far apart, so that a hostile file
// costs nothing here.
func edits(a, b string) int {
	ra, rb := []rune(a), []rune(b)
	if len(ra) > 80 || len(rb) > 80 {
		return len(ra) + len(rb)
	}
	row := make([]int, len(rb)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range ra {
		diagonal := row[0]
		row[0] = i + 1
		for j, y := range rb {
			cost := diagonal
			if x != y {
				cost++
			}
			diagonal = row[j+1]
			row[j+1] = min(cost, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(rb)]
}

// didYouMean is the tail of a message about an unknown name.
func didYouMean(name string, known []string) string {
	return hint(nearest(name, known))
}
