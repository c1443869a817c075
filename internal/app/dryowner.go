package app

import (
	"context"
	"fmt"
	"io"

	"lingke/internal/cards"
	"lingke/internal/customer"
)

// dryOwnership writes what the owners' clocks would do now: who is reminded, of whom managers hear, who is asked to take over, and who loses a customer.
func (a *App) dryOwnership(ctx context.Context, w io.Writer) error {
	n, moved := 0, 0
	err := a.assign.TryClocks(ctx, func(was, is customer.Customer) error {
		n++
		if was.Owner != is.Owner {
			moved++
		}
		for _, line := range a.ownerSteps(was, is) {
			fmt.Fprintf(w, "%s　%s（%s）：%s\n", a.ownerName(was), cards.Name(is), is.Tier, line)
		}
		return nil
	})
	if err == nil {
		tried(w, "%d 个客户有动作，其中 %d 个换负责人或移回公海", n, moved)
	}
	return err
}

// ownerSteps tells what the clock does to a customer, a line for each step.
func (a *App) ownerSteps(was, is customer.Customer) (lines []string) {
	switch {
	case was.Owner == "":
		return []string{"冷却期已过，可以再次领取"}
	case is.Owner != was.Owner && is.Owner != "":
		return []string{fmt.Sprintf("%s，改由 %s 负责（%s）", a.lostWhy(was), a.dispatch.PersonName(is.Owner), cards.HandedBy(is.Handed))}
	case is.Owner == "":
		return []string{fmt.Sprintf("%s，移回 %s", a.lostWhy(was), is.Pool)}
	}
	if is.Clock.Episode > was.Clock.Episode {
		lines = append(lines, "提醒负责人跟进"+a.lastWorked(is))
	}
	for _, e := range is.Effects[len(was.Effects):] {
		if e.Kind == customer.EffectCopied {
			lines = append(lines, "告知主管"+a.lastWorked(is))
		}
	}
	if to := is.Clock.Offer.To; to != "" && to != was.Clock.Offer.To {
		lines = append(lines, fmt.Sprintf("询问 %s 是否接手", a.dispatch.PersonName(to)))
	}
	if len(lines) == 0 {
		lines = append(lines, "更新负责人的卡片")
	}
	if is.Clock.Move != "" {
		lines[len(lines)-1] += fmt.Sprintf("，仍不跟进则 %s %s", a.when(is.Clock.MoveAt), stepName(is.Clock.Move))
	}
	return lines
}

func (a *App) lastWorked(c customer.Customer) string {
	return fmt.Sprintf("（自 %s 起没有跟进）", a.when(c.Clock.Last))
}

// lostWhy is why an owner loses a customer.
func (a *App) lostWhy(was customer.Customer) string {
	if p, known := a.people.ByID(was.Owner); !known || !p.Left.IsZero() && !p.Left.After(a.now()) {
		return "负责人已离职"
	}
	return "负责人" + a.lastWorked(was)
}

// stepName is a step that moves a customer, as people call it.
func stepName(s customer.Step) string {
	switch s {
	case customer.StepOffer:
		return "询问同事是否接手"
	case customer.StepReassign:
		return "改派给同事"
	}
	return "移回公海"
}
