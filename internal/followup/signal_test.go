package followup_test

import (
	"strings"
	"testing"
	"time"

	"lingke/internal/customer"
	"lingke/internal/followup"
	"lingke/internal/lang"
)

func act(id, kind string, at time.Time, text string) customer.Activity {
	return customer.Activity{ID: customer.NewRef("website", id), Customer: "crm/1", Type: kind, At: at, Text: text}
}

func TestRequestsAndComplaintsOpenTheGreenChannel(t *testing.T) {
	t.Parallel()
	rules := &followup.Rules{Zone: china, Signals: []followup.Signal{
		{Name: "complaint", Title: lang.Text{ZH: "处理投诉"}, Activities: []string{"complaint"}, Within: 48 * time.Hour, Due: "2h", Advice: lang.Text{ZH: "先致歉"}},
		{Name: "request", Title: lang.Text{ZH: "客户请求"}, Activities: []string{"ticket", "inquiry"}, Within: 48 * time.Hour, Due: "2h", Tiers: map[string]string{"D": "48h"}},
	}}
	now := clock("2026-03-02 10:00")
	for _, tt := range []struct {
		name  string
		tier  string
		asked []string
		acts  []customer.Activity
		want  []string // kind, due, and what stands in Why
	}{
		{"a complaint", "A", nil, []customer.Activity{act("1", "complaint", now, "维修太慢")}, []string{"complaint 2h 投诉", "维修太慢", "先致歉", "website", "3月2日 10:00"}},
		{"a request of the lowest tier", "D", nil, []customer.Activity{act("1", "inquiry", now, "报价？")}, []string{"request 48h 咨询", "报价？"}},
		{"several at once are one task", "A", nil, []customer.Activity{act("1", "ticket", now, "甲"), act("2", "inquiry", now, "乙")}, []string{"request 2h 服务请求", "甲", "乙"}},
		{"what was asked for already", "A", []string{"website/1"}, []customer.Activity{act("1", "ticket", now, "")}, nil},
		{"history", "A", nil, []customer.Activity{act("1", "ticket", now.Add(-49*time.Hour), "")}, nil},
		{"the future", "A", nil, []customer.Activity{act("1", "ticket", now.Add(time.Hour), "")}, nil},
		{"something else", "A", nil, []customer.Activity{act("1", "visit", now, "")}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := customer.Customer{ID: "c1", Tier: tt.tier, Following: customer.Following{Asked: tt.asked}}
			look := func() { rules.Look(customer.View{Is: &c, Activities: tt.acts, Now: now}) }
			look()
			look() // nothing new: nothing more
			if tt.want == nil {
				if len(c.Effects) != 0 {
					t.Errorf("%+v", c.Effects)
				}
				return
			}
			if len(c.Effects) != 1 || c.Effects[0].Kind != customer.EffectWork {
				t.Fatalf("%+v", c.Effects)
			}
			w := c.Effects[0].Work
			got := w.Kind + " " + w.Due + " " + w.Why
			for _, part := range append(strings.Fields(tt.want[0]), tt.want[1:]...) {
				if !strings.Contains(got, part) {
					t.Errorf("%q does not contain %q", got, part)
				}
			}
		})
	}
}
