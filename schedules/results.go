package schedules

import (
	"context"
	"fmt"
	"time"
)

// Results asks the platforms what became of what was sent. ask returns for how many messages it asked, and how many people were refused.
func Results(spec Spec, ask func(ctx context.Context) (asked, refused int, err error)) Job {
	return Job{Name: "results", Spec: spec, Run: func(ctx context.Context, _ time.Time) (string, error) {
		asked, refused, err := ask(ctx)
		return fmt.Sprintf("%d messages asked for, %d people refused", asked, refused), err
	}}
}

// DeadLetters tells managers of messages that were given up. tell returns how many managers it told.
func DeadLetters(spec Spec, tell func(ctx context.Context, at time.Time) (int, error)) Job {
	return Job{Name: "dead-letters", Spec: spec, Run: func(ctx context.Context, due time.Time) (string, error) {
		n, err := tell(ctx, due)
		return fmt.Sprintf("%d managers told", n), err
	}}
}
