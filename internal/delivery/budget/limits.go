package budget

import (
	"strings"
	"time"

	"lingke/bots"
)

// Limits are one platform's budgets; 0 is no limit. What is known of each stands at configs.Budget.
type Limits struct {
	Platform     bots.Platform
	APISecond    int // calls of one API
	APIMinute    int
	MonthCalls   int // API calls of the organisation
	MonthPushes  int // what the platform delivers to us; counted, never refused
	PersonMinute int // messages to one person
	PersonHour   int
	AppDay       int // messages of the app, each person counted
	RobotMinute  int // messages to one group
}

// Title is what people call a budget by its name.
func Title(name string) string {
	platform, what, _ := strings.Cut(name, "/")
	for _, pair := range [][2]string{{"dingtalk", "钉钉"}, {"wecom", "企业微信"}} {
		if platform == pair[0] {
			platform = pair[1]
		}
	}
	for _, pair := range [][2]string{
		{"api-second", "每秒接口调用额度"}, {"api-minute", "每分钟接口调用额度"}, {"month-calls", "本月接口调用额度"}, {"month-pushes", "本月事件推送额度"},
		{"person-minute", "每人每分钟消息额度"}, {"person-hour", "每人每小时消息额度"}, {"app-day", "应用每日消息额度"}, {"robot-minute", "每群每分钟消息额度"},
	} {
		if what == pair[0] {
			what = pair[1]
		}
	}
	return platform + what
}

func (l Limits) limit(name string, maximum int, window time.Duration) Limit {
	return Limit{Name: string(l.Platform) + "/" + name, Max: maximum, Window: window}
}

// Calls is the month's budget of calls, Pushes that of deliveries to us.
func (l Limits) Calls() Limit { return l.limit("month-calls", l.MonthCalls, 0) }

// Pushes is the month's budget of what the platform delivers to us.
func (l Limits) Pushes() Limit { return l.limit("month-pushes", l.MonthPushes, 0) }

// Day is the budget of messages of a day.
func (l Limits) Day() Limit { return l.limit("app-day", l.AppDay, 24*time.Hour) }

// Call is what one call of an API spends.
func (l Limits) Call(api string) []Need {
	return []Need{
		{l.limit("api-second", l.APISecond, time.Second), api, 1}, {l.limit("api-minute", l.APIMinute, time.Minute), api, 1}, {l.Calls(), "", 1},
	}
}

// Message is what a message spends beside its calls: one that goes to people, or to a group.
func (l Limits) Message(people []string, group string) []Need {
	var needs []Need
	if len(people) == 0 {
		return append(needs, Need{l.limit("robot-minute", l.RobotMinute, time.Minute), group, 1})
	}
	for _, p := range people {
		needs = append(needs, Need{l.limit("person-minute", l.PersonMinute, time.Minute), p, 1}, Need{l.limit("person-hour", l.PersonHour, time.Hour), p, 1})
	}
	return append(needs, Need{l.Day(), "", len(people)})
}
