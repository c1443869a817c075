package risk

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestEpisodeOpensOnceAndClosesOnResponse(t *testing.T) {
	t.Parallel()
	silent := Signal{Rule: SilentRule, Cause: Silence, Anchor: "order 2026-01-01"}
	rhythm := Signal{Rule: RhythmRule, Cause: Silence, Anchor: "order 2026-01-01"}
	rival := Signal{Rule: CompetitorRule, Cause: Competitor, Anchor: "hint 1"}
	drop := Signal{Rule: DropRule, Cause: Silence, Anchor: "order 2026-06-25"}
	later := Signal{Rule: SilentRule, Cause: Silence, Anchor: "order 2026-06-25"}
	day := func(n int) time.Time { return today.AddDate(0, 0, n) }
	var never time.Time
	var e Episode
	for _, c := range []struct {
		name     string
		day      int
		found    []Signal
		response time.Time
		want     Step
		cause    Cause
	}{
		{"all is well", 0, nil, never, Nothing, ""},
		{"the rhythm speaks up", 1, []Signal{rhythm}, day(-100), Opened, Silence},
		{"again: no second alert", 2, []Signal{rhythm}, day(-100), Nothing, Silence},
		{"the fixed rule joins", 3, []Signal{silent, rhythm}, day(-100), Grown, Silence},
		{"a competitor is the cause", 4, []Signal{rival, silent, rhythm}, day(-100), Grown, Competitor},
		{"the customer opens a message", 5, []Signal{rival, silent, rhythm}, day(5), Closed, Competitor},
		{"the same silence goes on", 6, []Signal{rival, silent, rhythm}, day(5), Nothing, Competitor},
		{"an order makes another anchor, but it is calm", 20, []Signal{drop}, day(20), Nothing, Competitor},
		{"after the calm it counts", 36, []Signal{drop}, day(20), Opened, Silence},
		{"the drop is over", 50, nil, day(20), Closed, Silence},
		{"nothing was answered, so a silence counts", 51, []Signal{later}, day(20), Nothing, Silence},
		{"the same silence after 90 days", 141, []Signal{later}, day(20), Opened, Silence},
		{"a response from the future does not close", 142, []Signal{later}, day(150), Nothing, Silence},
		{"a response before the opening does not close", 143, []Signal{later}, day(140), Nothing, Silence},
	} {
		next, step := Next(e, c.found, c.response, DefaultCalm(), day(c.day))
		if step != c.want || next.Cause != c.cause {
			t.Errorf("%s: %q (%s), want %q (%s)", c.name, step, next.Cause, c.want, c.cause)
		}
		e = next
	}
}

func TestAnotherCompetitorOpensDuringTheCalm(t *testing.T) {
	t.Parallel()
	e, _ := Next(Episode{}, []Signal{{Rule: SilentRule, Anchor: "a"}}, time.Time{}, DefaultCalm(), today)
	e, _ = Next(e, nil, today.AddDate(0, 0, 1), DefaultCalm(), today.AddDate(0, 0, 1))
	if _, step := Next(e, []Signal{{Rule: CompetitorRule, Anchor: "hint"}}, today.AddDate(0, 0, 1), DefaultCalm(), today.AddDate(0, 0, 2)); step != Opened {
		t.Errorf("%q", step)
	}
}

// TestEpisodesOfAnyHistory draws signals and responses day by day: openings and closings alternate, a repeated step does nothing, one
// silence opens at most once within 90 days, and a response leaves nothing open.
func TestEpisodesOfAnyHistory(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var e Episode
		var response time.Time
		opened := map[string]time.Time{}
		for day := range 200 {
			at := today.AddDate(0, 0, day)
			if rapid.IntRange(0, 30).Draw(t, "response") == 0 {
				response = at
			}
			var found []Signal
			for _, rule := range []string{SilentRule, DropRule, RhythmRule} {
				if rapid.IntRange(0, 3).Draw(t, rule) == 0 {
					found = append(found, Signal{Rule: rule, Cause: Silence, Anchor: fmt.Sprint(rapid.IntRange(0, 4).Draw(t, "anchor"))})
				}
			}
			was := e
			next, step := Next(e, found, response, DefaultCalm(), at)
			if again, more := Next(next, found, response, DefaultCalm(), at); more != Nothing || again.ID != next.ID {
				t.Fatalf("day %d: %q, then %q", day, step, more)
			}
			if (step == Opened) != (!was.Open() && next.Open()) || (step == Closed) != (was.Open() && !next.Open()) {
				t.Fatalf("day %d: %q from %+v to %+v", day, step, was, next)
			}
			if step == Opened {
				for _, s := range was.Signals {
					if s.Anchor == next.Signals[0].Anchor && len(next.Signals) == 1 && at.Sub(opened[s.Anchor]) < days(90) {
						t.Fatalf("day %d: the same silence %s opened twice", day, s.Anchor)
					}
				}
				for _, s := range next.Signals {
					opened[s.Anchor] = at
				}
			}
			if next.Open() && response.After(next.Opened) {
				t.Fatalf("day %d: open in spite of a response", day)
			}
			e = next
		}
	})
}
