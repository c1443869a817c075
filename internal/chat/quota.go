package chat

import (
	"context"
	"fmt"
	"strings"
	"time"

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
	lines = append(lines, s.queued(q, depths))
	results, err := s.results(ctx, q)
	if err != nil {
		return reply{}, err
	}
	return said(strings.Join(append(lines, results...), "\n")), nil
}

// lookedBack is of how long, and of how many messages at most, it is told what became of them.
const (
	lookedBack = 24 * time.Hour
	mostLooked = 3000
)

// results says how many people have read what was sent in the last day, as far as the platforms tell.
func (s *Service) results(ctx context.Context, q question) ([]string, error) {
	var read, unread, refused, seen int
	since := s.Now().Add(-lookedBack)
	for query := (delivery.Query{Limit: 1000}); seen < mostLooked; {
		page, next, err := s.Records.Deliveries(ctx, query)
		if err != nil {
			return nil, fmt.Errorf("what became of messages: %w", err)
		}
		for _, d := range page {
			if seen++; d.Report != nil && d.Created.After(since) {
				read, unread, refused = read+d.Report.Read, unread+d.Report.Unread, refused+len(d.Report.Failed)
			}
		}
		if next == "" || !page[len(page)-1].Created.After(since) {
			break
		}
		query.After = next
	}
	if read+unread+refused == 0 {
		return nil, nil
	}
	return []string{q.sayf("送达回执（24 小时内，平台能告知的）：已读 %d 人次，未读 %d，被拒 %d（已改道、改天或列为死信）",
		"What the platforms tell of the last 24 hours: %d have read, %d have not, %d were refused (sent another way, put off or given up)", read, unread, refused)}, nil
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
