package chat

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"lingke/internal/access"
	"lingke/internal/calendar"
	"lingke/internal/delivery"
	"lingke/internal/lang"
)

// wishes keeps what people ask for about being told things; see delivery.WishBook.
type wishes interface {
	Wishes(ctx context.Context) (delivery.Wishes, error)
	Change(ctx context.Context, person string, change func(delivery.Wish) delivery.Wish) (delivery.Wish, error)
}

// quieting are the commands by which people say when they want to be told things.
func quieting() []command {
	return []command{
		{id: "mute", words: []string{"静音", "免打扰", "mute"}, may: access.SeeTier, private: true, run: (*Service).mute, usage: lang.Text{
			ZH: "静音 2h / 静音 到明天 / 静音 流失 3d 出差：暂时不收提醒；静音 22:00-09:00：每天的免打扰时段；静音 取消；静音 查看",
			EN: "mute 2h, mute tomorrow, mute churn 3d: no reminders for a while; mute 22:00-09:00: every day; mute off; mute status",
		}},
	}
}

// longestMute bounds a mute: somebody who forgets it would never hear again.
const longestMute = 30 * 24 * time.Hour

// mute answers 静音.
func (s *Service) mute(ctx context.Context, q question) (reply, error) {
	if s.Wishes == nil {
		return said(q.say("这里没有启用静音。", "Muting is not available here.")), nil
	}
	text := strings.TrimFunc(q.rest, around)
	switch word := strings.ToLower(text); {
	case slices.Contains(statusWords, word):
		all, err := s.Wishes.Wishes(ctx)
		if err != nil {
			return reply{}, fmt.Errorf("wishes: %w", err)
		}
		return said(s.wishText(q, all.Of(q.who.ID))), nil
	case slices.Contains(offWords, word):
		_, err := s.Wishes.Change(ctx, q.who.ID, func(w delivery.Wish) delivery.Wish { return delivery.Wish{Platform: w.Platform} })
		return said(q.say("已取消静音和免打扰时段，消息照常发送。", "You are told everything again.")), err
	}
	if from, to, ok := calendar.ParseDaily(text); ok {
		w, err := s.Wishes.Change(ctx, q.who.ID, func(w delivery.Wish) delivery.Wish { w.QuietFrom, w.QuietTo = from, to; return w })
		return said(s.wishText(q, w)), err
	}
	m, problem := s.muteOf(q, text)
	if problem != "" {
		return said(problem), nil
	}
	w, err := s.Wishes.Change(ctx, q.who.ID, func(w delivery.Wish) delivery.Wish { return withMute(w, m) })
	return said(s.wishText(q, w)), err
}

// withMute puts a mute in place of the one of the same kind.
func withMute(w delivery.Wish, m delivery.Mute) delivery.Wish {
	for i, old := range w.Mutes {
		if old.Kind == m.Kind {
			w.Mutes[i] = m
			return w
		}
	}
	w.Mutes = append(w.Mutes, m)
	return w
}

// muteOf reads a mute as people write it: a kind, how long, and why, of which only how long is needed.
func (s *Service) muteOf(q question, text string) (delivery.Mute, string) {
	m := delivery.Mute{From: q.at}
	text = simplified(text)
	for _, k := range kindWords {
		if rest, ok := strings.CutPrefix(strings.ToLower(text), k.word); ok {
			m.Kind, text = k.kind, strings.TrimLeftFunc(text[len(text)-len(rest):], around)
			break
		}
	}
	text = strings.TrimPrefix(text, thisWord)
	until, rest, ok := calendar.ParseUntil(text, q.at.In(s.Zone))
	if !ok {
		return m, q.say("要静音多久？例如：静音 2h、静音 30分钟、静音 到明天、静音 到18:00、静音 流失 3天 出差。",
			"For how long? For example: mute 2h, mute 30m, mute tomorrow, mute until 18:00, mute churn 3d.")
	}
	if until.Sub(q.at) > longestMute {
		return m, q.say("最长可以静音 30 天。", "The longest mute is 30 days.")
	}
	m.Until, m.Reason = until.UTC().Truncate(time.Millisecond), strings.TrimFunc(rest, around)
	return m, ""
}

// wishText says what somebody asked for.
func (s *Service) wishText(q question, w delivery.Wish) string {
	var lines []string
	for _, m := range w.Mutes {
		if !m.Until.After(s.Now()) {
			continue
		}
		what := q.say("所有提醒", "all reminders")
		for _, k := range kindWords {
			if k.kind == m.Kind && m.Kind != "" {
				what = k.word
				break
			}
		}
		line := q.sayf("已静音%s，到 %s", "Muted: %s, until %s", what, s.Cards.In(q.who.Language).When(m.Until))
		if m.Reason != "" {
			line += q.sayf("（%s）", " (%s)", m.Reason)
		}
		lines = append(lines, line)
	}
	if w.QuietFrom != w.QuietTo {
		lines = append(lines, q.sayf("每天 %s–%s 免打扰", "Quiet every day from %s to %s", clockText(w.QuietFrom), clockText(w.QuietTo)))
	}
	if len(lines) == 0 {
		return q.say("没有静音，消息照常发送（夜间除外）。", "Nothing is muted; you are told everything (but at night).")
	}
	lines = append(lines, q.say("到期后补发；发给多人的新线索不补发，可发“名单 无人认领”查看。你的提问和点击照常回复。发“静音 取消”恢复。",
		"What waits comes afterwards; new leads that go to several people do not. Your questions and clicks are answered as ever. Send “mute off” to end it."))
	return strings.Join(lines, "\n")
}

func clockText(d time.Duration) string {
	return fmt.Sprintf("%02d:%02d", int(d.Hours()), int(d.Minutes())%60)
}
