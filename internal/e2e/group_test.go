package e2e_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"lingke/internal/emulator/world"
)

const groupConfig = `
schemes:
  - {name: points, cuts: [{tier: A, title: 高价值, above: 20}], else: C, else_title: 培育}
groups:
  - {platform: dingtalk, conversation: cidSales, events: [tier]}
  - {platform: wecom, conversation: sales, events: [tier]}
`

// TestATierChangeIsOneMessageInEachGroup announces through the real bots: in a group of DingTalk and in an app's group of WeCom.
func TestATierChangeIsOneMessageInEachGroup(t *testing.T) {
	t.Parallel()
	all := crowd(10)
	s := newSite(t, plan{people: []world.Person{all[4], all[9]}, more: groupConfig}) // who are on both platforms
	s.em.World().AddGroup("dingtalk", "cidSales", "销售群", s.people[0].DingTalk, s.people[1].DingTalk)
	s.appGroup("sales", s.people[0].WeCom, s.people[1].WeCom)
	g := s.run()
	tell := func(id string, data map[string]any) {
		t.Helper()
		if status, answer, err := s.push(t.Context(), id, item{"customer.upsert", data}); err != nil || status != http.StatusOK {
			t.Fatalf("push: %d %s %v", status, answer, err)
		}
		drained(t, g.app.Store(), 20*time.Second)
	}
	tell("first", map[string]any{"id": "c1", "name": "华星机械"})
	for _, platform := range platforms {
		if got := s.groupMessages(platform, s.people[0]); len(got) != 0 {
			t.Errorf("%s: a new customer is no news, but the group reads %+v", platform, got)
		}
	}
	grown := map[string]any{"id": "c1", "name": "华星机械", "industry": "制造业", "headcount": 900, "annual_revenue": 500_000_000}
	tell("second", grown)
	tell("third", grown)
	for _, platform := range platforms {
		for _, p := range s.people {
			eventually(t, 20*time.Second, platform+" group of "+p.ID, func() error {
				got := s.groupMessages(platform, p)
				if len(got) != 1 || !strings.Contains(got[0].Text, "华星机械") || !strings.Contains(got[0].Text, "培育 → ") {
					return fmt.Errorf("reads %+v", got)
				}
				return nil
			})
		}
	}
	noneDead(t, g.app.Store())
}

// groupMessages are what a person sees in the one group of a platform.
func (s *site) groupMessages(platform string, p world.Person) []world.Message {
	for _, c := range s.em.World().Conversations(platform, p.Account(platform)) {
		if c.Kind == "group" {
			return c.Messages
		}
	}
	return nil
}

// appGroup makes a group that belongs to the WeCom app, as an administrator's script does.
func (s *site) appGroup(id string, members ...string) {
	s.t.Helper()
	var token struct {
		AccessToken string `json:"access_token"`
	}
	var made struct{ ErrCode int }
	err := s.wecom(http.MethodGet, "/cgi-bin/gettoken?corpid=wwe2e0000000001&corpsecret=e2e-wecom-secret", nil, &token)
	if err == nil {
		err = s.wecom(http.MethodPost, "/cgi-bin/appchat/create?access_token="+token.AccessToken, map[string]any{"chatid": id, "name": "销售群", "userlist": members}, &made)
	}
	if err == nil && made.ErrCode != 0 {
		err = fmt.Errorf("errcode %d", made.ErrCode)
	}
	if err != nil {
		s.t.Fatal(err)
	}
}

func (s *site) wecom(method, path string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	resp, err := s.front.client.Do(r)
	if err != nil {
		return err
	}
	return errors.Join(json.NewDecoder(resp.Body).Decode(out), resp.Body.Close())
}
