package delivery_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"lingke/bots"
	"lingke/internal/delivery"
)

func TestWhatWaitsGoesWhereItsReaderWantsIt(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		sent := newSentLog()
		p := startPost(t, 4, func(_ context.Context, m bots.Outgoing) error { sent.add(m.ID); return nil })
		p.stop()
		p.sender.Routed(func(_ context.Context, d delivery.Delivery) (delivery.Delivery, bool) {
			d.Platform, d.To = bots.DingTalk, []string{"ding"}
			return d, true
		})
		p.add("waiting", 0)
		p.add(delivery.AnswerID("1"), 0)
		for id, change := range map[string]func(*delivery.Delivery){
			"seen":    func(d *delivery.Delivery) { d.Shown, d.Rev, d.Card = 1, 2, &bots.Card{Title: "x"} },
			"fled":    func(d *delivery.Delivery) { d.Moved = true },
			"several": func(d *delivery.Delivery) { d.To = []string{"a", "b"} },
		} {
			d := p.get("waiting")
			d.ID = id
			change(&d)
			_, err := p.store.Show(context.Background(), d)
			must(t, err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		p.sender.Run(ctx)
		if d := p.get("waiting"); d.Platform != bots.DingTalk || d.To[0] != "ding" || d.State != delivery.Due || d.Moved || d.Attempts != 0 {
			t.Errorf("%+v", d)
		}
		for _, id := range []string{delivery.AnswerID("1"), "seen", "fled", "several"} {
			if d := p.get(id); d.Platform != bots.WeCom || d.State != delivery.Done {
				t.Errorf("%s: %+v", id, d)
			}
		}
	})
}
