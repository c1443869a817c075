package recount

import (
	"time"

	"lingke/internal/report"
)

// Trial is who had a part in a play and bought within its time, and who was held out of it and bought.
type Trial struct{ Treated, Bought, Held, HeldBought, Waiting int }

// Trial adds up the only play that the lists have, measured over some time, as things stood at an instant.
func (l Lists) Trial(measure time.Duration, asOf time.Time) (t Trial) {
	for _, part := range l.Exposures {
		during := report.Period{From: l.when(part["开始时间"])}
		if during.To = during.From.Add(measure); during.To.After(asOf) {
			t.Waiting++
			continue
		}
		hit := 0
		for _, o := range l.Orders {
			if o["领客编号"] == part["领客编号"] && won(o) && l.in(o["日期"], during) {
				hit = 1
			}
		}
		if part["留出"] == "是" {
			t.Held, t.HeldBought = t.Held+1, t.HeldBought+hit
		} else {
			t.Treated, t.Bought = t.Treated+1, t.Bought+hit
		}
	}
	return t
}
