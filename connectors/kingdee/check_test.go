package kingdee_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"lingke/connectors"
	"lingke/connectors/kingdee"
	emulator "lingke/internal/emulator/kingdee"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		change func(*kingdee.Config)
		want   error
		text   string
	}{
		{"signed", nil, nil, ""},
		{"session", func(c *kingdee.Config) { c.Auth = kingdee.AuthSign }, nil, ""},
		{"wrong secret, signed", func(c *kingdee.Config) { c.AppSecret = "0000" }, connectors.ErrUnauthorized, ""},
		{"wrong secret, session", func(c *kingdee.Config) { c.Auth, c.AppSecret = kingdee.AuthAppSecret, "0000" }, connectors.ErrUnauthorized, "log in"},
		{"wrong password", func(c *kingdee.Config) { c.Auth, c.Password = kingdee.AuthPassword, "0000" }, connectors.ErrUnauthorized, "log in"},
		{"configured field that is not there", func(c *kingdee.Config) { c.Mapping = keys("industry", "F_NO_SUCH") }, connectors.ErrConfig, "F_NO_SUCH"},
		{"tier field that is not there", func(c *kingdee.Config) { c.Write = map[string]string{"tier": "F_NO_TIER"} }, connectors.ErrConfig, "F_NO_TIER"},
		{"several that are not there are named at once", func(c *kingdee.Config) {
			c.Mapping, c.Write = keys("industry", "F_NO_SUCH", "region", "F_ALSO_NOT.FName"), map[string]string{"tier": "F_NO_TIER"}
		}, connectors.ErrConfig, "F_ALSO_NOT.FName, F_NO_SUCH, F_NO_TIER"},
		{"a slip is answered with what was meant", func(c *kingdee.Config) { c.Mapping = keys("industry", "F_LK_INDUSTY") }, connectors.ErrConfig, `F_LK_INDUSTY (did you mean "F_LK_INDUSTRY"?)`},
		{"all forms", func(c *kingdee.Config) { c.Deliveries, c.Receivables = true, true }, nil, ""},
		{"wrong address", func(c *kingdee.Config) { c.BaseURL += "nowhere/" }, connectors.ErrConfig, "404"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := newSite(t, nil).open(t, c.change).Check(t.Context())
			if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
				t.Fatalf("Check = %v, want %v", err, c.want)
			}
			if err != nil && !strings.Contains(err.Error(), c.text) {
				t.Errorf("Check = %v, does not say %q", err, c.text)
			}
		})
	}
}

func TestASessionThatEndsInTheMiddleGoesUnnoticed(t *testing.T) {
	t.Parallel()
	s := newSite(t, nil)
	for n := 1; n <= 20; n++ {
		s.customer(t, n, fmt.Sprintf("2026-02-01T10:%02d:00", n))
	}
	s.before = func(query int) {
		if query == 3 {
			s.EndSessions()
		}
	}
	got, _, _ := pull(t, s.open(t, func(c *kingdee.Config) { c.Auth, c.PageSize = kingdee.AuthSign, 5 }), "")
	if len(got) != 20 {
		t.Errorf("%d customers, want 20", len(got))
	}
}

func TestAThrottledSiteIsReadToTheEnd(t *testing.T) {
	t.Parallel()
	for _, status := range []int{0, 503, 519} {
		s := newSite(t, func(o *emulator.Options) { o.ThrottleCalls, o.ThrottleStatus = 2, status })
		for n := 1; n <= 20; n++ {
			s.customer(t, n, fmt.Sprintf("2026-02-01T10:%02d:00", n))
		}
		if got, _, _ := pull(t, s.open(t, func(c *kingdee.Config) { c.PageSize = 3 }), ""); len(got) != 20 {
			t.Errorf("status %d: %d customers, want 20", status, len(got))
		}
	}
}
