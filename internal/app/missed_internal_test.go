package app

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"lingke/bots"
)

// recoverer notes when it is asked.
type recoverer func() (int, error)

func (r recoverer) Missed(context.Context, bots.Handler) (int, error) { return r() }

// TestMissedEventsAreAskedForRarely: at the start, after six minutes, then once a day, also where it fails.
func TestMissedEventsAreAskedForRarely(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		a := &App{log: slog.New(slog.NewTextHandler(&log, nil))}
		ctx, stop := context.WithCancel(t.Context())
		began, ended := time.Now(), make(chan struct{})
		var asked []time.Duration
		go func() {
			defer close(ended)
			a.fetchMissed(ctx, bots.DingTalk, recoverer(func() (int, error) {
				asked = append(asked, time.Since(began))
				if len(asked) == 2 {
					return 0, errors.New("no such scope")
				}
				return 3, nil
			}))
		}()
		time.Sleep(50 * time.Hour)
		stop()
		<-ended
		day := 24*time.Hour + 6*time.Minute
		if !slices.Equal(asked, []time.Duration{0, 6 * time.Minute, day, day + 24*time.Hour}) {
			t.Errorf("asked at %v", asked)
		}
		if text := log.String(); strings.Count(text, "n=3") != 3 || !strings.Contains(text, "no such scope") {
			t.Error(text)
		}
	})
}
