package e2e_test

import (
	"time"

	"lingke/internal/app"
)

// oneByHand is one gateway in this process.
func oneByHand(y *year) hands {
	g := y.run(app.ByHand())
	y.app = g.app
	return inOne{y, g.app}
}

type inOne struct {
	y   *year
	app *app.App
}

func (h inOne) due(from, to time.Time) {
	h.y.runs.expect(from, to)
	h.app.RunDue(h.y.t.Context(), from, to)
}
