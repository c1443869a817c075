package schedules

import (
	"context"
	"fmt"
	"time"
)

// Budgets warns of platforms' budgets that run short. warn returns how many there are.
func Budgets(spec Spec, warn func(ctx context.Context) (int, error)) Job {
	return Job{Name: "budgets", Spec: spec, Run: func(ctx context.Context, _ time.Time) (string, error) {
		n, err := warn(ctx)
		return fmt.Sprintf("%d warnings", n), err
	}}
}
