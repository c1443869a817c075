package wecom

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"github.com/silenceper/wechat/v2/util"

	"lingke/bots"
)

var _ bots.AddressBook = (*Bot)(nil)

// Codes of members that are not there, or that the app may not see.
const (
	codeNoUser   = 60111
	codeBadUser  = 40003
	codeNoRight  = 60011
	codeOutOfApp = 50002
)

// statusLeft is the status of somebody who left the enterprise.
const statusLeft = 5

// member is one as user/get and user/list show it.
type member struct {
	UserID      string `json:"userid"`
	Name        string `json:"name"`
	Departments []int  `json:"department"`
	Main        int    `json:"main_department"`
	Leads       []int  `json:"is_leader_in_dept"`
	Status      int    `json:"status"`
}

func (m member) neutral(names map[int]string) bots.Member {
	out := bots.Member{ID: m.UserID, Name: m.Name}
	for _, d := range append([]int{m.Main}, m.Departments...) {
		if name := names[d]; name != "" && (len(out.Teams) == 0 || out.Teams[0] != name) {
			out.Teams = append(out.Teams, name)
		}
	}
	for _, l := range m.Leads {
		out.Leader = out.Leader || l == 1
	}
	return out
}

// Staff reads every department that the app may see.
func (b *Bot) Staff(ctx context.Context, emit func(bots.Member) error) error {
	names, err := b.departments(ctx)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for id := range names {
		var out struct {
			List []member `json:"userlist"`
		}
		if err := b.get(ctx, "list members", "/cgi-bin/user/list", url.Values{"department_id": {strconv.Itoa(id)}}, &out); err != nil {
			return err
		}
		for _, m := range out.List {
			if key := strings.ToLower(m.UserID); key == "" || seen[key] || m.Status == statusLeft {
				continue
			} else {
				seen[key] = true
			}
			if err := emit(m.neutral(names)); err != nil {
				return err
			}
		}
	}
	return nil
}

// departments are the names of all departments that the app may see. The root's is the enterprise's and no team.
func (b *Bot) departments(ctx context.Context) (map[int]string, error) {
	var out struct {
		List []struct {
			ID   int    `json:"id"`
			Name string `json:"name"`
		} `json:"department"`
	}
	if err := b.get(ctx, "list departments", "/cgi-bin/department/list", nil, &out); err != nil {
		return nil, err
	}
	names := make(map[int]string, len(out.List))
	for _, d := range out.List {
		names[d.ID] = d.Name
		if d.ID == 1 {
			names[d.ID] = ""
		}
	}
	return names, nil
}

// Member looks one member up.
func (b *Bot) Member(ctx context.Context, id string) (bots.Member, error) {
	const op = "look up member"
	var m member
	err := b.get(ctx, op, "/cgi-bin/user/get", url.Values{"userid": {id}}, &m)
	var refused *bots.Error
	if errors.As(err, &refused) {
		for _, code := range []int{codeNoUser, codeBadUser, codeNoRight, codeOutOfApp} {
			if refused.Code == strconv.Itoa(code) {
				return bots.Member{}, fmt.Errorf("wecom: %s %q: %w: %w", op, id, bots.ErrNoMember, err)
			}
		}
	}
	if err != nil {
		return bots.Member{}, err
	}
	if m.Status == statusLeft {
		return bots.Member{}, fmt.Errorf("wecom: %s %q: %w", op, id, bots.ErrNoMember)
	}
	names, err := b.departments(ctx)
	return m.neutral(names), err
}

// Change reads change_contact. An update may bring a new user id beside the old one.
func (b *Bot) Change(e bots.Event) (bots.MemberChange, bool) {
	if e.Type != "change_contact" {
		return bots.MemberChange{}, false
	}
	id := e.Fields["UserID"]
	switch e.Fields["ChangeType"] {
	case "create_user":
		return bots.MemberChange{Changed: []string{id}}, true
	case "update_user":
		if now := e.Fields["NewUserID"]; now != "" && now != id {
			return bots.MemberChange{Changed: []string{now}, Renamed: map[string]string{id: now}}, true
		}
		return bots.MemberChange{Changed: []string{id}}, true
	case "delete_user":
		return bots.MemberChange{Left: []string{id}}, true
	}
	return bots.MemberChange{}, false
}

// get is an API call by GET that the library lacks; out gets the whole answer.
func (b *Bot) get(ctx context.Context, op, path string, query url.Values, out any) error {
	return b.call(ctx, op, func(t ticket) error {
		q := url.Values{"access_token": {string(t)}}
		for name, values := range query {
			q[name] = values
		}
		answer, err := util.HTTPGetContext(ctx, platformURL+path+"?"+q.Encode())
		if err != nil {
			return err
		}
		if err := util.DecodeWithCommonError(answer, op); err != nil {
			return err
		}
		return json.Unmarshal(answer, out)
	})
}
