package schedules

import (
	"context"
	"fmt"
	"time"
)

// Report tells managers what a period brought that ended when the job is due. show makes it once for each due instant.
func Report(name string, spec Spec, show func(ctx context.Context, due time.Time) error) Job {
	return Job{Name: name, Spec: spec, Run: func(ctx context.Context, due time.Time) (string, error) {
		return "told", show(ctx, due)
	}}
}

// Figures makes the usual reports before anybody asks for them. keep returns how many it made.
func Figures(spec Spec, keep func(ctx context.Context) (int, error)) Job {
	return Job{Name: "figures", Spec: spec, Run: func(ctx context.Context, _ time.Time) (string, error) {
		n, err := keep(ctx)
		return fmt.Sprintf("%d reports", n), err
	}}
}
