package app

import (
	"context"
	"fmt"
	"io"
	"time"

	"lingke/internal/assign"
	"lingke/internal/cards"
)

// SimulateHandOut writes who would have got the customers that came into a pool in the last days by its present rule, or by another strategy, and why. It
// changes nothing.
func (a *App) SimulateHandOut(ctx context.Context, w io.Writer, pool, strategy string, days int) error {
	since := a.now().Add(-time.Duration(days) * 24 * time.Hour)
	all, err := a.assign.Simulate(ctx, pool, assign.Strategy(strategy), since)
	if err != nil {
		return err
	}
	got, waiting := make(map[string]int), 0
	for _, o := range all {
		c := o.Customer
		what := "无人：" + a.dispatch.Cards.Waiting(c)
		if c.Owner != "" {
			got[c.Owner]++
			what = a.dispatch.PersonName(c.Owner) + "　" + cards.HandedBy(c.Handed)
		} else {
			waiting++
		}
		fmt.Fprintf(w, "%s　%s → %s\n", a.dispatch.Cards.When(o.Arrived), cards.Name(c), what)
	}
	fmt.Fprintf(w, "\n%s，最近 %d 天共 %d 个：\n", pool, days, len(all))
	p, _ := a.rules.Load().Pools.ByName(pool)
	for _, member := range a.people.Team(p.Team) {
		fmt.Fprintf(w, "- %s：%d 个\n", member.Name, got[member.ID])
	}
	if waiting > 0 {
		fmt.Fprintf(w, "- 无人接：%d 个\n", waiting)
	}
	fmt.Fprintln(w, "（假定开始时名下都没有客户；不改变任何数据）")
	return nil
}
