package e2e_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"lingke/internal/emulator"
)

// TestAPersonIsToldWhereTheyWantAndElsewhereWhereThatFails has somebody on both platforms choose by chat at one gateway, and looks where another one tells them.
func TestAPersonIsToldWhereTheyWantAndElsewhereWhereThatFails(t *testing.T) {
	t.Parallel()
	people := crowd(5)
	both := people[4]
	s := newSite(t, plan{people: people})
	g := s.run()
	s.toWorkday(1)
	sees := func(platform, text string, want int) {
		t.Helper()
		eventually(t, 20*time.Second, text+" on "+platform, func() error {
			if n := s.reads(platform, both, text); n != want {
				return fmt.Errorf("%d times, want %d", n, want)
			}
			return nil
		})
	}
	s.remind(g.app.Store(), "before", both)
	sees("dingtalk", "before", 1)
	if _, err := s.say(t.Context(), "dingtalk", both, "用企业微信提醒我"); err != nil {
		t.Fatal(err)
	}
	sees("dingtalk", "你的提醒和卡片发到企业微信", 1) // it is answered where it was asked
	second := s.run()
	s.remind(second.app.Store(), "after", both) // made for DingTalk
	sees("wecom", "after", 1)
	s.lead("c1", "华星机械") // cards too
	eventually(t, 20*time.Second, "the card", func() error {
		if n := len(s.leadsOf("wecom", both, "", 0)); n != 1 {
			return fmt.Errorf("%d cards", n)
		}
		return nil
	})
	s.fault(emulator.Fault{Match: onSend, Times: 1, Status: 200, Body: json.RawMessage(`{"errcode":81013,"errmsg":"user & party & tag all invalid"}`)})
	s.remind(second.app.Store(), "refused", both)
	sees("dingtalk", "refused", 1)
	if n := s.reads("wecom", both, "refused") + s.reads("dingtalk", both, "after") + len(s.leadsOf("dingtalk", both, "", 0)); n != 0 {
		t.Errorf("%d things came twice or where nobody wants them", n)
	}
	noneDead(t, second.app.Store())
}
