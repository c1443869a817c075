package app

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"lingke/internal/access"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/lang"
	"lingke/schedules"
)

// dryJobs say beforehand what jobs that tell somebody something would tell, besides those of an occasion.
func (a *App) dryJobs() map[string]func(context.Context, io.Writer) error {
	dry := map[string]func(context.Context, io.Writer) error{
		schedules.DueTasksName: a.dryTasks,
		"hand-out":             a.dryHandOut,
		"ownership":            a.dryOwnership,
		"daily":                a.dryDaily,
		"report-weekly":        func(ctx context.Context, w io.Writer) error { return a.dryPeriod(ctx, w, a.weekBefore) },
		"report-monthly":       func(ctx context.Context, w io.Writer) error { return a.dryPeriod(ctx, w, a.monthBefore) },
		"dead-letters":         a.dryDeadLetters,
		"budgets":              a.dryBudgets,
		"lapses":               a.dryLapses,
		"ask":                  a.dryAsk,
	}
	for _, r := range reviews {
		dry[r.name] = func(ctx context.Context, w io.Writer) error { return a.dryReview(ctx, w, r) }
	}
	return dry
}

// quietJobs are the others, and what they do.
var quietJobs = map[string]string{
	"sweep":       "补做中断留下的消息和任务，不产生新的。",
	"rescore":     "重新计算所有客户的得分和层级；层级变化的客户会告知负责人。修改模型之前，用 lingke model dry-run 看谁会变动。",
	"ranks":       "客户数翻倍后重新排名；层级因此变化的客户会告知负责人。",
	"imports":     "继续中断的导入，完成后告知导入的人。",
	"purge":       "清理过期的记录，不给任何人发消息。",
	"check-reads": "核对查看日志是否完整，只有发现缺失时才告知主管。",
	"results":     "向平台查询消息的送达结果，不给任何人发消息。",
	"figures":     "客户多时提前算好常用报表，不给任何人发消息。",
}

// quietJob says what a job does that tells nobody anything by itself. Those of a connector or an address book are named for it.
func quietJob(name string) string {
	if does, known := quietJobs[name]; known {
		return name + " " + does
	}
	switch kind, of, _ := strings.Cut(name, ":"); kind {
	case "sync":
		return fmt.Sprintf("%s 从 %s 取新数据；先看会新增、合并、修改什么：lingke sync %s --dry-run。", name, of, of)
	case "scan":
		return fmt.Sprintf("%s 查找 %s 里已删除的客户和订单，只作标记，不给任何人发消息。", name, of)
	}
	return name + " 不给任何人发消息。"
}

// tried ends what a dry run writes.
func tried(w io.Writer, format string, args ...any) {
	fmt.Fprintf(w, "试运行：%s；什么都没有保存。\n", fmt.Sprintf(format, args...))
}

// dryHandOut writes who would get what waits.
func (a *App) dryHandOut(ctx context.Context, w io.Writer) error {
	given, waiting, err := a.assign.TryHandOut(ctx)
	if err != nil {
		return err
	}
	for _, c := range given {
		fmt.Fprintf(w, "%s　%s（%s）：%s\n", a.dispatch.PersonName(c.Owner), cards.Name(c), c.Pool, cards.HandedBy(c.Handed))
	}
	tried(w, "%d 个客户会分配，%d 个暂时无人能接", len(given), waiting)
	return nil
}

// dryDaily writes whose list would be shown, and what is on it.
func (a *App) dryDaily(ctx context.Context, w io.Writer) error {
	lists := 0
	for _, p := range a.people.All() {
		if !p.May(access.Claim) {
			continue
		}
		best, err := a.best(ctx, p.ID)
		if err != nil {
			return err
		}
		switch {
		case !a.worksOn(p.ID, a.now().In(a.cfg.Location)):
			fmt.Fprintf(w, "%s　今天不上班，不发\n", p.Name)
		case len(best) == 0:
			fmt.Fprintf(w, "%s　名下没有客户，不发\n", p.Name)
		default:
			lists++
			fmt.Fprintf(w, "%s　今日重点客户 %d 个：%s\n", p.Name, len(best), withScores(best))
		}
	}
	tried(w, "%d 人会收到今日重点客户", lists)
	return nil
}

// withScores lists customers with their scores.
func withScores(all []customer.Customer) string {
	parts := make([]string, len(all))
	for i, c := range all {
		parts[i] = fmt.Sprintf("%s（%.0f 分）", cards.Name(c), c.Score.Total)
	}
	return strings.Join(parts, "、")
}

// dryPeriod writes the report that managers would get.
func (a *App) dryPeriod(ctx context.Context, w io.Writer, period func(time.Time) (lastPeriod, error)) error {
	p, err := period(a.now())
	if err != nil {
		return err
	}
	write, _, err := a.writePeriod(ctx, p)
	if err != nil {
		return err
	}
	title, body := write(lang.Chinese)
	fmt.Fprintf(w, "%s　%s（%s），附图表：\n%s\n\n", a.managers(), title, p.Said(lang.Chinese, a.cfg.Location), strings.ReplaceAll(body, "**", ""))
	tried(w, "%d 位主管会收到", len(a.people.Managers()))
	return nil
}

// managers names them.
func (a *App) managers() string {
	var names []string
	for _, p := range a.people.Managers() {
		names = append(names, p.Name)
	}
	return strings.Join(names, "、")
}

// dryReview writes what managers would be asked to look at.
func (a *App) dryReview(ctx context.Context, w io.Writer, r review) error {
	day, text, _, _, err := a.asksFor(ctx, r, a.now())
	switch {
	case err != nil:
		return err
	case text == "":
		fmt.Fprintf(w, "%s 今天不提醒：%s\n", r.name, r.text)
		tried(w, "没有人会收到")
	default:
		fmt.Fprintf(w, "%s　%s（%s）\n", a.managers(), text, day)
		tried(w, "%d 位主管会收到", len(a.people.Managers()))
	}
	return nil
}

// dryDeadLetters writes of which messages that were given up managers would be told.
func (a *App) dryDeadLetters(ctx context.Context, w io.Writer) error {
	all, err := a.dispatch.GivenUp(ctx, a.now())
	if err != nil {
		return err
	}
	n := 0
	for _, g := range all {
		fmt.Fprintf(w, "%s　未送达 %d 条（%s）：%s\n", a.managers(), g.N, g.Platform, g.Why)
		n += g.N
	}
	tried(w, "最近一小时 %d 条消息未送达，已告知过的不再重复", n)
	return nil
}

// dryBudgets writes what managers would be told of budgets.
func (a *App) dryBudgets(ctx context.Context, w io.Writer) error {
	n := 0
	err := a.budgetWarnings(ctx, func(_, text string) error {
		fmt.Fprintf(w, "%s　%s\n", a.managers(), strings.ReplaceAll(text, "**", ""))
		n++
		return nil
	})
	if err == nil {
		tried(w, "%d 项额度需要提醒，同一档提醒过的不再重复", n)
	}
	return err
}

// dryLapses writes whose scores lose what a person added to them.
func (a *App) dryLapses(ctx context.Context, w io.Writer) error {
	all, err := a.store.LapsedCustomers(ctx, a.now(), 1000)
	if err != nil {
		return err
	}
	slices.SortFunc(all, func(a, b customer.Customer) int { return strings.Compare(a.Owner, b.Owner) })
	for _, c := range all {
		fmt.Fprintf(w, "%s　%s：人工调整已到期，恢复模型给出的得分；层级变化时告知负责人\n", a.ownerName(c), cards.Name(c))
	}
	tried(w, "%d 个客户的人工调整到期", len(all))
	return nil
}

func (a *App) ownerName(c customer.Customer) string {
	if c.Owner == "" {
		return "无负责人"
	}
	return a.dispatch.PersonName(c.Owner)
}

// dryAsk writes about how many pairs of customers managers would be asked whether they are one.
func (a *App) dryAsk(ctx context.Context, w io.Writer) error {
	n := 0
	for _, state := range []customer.QuestionState{customer.QuestionOpen, customer.QuestionWaiting} {
		page, _, err := a.store.Questions(ctx, state, "", 1000)
		if err != nil {
			return err
		}
		for _, q := range page {
			if q.Due.After(a.now()) {
				continue
			}
			fmt.Fprintf(w, "%s　%s 与 %s 是不是同一个客户\n", a.managers(), q.A, q.B)
			n++
		}
	}
	tried(w, "%d 对疑似重复的客户待主管判断，问过的不再重复", n)
	return nil
}
