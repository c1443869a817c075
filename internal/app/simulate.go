package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"lingke/internal/assign"
	"lingke/internal/cards"
)

// SimulateHandOut writes who would have got the customers that came into a pool in the last days by its present rule, or by another strategy, and why. It
// changes nothing.
func (a *App) SimulateHandOut(ctx context.Context, w io.Writer, pool, strategy string, days int) error {
	if err := a.canSimulate(pool, strategy); err != nil {
		return err
	}
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

// errSimulate says what a simulation cannot be made of.
var errSimulate = errors.New("nothing to simulate")

// canSimulate reports what is wrong with the names that somebody gave, and which there are.
func (a *App) canSimulate(pool, strategy string) error {
	pools := a.rules.Load().Pools
	p, known := pools.ByName(pool)
	by := assign.Pool{Strategy: cmp.Or(assign.Strategy(strategy), p.Strategy)}
	switch {
	case !known:
		var names []string
		for _, one := range pools {
			names = append(names, one.Name)
		}
		return fmt.Errorf("%w: there is no pool %q; there are %s", errSimulate, pool, strings.Join(names, ", "))
	case by.HandsOut():
		return nil
	case strategy != "":
		return fmt.Errorf("%w: %q is no strategy that hands out; there are rotate, equal, weighted, least", errSimulate, strategy)
	}
	return fmt.Errorf("%w: pool %q has strategy %s, which hands nothing out by rule; try one with --strategy rotate, equal, weighted or least", errSimulate, pool, p.Strategy)
}
