package app

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"lingke/bots"
	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/httpapi"
)

// mount makes the HTTP side.
func (a *App) mount() (err error) {
	pages, err := a.pages()
	if err != nil {
		return err
	}
	a.metrics.WatchConnectors(a.Connections)
	a.metrics.WatchQueue(a.store.Depths, a.Standings, a.now)
	a.http, err = httpapi.New(httpapi.Deps{
		Records: a.store, Ingest: a.ingest, Claims: a.assign, Tasks: a.tasks, Outgoing: a.dispatch, People: a.people, Reads: a.reads, Explain: a.dispatch.Cards.Explain, Waiting: a.dispatch.Cards.Waiting, Models: a,
		Push: a.push, Callbacks: a.callbacks(), Tokens: a.cfg.Server.Tokens, Checks: a.checks(), Connections: a.Connections, Targets: a.targetsByName(), BodyLimit: int64(a.cfg.Server.BodyLimit),
		Merges: a.match, Ranks: func() customer.Ranks { return a.rules.Load().Ranks },
		Imports: a, Export: a.Export, Reports: a, Zone: a.cfg.Location,
		Budgets: a.Standings, Leave: a.leave,
		Pages:   pages,
		Metrics: a.metrics, Now: a.now, Log: a.log,
	})
	return err
}

func (a *App) targetsByName() map[string]httpapi.Target {
	out := make(map[string]httpapi.Target, len(a.targets))
	for _, t := range a.targets {
		out[t.Name] = t
	}
	return out
}

// push is Push in the words of the HTTP side.
func (a *App) push(ctx context.Context, name string, h http.Header, body []byte) (httpapi.Pushed, error) {
	p, err := a.Push(ctx, name, h, body)
	if errors.Is(err, ErrNoHook) {
		err = fmt.Errorf("%w: %q", httpapi.ErrNoHook, name)
	}
	return httpapi.Pushed(p), err
}

// errOffline says that a platform's messages do not reach us at the moment.
var errOffline = errors.New("not connected")

// checks are what readiness asks besides the store: that the connections are up over which people's messages come.
func (a *App) checks() map[string]func(context.Context) error {
	out := make(map[string]func(context.Context) error)
	for _, b := range a.bots {
		c, ok := b.(interface{ Connected() bool })
		if _, listens := b.(bots.Listener); !ok || !listens || !a.listens(b) {
			continue
		}
		out[string(b.Platform())] = func(context.Context) error {
			if !c.Connected() {
				return errOffline
			}
			return nil
		}
	}
	return out
}

func (a *App) observeDelivery(d delivery.Delivery, took time.Duration) {
	a.metrics.ObserveDelivery(d, took)
}
