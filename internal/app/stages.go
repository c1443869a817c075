package app

import (
	"lingke/bots"
	"lingke/internal/delivery"
)

// stages are what a platform's deliveries pass before they are sent.
func (a *App) stages(p bots.Platform) []delivery.Stage {
	acc := a.accounts[p]
	return []delivery.Stage{
		delivery.Spend{Keeper: acc.keeper, Limits: acc.limits},
	}
}
