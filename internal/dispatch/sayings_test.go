package dispatch_test

import (
	"testing"

	"lingke/internal/lang/langtest"
)

func TestEverythingIsSaidInBothLanguages(t *testing.T) {
	t.Parallel()
	langtest.Check(t, ".", "ownership.go")
}
