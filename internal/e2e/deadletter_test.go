package e2e_test

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"lingke/internal/delivery"
	"lingke/internal/emulator/world"
)

// TestAManagerHearsOfWhatWasGivenUpAndSendsItAgain: DingTalk refuses a rep's reminder for good; the manager, who is on both platforms, is told on the other one, and presses the button.
func TestAManagerHearsOfWhatWasGivenUpAndSendsItAgain(t *testing.T) {
	t.Parallel()
	people := crowd(1)
	boss := world.Person{ID: "boss", Name: "王芳", Role: "manager", Team: team, DingTalk: "dingboss", WeCom: "WangFang"}
	s := newSite(t, plan{people: append(people, boss)})
	g := s.run()
	s.toWorkday(1)
	s.fault(v1(final, onRobot, 400, "staffId.notExisted").fault)
	s.remind(g.app.Store(), "lost", people[0])
	drained(t, g.app.Store(), 20*time.Second)
	for range 3 {
		_ = g.app.RunJob(t.Context(), "dead-letters", io.Discard)
	}
	var alert world.Message
	eventually(t, 20*time.Second, "the alert", func() error {
		var alerts []world.Message
		for _, m := range s.messages("wecom", boss, 0) {
			if m.Card != nil && strings.Contains(m.Card.Title, "1 条消息没有送达") {
				alerts = append(alerts, m)
			}
		}
		if len(alerts) != 1 || len(s.messages("dingtalk", boss, 0)) != 0 {
			return fmt.Errorf("%d alerts, %d messages on DingTalk", len(alerts), len(s.messages("dingtalk", boss, 0)))
		}
		alert = alerts[0]
		return nil
	})
	if o, err := s.click(t.Context(), "wecom", boss, alert.ID, "replay_all"); err != nil || !o.Accepted {
		t.Fatalf("%+v, %v", o, err)
	}
	eventually(t, 20*time.Second, "the reminder", func() error {
		if n := s.reads("dingtalk", people[0], "lost"); n != 1 {
			return fmt.Errorf("%d times", n)
		}
		return nil
	})
	noneDead(t, g.app.Store())
}

// TestAMonthThatThePlatformCallsSpentIsWaitedFor: other apps of the organisation may have spent it; asking again before the first would only be refused.
func TestAMonthThatThePlatformCallsSpentIsWaitedFor(t *testing.T) {
	t.Parallel()
	people := crowd(1)
	s := newSite(t, plan{people: people})
	g := s.run()
	s.toWorkday(1)
	s.fault(v1(tooFast, onRobot, 403, "Forbidden.AccessDenied.ApiCountLimitForOrg").fault)
	s.remind(g.app.Store(), "later", people[0])
	shanghai := time.FixedZone("CST", 8*3600)
	var d delivery.Delivery
	eventually(t, 20*time.Second, "the refusal", func() (err error) {
		if d, err = g.app.Store().Delivery(t.Context(), "later"); err == nil && d.Why == "" {
			err = fmt.Errorf("%+v", d)
		}
		return err
	})
	now := s.now().In(shanghai)
	first := time.Date(now.Year(), now.Month()+1, 1, 0, 0, 0, 0, shanghai)
	if late := d.Due.Sub(first); d.State != delivery.Due || late < 0 || late > 5*time.Second || d.Attempts != 0 {
		t.Errorf("%s, due %s, %d attempts: %s", d.State, d.Due, d.Attempts, d.Why)
	}
	s.advance(first.Add(10 * time.Hour).Sub(now))
	s.toWorkday(0)
	eventually(t, 20*time.Second, "the message of the next month", func() error {
		if n := s.reads("dingtalk", people[0], "later"); n != 1 {
			return fmt.Errorf("%d times", n)
		}
		return nil
	})
}
