package chat

import (
	"testing"

	"lingke/internal/lang/langtest"
)

func TestEverythingIsSaidInBothLanguages(t *testing.T) {
	t.Parallel()
	langtest.Check(t, ".", "words.go", "days.go", "verbs.go", "amount.go")
}
