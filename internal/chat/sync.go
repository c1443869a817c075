package chat

import (
	"context"
	"fmt"
	"strings"
	"time"

	"lingke/bots"
	"lingke/internal/connections"
)

// syncStatus answers 同步状态: how each connector does.
func (s *Service) syncStatus(ctx context.Context, _ question) (string, error) {
	if s.Connections == nil {
		return "没有配置数据来源。", nil
	}
	all, err := s.Connections(ctx)
	if err != nil {
		return "", fmt.Errorf("connections: %w", err)
	}
	if len(all) == 0 {
		return "没有配置数据来源。", nil
	}
	lines := []string{"数据来源："}
	for _, c := range all {
		lines = append(lines, "- "+s.syncLine(c))
	}
	return strings.Join(lines, "\n"), nil
}

func (s *Service) syncLine(c connections.Status) string {
	name := c.Name + "（" + c.Type + "）"
	switch {
	case !c.Pulls:
		return name + "：由对方推送"
	case c.Last.Began.IsZero():
		return name + "：还没有同步过" + s.syncNext(c)
	}
	line := fmt.Sprintf("%s：%s 同步 %d 条", name, s.Cards.When(c.Last.Began), c.Last.Records)
	if c.Last.Refused > 0 {
		line += fmt.Sprintf("，%d 条无法读取", c.Last.Refused)
	}
	if c.Last.Error != "" {
		line = fmt.Sprintf("%s：连续 %d 次失败，最近 %s：%s", name, c.Failed, s.Cards.When(c.Last.Began), bots.CutRunes(c.Last.Error, 100))
		if !c.Good.IsZero() {
			line += "；数据截至 " + s.Cards.When(c.Good) + "，滞后 " + plainly(c.Lag(s.Now()))
		}
	}
	return line + s.syncNext(c) + s.scanText(c.Scan)
}

// scanText says what the last look for deletions found, where that is worth a word.
func (s *Service) scanText(scan connections.Scan) string {
	switch {
	case scan.Error != "":
		return fmt.Sprintf("；%s 核对删除失败：%s", s.Cards.When(scan.Began), bots.CutRunes(scan.Error, 100))
	case scan.Gone > 0 || scan.Back > 0:
		return fmt.Sprintf("；%s 核对：%d 条已在来源删除，%d 条恢复", s.Cards.When(scan.Began), scan.Gone, scan.Back)
	}
	return ""
}

func (s *Service) syncNext(c connections.Status) string {
	if c.Next.IsZero() {
		return ""
	}
	return "，下次 " + s.Cards.When(c.Next)
}

// plainly says a duration as people do.
func plainly(d time.Duration) string {
	switch {
	case d < time.Hour:
		return fmt.Sprintf("%d 分钟", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d 小时", int(d.Hours()))
	}
	return fmt.Sprintf("%d 天", int(d.Hours()/24))
}
