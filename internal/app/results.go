package app

import (
	"lingke/bots"
	"lingke/internal/delivery"
	"lingke/internal/store"
)

// results asks what became of what was sent.
func (a *App) results() *delivery.Results {
	return &delivery.Results{
		Store: a.store, Bots: a.bots, Now: a.now, Share: float64(a.cfg.Delivery.Budgets.Results) / 100, Other: a.otherwise, Arrange: a.planner().Arrange,
		Observe: func(p bots.Platform, outcome string, n int) { a.metrics.ObserveResults(string(p), outcome, n) }, Log: a.log, Conflict: store.ErrConflict,
	}
}

// sender sends the deliveries of a platform.
func (a *App) sender(b bots.Bot, token func() string) *delivery.Sender {
	s := delivery.NewSender(a.store, b, a.now, token, a.cfg.Delivery.Workers, a.observeDelivery, a.log, a.stages(b.Platform())...)
	s.Sealed(a.seal).Otherwise(a.otherwise).Routed(a.chosen)
	if c := a.cfg.Bots.DingTalk; c != nil && b.Platform() == bots.DingTalk {
		s.AsNotices(c.Notices...)
	}
	return s
}
