package app

import (
	"errors"
	"strings"
	"testing"
)

// TestWhatCannotBeSimulatedIsNamedWithWhatCan: pools and strategies are typed by hand.
func TestWhatCannotBeSimulatedIsNamedWithWhatCan(t *testing.T) {
	t.Parallel()
	a := newCompany(t).open()
	for _, tt := range []struct{ pool, strategy, want string }{
		{"重点池", "", `no pool "重点池"; there are 高价值线索, 重点跟进池, 市场培育池`},
		{"重点跟进池", "fair", `"fair" is no strategy that hands out; there are rotate`},
		{"高价值线索", "", `strategy claim, which hands nothing out by rule; try one with --strategy`},
	} {
		var out strings.Builder
		if err := a.SimulateHandOut(t.Context(), &out, tt.pool, tt.strategy, 30); !errors.Is(err, errSimulate) || !strings.Contains(err.Error(), tt.want) || out.Len() > 0 {
			t.Errorf("%+v: %v, %q", tt, err, &out)
		}
	}
	var out strings.Builder
	if err := a.SimulateHandOut(t.Context(), &out, "高价值线索", "rotate", 30); err != nil || !strings.Contains(out.String(), "最近 30 天共 0 个") {
		t.Errorf("%v, %q", err, &out)
	}
}
