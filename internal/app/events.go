package app

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"

	"lingke/bots"
	"lingke/connectors"
	"lingke/internal/inbox"
)

// eventSource is the inbox source of platform events; the connector's name follows it.
const eventSource = "event:"

// take is the bots' handler: what people do goes to the chat, what the platform tells of itself to the connectors that follow it.
func (a *App) take(ctx context.Context, in bots.Incoming) (bots.Answer, error) {
	a.countPush(in.Platform)
	if in.Event == nil {
		return a.intake.Take(ctx, in)
	}
	return bots.Answer{}, a.takeEvent(ctx, in)
}

// takeEvent stores an event once for every connector that follows it, before anybody works on it. What nobody follows is taken and forgotten: the platform would only
// send it again.
func (a *App) takeEvent(ctx context.Context, in bots.Incoming) error {
	if a.staff != nil && a.staff.Concerns(in.Platform, *in.Event) {
		body, err := json.Marshal(in)
		if err != nil {
			return fmt.Errorf("encode %s: %w", in.ID, err)
		}
		if _, err := a.inbox.Accept(ctx, staffSource+":"+in.ID, staffSource, body); err != nil {
			return err
		}
	}
	e := connectors.Event{ID: in.ID, Platform: string(in.Platform), Type: in.Event.Type, Fields: in.Event.Fields, At: in.Event.At}
	body, err := json.Marshal(e)
	if err != nil {
		return fmt.Errorf("encode %s: %w", in.ID, err)
	}
	for name, f := range a.followers {
		if !f.Follows(e) {
			continue
		}
		if _, err := a.inbox.Accept(ctx, eventSource+name+":"+in.ID, eventSource+name, body); err != nil {
			return err
		}
	}
	return nil
}

// workEvent takes in the records that follow from a stored event.
func (a *App) workEvent(ctx context.Context, stored inbox.Event) error {
	name := strings.TrimPrefix(stored.Source, eventSource)
	f, ok := a.followers[name]
	if !ok {
		return inbox.Permanent(fmt.Errorf("no connector %q follows events", name))
	}
	var e connectors.Event
	if err := json.Unmarshal(stored.Body, &e); err != nil {
		return inbox.Permanent(fmt.Errorf("event %s: %w", stored.ID, err))
	}
	records, bad := f.Follow(ctx, e)
	if bad != nil && !errors.Is(bad, connectors.ErrBadRecord) {
		return bad
	}
	err := a.ingest.ApplyAll(ctx, name, records)
	if err != nil && !errors.Is(err, connectors.ErrBadRecord) {
		return err
	}
	if bad = errors.Join(bad, err); bad != nil {
		a.log.LogAttrs(ctx, slog.LevelWarn, "event without a usable record", slog.String("connector", name), slog.String("event", e.Type), slog.Any("err", bad))
		return inbox.Permanent(bad)
	}
	return nil
}
