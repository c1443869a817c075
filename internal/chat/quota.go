package chat

import (
	"context"
	"fmt"
	"strings"

	"lingke/bots"
	"lingke/internal/delivery"
	"lingke/internal/delivery/budget"
	"lingke/internal/lang"
)

// quota answers 额度: how the platforms' budgets stand, and what waits.
func (s *Service) quota(ctx context.Context, q question) (reply, error) {
	var lines []string
	if s.Budgets != nil {
		all, err := s.Budgets(ctx)
		if err != nil {
			return reply{}, fmt.Errorf("budgets: %w", err)
		}
		for _, st := range all {
			lines = append(lines, "- "+s.standing(q, st))
		}
	}
	if len(lines) == 0 {
		lines = []string{q.say("没有配置平台额度。", "No budget is configured.")}
	} else {
		lines = append([]string{q.say("平台额度：", "Budgets of the platforms:")}, lines...)
	}
	depths, err := s.Records.Depths(ctx, s.Now())
	if err != nil {
		return reply{}, fmt.Errorf("depths: %w", err)
	}
	return said(strings.Join(append(lines, s.queued(q, depths)), "\n")), nil
}

func (s *Service) standing(q question, st budget.Standing) string {
	title := budget.Title(st.Name)
	if q.who.Language == lang.English {
		title = st.Name
	}
	line := q.sayf("%s：已用 %d / %d（%.0f%%）", "%s: %d of %d used (%.0f%%)", title, st.Used, st.Max, 100*st.Share())
	if st.Resets.IsZero() {
		return line
	}
	line += q.sayf("，预计月底 %d", ", %d by the end of the month", st.Forecast)
	if st.Over() {
		line += q.sayf("，⚠️ 将超出 %d", ", ⚠️ %d too many", st.Forecast-st.Max)
	}
	return line + q.sayf("，%s 重新计算", ", begins anew on %s", s.Cards.In(q.who.Language).When(st.Resets))
}

// queued says how much waits and how much was given up.
func (s *Service) queued(q question, depths []delivery.Depth) string {
	var due, dead int
	oldest := ""
	for _, d := range depths {
		if d.State == delivery.Dead {
			dead += d.N
			continue
		}
		due += d.N
		if !d.Oldest.IsZero() {
			oldest = q.sayf("，其中到期最久的已等 %s", ", the oldest that is due for %s", plainly(q, s.Now().Sub(d.Oldest)))
		}
	}
	line := q.sayf("等待发送 %d 条%s；死信 %d 条", "%d wait to be sent%s; %d were given up", due, oldest, dead)
	if dead > 0 {
		line += q.say("（发“死信”查看）", " (send “deadletters”)")
	}
	return line
}

// platformName is what people call a platform.
func platformName(q question, p bots.Platform) string {
	if p == bots.WeCom {
		return q.say("企业微信", "WeCom")
	}
	return q.say("钉钉", "DingTalk")
}
