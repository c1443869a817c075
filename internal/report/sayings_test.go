package report

import (
	"testing"

	"lingke/internal/lang/langtest"
)

func TestEverythingIsSaidInBothLanguages(t *testing.T) {
	t.Parallel()
	langtest.Check(t, ".", "period.go", "columns.go", "brief.go", "effect.go", "progress.go", "sample.go") // which read what people type, and keep names of what nobody named
}
