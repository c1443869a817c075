package followup_test

import (
	"testing"

	"lingke/internal/lang/langtest"
)

func TestEverythingIsSaidInBothLanguages(t *testing.T) {
	t.Parallel()
	langtest.Check(t, ".", "play.go") // which reads the names of {{variables}}
}
