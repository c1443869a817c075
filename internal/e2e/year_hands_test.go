package e2e_test

import (
	"io"
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

// sweep runs the sweep out of its turn; false where its last turn is at this very instant.
func (h inOne) sweep() bool {
	key := runKey("sweep", h.y.at)
	if h.y.runs.expected[key] {
		return false
	}
	h.y.runs.expected[key] = true
	if err := h.app.RunJob(h.y.t.Context(), "sweep", io.Discard); err != nil {
		h.y.t.Errorf("%s: %v", h.y.at, err)
	}
	return true
}
