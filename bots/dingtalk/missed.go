package dingtalk

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"lingke/bots"
)

var _ bots.Recoverer = (*Bot)(nil)

// missedPause is how long a handler that takes no event is left alone, at first and at most.
const missedPause, missedPauseMax = 500 * time.Millisecond, 30 * time.Second

// missedEvent is one entry of the platform's list: {"call_back_tag":"user_leave_org","event_time":1700000000000,"user_leave_org":{"corpid":"…",…}}.
type missedEvent map[string]json.RawMessage

// Missed hands the events to h that the platform pushed in HTTP mode and nobody took, its two repeats included, and returns how many there were: GET
// /call_back/get_call_back_failed_result, at most 200 a call. The platform lists an event three to five minutes after the last try, and forgets it as it is read: so one that
// h does not take is tried again until it does or ctx ends. The list has no ids, so an event that was taken late, and is listed as well, comes under another one.
func (b *Bot) Missed(ctx context.Context, h bots.Handler) (n int, err error) {
	for more := true; more; {
		var page struct {
			More   flexBool      `json:"has_more"`
			Failed []missedEvent `json:"failed_list"`
		}
		if err := b.api.failedEvents(ctx, &page); err != nil {
			return n, err
		}
		for i, e := range page.Failed {
			in, err := e.incoming(b.now())
			if err != nil {
				b.log.WarnContext(ctx, "missed event not usable", "err", err)
				continue
			}
			if err := insist(ctx, h, in); err != nil {
				return n, fmt.Errorf("dingtalk: %d missed events were read and not taken, %s the first: %w", len(page.Failed)-i, in.Event.Type, err)
			}
			n++
		}
		more = bool(page.More) && len(page.Failed) > 0
	}
	return n, nil
}

func (a *api) failedEvents(ctx context.Context, out any) error {
	const op, path = "list missed events", "/call_back/get_call_back_failed_result"
	return a.authorised(ctx, op, func(token string) error {
		return a.metered(ctx, path, func() error {
			return a.exchangeJSON(ctx, op, http.MethodGet, a.cfg.OapiURL+path+"?"+url.Values{"access_token": {token}}.Encode(), http.Header{}, nil, out)
		})
	})
}

// incoming is the event as a push brings it. Its own values lie one level deeper than in a push, beside the corp id, under a name of each kind's own (bpmsCallBackData).
func (e missedEvent) incoming(now time.Time) (bots.Incoming, error) {
	var kind string
	var at flexInt
	if err := json.Unmarshal(e["call_back_tag"], &kind); err != nil {
		return bots.Incoming{}, fmt.Errorf("%w: a missed event without a tag", errMalformed)
	}
	_ = json.Unmarshal(e["event_time"], &at) // now, where it is none
	values := e[kind]
	var inside map[string]json.RawMessage
	if err := json.Unmarshal(values, &inside); err != nil {
		return bots.Incoming{}, fmt.Errorf("%w: missed event %s: %w", errMalformed, kind, err)
	}
	for _, deeper := range inside {
		var object map[string]json.RawMessage
		if json.Unmarshal(deeper, &object) == nil && object != nil {
			values = deeper
		}
	}
	return parseEvent(values, "missed-"+digest(kind, string(e["event_time"])+string(values)), kind, instant(int64(at), now))
}

// insist hands an event over until it is taken or ctx ends.
func insist(ctx context.Context, h bots.Handler, in bots.Incoming) error {
	for pause := missedPause; ; pause = min(2*pause, missedPauseMax) {
		_, err := safely(ctx, h, in)
		if err == nil {
			return nil
		}
		timer := time.NewTimer(pause)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return err
		}
	}
}
