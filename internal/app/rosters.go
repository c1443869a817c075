package app

import (
	"lingke/bots"
	"lingke/internal/chat"
)

// rosters are the platforms' own lists of who is in a group.
func (a *App) rosters() map[bots.Platform]chat.Roster {
	out := make(map[bots.Platform]chat.Roster)
	for _, b := range a.bots {
		if r, ok := b.(bots.Roster); ok {
			out[b.Platform()] = r.Members
		}
	}
	return out
}
