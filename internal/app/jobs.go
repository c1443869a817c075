package app

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"lingke/configs"
	"lingke/internal/customer"
	"lingke/internal/followup"
	"lingke/internal/ingest"
	"lingke/internal/store"
)

// ErrNoJob says that the timetable has no job of that name.
var ErrNoJob = errors.New("there is no such job")

// occasions are the jobs that look at every customer, and can say beforehand what they would ask for.
var occasions = map[string]customer.Occasion{
	"churn": customer.Morning, "anniversaries": customer.Anniversaries, "cadence": customer.Contacts, "plays": customer.Plays,
}

// PrintJobs writes the timetable: each job, when it is due next, and what its last run came to.
func (a *App) PrintJobs(ctx context.Context, w io.Writer) error {
	for _, j := range a.table.Jobs() {
		last := "从未运行"
		run, err := a.store.LastRun(ctx, j.Name)
		switch {
		case err == nil && run.Ended.IsZero():
			last = a.when(run.Due) + " 起运行中"
		case err == nil:
			last = a.when(run.Due) + "：" + run.Outcome
		case !errors.Is(err, store.ErrNotFound):
			return fmt.Errorf("last run of %s: %w", j.Name, err)
		}
		fmt.Fprintf(w, "%-16s %-16s 下次 %s　上次 %s\n", j.Name, j.Spec, a.when(j.Spec.Next(a.now())), last)
	}
	for _, name := range slices.Sorted(maps.Keys(a.cfg.JobSpecs())) {
		if a.jobOff(name) {
			fmt.Fprintf(w, "%-16s %-16s 配置已停用\n", name, configs.JobOff)
		}
	}
	return nil
}

// RunJob runs a job at once, as a run due now, and writes what it came to. ErrNoJob.
func (a *App) RunJob(ctx context.Context, name string, w io.Writer) error {
	if _, known := a.table.Job(name); !known {
		return a.noJob(name)
	}
	due := a.now()
	a.table.RunNow(ctx, name)
	run, err := a.store.LastRun(ctx, name)
	if err != nil {
		return fmt.Errorf("run of %s: %w", name, err)
	}
	if run.Due.Before(due.Add(-time.Second)) || run.Ended.IsZero() {
		return fmt.Errorf("job %s: another gateway is at it", name)
	}
	fmt.Fprintf(w, "%s：%s\n", name, run.Outcome)
	return nil
}

func (a *App) noJob(name string) error {
	if a.jobOff(name) {
		return fmt.Errorf("%w: %q is off under jobs in the config", ErrNoJob, name)
	}
	var names []string
	for _, j := range a.table.Jobs() {
		names = append(names, j.Name)
	}
	return fmt.Errorf("%w: %q; there are %s", ErrNoJob, name, strings.Join(names, ", "))
}

// DryRunJob writes who would get what and why if the job ran now, and stores nothing. Of jobs that only keep the store in order it says so. ErrNoJob.
func (a *App) DryRunJob(ctx context.Context, name string, w io.Writer) error {
	if _, known := a.table.Job(name); !known {
		return a.noJob(name)
	}
	if o, looks := occasions[name]; looks {
		return a.dryFollowUp(ctx, o, w)
	}
	if try, tells := a.dryJobs()[name]; tells {
		return try(ctx, w)
	}
	fmt.Fprintln(w, quietJob(name)+"去掉 --dry-run 即运行。")
	return nil
}

func (a *App) dryFollowUp(ctx context.Context, o customer.Occasion, w io.Writer) error {
	if o == customer.Morning {
		fitted, err := a.fitRhythm(ctx)
		if err != nil {
			return err
		}
		a.rhythm.Store(fitted) // of this process only
	}
	var all []ingest.Asked
	kept, left, _, err := a.plan(ctx, o, func(one ingest.Asked) error { all = append(all, one); return nil })
	if err != nil {
		return err
	}
	all = append(all, kept...)
	slices.SortFunc(all, ingest.Asked.Before)
	work := 0
	for _, one := range all {
		a.printAsked(w, one)
		work += len(one.Work)
	}
	fmt.Fprintf(w, "\n试运行：%d 个客户，%d 项任务；什么都没有保存。\n", len(all), work)
	if len(all) == 0 {
		fmt.Fprintf(w, "没有客户符合。进系统不满 %s（配置里的 settle）的客户、以及要由负责人去做而还没有负责人的客户，暂不参与。\n", a.cfg.Settle)
	}
	if left > 0 {
		fmt.Fprintf(w, "另有 %d 个客户超过每人每天的上限，留到之后的工作日。\n", left)
	}
	if !a.workday(a.now()) {
		fmt.Fprintln(w, "今天不是工作日，按时间表不会运行。")
	}
	return nil
}

// printAsked writes what one customer's owner would get.
func (a *App) printAsked(w io.Writer, one ingest.Asked) {
	owner := "无负责人（告知主管）"
	if one.Owner != "" {
		owner = a.dispatch.PersonName(one.Owner)
	}
	name := cmp.Or(one.Name, one.Customer)
	for _, t := range one.Work {
		fmt.Fprintf(w, "%s　%s：%s，限 %s\n", owner, t.Title, name, t.Due)
		for line := range strings.SplitSeq(strings.ReplaceAll(t.Why, "**", ""), "\n") {
			fmt.Fprintln(w, "    "+line)
		}
	}
	for _, t := range one.Calm {
		fmt.Fprintf(w, "%s　结束任务：%s，%s\n", owner, name, t.Why)
	}
	if len(one.Work)+len(one.Calm) == 0 {
		fmt.Fprintf(w, "%s　%s：只更新记录\n", owner, name)
	}
}

// dryTasks writes of which tasks somebody would be told now.
func (a *App) dryTasks(ctx context.Context, w io.Writer) error {
	page, next, err := a.store.Tasks(ctx, followup.Query{WakeBefore: a.now(), Limit: 1000})
	if err != nil {
		return fmt.Errorf("due tasks: %w", err)
	}
	for _, t := range page {
		what := "提醒负责人"
		if a.now().After(t.Due) {
			what = "已超时，提醒负责人或告知主管"
		}
		fmt.Fprintf(w, "%s　%s（客户 %s，截止 %s）：%s\n", a.dispatch.PersonName(t.Owner), t.Title, t.Customer, a.when(t.Due), what)
	}
	if next != "" {
		fmt.Fprintln(w, "……")
	}
	fmt.Fprintf(w, "试运行：%d 个任务；什么都没有保存。\n", len(page))
	return nil
}
