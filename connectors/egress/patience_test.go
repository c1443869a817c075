package egress_test

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"time"

	"lingke/connectors"
	"lingke/connectors/egress"
)

// asks is a refusal that says how long to wait.
type asks time.Duration

func (a asks) Error() string             { return "slow down" }
func (a asks) Unwrap() error             { return connectors.ErrThrottled }
func (a asks) RetryAfter() time.Duration { return time.Duration(a) }

func TestPatienceDoublesUnlessItIsToldHowLong(t *testing.T) {
	t.Parallel()
	other := errors.New("something else")
	for _, tt := range []struct {
		name  string
		fails []error
		waits []time.Duration
		want  error
	}{
		{"at once", nil, nil, nil},
		{"another failure is no matter of patience", []error{other}, nil, other},
		{"doubles up to the longest", []error{connectors.ErrThrottled, connectors.ErrThrottled, connectors.ErrThrottled}, []time.Duration{2, 4, 5}, nil},
		{"what is asked for, up to the longest", []error{asks(3), asks(0), asks(100)}, []time.Duration{3, 4, 5}, nil},
		{"gives up", []error{asks(1), asks(1), asks(1), asks(1), asks(1)}, []time.Duration{1, 1, 1}, connectors.ErrThrottled},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var waits []time.Duration
			p := egress.Patience{Attempts: 4, First: 2, Longest: 5, Log: slog.New(slog.DiscardHandler), Sleep: func(_ context.Context, d time.Duration) error {
				waits = append(waits, d)
				return nil
			}}
			n := 0
			err := p.Try(t.Context(), "read", func(context.Context) error {
				n++
				if n <= len(tt.fails) {
					return tt.fails[n-1]
				}
				return nil
			})
			if !errors.Is(err, tt.want) || !slices.Equal(waits, tt.waits) {
				t.Errorf("%v after waits of %v, want %v after %v", err, waits, tt.want, tt.waits)
			}
		})
	}
}

func TestAWaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, stop := context.WithCancel(t.Context())
	stop()
	p := egress.Patience{Attempts: 2, First: time.Hour, Longest: time.Hour, Sleep: egress.Wait, Log: slog.New(slog.DiscardHandler)}
	if err := p.Try(ctx, "read", func(context.Context) error { return connectors.ErrThrottled }); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want the context's end", err)
	}
	if err := egress.Wait(t.Context(), 0); err != nil {
		t.Errorf("a wait of nothing: %v", err)
	}
}

func TestAnErrorThatReadsOtherwiseIsStillTheSame(t *testing.T) {
	t.Parallel()
	err := egress.Instead(connectors.ErrThrottled, "slowly, [secret]")
	if err.Error() != "slowly, [secret]" || !errors.Is(err, connectors.ErrThrottled) {
		t.Errorf("%v", err)
	}
}
