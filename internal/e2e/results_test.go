package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"lingke/bots"
	"lingke/internal/delivery"
	"lingke/internal/emulator/world"
	"lingke/internal/store"
)

const noticeAgent = 77

// notices sends n work notices of another kind of message to a person, as another part of the organisation does.
func (s *site) notices(p world.Person, n int) {
	s.t.Helper()
	var token struct {
		AccessToken string `json:"accessToken"`
	}
	s.platform("/v1.0/oauth2/accessToken", map[string]any{"appKey": "dinge2e000001", "appSecret": "e2e-dingtalk-secret"}, &token)
	for i := range n {
		s.platform("/topapi/message/corpconversation/asyncsend_v2?access_token="+token.AccessToken, map[string]any{
			"agent_id": noticeAgent, "userid_list": p.DingTalk, "msg": map[string]any{"msgtype": "text", "text": map[string]any{"content": fmt.Sprint("别的通知 ", i)}},
		}, nil)
	}
}

func (s *site) platform(path string, in, out any) {
	s.t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		s.t.Fatal(err)
	}
	resp, err := s.front.client.Post(s.url+path, "application/json", bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	if err == nil && out != nil {
		err = json.Unmarshal(answer, out)
	}
	if err != nil || resp.StatusCode != http.StatusOK {
		s.t.Fatalf("%s: %s %s %v", path, resp.Status, answer, err)
	}
}

// remind stores a reminder for a person, due now.
func (s *site) remind(st store.Store, id string, p world.Person) {
	s.t.Helper()
	now := s.now().UTC().Truncate(time.Millisecond)
	d := delivery.NewPlanner(nil, 0, nil).Arrange(delivery.Delivery{
		ID: id, Platform: bots.DingTalk, Kind: delivery.KindReminder, To: []string{p.DingTalk}, Text: "即将到期：" + id, Rev: 1, State: delivery.Due, Due: now, Created: now,
	})
	if _, err := st.Show(s.t.Context(), d); err != nil {
		s.t.Fatal(err)
	}
}

// reads counts how often a person sees a text.
func (s *site) reads(platform string, p world.Person, text string) (n int) {
	for _, m := range s.messages(platform, p, 0) {
		if strings.Contains(m.Text, text) {
			n++
		}
	}
	return n
}

// TestWhatBecameOfAMessageIsAskedAndWhoWasRefusedIsTold sends reminders as work notices to people of whom some have had their 500 notices of the day, asks the platform
// by two gateways of which one is restarted, and looks where the refused ones end.
func TestWhatBecameOfAMessageIsAskedAndWhoWasRefusedIsTold(t *testing.T) {
	t.Parallel()
	people := crowd(5)
	calm, full, both := people[0], people[2], people[4] // on DingTalk, on DingTalk, on both
	boss := world.Person{ID: "boss", Name: "王芳", Role: "manager", Team: team, DingTalk: "dingboss"}
	s := newSite(t, plan{people: append(people, boss), dingtalk: fmt.Sprintf(", agent_id: %d, notices: [reminder]", noticeAgent)})
	s.toWorkday(1)
	g := s.run()
	st := g.app.Store()
	s.notices(full, 500)
	s.notices(both, 500)
	for _, p := range []world.Person{calm, full, both} {
		s.remind(st, "r-"+p.ID, p)
	}
	drained(t, st, 20*time.Second)
	if s.reads("dingtalk", calm, "r-"+calm.ID) != 1 || s.reads("dingtalk", full, "r-"+full.ID) != 0 {
		t.Fatal("the platform does not keep its limit of the day")
	}
	g.end(t) // who asks is another process than who sent
	second := s.run()
	s.requests()
	s.advance(2 * time.Minute)
	third := s.run()
	var asking sync.WaitGroup
	for _, each := range []*inProcess{second, third} {
		asking.Go(func() { _ = each.app.RunJob(t.Context(), "results", io.Discard) }) // one of them may find the other at it
	}
	asking.Wait()
	st = third.app.Store()
	report := func(id string) *delivery.Report {
		d, err := st.Delivery(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return d.Report
	}
	eventually(t, 20*time.Second, "the reports", func() error {
		for _, p := range []world.Person{calm, full, both} {
			if report("r-"+p.ID) == nil {
				return fmt.Errorf("none of %s", p.ID)
			}
		}
		return nil
	})
	asked := 0
	for _, r := range s.requests() {
		if strings.HasSuffix(r.Path, "getsendresult") {
			asked++
		}
	}
	if asked != 3 {
		t.Errorf("of 3 messages the platform was asked %d times", asked)
	}
	if r := report("r-" + calm.ID); r.Unread != 1 || len(r.Failed) != 0 {
		t.Errorf("%+v", r)
	}
	if r := report("r-" + full.ID); len(r.Failed) != 1 || !strings.Contains(r.Failed[0].Reason, "143106") {
		t.Errorf("%+v", r)
	}
	eventually(t, 20*time.Second, "the other platform", func() error {
		if n := s.reads("wecom", both, "r-"+both.ID); n != 1 {
			return fmt.Errorf("%d messages", n)
		}
		return nil
	})
	if _, err := s.say(t.Context(), "dingtalk", calm, "今日"); err != nil { // who writes has read what stood there
		t.Fatal(err)
	}
	s.advance(4 * time.Hour)
	_ = third.app.RunJob(t.Context(), "results", io.Discard)
	eventually(t, 20*time.Second, "that it was read", func() error {
		if r := report("r-" + calm.ID); r.Read != 1 {
			return fmt.Errorf("%+v", r)
		}
		return nil
	})
	if _, err := s.say(t.Context(), "dingtalk", boss, "额度"); err != nil {
		t.Fatal(err)
	}
	eventually(t, 20*time.Second, "the manager's answer", func() error {
		if s.reads("dingtalk", boss, "已读 1 人次，未读 0，被拒 2") != 1 {
			return fmt.Errorf("%+v", s.messages("dingtalk", boss, 2))
		}
		return nil
	})
	body := ask(t, third, "/api/v1/deliveries")
	for _, want := range []string{`"reason":"143106 this person got 500 notices today"`, `"read":1`} {
		if !strings.Contains(body, want) {
			t.Errorf("the API does not tell %s: %s", want, body)
		}
	}
	if metrics := ask(t, second, "/metrics") + ask(t, third, "/metrics"); !strings.Contains(metrics, `lingke_delivery_results_total{outcome="refused",platform="dingtalk"} 2`) {
		t.Error("no metric tells of the refused ones")
	}
	s.toWorkday(1) // the next day begins with a new limit
	eventually(t, 20*time.Second, "the next day's message", func() error {
		if n := s.reads("dingtalk", full, "r-"+full.ID); n != 1 {
			return fmt.Errorf("%d messages", n)
		}
		return nil
	})
	noneDead(t, st)
	for _, p := range []world.Person{calm, full, both} {
		if n := s.reads("dingtalk", p, "r-"+p.ID) + s.reads("wecom", p, "r-"+p.ID); n != 1 {
			t.Errorf("%s reads the reminder %d times", p.Name, n)
		}
	}
}

// ask reads a page of a gateway.
func ask(t *testing.T, g *inProcess, path string) string {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+g.addr+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+apiToken)
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %s %v", path, resp.Status, body, err)
	}
	return string(body)
}
