package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"lingke/internal/emulator/world"
)

// control asks the emulator for something and decodes the answer into out, unless that is nil.
func (g *dataGateway) control(t *testing.T, method, path string, in, out any) {
	t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	w := httptest.NewRecorder()
	g.em.Handler().ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), method, path, bytes.NewReader(body)))
	if w.Code != http.StatusOK {
		t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
	}
	if out != nil {
		if err := json.Unmarshal(w.Body.Bytes(), out); err != nil {
			t.Fatal(err)
		}
	}
}

// answered waits for the bot's answer to what somebody writes.
func (g *dataGateway) answered(t *testing.T, platform, person, text string, wants ...string) {
	t.Helper()
	eventually(t, 20*time.Second, person+" on "+platform+" asks "+text, func() error {
		g.control(t, http.MethodPost, "/_emulator/messages", map[string]string{"platform": platform, "person": person, "text": text}, nil)
		var said string
		deadline := time.Now().Add(2 * time.Second)
		for time.Now().Before(deadline) {
			var all []world.Conversation
			g.control(t, http.MethodGet, "/_emulator/conversations?platform="+platform+"&person="+person, nil, &all)
			if m := all[0].Messages; len(m) > 0 && m[len(m)-1].From == world.Bot {
				if said = m[len(m)-1].Text; contains(said, wants) {
					return nil
				}
			}
			time.Sleep(20 * time.Millisecond)
		}
		return fmt.Errorf("the answer is %q, want %q", said, wants)
	})
}

func contains(text string, parts []string) bool {
	for _, p := range parts {
		if strings.Contains(text, p) {
			return true
		}
	}
	return false
}

// People of the address books may work at once, and lose everything at once when they leave, on both platforms.
func TestWhoComesMayWorkAndWhoLeavesMayNothing(t *testing.T) {
	t.Parallel()
	config := strings.Replace(dataConfig, "\npools:", "\naddress_book: {use: both, teams: {新零售部: 普通销售}}\npools:", 1)
	g := newDataGatewayOf(t, time.Date(2026, 3, 2, 1, 0, 0, 0, time.UTC), nil, nil, config)
	eventually(t, 10*time.Second, "the stream", func() error {
		if n := g.em.DingTalk().Stats().Connections; n == 0 {
			return fmt.Errorf("%d connections", n)
		}
		return nil
	})
	g.answered(t, "dingtalk", "zhangwei", "我的客户", "客户")
	g.control(t, http.MethodPost, "/_emulator/people", world.Person{ID: "new", Name: "新同事", Role: "rep", Team: "新零售部", DingTalk: "rep9000"}, nil)
	g.answered(t, "dingtalk", "new", "我的客户", "客户")
	before := g.app.Directory().All()
	for _, id := range []string{"new", "zhangwei", "liuyang"} {
		g.control(t, http.MethodDelete, "/_emulator/people/"+id, nil, nil)
	}
	eventually(t, 10*time.Second, "three leave", func() error {
		if n := len(g.app.Directory().All()); n != len(before)-3 {
			return fmt.Errorf("%d of %d people are left", n, len(before))
		}
		return nil
	})
	for platform, users := range map[string][]string{"dingtalk": {"rep9000", "manager4220", "rep4222"}, "wecom": {"ZhangWei", "LiuYang"}} {
		for _, user := range users {
			if p, ok := g.app.Directory().ByPlatform(platform, user); ok {
				t.Errorf("%s on %s is still %+v", user, platform, p)
			}
		}
	}
	left := g.app.Directory().Left()
	if len(left) != 3 || left[0].Name != "张伟" || left[0].Left.IsZero() {
		t.Errorf("left: %+v", left)
	}
}
