package wecom

import (
	"context"
	"encoding/json"
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

// SetMenu makes items the app's menu, unless it is that already. It reports whether it had to change it.
func (b *Bot) SetMenu(ctx context.Context, items []MenuItem) (changed bool, err error) {
	want := entries(items, maxMenu, maxMenuName)
	query := url.Values{"agentid": {b.agent()}}
	var have struct {
		Button []menuEntry `json:"button"`
	}
	if err := b.get(ctx, "read the menu", "/cgi-bin/menu/get", query, &have); err == nil && slices.EqualFunc(have.Button, want, sameEntry) {
		return false, nil
	}
	body, err := json.Marshal(map[string]any{"button": want})
	if err != nil {
		return false, fmt.Errorf("wecom: set the menu: %w", err)
	}
	return true, b.postQuery(ctx, "set the menu", "/cgi-bin/menu/create", query, body, nil)
}

func sameEntry(a, b menuEntry) bool {
	return a.Name == b.Name && a.Key == b.Key && slices.EqualFunc(a.Items, b.Items, sameEntry)
}
