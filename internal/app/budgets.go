package app

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync/atomic"
	"time"

	"lingke/bots"
	"lingke/configs"
	"lingke/internal/calendar"
	"lingke/internal/delivery/budget"
)

const keepBudgets = 40 * 24 * time.Hour // a month and the days in which somebody asks about it

// account is a platform's budgets as this process keeps them.
type account struct {
	limits budget.Limits
	keeper *budget.Keeper
	meter  *budget.Meter
	pushes atomic.Int64 // what the platform delivered and is not counted in the store yet
}

// countEvery is how often what the platforms delivered is counted in the store: not at every click.
const countEvery = 10 * time.Second

// openBudgets makes the budgets of the platforms that are there.
func (a *App) openBudgets() {
	a.accounts = make(map[bots.Platform]*account)
	for _, b := range a.bots {
		limits := a.limits(b.Platform())
		keeper := budget.NewKeeper(a.store, a.now)
		a.accounts[b.Platform()] = &account{limits: limits, keeper: keeper, meter: budget.NewMeter(keeper, limits, a.now)}
	}
}

// limits are a platform's, as the config has them.
func (a *App) limits(p bots.Platform) budget.Limits {
	b := a.cfg.Delivery.Budgets.DingTalk
	if p == bots.WeCom {
		b = a.cfg.Delivery.Budgets.WeCom
	}
	l := budget.Limits{
		Platform: p, APISecond: b.APISecond, APIMinute: b.APIMinute, MonthCalls: b.MonthCalls, MonthPushes: b.MonthPushes,
		PersonMinute: b.PersonMinute, PersonHour: b.PersonHour, RobotMinute: b.RobotMinute,
	}
	if p == bots.WeCom {
		l.AppDay = b.AppDay(membersOf(a.cfg, p))
	}
	return l
}

func membersOf(cfg *configs.Config, p bots.Platform) (n int) {
	for _, person := range cfg.People {
		if p == bots.WeCom && person.WeCom != "" || p == bots.DingTalk && person.DingTalk != "" {
			n++
		}
	}
	return n
}

// metered is the meter of a platform whose bot is opened before the store: until then nothing is called but what a check calls.
type metered struct {
	app      *App
	platform bots.Platform
}

// Spend is as in bots.Meter.
func (m metered) Spend(ctx context.Context, api string) error {
	if acc := m.app.accounts[m.platform]; acc != nil {
		return acc.meter.Spend(ctx, api)
	}
	return nil
}

// Refund is as in bots.Meter.
func (m metered) Refund(api string) {
	if acc := m.app.accounts[m.platform]; acc != nil {
		acc.meter.Refund(api)
	}
}

// countPush notes that a platform delivered something.
func (a *App) countPush(p bots.Platform) {
	if acc := a.accounts[p]; acc != nil {
		acc.pushes.Add(1)
	}
}

// countPushes counts in the store what the platforms delivered, now and then, and looks whether the month's calls last.
func (a *App) countPushes(ctx context.Context) {
	tick := time.NewTicker(countEvery)
	defer tick.Stop()
	for n := 0; ctx.Err() == nil; n++ {
		select {
		case <-tick.C:
		case <-ctx.Done():
		}
		a.storePushes(context.WithoutCancel(ctx))
		if n%6 == 0 {
			a.noteSaving(ctx)
		}
	}
}

// noteSaving decides, on every replica for itself, whether more is merged so that the month's calls last.
func (a *App) noteSaving(ctx context.Context) {
	all, err := a.Standings(ctx)
	if err != nil {
		return // the next look will tell
	}
	saving := false
	for _, st := range all {
		saving = saving || strings.HasSuffix(st.Name, "month-calls") && st.Over() && st.Share() >= early
	}
	a.saving.Store(saving)
}

func (a *App) storePushes(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	for _, acc := range a.accounts {
		n := acc.pushes.Swap(0)
		if n == 0 || acc.limits.MonthPushes <= 0 {
			continue
		}
		if err := acc.keeper.Count(ctx, acc.limits.Pushes(), int(n)); err != nil {
			acc.pushes.Add(n)
			a.log.LogAttrs(ctx, slog.LevelWarn, "count what the platforms delivered", slog.Any("err", err))
		}
	}
}

// closeBudgets gives back what was drawn and not used.
func (a *App) closeBudgets() {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	for _, acc := range a.accounts {
		if err := acc.keeper.Close(ctx); err != nil {
			a.log.LogAttrs(ctx, slog.LevelWarn, "give budgets back", slog.Any("err", err))
		}
	}
}

// Standings tells how the platforms' budgets stand.
func (a *App) Standings(ctx context.Context) ([]budget.Standing, error) {
	var all []budget.Standing
	for _, b := range a.bots {
		some, err := budget.Standings(ctx, a.store, a.limits(b.Platform()), a.now(), a.workdays)
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

func (a *App) workdays(from, to time.Time) int {
	return a.working.Load().calendar.Workdays(calendar.DayOf(from, a.cfg.Location), calendar.DayOf(to, a.cfg.Location))
}

// warnOfBudgets tells the managers, once for each share of a month's budget that is reached, and once when its pace is too fast for the month.
func (a *App) warnOfBudgets(ctx context.Context) (told int, err error) {
	err = a.budgetWarnings(ctx, func(id, text string) error {
		told++
		return a.dispatch.TellManagers(ctx, id, text)
	})
	return told, err
}

// budgetWarnings calls tell with what there is to say of budgets, and the id under which it is said once.
func (a *App) budgetWarnings(ctx context.Context, tell func(id, text string) error) error {
	all, err := a.Standings(ctx)
	if err != nil {
		return err
	}
	for _, st := range all {
		if st.Forecast == 0 && st.Used == 0 || st.Resets.IsZero() {
			continue
		}
		id, why := a.warning(st)
		if id == "" {
			continue
		}
		if err := tell(fmt.Sprintf("budget-%s-%s-%s", st.Name, budget.Month(a.now()).Format("2006-01"), id), why); err != nil {
			return err
		}
	}
	return nil
}

// early is the share of a month's budget below which a forecast is no warning yet: a few busy days say little.
const early = 0.25

// warning is what there is to say of a budget, and by what it is told apart from other warnings of the same budget and month; "" where there is nothing.
func (a *App) warning(st budget.Standing) (id, text string) {
	reached := 0
	for _, share := range a.cfg.Delivery.Budgets.Warn {
		if st.Used*100 >= share*st.Max && share > reached {
			reached = share
		}
	}
	switch {
	case reached > 0:
		id = fmt.Sprint("share", reached)
	case st.Over() && st.Share() >= early:
		id = "pace"
	default:
		return "", ""
	}
	lines := []string{
		fmt.Sprintf("**%s已用 %d / %d（%.0f%%）**", budget.Title(st.Name), st.Used, st.Max, 100*st.Share()),
		fmt.Sprintf("按现在的速度，到月底约用 %d，%s。", st.Forecast, over(st)),
	}
	if strings.HasSuffix(st.Name, "month-calls") {
		lines = append(lines, "领客会把不急的消息合并成摘要以节省额度。仍不够时，可在钉钉管理后台购买接口调用包，并在 delivery.budgets 中改成新的额度。")
	}
	return id, strings.Join(lines, "\n")
}

func over(st budget.Standing) string {
	if st.Over() {
		return fmt.Sprintf("超出 %d", st.Forecast-st.Max)
	}
	return "够用"
}
