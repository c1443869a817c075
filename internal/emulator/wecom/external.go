package wecom

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Pages of batch/get_by_user.
const (
	defaultBatch = 50
	maxBatch     = 100
)

// contact is a customer in WeChat or WeCom (外部联系人) with the members who have added it.
type contact struct {
	ID           string `json:"external_userid"`
	Name         string `json:"name"`
	Position     string `json:"position,omitempty"`
	Avatar       string `json:"avatar"`
	CorpName     string `json:"corp_name,omitempty"`
	CorpFullName string `json:"corp_full_name,omitempty"`
	Type         int    `json:"type"`
	Gender       int    `json:"gender"`

	followers map[string]*follow
}

// follow is what one member knows of a contact.
type follow struct {
	UserID   string   `json:"userid"`
	Remark   string   `json:"remark"`
	Text     string   `json:"description"`
	Created  int64    `json:"createtime"` // seconds
	Corp     string   `json:"remark_corp_name,omitempty"`
	Mobiles  []string `json:"remark_mobiles"`
	AddWay   int      `json:"add_way"`
	State    string   `json:"state,omitempty"`
	OperUser string   `json:"oper_userid"`

	tags []string // tag ids
	gone bool     // the customer has deleted the member: the relation stays readable from one side
}

// tag is an enterprise tag (企业客户标签).
type tag struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Created int64  `json:"create_time"`
	Order   int    `json:"order"`
}

type tagGroup struct {
	ID      string `json:"group_id"`
	Name    string `json:"group_name"`
	Created int64  `json:"create_time"`
	Order   int    `json:"order"`
	Tags    []tag  `json:"tag"`
}

// externals are the enterprise's contacts and tags.
type externals struct {
	contacts map[string]*contact
	groups   []*tagGroup
}

// externalFields are what PutRecord takes for the form "external_contact".
type externalFields struct {
	contact
	Change  string   `json:"change"` // a ChangeType; empty: add_external_contact, or edit_external_contact where the member has it
	UserID  string   `json:"userid"` // the member
	Remark  string   `json:"remark"`
	Corp    string   `json:"remark_corp_name"`
	Mobiles []string `json:"remark_mobiles"`
	AddWay  int      `json:"add_way"`
	State   string   `json:"state"`
}

// PutRecord is a member and a customer becoming contacts, a change of what the member notes, or the end of it (form "external_contact"). The app is told by a callback.
func (s *Server) PutRecord(form string, fields map[string]any) error {
	if form != "external_contact" {
		return fmt.Errorf("no form %q, want external_contact", form)
	}
	raw, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	var f externalFields
	if err := json.Unmarshal(raw, &f); err != nil {
		return err
	}
	s.mu.Lock()
	inner, err := s.changeContact(&f)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	err = s.deliver(s.ctx, delivery{inner, func([]byte) {}})
	if errors.Is(err, ErrNoCallback) || errors.Is(err, ErrUnanswered) {
		return nil // the platform tells nobody about it
	}
	return err
}

func (s *Server) changeContact(f *externalFields) (callback string, err error) {
	p, found := s.world.ByWeCom(f.UserID)
	if !found {
		return "", fmt.Errorf("no member %q", f.UserID)
	}
	f.UserID = p.WeCom
	if f.ID == "" {
		f.ID = "wm" + secretText()[:20]
	}
	c := s.external.contacts[f.ID]
	if c == nil {
		c = &contact{ID: f.ID, Type: 1, followers: map[string]*follow{}}
		s.external.contacts[f.ID] = c
	}
	own := c.followers[f.UserID]
	if f.Change == "" {
		f.Change = "add_external_contact"
		if own != nil {
			f.Change = "edit_external_contact"
		}
	}
	now := s.world.Now().Unix()
	more := ""
	switch f.Change {
	case "add_external_contact", "add_half_external_contact":
		c.followers[f.UserID] = &follow{UserID: f.UserID, Created: now, AddWay: f.AddWay, State: f.State, OperUser: f.UserID, Mobiles: []string{}}
		if f.State != "" {
			more = element("State", f.State)
		}
		more += element("WelcomeCode", secretText()[:16])
	case "edit_external_contact":
		if own == nil {
			return "", fmt.Errorf("%s does not have %s as a contact", f.UserID, f.ID)
		}
	case "del_external_contact":
		delete(c.followers, f.UserID)
	case "del_follow_user":
		if own == nil {
			return "", fmt.Errorf("%s does not have %s as a contact", f.UserID, f.ID)
		}
		own.gone = true
	default:
		return "", fmt.Errorf("no change %q", f.Change)
	}
	c.take(f)
	return "<xml>" + element("ToUserName", s.opts.CorpID) + element("FromUserName", "sys") + "<CreateTime>" + strconv.FormatInt(now, 10) + "</CreateTime>" +
		element("MsgType", "event") + element("Event", "change_external_contact") + element("ChangeType", f.Change) +
		element("UserID", f.UserID) + element("ExternalUserID", f.ID) + more + "</xml>", nil
}

// take keeps what is told of the contact and of the relation.
func (c *contact) take(f *externalFields) {
	for to, from := range map[*string]string{&c.Name: f.Name, &c.Position: f.Position, &c.CorpName: f.CorpName, &c.CorpFullName: f.CorpFullName} {
		*to = cmp.Or(from, *to)
	}
	c.Type, c.Gender = cmp.Or(f.Type, c.Type), cmp.Or(f.Gender, c.Gender)
	if own := c.followers[f.UserID]; own != nil {
		own.Remark, own.Corp = cmp.Or(f.Remark, own.Remark), cmp.Or(f.Corp, own.Corp)
		if f.Mobiles != nil {
			own.Mobiles = f.Mobiles
		}
	}
}

// following lists the ids of the contacts that a member has, in order.
func (s *Server) following(userID string) []string {
	var out []string
	for id, c := range s.external.contacts {
		if c.followers[userID] != nil {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

func (s *Server) followUsers(*http.Request, []byte) answer {
	users := map[string]bool{}
	for _, c := range s.external.contacts {
		for id := range c.followers {
			users[id] = true
		}
	}
	list := slices.Sorted(maps.Keys(users))
	if list == nil {
		list = []string{}
	}
	return ok(map[string]any{"follow_user": list})
}

func (s *Server) externalList(r *http.Request, _ []byte) answer {
	p, found := s.world.ByWeCom(r.URL.Query().Get("userid"))
	if !found {
		return fail(60111, "userid not found").with("external_userid", []string{})
	}
	list := s.following(p.WeCom)
	if len(list) == 0 {
		return fail(84061, "not external contact").with("external_userid", []string{})
	}
	return ok(map[string]any{"external_userid": list})
}

func (s *Server) externalGet(r *http.Request, _ []byte) answer {
	c := s.external.contacts[r.URL.Query().Get("external_userid")]
	if c == nil {
		return fail(40096, "invalid external userid").with("follow_user", []any{})
	}
	if len(c.followers) == 0 {
		return fail(84061, "not external contact").with("follow_user", []any{})
	}
	list := []map[string]any{}
	for _, id := range slices.Sorted(maps.Keys(c.followers)) {
		f := asMap(c.followers[id])
		f["tags"] = s.tagsOf(c.followers[id])
		list = append(list, f)
	}
	return ok(map[string]any{"external_contact": *c, "follow_user": list})
}

func (s *Server) externalBatch(_ *http.Request, body []byte) answer {
	var req struct {
		Users  []string `json:"userid_list"`
		Cursor string   `json:"cursor"`
		Limit  int      `json:"limit"`
	}
	if a, good := decode(body, &req); !good {
		return a
	}
	if len(req.Users) == 0 || len(req.Users) > 100 {
		return fail(40003, "invalid userid").with("external_contact_list", []any{})
	}
	limit := min(cmp.Or(max(req.Limit, 0), defaultBatch), maxBatch) // above 100 is taken as 100
	list, next := []map[string]any{}, ""
	for _, user := range slices.Sorted(slices.Values(req.Users)) {
		for _, id := range s.following(user) {
			place := user + "/" + id
			switch {
			case place <= req.Cursor:
				continue
			case len(list) == limit:
				return ok(map[string]any{"external_contact_list": list, "next_cursor": next})
			}
			c := s.external.contacts[id]
			info := asMap(c.followers[user])
			info["tag_id"] = append([]string{}, c.followers[user].tags...)
			list = append(list, map[string]any{"external_contact": *c, "follow_info": info})
			next = place
		}
	}
	return ok(map[string]any{"external_contact_list": list, "next_cursor": ""})
}

// asMap gives the members of v for others to be added.
func asMap(v any) map[string]any {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain values
	}
	var out map[string]any
	if err := json.Unmarshal(raw, &out); err != nil {
		panic(err)
	}
	return out
}

func (s *Server) tagsOf(f *follow) []map[string]any {
	list := []map[string]any{}
	for _, g := range s.external.groups {
		for _, t := range g.Tags {
			if slices.Contains(f.tags, t.ID) {
				list = append(list, map[string]any{"group_name": g.Name, "tag_name": t.Name, "tag_id": t.ID, "type": 1})
			}
		}
	}
	return list
}

func (s *Server) tagList(_ *http.Request, body []byte) answer {
	var req struct {
		Tags   []string `json:"tag_id"`
		Groups []string `json:"group_id"`
	}
	if a, good := decode(body, &req); !good {
		return a
	}
	list := []tagGroup{}
	for _, g := range s.external.groups {
		if len(req.Groups) == 0 || slices.Contains(req.Groups, g.ID) {
			list = append(list, *g)
		}
	}
	return ok(map[string]any{"tag_group": list})
}

func (s *Server) tagAdd(_ *http.Request, body []byte) answer {
	var req struct {
		GroupID   string `json:"group_id"`
		GroupName string `json:"group_name"`
		Order     int    `json:"order"`
		Tag       []tag  `json:"tag"`
	}
	if a, good := decode(body, &req); !good {
		return a
	}
	if len(req.Tag) == 0 {
		return fail(40058, "tag is empty")
	}
	now := s.world.Now().Unix()
	i := slices.IndexFunc(s.external.groups, func(g *tagGroup) bool { return g.ID == req.GroupID || req.GroupID == "" && g.Name == req.GroupName })
	if i < 0 {
		if req.GroupName == "" {
			return fail(40068, "invalid tagid")
		}
		s.external.groups = append(s.external.groups, &tagGroup{ID: "et" + secretText()[:20], Name: req.GroupName, Created: now, Order: req.Order})
		i = len(s.external.groups) - 1
	}
	g := s.external.groups[i]
	for _, t := range req.Tag {
		if len([]rune(t.Name)) == 0 || len([]rune(t.Name)) > 30 {
			return fail(40058, "invalid tag name")
		}
		if slices.ContainsFunc(g.Tags, func(old tag) bool { return old.Name == t.Name }) {
			return fail(40071, "tag name already exists")
		}
		g.Tags = append(g.Tags, tag{ID: "et" + secretText()[:20], Name: t.Name, Created: now, Order: t.Order})
	}
	return ok(map[string]any{"tag_group": *g})
}

// markTag changes the tags that one member gave a contact. Changes by the app trigger no callback.
func (s *Server) markTag(_ *http.Request, body []byte) answer {
	var req struct {
		UserID   string   `json:"userid"`
		External string   `json:"external_userid"`
		Add      []string `json:"add_tag"`
		Remove   []string `json:"remove_tag"`
	}
	if a, good := decode(body, &req); !good {
		return a
	}
	c := s.external.contacts[req.External]
	if c == nil {
		return fail(40096, "invalid external userid")
	}
	f := c.followers[req.UserID]
	if f == nil {
		return fail(84061, "not external contact")
	}
	for _, id := range slices.Concat(req.Add, req.Remove) {
		if !s.hasTag(id) {
			return fail(40068, "invalid tagid")
		}
	}
	f.tags = slices.DeleteFunc(f.tags, func(id string) bool { return slices.Contains(req.Remove, id) })
	for _, id := range req.Add {
		if !slices.Contains(f.tags, id) {
			f.tags = append(f.tags, id)
		}
	}
	return ok(nil)
}

func (s *Server) hasTag(id string) bool {
	return slices.ContainsFunc(s.external.groups, func(g *tagGroup) bool {
		return slices.ContainsFunc(g.Tags, func(t tag) bool { return t.ID == id })
	})
}

// contactCall runs a customer contact call where the app may make them.
func contactCall(run endpoint) endpoint {
	return func(s *Server, r *http.Request, body []byte) answer {
		if s.opts.NoContacts {
			a := fail(48002, "api forbidden")
			if strings.Contains(r.URL.Path, "list") {
				a = a.with("follow_user", []string{}).with("external_userid", []string{})
			}
			return a
		}
		return run(s, r, body)
	}
}
