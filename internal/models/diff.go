package models

import "strings"

// diffCells bounds the work of a comparison; texts that differ in more than that are shown as replaced.
const diffCells = 4_000_000

// around is how many equal lines are shown around a difference.
const around = 3

// Diff compares two texts line by line: "-" before lines of a only, "+" before lines of b only, " " before some equal ones around them, "…" where
// equal ones are left out. It is empty for equal texts.
func Diff(a, b string) string {
	if a == b {
		return ""
	}
	lines := compare(split(a), split(b))
	var out strings.Builder
	skipped := false
	for i, l := range lines {
		if l[0] == ' ' && !near(lines, i) {
			if !skipped {
				out.WriteString("…\n")
			}
			skipped = true
			continue
		}
		skipped = false
		out.WriteString(l + "\n")
	}
	return out.String()
}

func split(text string) []string { return strings.Split(strings.TrimSuffix(text, "\n"), "\n") }

func near(lines []string, i int) bool {
	for j := max(0, i-around); j <= min(len(lines)-1, i+around); j++ {
		if lines[j][0] != ' ' {
			return true
		}
	}
	return false
}

// compare marks each line, by the longest common subsequence of what lies between equal beginnings and ends.
func compare(a, b []string) []string {
	head := 0
	for head < len(a) && head < len(b) && a[head] == b[head] {
		head++
	}
	tail := 0
	for tail < len(a)-head && tail < len(b)-head && a[len(a)-1-tail] == b[len(b)-1-tail] {
		tail++
	}
	out := marked(' ', a[:head], nil)
	out = append(out, middle(a[head:len(a)-tail], b[head:len(b)-tail])...)
	return marked(' ', a[len(a)-tail:], out)
}

func marked(mark byte, lines, out []string) []string {
	for _, l := range lines {
		out = append(out, string(mark)+l)
	}
	return out
}

func middle(a, b []string) []string {
	if (len(a)+1)*(len(b)+1) > diffCells {
		return marked('+', b, marked('-', a, nil))
	}
	common := make([][]int32, len(a)+1) // of a[i:] and b[j:]
	for i := range common {
		common[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if common[i][j] = max(common[i+1][j], common[i][j+1]); a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			}
		}
	}
	var out []string
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			out, i, j = append(out, " "+a[i]), i+1, j+1
		case j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			out, i = append(out, "-"+a[i]), i+1
		default:
			out, j = append(out, "+"+b[j]), j+1
		}
	}
	return out
}
