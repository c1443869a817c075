package followup_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"lingke/internal/calendar"
	"lingke/internal/customer"
	"lingke/internal/followup"
	"lingke/internal/lang"
)

func yearRules() *followup.Rules {
	return &followup.Rules{
		Zone: china, Calendar: calendar.New(calendar.Shipped()...),
		Anniversaries: []followup.Anniversary{
			{Name: lang.Text{ZH: "生日"}, Field: "birthday", Title: lang.Text{ZH: "生日礼遇"}, Ahead: 3, Advice: lang.Text{ZH: "礼包"}},
			{Name: lang.Text{ZH: "首购纪念日"}, Field: followup.FirstOrder, Title: lang.Text{ZH: "购买纪念日回访"}, Ahead: 3},
		},
	}
}

// mornings looks at a customer at nine of every workday from one day to another and returns the days on which something was asked for, with its title and when it is due.
func mornings(t *testing.T, r *followup.Rules, c *customer.Customer, orders []customer.Order, from, to string) (asked []string) {
	t.Helper()
	first, err := calendar.ParseDay(from)
	if err != nil {
		t.Fatal(err)
	}
	last, err := calendar.ParseDay(to)
	if err != nil {
		t.Fatal(err)
	}
	working := r.Calendar.Working(nil, china)
	for d := first; d <= last; d++ {
		if !r.Calendar.Workday(d) {
			continue
		}
		for range 2 { // a run that is done again asks for nothing more
			c.Effects = nil
			at := d.At(9*time.Hour, china)
			r.Look(customer.View{Is: c, Orders: orders, Occasion: customer.Anniversaries, Settled: true, Now: at})
			for _, e := range c.Effects {
				span, err := calendar.ParseSpan(e.Work.Due)
				if err != nil {
					t.Fatal(err)
				}
				asked = append(asked, fmt.Sprintf("%s %s, due %s", d, e.Work.Title, working.Deadline(at, span).In(china).Format("2006-01-02")))
			}
		}
	}
	return asked
}

func TestAnniversariesAreAskedForOnceAYearThreeDaysAheadOnAWorkday(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, birthday, first string
		from, to              string
		want                  []string
	}{
		{"a birthday in the week", "1988-05-15", "", "2026-01-01", "2026-12-31", []string{"2026-05-12 生日礼遇（5月15日）, due 2026-05-15"}},
		{"three days before is a Sunday, so on Friday", "05-20", "", "2026-01-01", "2026-12-31", []string{"2026-05-15 生日礼遇（5月20日）, due 2026-05-20"}},
		{"on a Sunday: done by Friday", "6月7日", "", "2026-01-01", "2026-12-31", []string{"2026-06-04 生日礼遇（6月7日）, due 2026-06-05"}},
		{"in the National Day holidays: before them", "10-05", "", "2026-01-01", "2026-12-31", []string{"2026-09-30 生日礼遇（10月5日）, due 2026-09-30"}},
		{"29 February in a year without", "1992-02-29", "", "2025-01-01", "2025-12-31", []string{"2025-02-25 生日礼遇（2月28日）, due 2025-02-28"}},
		{"29 February in a leap year", "1992-02-29", "", "2024-01-01", "2024-12-31", []string{"2024-02-26 生日礼遇（2月29日）, due 2024-02-29"}},
		{"lunar: the Mid-Autumn day of two years", "农历八月十五", "", "2025-01-01", "2026-12-31", []string{"2025-09-30 生日礼遇（10月6日）, due 2025-09-30", "2026-09-22 生日礼遇（9月25日）, due 2026-09-24"}},
		{"the day of a first order, from the next year on", "", "2024-03-12", "2024-03-01", "2026-04-01", []string{"2025-03-07 购买纪念日回访（3月12日）, due 2025-03-12", "2026-03-09 购买纪念日回访（3月12日）, due 2026-03-12"}},
		{"missed, and made up for", "05-15", "", "2026-05-14", "2026-12-31", []string{"2026-05-14 生日礼遇（5月15日）, due 2026-05-15"}},
		{"no date", "春天", "", "2026-01-01", "2026-12-31", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := customer.Customer{ID: "c1", Owner: "lina", Fields: map[string]customer.Field{"birthday": {Value: tt.birthday, Source: "kingdee"}}}
			var orders []customer.Order
			if tt.first != "" {
				orders = []customer.Order{{ID: "kingdee/o1", Status: "won", Date: clock(tt.first + " 10:00")}}
			}
			if got := mornings(t, yearRules(), &c, orders, tt.from, tt.to); !slices.Equal(got, tt.want) {
				t.Errorf("asked %v\nwant  %v", got, tt.want)
			}
		})
	}
}

func TestAnAnniversarySaysWhichAndWhoToldIt(t *testing.T) {
	t.Parallel()
	c := customer.Customer{ID: "c1", Owner: "lina", Fields: map[string]customer.Field{"birthday": {Value: "农历八月十五", Source: "kingdee"}}}
	yearRules().Look(customer.View{Is: &c, Occasion: customer.Anniversaries, Now: clock("2026-09-22 09:00")})
	if len(c.Effects) != 1 {
		t.Fatalf("%+v", c.Effects)
	}
	for _, part := range []string{"生日：9月25日（农历八月十五）", "来源 kingdee", "礼包"} {
		if !strings.Contains(c.Effects[0].Work.Why, part) {
			t.Errorf("%q does not contain %q", c.Effects[0].Work.Why, part)
		}
	}
	nobodys := customer.Customer{ID: "c1", Fields: c.Fields}
	yearRules().Look(customer.View{Is: &nobodys, Occasion: customer.Anniversaries, Now: clock("2026-09-22 09:00")})
	if len(nobodys.Effects)+len(nobodys.Marked) != 0 {
		t.Errorf("a customer without owner: %+v", nobodys)
	}
}

func TestOccasionsThatAreAboutOwnersAloneLeaveOthersAlone(t *testing.T) {
	t.Parallel()
	rules := yearRules()
	rules.Plays = []followup.Play{{ID: "tag", Name: lang.Text{ZH: "标签"}, Measure: time.Hour, Steps: []followup.Step{{Tag: "见过"}}}}
	rules.Cadence.Rhythms = []followup.Rhythm{{Tier: "A", Title: lang.Text{ZH: "月度深访"}, Every: 30, Due: "5 workdays"}}
	for o, want := range map[customer.Occasion]bool{customer.Arrival: false, customer.Morning: false, customer.Plays: false, customer.Anniversaries: true, customer.Contacts: true} {
		if got := rules.OwnedOnly(o); got != want {
			t.Errorf("%s is about owners alone: %v", o, got)
		}
		nobodys := customer.Customer{ID: "c1", Tier: "A", Fields: map[string]customer.Field{"birthday": {Value: "2000-09-25", Source: "kingdee"}}}
		rules.Look(customer.View{Is: &nobodys, Occasion: o, Settled: true, Now: clock("2026-09-22 09:00")})
		touched := len(nobodys.Effects)+len(nobodys.Marked)+len(nobodys.Exposures)+len(nobodys.Tags) > 0
		if want && touched || o == customer.Plays && !touched {
			t.Errorf("%s: a customer without owner: %+v", o, nobodys)
		}
	}
}

func TestACadenceKeepsAFloorAndACap(t *testing.T) {
	t.Parallel()
	rules := func() *followup.Rules {
		return &followup.Rules{Zone: china, Calendar: calendar.New(calendar.Shipped()...), Cadence: followup.Cadence{Rhythms: []followup.Rhythm{
			{Tier: "A", Title: lang.Text{ZH: "月度深访"}, Every: 30, Cap: 3, Due: "5 workdays", Channel: lang.Text{ZH: "电话"}, Advice: lang.Text{ZH: "定制方案"}},
			{Tier: "B", Title: lang.Text{ZH: "季度回顾"}, Every: 90, Due: "5 workdays"}, {Tier: "D", Title: lang.Text{ZH: "半年问候"}, Every: 180, Due: "10 workdays"},
		}}}
	}
	for _, tt := range []struct {
		name, tier string
		set        func(c *customer.Customer, v *customer.View)
		want       int // contacts asked for in a year without any other contact
	}{
		{"monthly", "A", nil, 12},
		{"quarterly", "B", nil, 4},
		{"never forgotten", "D", nil, 2},
		{"no rhythm for the tier", "C", nil, 0},
		{"no owner", "A", func(c *customer.Customer, _ *customer.View) { c.Owner = "" }, 0},
		{"contacted every other day already", "A", func(_ *customer.Customer, v *customer.View) {
			for d := range 183 {
				v.Activities = append(v.Activities, act(fmt.Sprint(d), "note", clock("2026-01-01 15:00").AddDate(0, 0, 2*d), "聊过"))
			}
		}, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, c := rules(), customer.Customer{ID: "c1", Owner: "lina", Tier: tt.tier, OwnedAt: clock("2026-01-01 09:00")}
			v := customer.View{Is: &c, Occasion: customer.Contacts, Settled: true}
			if tt.set != nil {
				tt.set(&c, &v)
			}
			asked, before := 0, ""
			for d := range 365 {
				c.Effects = nil
				v.Now = clock("2026-01-02 09:10").AddDate(0, 0, d)
				r.Look(v)
				r.Look(v)
				for _, e := range c.Effects {
					if e.Kind == customer.EffectWork {
						asked, before = asked+1, e.Work.Task
					} else if e.Kind != customer.EffectCalm || e.Work.Task != before {
						t.Errorf("%+v beside the contact %s that was asked for before", e, before)
					}
				}
				if len(c.Effects) > 0 && asked > 1 != (len(c.Effects) == 2) {
					t.Errorf("contact %d: %+v", asked, c.Effects)
				}
			}
			if asked != tt.want {
				t.Errorf("asked for %d contacts in a year, want %d", asked, tt.want)
			}
		})
	}
	t.Run("the cap keeps quiet", func(t *testing.T) {
		t.Parallel()
		r, c := rules(), customer.Customer{ID: "c1", Owner: "lina", Tier: "A", OwnedAt: clock("2026-01-01 09:00")}
		r.Cadence.Rhythms[0].Every = 5
		v := customer.View{Is: &c, Occasion: customer.Contacts, Now: clock("2026-03-02 09:10")}
		for d := range 3 {
			v.Activities = append(v.Activities, act(fmt.Sprint(d), "note", clock("2026-02-10 15:00").AddDate(0, 0, d), "聊过"))
		}
		if r.Look(v); len(c.Effects) != 0 {
			t.Errorf("beyond the cap: %+v", c.Effects)
		}
	})
	t.Run("a morning and an afternoon are one day", func(t *testing.T) {
		t.Parallel()
		r, c := rules(), customer.Customer{ID: "c1", Owner: "lina", Tier: "A", OwnedAt: clock("2026-01-01 09:00")}
		r.Cadence.Rhythms[0].Every, r.Cadence.Rhythms[0].Cap = 5, 2
		v := customer.View{Is: &c, Occasion: customer.Contacts, Now: clock("2026-03-02 09:10")}
		for _, at := range []string{"2026-02-10 07:30", "2026-02-10 15:00"} { // two days in UTC
			v.Activities = append(v.Activities, act(at, "note", clock(at).UTC(), "聊过"))
		}
		if r.Look(v); len(c.Effects) != 1 {
			t.Errorf("below the cap: %+v", c.Effects)
		}
	})
}

func TestACadenceSuggestsChannelAndTime(t *testing.T) {
	t.Parallel()
	r := &followup.Rules{Zone: china, Calendar: calendar.New(calendar.Shipped()...), Cadence: followup.Cadence{Rhythms: []followup.Rhythm{{Tier: "A", Title: lang.Text{ZH: "月度深访"}, Every: 30, Due: "5 workdays", Channel: lang.Text{ZH: "电话"}}}}}
	c := customer.Customer{ID: "c1", Owner: "lina", Tier: "A", OwnedAt: clock("2026-01-01 09:00")}
	v := customer.View{Is: &c, Occasion: customer.Contacts, Now: clock("2026-03-02 09:10")}
	for week := range 4 {
		v.Activities = append(v.Activities, act(fmt.Sprint("t", week), "push_opened", clock("2026-02-03 10:30").AddDate(0, 0, 7*week), ""))
	}
	v.Activities = append(v.Activities, act("x", "visit", clock("2026-02-04 15:00"), ""))
	r.Look(v)
	if len(c.Effects) != 1 {
		t.Fatalf("%+v", c.Effects)
	}
	for _, part := range []string{"上次联系：2026年1月1日（60 天前）", "渠道：电话", "周二 10–12 点（近 180 天 5 次互动中 4 次）"} {
		if !strings.Contains(c.Effects[0].Work.Why, part) {
			t.Errorf("%q does not contain %q", c.Effects[0].Work.Why, part)
		}
	}
	c.Fields, c.Contacted = map[string]customer.Field{"preferred_channel": {Value: "邮件"}}, time.Time{}
	c.Effects = nil
	if r.Look(v); len(c.Effects) != 1 || !strings.Contains(c.Effects[0].Work.Why, "渠道：客户偏好邮件") {
		t.Errorf("%+v", c.Effects)
	}
}
