package app

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/google/uuid"

	"lingke/bots"
	"lingke/configs"
	"lingke/connectors"
	"lingke/connectors/egress"
	"lingke/internal/customer"
	"lingke/internal/dispatch"
	"lingke/internal/ingest"
	"lingke/internal/lang"
	"lingke/internal/outbound"
	"lingke/internal/store"
)

// told are the connectors whose sources take something back.
func (a *App) told() map[string]connectors.Writer {
	out := make(map[string]connectors.Writer)
	for name, c := range a.connectors {
		if w, ok := c.(connectors.Writer); ok && len(w.Takes()) > 0 {
			out[name] = w
		}
	}
	return out
}

// wanted is what anybody wants to be told.
func (a *App) wanted() customer.Watch {
	var w customer.Watch
	note := func(what string) {
		w.Tier, w.Score, w.Owner = w.Tier || what == configs.EventTier, w.Score || what == configs.EventScore, w.Owner || what == configs.EventOwner
		w.Tags = w.Tags || what == connectors.WriteTags
	}
	for _, h := range a.cfg.Webhooks {
		for _, e := range h.Events {
			note(e)
		}
	}
	for _, g := range a.cfg.Groups {
		for _, e := range g.Events {
			note(e)
		}
	}
	for _, s := range a.told() {
		for _, f := range s.Takes() {
			note(f) // the fields are called like the events
		}
	}
	return w
}

// inForce are the rules in force, with what other systems want to be told.
func (a *App) inForce() *ingest.Rules {
	r := a.rules.Load()
	if r.Watch == a.watched || a.watched == (customer.Watch{}) {
		return r
	}
	own := *r
	own.Watch, own.Written = a.watched, make(map[string]bool)
	for name := range a.told() {
		own.Written[name] = true
	}
	a.rules.CompareAndSwap(r, &own) // where others were put in force meanwhile, they get it at the next look
	return &own
}

// openOutbound makes what tells other systems.
func (a *App) openOutbound() {
	carrier := &outbound.Carrier{Posts: a.store, Hooks: make(map[string][]string), Sources: make(map[string]bool), Now: a.now, Wake: a.wakeTarget}
	for _, h := range a.cfg.Webhooks {
		carrier.Hooks[h.Name] = eventsOf(h.Events)
		a.addTarget(outbound.HookTarget(h.Name), &outbound.Hook{
			URL: h.URL, Secret: h.Secret.Reveal(), Client: egress.Client(outbound.HookTimeout, !h.AllowPrivate), Now: a.now,
		})
	}
	told := a.told()
	for _, name := range slices.Sorted(maps.Keys(told)) {
		carrier.Sources[name] = true
		a.addTarget(outbound.SourceTarget(name), &outbound.Source{
			Customers: a.store, Writer: told[name], Person: a.dispatch.PersonName, Now: a.now, Conflict: store.ErrConflict,
		})
	}
	a.dispatch.Announce = carrier.Carry
	for _, g := range a.cfg.Groups {
		a.dispatch.Groups = append(a.dispatch.Groups, dispatch.Group{
			Platform: bots.Platform(g.Platform), Conversation: g.Conversation, Tier: slices.Contains(g.Events, configs.EventTier),
			Score: slices.Contains(g.Events, configs.EventScore), Owner: slices.Contains(g.Events, configs.EventOwner), Language: lang.Language(g.Language),
		})
	}
}

func eventsOf(names []string) (all []string) {
	events := map[string]string{configs.EventTier: outbound.TierChanged, configs.EventScore: outbound.ScoreChanged, configs.EventOwner: outbound.OwnerChanged}
	for _, n := range names {
		all = append(all, events[n])
	}
	return all
}

func (a *App) addTarget(name string, t outbound.Target) {
	a.targets = append(a.targets, &outbound.Sender{
		Name: name, Target: t, Posts: a.store, Now: a.now, Token: uuid.NewString, Alert: a.alertDisabled, Log: a.log,
	})
}

func (a *App) wakeTarget(name string) {
	for _, t := range a.targets {
		if t.Name == name {
			t.Wake()
		}
	}
}

// alertDisabled tells the managers that nothing is sent to a target any more.
func (a *App) alertDisabled(ctx context.Context, s *outbound.Sender, h outbound.Health) error {
	text := fmt.Sprintf("对外通知“%s”自 %s 起一直失败（%s），已停用。修复后请重新启用，积压的通知会继续发送。", s.Name, a.when(h.FailingSince), h.Why)
	return a.dispatch.TellManagers(ctx, s.Name+h.Disabled.Format(time.RFC3339), text)
}

func (a *App) when(t time.Time) string { return t.In(a.cfg.Location).Format("2006-01-02 15:04") }
