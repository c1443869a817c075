package wecom

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"

	"lingke/bots"
)

var _ bots.Roster = (*Bot)(nil)

// codesOfForeignChats are the answers about a group that this app did not create, or that is no more.
var codesOfForeignChats = []string{"86001", "86003", "86008", "40050", "86217"}

// Members returns who is in a group that this app created (appchat/get); of any other the platform tells nothing.
func (b *Bot) Members(ctx context.Context, conversation string) (users []string, all bool, err error) {
	var out struct {
		Chat struct {
			Users []string `json:"userlist"`
		} `json:"chat_info"`
	}
	err = b.get(ctx, "read group", "/cgi-bin/appchat/get", url.Values{"chatid": {conversation}}, &out)
	var refused *bots.Error
	if errors.As(err, &refused) && slices.Contains(codesOfForeignChats, refused.Code) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, err
	}
	return out.Chat.Users, true, nil
}

// NewGroup creates a group of the app (应用群聊) and returns its id: from then on it can be written to. Only apps whose visible range is the whole enterprise may.
func (b *Bot) NewGroup(ctx context.Context, name, owner string, users []string) (string, error) {
	var out struct {
		ChatID string `json:"chatid"`
	}
	in := map[string]any{"name": bots.CutRunes(name, 50), "userlist": users}
	if owner != "" {
		in["owner"] = owner
	}
	err := b.postJSON(ctx, "create group", "/cgi-bin/appchat/create", in, &out)
	return out.ChatID, err
}

// ChangeGroup adds people to a group of the app and takes others out.
func (b *Bot) ChangeGroup(ctx context.Context, conversation string, add, remove []string) error {
	return b.postJSON(ctx, "change group", "/cgi-bin/appchat/update", map[string]any{"chatid": conversation, "add_user_list": add, "del_user_list": remove}, nil)
}

// agent is the app's id as text, for queries.
func (b *Bot) agent() string { return strconv.Itoa(b.cfg.AgentID) }
