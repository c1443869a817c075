package delivery

import (
	"context"
	"time"
)

// Moot is the stage that drops what there is nothing left to tell of: a card with buttons whose buttons were gone before anybody saw it. It was claimed, done or taken
// back while it waited.
type Moot struct{}

// Hold is as in Stage.
func (Moot) Hold(_ context.Context, _ time.Time, all []Delivery) ([]Hold, error) {
	holds := make([]Hold, len(all))
	for i, d := range all {
		if d.news() && d.Pressable && d.Card != nil && !d.Card.Live() {
			holds[i] = Hold{Ended: Withdrawn, Why: "发送前已处理：" + d.Card.State}
		}
	}
	return holds, nil
}
