package chat

import (
	"context"
	"fmt"
	"strings"
	"time"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/connections"
	"lingke/internal/lang"
)

// operations are about how Lingke itself does.
func operations() []command {
	all := []command{
		{id: "sync", words: []string{"同步状态", "同步情况", "数据同步", "sync"}, may: access.Manage, private: true, bare: true, run: (*Service).syncStatus,
			usage: lang.Text{ZH: "同步状态：各数据来源的同步情况", EN: "sync: how each data source does"}},
		{id: "quota", words: []string{"额度", "quota"}, may: access.Manage, private: true, bare: true, run: (*Service).quota,
			usage: lang.Text{ZH: "额度：各平台消息和接口额度的用量、月底预测，以及排队和死信", EN: "quota: the platforms' budgets, their forecast, what waits and what was given up"}},
		{id: "dead", words: []string{"死信", "deadletters"}, may: access.Manage, private: true, run: (*Service).deadLetters,
			usage: lang.Text{ZH: "死信：没有送达的消息和原因；“死信 重发 <编号>”或“死信 全部重发”", EN: "deadletters: what was given up and why; “deadletters replay <number>” or “deadletters replay all”"}},
	}
	return append(all, append(append(quieting(), channeling()...), remembering()...)...)
}

// syncStatus answers 同步状态: how each connector does.
func (s *Service) syncStatus(ctx context.Context, q question) (reply, error) {
	var all []connections.Status
	if s.Connections != nil {
		var err error
		if all, err = s.Connections(ctx); err != nil {
			return reply{}, fmt.Errorf("connections: %w", err)
		}
	}
	if len(all) == 0 {
		return said(q.say("没有配置数据来源。", "No data source is configured.")), nil
	}
	lines := []string{q.say("数据来源：", "Data sources:")}
	for _, c := range all {
		lines = append(lines, "- "+s.syncLine(q, c))
	}
	return said(strings.Join(lines, "\n")), nil
}

func (s *Service) syncLine(q question, c connections.Status) string {
	name, when := q.sayf("%s（%s）", "%s (%s)", c.Name, c.Type), s.cards(q).When
	switch {
	case !c.Pulls:
		return name + q.say("：由对方推送", ": is pushed from there") + refusedText(q, c)
	case c.Last.Began.IsZero():
		return name + q.say("：还没有同步过", ": never synchronised") + s.syncNext(q, c)
	}
	line := q.sayf("%s：%s 同步 %d 条", "%s: %s, %d records", name, when(c.Last.Began), c.Last.Records)
	if c.Last.Refused > 0 {
		line += q.sayf("，%d 条无法读取", ", %d could not be read", c.Last.Refused)
	}
	if c.Last.Error != "" {
		line = q.sayf("%s：连续 %d 次失败，最近 %s：%s", "%s: failed %d times in a row, last at %s: %s", name, c.Failed, when(c.Last.Began), bots.CutRunes(c.Last.Error, 100))
		if !c.Good.IsZero() {
			line += q.sayf("；数据截至 %s，滞后 %s", "; data as of %s, %s behind", when(c.Good), plainly(q, c.Lag(s.Now())))
		}
	}
	return line + s.syncNext(q, c) + s.scanText(q, c.Scan) + refusedText(q, c)
}

// refusedText says what waits because it cannot be read, and what helps.
func refusedText(q question, c connections.Status) string {
	if c.Refused == 0 {
		return ""
	}
	text := q.sayf("；%d 条读不懂，尚未导入", "; %d could not be read and wait", c.Refused)
	const shown = 2
	for _, r := range c.First[:min(len(c.First), shown)] {
		text += q.sayf("\n  · %s：%s", "\n  · %s: %s", r.What, bots.CutRunes(r.Why, 120))
	}
	return text + q.sayf("\n  在来源处更正后会自动导入；改了 mapping 后请管理员运行 lingke sync %s --replay", "\n  What is corrected there comes by itself; after a change of the mapping run lingke sync %s --replay", c.Name)
}

// scanText says what the last look for deletions found, where that is worth a word.
func (s *Service) scanText(q question, scan connections.Scan) string {
	when := s.cards(q).When
	switch {
	case scan.Error != "":
		return q.sayf("；%s 核对删除失败：%s", "; looking for deletions failed at %s: %s", when(scan.Began), bots.CutRunes(scan.Error, 100))
	case scan.Gone > 0 || scan.Back > 0:
		return q.sayf("；%s 核对：%d 条已在来源删除，%d 条恢复", "; at %s %d were found deleted there, %d are back", when(scan.Began), scan.Gone, scan.Back)
	}
	return ""
}

func (s *Service) syncNext(q question, c connections.Status) string {
	if c.Next.IsZero() {
		return ""
	}
	return q.sayf("，下次 %s", ", next %s", s.cards(q).When(c.Next))
}

// plainly says a duration as people do.
func plainly(q question, d time.Duration) string {
	switch {
	case d < time.Hour:
		return q.sayf("%d 分钟", "%d minutes", int(d.Minutes()))
	case d < 48*time.Hour:
		return q.sayf("%d 小时", "%d hours", int(d.Hours()))
	}
	return q.sayf("%d 天", "%d days", int(d.Hours()/24))
}
