package calendar

import (
	"testing"
	"time"
)

func TestTimesAsPeopleWriteThem(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("CST", 8*3600)
	now := time.Date(2026, 3, 4, 15, 20, 0, 0, zone) // a Wednesday
	at := func(month, day, hour, minute int) time.Time {
		return time.Date(2026, time.Month(month), day, hour, minute, 0, 0, zone)
	}
	for _, c := range []struct {
		text string
		want time.Time
		rest string
	}{
		{"明天10点 华星机械 报价", at(3, 5, 10, 0), " 华星机械 报价"},
		{"明天10:30报价", at(3, 5, 10, 30), "报价"},
		{"下午3点半 开会", at(3, 4, 15, 30), " 开会"},
		{"30分钟后 回电话", at(3, 4, 15, 50), " 回电话"},
		{"半小时后 回电话", at(3, 4, 15, 50), " 回电话"},
		{"两小时后 回电话", at(3, 4, 17, 20), " 回电话"},
		{"3天后 回访", at(3, 7, 15, 20), " 回访"},
		{"2h call back", at(3, 4, 17, 20), " call back"},
		{"后天 签约", at(3, 6, 9, 0), "签约"},
		{"周五 14:00 拜访", at(3, 6, 14, 0), " 拜访"},
		{"周三 拜访", at(3, 11, 9, 0), "拜访"}, // today is one: the next
		{"下周一 9点 周会", at(3, 9, 9, 0), " 周会"},
		{"3月20日 14:30 签约", at(3, 20, 14, 30), " 签约"},
		{"2026-03-20 签约", at(3, 20, 9, 0), "签约"},
		{"14:00 拜访", at(3, 5, 14, 0), " 拜访"}, // over today
		{"16:00 拜访", at(3, 4, 16, 0), " 拜访"},
		{"今晚8点 发资料", at(3, 4, 20, 0), " 发资料"},
		{"明晚八点半 发资料", at(3, 5, 20, 30), " 发资料"},
		{"明天下午三点给客户打电话", at(3, 5, 15, 0), "给客户打电话"},
		{"后天十一点一刻 见面", at(3, 6, 11, 15), " 见面"},
		{"下礼拜二十点 见面", at(3, 10, 10, 0), " 见面"},
		{"tomorrow 9am call", at(3, 5, 9, 0), " call"},
		{"Tomorrow 3:30 PM call", at(3, 5, 15, 30), " call"},
	} {
		got, rest, ok := ParseWhen(c.text, now)
		if !ok || !got.Equal(c.want) || rest != c.rest {
			t.Errorf("%q: %s %q %v, want %s %q", c.text, got, rest, ok, c.want, c.rest)
		}
	}
	for _, text := range []string{"", "华星机械 报价", "今天10点 报价", "2025-01-01 签约", "25点 报价", "3 报价"} {
		if got, _, ok := ParseWhen(text, now); ok {
			t.Errorf("%q is read as %s", text, got)
		}
	}
}

func TestHowLongAsPeopleWriteIt(t *testing.T) {
	t.Parallel()
	zone := time.FixedZone("CST", 8*3600)
	now := time.Date(2026, 3, 4, 15, 20, 0, 0, zone)
	at := func(day, hour, minute int) time.Time { return time.Date(2026, 3, day, hour, minute, 0, 0, zone) }
	for text, want := range map[string]time.Time{
		"2h": at(4, 17, 20), "30分钟 开会": at(4, 15, 50), "到明天": at(5, 8, 0), "到18:00": at(4, 18, 0), "到 9:00": at(5, 9, 0), "今天": at(5, 0, 0), "三天 出差": at(7, 15, 20),
		"一周": at(11, 15, 20), "到周五": at(6, 8, 0), "until 18:00": at(4, 18, 0), "1个小时": at(4, 16, 20),
	} {
		if got, _, ok := ParseUntil(text, now); !ok || !got.Equal(want) {
			t.Errorf("%q: %s %v, want %s", text, got, ok, want)
		}
	}
	if _, _, ok := ParseUntil("流失", now); ok {
		t.Error("a kind is no time")
	}
	if from, to, ok := ParseDaily("22:00-9:00"); !ok || from != 22*time.Hour || to != 9*time.Hour {
		t.Errorf("%s %s %v", from, to, ok)
	}
	for _, text := range []string{"25:00-09:00", "9:00-9:00", "2h"} {
		if _, _, ok := ParseDaily(text); ok {
			t.Errorf("%q is a stretch of every day", text)
		}
	}
}

func FuzzSpokenTimes(f *testing.F) {
	for _, s := range []string{"明天10点 报价", "２ｈ", "下周", "半小时半", "13月40日", "99:99", "\xff月\xfe日", "周"} {
		f.Add(s)
	}
	now := time.Date(2026, 3, 4, 15, 20, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		if when, rest, ok := ParseWhen(text, now); ok && (!when.After(now) || len(rest) > len(text)) {
			t.Errorf("%q: %s, %q", text, when, rest)
		}
		if until, _, ok := ParseUntil(text, now); ok && !until.After(now) {
			t.Errorf("%q: until %s", text, until)
		}
		ParseDaily(text)
	})
}

func TestDaysAreNamedByTheirPlaceInAWeekOrMonth(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 2, 25, 10, 0, 0, 0, time.UTC) // a Wednesday
	for text, want := range map[string]string{
		"月底": "2026-02-28", "本月底": "2026-02-28", "下月底": "2026-03-31", "下个月": "2026-03-01", "下月初": "2026-03-01", "年底": "2026-12-31", "下周": "2026-03-02", "下个星期": "2026-03-02",
		"周末": "2026-02-28", "下周末": "2026-03-07", "下周三": "2026-03-04", "下个周三": "2026-03-04", "下下周三": "2026-03-11", "周三": "2026-03-04", "26号": "2026-02-26", "25号": "2026-02-25", "24号": "2026-03-24",
		"30号": "2026-03-30", "下月3号": "2026-03-03", "31号": "2026-03-31",
	} {
		if day, ok := NamedDay(text, now); !ok || day.Format(time.DateOnly) != want {
			t.Errorf("%s is %s, %v; want %s", text, day.Format(time.DateOnly), ok, want)
		}
	}
	for _, text := range []string{"月", "月底前", "32号", "0号", "底", "周", ""} {
		if day, ok := NamedDay(text, now); ok {
			t.Errorf("%q is %s", text, day)
		}
	}
	for text, want := range map[string]string{"下周一早上交周报": "2026-03-02 09:00 交周报", "后天下午 拜访": "2026-02-27 14:00  拜访", "月底中午": "2026-02-28 12:00 ", "明天下午三点半开会": "2026-02-26 15:30 开会"} {
		if when, rest, ok := ParseWhen(text, now); !ok || when.Format("2006-01-02 15:04 ")+rest != want {
			t.Errorf("%s is %s %q, %v", text, when, rest, ok)
		}
	}
}
