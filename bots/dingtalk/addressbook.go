package dingtalk

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"lingke/bots"
)

var _ bots.AddressBook = (*Bot)(nil)

// Bounds of reading the address book.
const (
	rootDepartment = 1
	memberPage     = 100
	maxDepartments = 10_000
)

// oapiUser is a member as /topapi/v2/user/get and /topapi/v2/user/list show it.
type oapiUser struct {
	UserID      string    `json:"userid"`
	Name        string    `json:"name"`
	Departments []flexInt `json:"dept_id_list"`
	Leads       []struct {
		Leader flexBool `json:"leader"`
	} `json:"leader_in_dept"`
	LeaderHere flexBool `json:"leader"` // in user/list: of the listed department
}

func (u oapiUser) member(names map[int64]string) bots.Member {
	m := bots.Member{ID: u.UserID, Name: u.Name, Leader: bool(u.LeaderHere)}
	for _, d := range u.Departments {
		if name := names[int64(d)]; name != "" {
			m.Teams = append(m.Teams, name)
		}
	}
	for _, l := range u.Leads {
		m.Leader = m.Leader || bool(l.Leader)
	}
	return m
}

// Staff walks the departments from the root. Contacts are free of the monthly budget.
func (b *Bot) Staff(ctx context.Context, emit func(bots.Member) error) error {
	names, err := b.departments(ctx)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for id := range names {
		err := b.membersOf(ctx, id, func(u oapiUser) error {
			if u.UserID == "" || seen[u.UserID] {
				return nil
			}
			seen[u.UserID] = true
			return emit(u.member(names))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// departments are the names of all departments that the app may see, the root included.
func (b *Bot) departments(ctx context.Context) (map[int64]string, error) {
	names := map[int64]string{rootDepartment: ""}
	for open := []int64{rootDepartment}; len(open) > 0; open = open[1:] {
		var out struct {
			Result []struct {
				ID   flexInt `json:"dept_id"`
				Name string  `json:"name"`
			} `json:"result"`
		}
		if err := b.api.oapi(ctx, "list departments", "/topapi/v2/department/listsub", map[string]any{"dept_id": open[0]}, &out); err != nil {
			return nil, err
		}
		for _, d := range out.Result {
			if _, known := names[int64(d.ID)]; known {
				continue
			}
			if len(names) >= maxDepartments {
				return nil, fmt.Errorf("dingtalk: list departments: more than %d", maxDepartments)
			}
			names[int64(d.ID)] = d.Name
			open = append(open, int64(d.ID))
		}
	}
	return names, nil
}

func (b *Bot) membersOf(ctx context.Context, department int64, take func(oapiUser) error) error {
	for cursor := int64(0); ; {
		var out struct {
			Result struct {
				More flexBool   `json:"has_more"`
				Next flexInt    `json:"next_cursor"`
				List []oapiUser `json:"list"`
			} `json:"result"`
		}
		in := map[string]any{"dept_id": department, "cursor": cursor, "size": memberPage}
		if err := b.api.oapi(ctx, "list members", "/topapi/v2/user/list", in, &out); err != nil {
			return err
		}
		for _, u := range out.Result.List {
			if err := take(u); err != nil {
				return err
			}
		}
		if !out.Result.More || int64(out.Result.Next) <= cursor {
			return nil
		}
		cursor = int64(out.Result.Next)
	}
}

// Member looks one member up, with the names of the departments.
func (b *Bot) Member(ctx context.Context, id string) (bots.Member, error) {
	const op = "look up member"
	var out struct {
		Result oapiUser `json:"result"`
	}
	err := b.api.oapi(ctx, op, "/topapi/v2/user/get", map[string]any{"userid": id, "language": "zh_CN"}, &out)
	switch code(err) {
	case "60121", "33012", "50002": // not found, not an id, outside the app's range
		return bots.Member{}, fmt.Errorf("dingtalk: %s %q: %w: %w", op, id, bots.ErrNoMember, err)
	}
	if err != nil {
		return bots.Member{}, err
	}
	names := map[int64]string{}
	for _, d := range out.Result.Departments {
		var dept struct {
			Result struct {
				Name string `json:"name"`
			} `json:"result"`
		}
		if d == rootDepartment {
			continue
		}
		if err := b.api.oapi(ctx, op, "/topapi/v2/department/get", map[string]any{"dept_id": d}, &dept); err != nil {
			return bots.Member{}, err
		}
		names[int64(d)] = dept.Result.Name
	}
	return out.Result.member(names), nil
}

// Change reads user_add_org, user_modify_org and user_leave_org, which name members in the list userId.
func (b *Bot) Change(e bots.Event) (bots.MemberChange, bool) {
	ids := strings.FieldsFunc(cmp.Or(e.Fields["userId"], e.Fields["userid"]), func(r rune) bool { return r == ',' })
	switch e.Type {
	case "user_add_org", "user_modify_org", "user_active_org":
		return bots.MemberChange{Changed: ids}, true
	case "user_leave_org":
		return bots.MemberChange{Left: ids}, true
	}
	return bots.MemberChange{}, false
}
