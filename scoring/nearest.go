package scoring

// nearest returns the known name with the fewest edits from name, if these are at most half of its letters; of several the one that
// begins most like it.
func nearest(name string, known []string) string {
	best, fewest := "", len([]rune(name))/2+1
	for _, k := range known {
		d := edits(name, k)
		if d < fewest || d == fewest && best != "" && sameBeginning(name, k) > sameBeginning(name, best) {
			best, fewest = k, d
		}
	}
	return best
}

func sameBeginning(a, b string) (n int) {
	ra, rb := []rune(a), []rune(b)
	for n < min(len(ra), len(rb)) && ra[n] == rb[n] {
		n++
	}
	return n
}

// edits is the Levenshtein distance in runes, two neighbours that changed places being one edit. Names longer than any real one count as
// far apart, so that a hostile file costs nothing here.
func edits(a, b string) int {
	ra, rb := []rune(a), []rune(b)
	if len(ra) > 80 || len(rb) > 80 {
		return len(ra) + len(rb)
	}
	row, above, twoAbove := make([]int, len(rb)+1), make([]int, len(rb)+1), make([]int, len(rb)+1)
	for j := range row {
		row[j] = j
	}
	for i, x := range ra {
		twoAbove, above, row = above, row, twoAbove
		row[0] = i + 1
		for j, y := range rb {
			row[j+1] = min(above[j]+one(x != y), above[j+1]+1, row[j]+1)
			if i > 0 && j > 0 && x == rb[j-1] && ra[i-1] == y {
				row[j+1] = min(row[j+1], twoAbove[j-1]+1)
			}
		}
	}
	return row[len(rb)]
}

// didYouMean is the tail of a message about an unknown name.
func didYouMean(name string, known []string) string {
	return hint(nearest(name, known))
}
