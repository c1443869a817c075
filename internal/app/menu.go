package app

import (
	"context"
	"log/slog"
	"time"

	"lingke/bots/wecom"
)

// menu is what stands below the app's chat in WeCom: the words that people type most.
func menu() []wecom.MenuItem {
	return []wecom.MenuItem{
		{Name: "今日", Say: "今日"},
		{Name: "我的客户", Say: "我的客户"},
		{Name: "更多", Items: []wecom.MenuItem{{Name: "无人认领", Say: "名单 无人认领"}, {Name: "A级名单", Say: "名单 A级"}, {Name: "进度", Say: "进度"}, {Name: "提醒", Say: "提醒"}, {Name: "帮助", Say: "帮助"}}},
	}
}

// menuTries is how often setting the menu is tried at a start; doctor and the next start try again.
const menuTries = 5

// setMenu makes the app's menu what it should be.
func (a *App) setMenu(ctx context.Context) {
	for _, b := range a.bots {
		m, ok := b.(interface {
			SetMenu(ctx context.Context, items []wecom.MenuItem) (bool, error)
		})
		delay := time.Second
		for try := 0; ok && try < menuTries; try++ {
			changed, err := m.SetMenu(ctx, menu())
			if err == nil {
				a.log.LogAttrs(ctx, slog.LevelInfo, "menu of the app", slog.Bool("changed", changed))
				break
			}
			if ctx.Err() != nil {
				return
			}
			a.log.LogAttrs(ctx, slog.LevelWarn, "set the app's menu", slog.Any("err", err))
			select {
			case <-ctx.Done():
				return
			case <-time.After(delay):
			}
			delay *= 4
		}
	}
}
