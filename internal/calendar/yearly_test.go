package calendar_test

import (
	"errors"
	"testing"

	"lingke/internal/calendar"
)

func TestDatesThatComeEveryYear(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		text string
		year int
		want string
	}{
		{"1988-05-17", 2026, "2026-05-17"},
		{"2024-02-29", 2026, "2026-02-28"}, // 29 February in a common year
		{"2024-02-29", 2028, "2028-02-29"},
		{"农历正月初一", 2024, "2024-02-10"}, // Spring Festival, as in the decrees
		{"农历正月初一", 2025, "2025-01-29"},
		{"农历正月初一", 2026, "2026-02-17"},
		{"农历五月初五", 2025, "2025-05-31"}, // Dragon Boat Festival
		{"农历五月初五", 2026, "2026-06-19"},
		{"农历八月十五", 2023, "2023-09-29"}, // Mid-Autumn Festival
		{"农历八月十五", 2024, "2024-09-17"},
		{"农历八月十五", 2025, "2025-10-06"},
		{"农历八月十五", 2026, "2026-09-25"},
		{"农历腊月三十", 2024, "2025-01-28"}, // the twelfth month had 29 days
		{"农历闰六月初一", 2025, "2025-07-25"},
		{"农历闰六月初一", 2026, "2026-07-14"}, // no leap month: the ordinary sixth
		{"农历六月初一", 2025, "2025-06-25"},
		{"农历闰2月十五", 2023, "2023-04-05"},
	} {
		y, err := calendar.ParseYearly(tt.text)
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
			continue
		}
		if got := y.In(tt.year).String(); got != tt.want {
			t.Errorf("%s in %d: %s, want %s", y, tt.year, got, tt.want)
		}
	}
}

func TestTheNextOfADate(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ text, from, want string }{
		{"05-17", "2026-05-17", "2026-05-17"},
		{"05-17", "2026-05-18", "2027-05-17"},
		{"02-29", "2026-02-28", "2026-02-28"},
		{"02-29", "2027-03-01", "2028-02-29"},
		{"农历腊月廿九", "2026-01-01", "2026-02-16"}, // of the lunar year 2025
		{"农历冬月初一", "2026-01-01", "2026-12-09"},
	} {
		y, err := calendar.ParseYearly(tt.text)
		if err != nil {
			t.Fatal(err)
		}
		if got := y.Next(day(t, tt.from)).String(); got != tt.want {
			t.Errorf("%s from %s: %s, want %s", y, tt.from, got, tt.want)
		}
	}
}

func TestDatesAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"1988-05-17": "5月17日", "1988/5/7": "5月7日", "05-17": "5月17日", "5月17日": "5月17日", "1988年5月17日": "5月17日", "5月17号": "5月17日", "1988-05-17T00:00:00Z": "5月17日",
		"农历八月十五": "农历八月十五", "农历8月15": "农历八月十五", "阴历正月初一": "农历正月初一", "农历一月初十": "农历正月初十", "农历1988年腊月三十": "农历腊月三十",
		"农历十二月廿三": "农历腊月廿三", "农历闰四月二十": "农历闰四月二十", "农历十月二十一": "农历十月廿一", "农历冬月十一日": "农历冬月十一",
	} {
		y, err := calendar.ParseYearly(text)
		if err != nil || y.String() != want {
			t.Errorf("%s: %s, %v", text, y, err)
		}
	}
	for _, bad := range []string{"", "1988", "13-01", "02-30", "2月30日", "农历13月1日", "农历八月三十一", "农历", "08/15/2020", "八月十五"} {
		if y, err := calendar.ParseYearly(bad); !errors.Is(err, calendar.ErrCalendar) {
			t.Errorf("%q: %s, %v", bad, y, err)
		}
	}
}

func FuzzParseYearly(f *testing.F) {
	f.Add("1988-05-17")
	f.Add("农历闰四月二十")
	f.Fuzz(func(t *testing.T, text string) {
		y, err := calendar.ParseYearly(text)
		if err != nil {
			return
		}
		again, err := calendar.ParseYearly(y.String())
		if err != nil || again != y {
			t.Fatalf("%q is %s, which is %+v, %v", text, y, again, err)
		}
		from := calendar.Date(2026, 3, 2)
		if next := y.Next(from); next < from || next > from+366+30 {
			t.Fatalf("%s comes next on %s", y, next)
		}
	})
}
