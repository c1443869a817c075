package wecom

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"

	"lingke/bots"
)

// MenuItem is an entry of the app's menu below the chat: pressing it says its words, as if they were typed.
type MenuItem struct {
	Name  string // at most 16 bytes are shown at the top, 40 below
	Say   string
	Items []MenuItem // up to five below an entry that only opens
}

// menuEntry is an entry as the platform has it.
type menuEntry struct {
	Type  string      `json:"type,omitempty"`
	Name  string      `json:"name"`
	Key   string      `json:"key,omitempty"`
	Items []menuEntry `json:"sub_button,omitempty"`
}

// menuPrefix marks the key of an entry that says something.
const menuPrefix = "say:"

// Limits of the menu: three entries, five below each, names in bytes, keys in bytes.
const (
	maxMenu     = 3
	maxSubMenu  = 5
	maxMenuName = 16
	maxSubName  = 40
	maxMenuKey  = 128
)

func entries(items []MenuItem, most, length int) []menuEntry {
	var out []menuEntry
	for _, item := range items[:min(len(items), most)] {
		e := menuEntry{Name: bots.Cut(item.Name, length)}
		if len(item.Items) > 0 {
			e.Items = entries(item.Items, maxSubMenu, maxSubName)
		} else {
			e.Type, e.Key = "click", bots.Cut(menuPrefix+item.Say, maxMenuKey)
		}
		out = append(out, e)
	}
	return out
}

// noMenu is the code by which the platform says that the app has no menu.
const noMenu = "46003"

// HasMenu reports whether items are the app's menu.
func (b *Bot) HasMenu(ctx context.Context, items []MenuItem) (bool, error) {
	var have struct {
		Button []menuEntry `json:"button"`
	}
	err := b.get(ctx, "read the menu", "/cgi-bin/menu/get", b.agentQuery(), &have)
	var refused *bots.Error
	if errors.As(err, &refused) && refused.Code == noMenu {
		return false, nil
	}
	return err == nil && slices.EqualFunc(have.Button, entries(items, maxMenu, maxMenuName), sameEntry), err
}

// SetMenu makes items the app's menu, unless it is that already. It reports whether it had to change it.
func (b *Bot) SetMenu(ctx context.Context, items []MenuItem) (changed bool, err error) {
	if has, err := b.HasMenu(ctx, items); err == nil && has {
		return false, nil
	}
	body, err := json.Marshal(map[string]any{"button": entries(items, maxMenu, maxMenuName)})
	if err != nil {
		return false, fmt.Errorf("wecom: set the menu: %w", err)
	}
	return true, b.postQuery(ctx, "set the menu", "/cgi-bin/menu/create", b.agentQuery(), body, nil)
}

func (b *Bot) agentQuery() url.Values { return url.Values{"agentid": {b.agent()}} }

func sameEntry(a, b menuEntry) bool {
	return a.Name == b.Name && a.Key == b.Key && slices.EqualFunc(a.Items, b.Items, sameEntry)
}
