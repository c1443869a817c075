package app

import (
	"strings"
	"testing"

	"lingke/internal/ingest"
)

func TestAPreviewTellsWhoWouldOwnWhat(t *testing.T) {
	t.Parallel()
	if lines := ownerLines(ingest.Preview{}); len(lines) != 0 {
		t.Errorf("without owners it says %q", lines)
	}
	p := ingest.Preview{Owned: 7, Strangers: map[string]int{"路人": 1, "张玮": 12}}
	for i := range 20 {
		p.Strangers[strings.Repeat("某", i+1)] = 1
	}
	lines := ownerLines(p)
	if len(lines) != 2 || !strings.Contains(lines[0], "7 customers") || !strings.HasSuffix(lines[1], ", 12 more") || !strings.Contains(lines[1], `: "张玮" (12), `) || strings.Count(lines[1], "(") != namedStrangers {
		t.Errorf("%q", lines)
	}
}
