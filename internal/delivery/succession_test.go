package delivery_test

import (
	"context"
	"fmt"
	"log/slog"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"lingke/bots"
	"lingke/internal/delivery"
	"lingke/internal/store/sqlite"
)

// TestACardThatCannotBeChangedGetsItsSuccessorInTheMorning: a change makes no sound and is made at night; a new message does, and waits, also where it takes the place of
// a card; an answer does not wait.
func TestACardThatCannotBeChangedGetsItsSuccessorInTheMorning(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(18*time.Hour + 30*time.Minute) // 2:30 in Shanghai
		s, err := sqlite.Open(context.Background(), filepath.Join(t.TempDir(), "lingke.db"))
		must(t, err)
		defer func() { must(t, s.Close()) }()
		b := &bot{update: failure(bots.ErrNotUpdatable, 0)}
		tokens := 0
		token := func() string { tokens++; return fmt.Sprint("t", tokens) }
		sender := delivery.NewSender(s, b, time.Now, token, 2, func(delivery.Delivery, time.Duration) {}, slog.New(slog.DiscardHandler), quiet(nil))
		now := time.Now().UTC().Truncate(time.Millisecond)
		for _, kind := range []string{"task", "list"} {
			_, err := s.Show(t.Context(), delivery.Delivery{
				ID: kind, Platform: b.Platform(), Kind: kind, To: []string{"a"}, Card: &bots.Card{Kind: kind, Closed: "已完成"}, Rev: 2, Shown: 1, Rank: delivery.Urgent, State: delivery.Due, Due: now, Created: now,
			})
			must(t, err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { sender.Run(ctx); close(ended) }()
		time.Sleep(5 * time.Hour)
		if len(b.sent) != 1 || b.sent[0].ID != "list_r1" {
			t.Errorf("at night: %+v", b.sent)
		}
		if d, err := s.Delivery(t.Context(), "task"); err != nil || d.State != delivery.Due || d.Due.In(shanghai).Hour() != 8 || d.Replaced != 1 {
			t.Errorf("%+v, %v", d, err)
		}
		time.Sleep(time.Hour)
		if len(b.sent) != 2 || b.sent[1].ID != "task_r1" {
			t.Errorf("in the morning: %+v", b.sent)
		}
		stop()
		<-ended
	})
}
