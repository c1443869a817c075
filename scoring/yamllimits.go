package scoring

import (
	"bytes"
	"fmt"
)

// What a model file may measure. The YAML parser recurses once per level of nesting and compares each key of a mapping with
// all others, so both are bounded before it runs: levels that are opened on one line by the line's length, brackets by
// a count, keys and items by the characters that make them. A model of maxItems rules stays well below each bound.
const (
	maxModelBytes   = 1 << 20
	maxLineBytes    = 8 << 10
	maxBracketDepth = 64
	maxMarks        = 20000
)

// acceptable reports whether the file keeps the bounds; the first that it breaks is noted.
func (l *loader) acceptable(text []byte) bool {
	if len(text) > maxModelBytes {
		l.add(1, 1, fmt.Sprintf("the file has %d bytes, at most %d are possible", len(text), maxModelBytes))
		return false
	}
	depth, marks := 0, 0
	for i, line := range bytes.Split(text, []byte("\n")) {
		depth += count(line, "[", "{") - count(line, "]", "}")
		if !bytes.HasPrefix(bytes.TrimLeft(line, " "), []byte("#")) {
			marks += count(line, ":", ",", "?", "- ")
		}
		depth = max(depth, 0)
		if what := tooMuch(len(line), depth, marks); what != "" {
			l.add(i+1, 1, what)
			return false
		}
	}
	return true
}

func tooMuch(bytes, depth, marks int) string {
	switch {
	case bytes > maxLineBytes:
		return fmt.Sprintf("the line has %d bytes, at most %d are possible", bytes, maxLineBytes)
	case depth > maxBracketDepth:
		return fmt.Sprintf("more than %d open brackets", maxBracketDepth)
	case marks > maxMarks:
		return fmt.Sprintf("more than %d keys and items", maxMarks)
	}
	return ""
}

func count(line []byte, marks ...string) int {
	n := 0
	for _, m := range marks {
		n += bytes.Count(line, []byte(m))
	}
	return n
}
