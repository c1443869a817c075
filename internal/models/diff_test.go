package models_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"lingke/internal/models"
)

func TestDiff(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, a, b, want string }{
		{"equal", "a\nb\n", "a\nb\n", ""},
		{"a changed line with its surroundings", "1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\n5\nsix\n7\n8\n9\n", "…\n 3\n 4\n 5\n-6\n+six\n 7\n 8\n 9\n"},
		{"added at the end", "1\n", "1\n2\n", " 1\n+2\n"},
		{"all gone", "1\n2\n", "", "-1\n-2\n+\n"},
		{"two places apart", "a\n1\n2\n3\n4\n5\n6\n7\n8\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\n8\nB\n", "-a\n+A\n 1\n 2\n 3\n…\n 6\n 7\n 8\n-b\n+B\n"},
	} {
		if got := models.Diff(c.a, c.b); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
	if many := strings.Repeat("x\ny\n", 3000); models.Diff(many+"1", "0\n"+strings.ToUpper(many)) == "" {
		t.Error("texts beyond the bound are equal")
	}
}

// TestDiffTellsBothTexts: with so few lines none is left out, so that both texts can be read from it.
func TestDiffTellsBothTexts(t *testing.T) {
	t.Parallel()
	lines := rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c"}), 1, 4)
	rapid.Check(t, func(t *rapid.T) {
		a, b := strings.Join(lines.Draw(t, "a"), "\n"), strings.Join(lines.Draw(t, "b"), "\n")
		diff := models.Diff(a, b)
		if diff == "" {
			if a != b {
				t.Fatalf("%q and %q are equal?", a, b)
			}
			return
		}
		if strings.Contains(diff, "…") {
			return
		}
		var left, right []string
		for l := range strings.SplitSeq(strings.TrimSuffix(diff, "\n"), "\n") {
			if l[0] != '+' {
				left = append(left, l[1:])
			}
			if l[0] != '-' {
				right = append(right, l[1:])
			}
		}
		if strings.Join(left, "\n") != a || strings.Join(right, "\n") != b {
			t.Fatalf("%q and %q give\n%s", a, b, diff)
		}
	})
}
