package chat

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"lingke/bots"
	"lingke/internal/cards"
	"lingke/internal/inbox"
)

func TestAClickIsAnsweredAtOnceAndARedeliveryShowsHowItStands(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.lead("1", "华星机械", 800)
	in := w.press(bots.DingTalk, "zw", c, cards.KindLead, cards.ActionClaim)
	a, err := w.intake.Take(t.Context(), in)
	must(t, err)
	wantText(t, a.Toast, "领取成功")
	again, err := w.intake.Take(t.Context(), in)
	must(t, err)
	if again.Toast != "" || again.Card == nil || again.Card.State != "已被 张伟 领取" {
		t.Errorf("a redelivery is answered with %+v", again)
	}
	in.Click.From = "boss"
	if other, err := w.intake.Take(t.Context(), in); err != nil || other.Card != nil {
		t.Errorf("somebody else is shown %+v, %v", other, err)
	}
	if got := w.customer(c.ID); got.Rev == 0 || got.Owner != "zhangwei" {
		t.Errorf("%+v", got)
	}
}

func TestAMessageIsStoredFirstAndAnsweredByTheInbox(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.lead("1", "华星机械", 800)
	in := w.say(bots.WeCom, "zhangwei", "查 华星", false)
	for range 3 { // redeliveries
		_, err := w.intake.Take(t.Context(), in)
		must(t, err)
	}
	answered := make(chan struct{})
	w.inbox = inbox.New(w.store, map[string]inbox.Handler{Source: func(ctx context.Context, e inbox.Event) error {
		defer close(answered)
		return w.intake.Work(ctx, e)
	}}, w.now, func() string { return "worker" }, 4, slog.New(slog.DiscardHandler))
	ctx, stop := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { w.inbox.Run(ctx) })
	<-answered
	stop()
	running.Wait()
	d, err := w.store.Delivery(t.Context(), replyID(in.ID))
	must(t, err)
	wantText(t, d.Text, "华星机械")
	done, err := w.store.Events(t.Context(), inbox.Done, 10)
	must(t, err)
	if len(done) != 1 || done[0].Attempts != 1 {
		t.Errorf("%+v", done)
	}
}

func FuzzDecodeStoredEvent(f *testing.F) {
	for _, seed := range []string{
		`{}`, `{"id":"1","click":{}}`, `{"message":null,"click":null}`, `{"message":{},"click":{}}`, `{"id":1}`, `[`, `null`, `{"id":"1","platform":"wecom","message":{"from":"x","text":"查"}}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		in, err := decode(inbox.Event{ID: "e", Body: body})
		if one := (in.Message == nil) != (in.Click == nil); one != (err == nil) {
			t.Fatalf("decode(%q) = %+v, %v", body, in, err)
		}
		if err != nil {
			return
		}
		again, err := json.Marshal(in)
		if err != nil {
			t.Fatal(err)
		}
		if same, err := decode(inbox.Event{ID: "e", Body: again}); err != nil || !cmp.Equal(in, same, cmpopts.EquateEmpty()) {
			t.Errorf("%q is stored as %q", body, again)
		}
	})
}
