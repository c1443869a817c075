package chat

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/store"
)

const (
	deadShown  = 10
	replayMost = 500 // in one command
)

// deadLetters answers 死信: what was given up, with the reason, and tries it again where that is asked for.
func (s *Service) deadLetters(ctx context.Context, q question) (reply, error) {
	what := strings.ToLower(strings.TrimFunc(q.rest, around))
	for _, all := range replayAllWords {
		if what == all {
			return s.replayDead(ctx, q)
		}
	}
	for _, one := range replayWords {
		if strings.HasPrefix(what, one) {
			rest := strings.TrimFunc(q.rest, around)
			return s.replayOne(ctx, q, strings.TrimFunc(rest[len(one):], around))
		}
	}
	return s.listDead(ctx, q)
}

func (s *Service) listDead(ctx context.Context, q question) (reply, error) {
	page, next, err := s.Records.Deliveries(ctx, delivery.Query{State: delivery.Dead, Limit: deadShown})
	if err != nil {
		return reply{}, fmt.Errorf("dead letters: %w", err)
	}
	if len(page) == 0 {
		return said(q.say("没有死信，消息都已送达、合并或仍在等待发送。", "No message was given up: all were delivered, merged, or still wait.")), nil
	}
	lines := []string{q.say("没有送达的消息，最新的在前：", "Messages that were given up, newest first:")}
	for _, d := range page {
		lines = append(lines, "- "+s.deadLine(q, d))
	}
	if next != "" {
		lines = append(lines, q.sayf("只列出前 %d 条，其余见 API /api/v1/deliveries?state=dead。", "Only the first %d are listed; the others are at /api/v1/deliveries?state=dead.", deadShown))
	}
	lines = append(lines, q.say("修复原因后回复“死信 重发 <编号>”或“死信 全部重发”。", "Once the reason is mended, send “deadletters replay <number>” or “deadletters replay all”."))
	r := said(strings.Join(lines, "\n"))
	for _, d := range page {
		if d.Customer != "" { // the messages tell of customers what those were told to whom they were to go
			r = r.saw(access.Sight{Tier: true, Basis: true}, customer.Customer{ID: d.Customer})
		}
	}
	return r, nil
}

// deadLine is one dead letter: what, to whom, when, why, and the number by which it is replayed.
func (s *Service) deadLine(q question, d delivery.Delivery) string {
	what := d.Text
	if d.Card != nil {
		what = d.Card.Title
	}
	what, _, _ = strings.Cut(what, "\n")
	when := s.Cards.In(q.who.Language).When(d.Ended)
	return q.sayf("%s %s → %s（%s）：%s\n  编号 %s", "%s %s → %s (%s): %s\n  number %s",
		when, bots.CutRunes(what, 30), s.readersOf(q, d), platformName(q, d.Platform), bots.CutRunes(d.Why, 80), d.ID)
}

// readersOf names whom a delivery is for.
func (s *Service) readersOf(q question, d delivery.Delivery) string {
	if len(d.To) == 0 {
		return q.say("群", "a group")
	}
	names := make([]string, 0, len(d.To))
	for _, to := range d.To {
		name := to
		if p, ok := s.People.ByPlatform(string(d.Platform), to); ok {
			name = p.Name
		}
		names = append(names, name)
	}
	if len(names) > 3 {
		return q.sayf("%s 等 %d 人", "%s and others, %d people", strings.Join(names[:3], q.say("、", ", ")), len(names))
	}
	return strings.Join(names, q.say("、", ", "))
}

func (s *Service) replayOne(ctx context.Context, q question, id string) (reply, error) {
	if id == "" {
		return said(q.say("请写上编号，例如：死信 重发 task-1a2b3c", "Which one? For example: deadletters replay task-1a2b3c")), nil
	}
	err := s.Records.Replay(ctx, id, s.Now().UTC().Truncate(time.Millisecond))
	if errors.Is(err, store.ErrNotFound) {
		return said(q.sayf("没有编号为 %s 的死信，可能已经重发。", "No given up message has the number %s; perhaps it was replayed.", bots.CutRunes(id, 64))), nil
	}
	if err != nil {
		return reply{}, fmt.Errorf("replay: %w", err)
	}
	return said(q.sayf("已重新发送 %s。", "%s is sent again.", id)), nil
}

// replayDead tries all of them again, the newest first.
func (s *Service) replayDead(ctx context.Context, q question) (reply, error) {
	done := 0
	for done < replayMost {
		page, _, err := s.Records.Deliveries(ctx, delivery.Query{State: delivery.Dead, Limit: 100})
		if err != nil {
			return reply{}, fmt.Errorf("dead letters: %w", err)
		}
		if len(page) == 0 {
			break
		}
		for _, d := range page {
			err := s.Records.Replay(ctx, d.ID, s.Now().UTC().Truncate(time.Millisecond))
			if err != nil && !errors.Is(err, store.ErrNotFound) {
				return reply{}, fmt.Errorf("replay: %w", err)
			}
			done++
		}
	}
	if done == 0 {
		return said(q.say("没有死信。", "No message was given up.")), nil
	}
	return said(q.sayf("已重新发送 %d 条。再次失败的会重新列为死信。", "%d are sent again. What fails again is listed again.", done)), nil
}
