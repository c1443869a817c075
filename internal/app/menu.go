package app

import (
	"context"
	"log/slog"
	"time"

	"lingke/bots/wecom"
	"lingke/internal/lang"
)

// menuBot is a platform whose app has a menu below the chat.
type menuBot interface {
	HasMenu(ctx context.Context, items []wecom.MenuItem) (bool, error)
	SetMenu(ctx context.Context, items []wecom.MenuItem) (changed bool, err error)
}

// menu is what stands below the app's chat in WeCom: the words that people type most. All people have the same one, which is English where they all read that.
func (a *App) menu() []wecom.MenuItem {
	l := lang.English
	for _, p := range a.cfg.People {
		if p.WeCom != "" && lang.Language(p.Language) != lang.English {
			l = lang.Chinese
		}
	}
	item := func(zh, en, sayZH, sayEN string) wecom.MenuItem {
		return wecom.MenuItem{Name: l.Say(zh, en), Say: l.Say(sayZH, sayEN)}
	}
	return []wecom.MenuItem{
		item("今日", "Today", "今日", "today"),
		item("我的客户", "My customers", "我的客户", "mine"),
		{Name: l.Say("更多", "More"), Items: []wecom.MenuItem{
			item("无人认领", "Without owner", "名单 无人认领", "list unclaimed"),
			item("A级名单", "Tier A", "名单 A级", "list A-tier"),
			item("进度", "Progress", "进度", "progress"),
			item("提醒", "Reminders", "提醒", "remind"),
			item("帮助", "Help", "帮助", "help"),
		}},
	}
}

// menuTries is how often setting the menu is tried at a start; the next start tries again.
const menuTries = 5

// setMenu makes the app's menu what it should be.
func (a *App) setMenu(ctx context.Context) {
	for _, b := range a.bots {
		m, ok := b.(menuBot)
		delay := time.Second
		for try := 0; ok && try < menuTries; try++ {
			changed, err := m.SetMenu(ctx, a.menu())
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
