package configs

import (
	"fmt"
	"strings"
	"time"
)

// Delivery is how messages go out.
type Delivery struct {
	Workers int // messages under way at a time
	// Quiet is when nothing is sent that can wait, by the wall clock: "21:00-08:00"; QuietOff for never. It may cross midnight.
	Quiet string
	// Urgent are kinds of messages that are sent at night too, beside the answers to what people just did: "lead", "task", "sla".
	Urgent []string
	Digest Digest
	// Budgets are the platforms' limits, which all replicas together keep.
	Budgets Budgets
}

// QuietOff is the Quiet of a company that wants its messages at night too.
const QuietOff = "off"

// Digest is when several messages to one person become one.
type Digest struct {
	Above  int      // more than so many waiting messages to one person are merged; 0: never
	Within Duration // messages that are due so soon count as waiting
	Gather Duration // how long a message that may be merged waits for others
	At     string   // when the daily digest comes, "08:30": what is not worth a message of its own waits for it
}

// Budgets are the limits of each platform.
type Budgets struct {
	DingTalk Budget `yaml:"dingtalk"`
	WeCom    Budget `yaml:"wecom"`
	// Warn are the shares in percent of a month's budget at which the managers are told.
	Warn []int
	// Results is the share in percent of a month's calls up to which it is asked who has read a message, and whom the platform refused after all; 0: never.
	Results int
}

// Budget is what a platform allows; 0 is no limit. What the defaults rest on stands at DefaultBudgets.
type Budget struct {
	APISecond    int `yaml:"api_second"`    // calls of one API in a second
	APIMinute    int `yaml:"api_minute"`    // calls of one API in a minute
	MonthCalls   int `yaml:"month_calls"`   // API calls of the organisation in a calendar month; less where other apps call too
	MonthPushes  int `yaml:"month_pushes"`  // messages, clicks and events that the platform delivers in a calendar month: counted and forecast, they cannot be held back
	PersonMinute int `yaml:"person_minute"` // messages to one person
	PersonHour   int `yaml:"person_hour"`
	RobotMinute  int `yaml:"robot_minute"` // messages to one group
	// Accounts is the organisation's account cap, by which WeCom allows 200 messages a day each; 0: as many as the file's people have, -1: no limit.
	Accounts int
}

// DefaultBudgets are the limits of a standard DingTalk organisation and of WeCom.
//
// DingTalk, document "how-to-process-api-throttling-on-the-dingtalk-server" and the billing model, both of 2026-05-09: 20 calls a second of an app and API, 5,000
// calls and 3,000 pushes of an organisation a month. 20 messages a minute are documented for custom robots; that they are kept for an app's messages to a group
// is caution. What DingTalk allows a robot to send to one person is not published, so nothing is set.
//
// WeCom, documents 90236 and 90454: 30 messages a minute and 1,000 an hour from an app to a member, beyond which they vanish without an error; 200 a day for each
// account; 10,000 calls a minute of an API, sending apart; 20 messages a minute of a group robot, kept for app groups as well.
func DefaultBudgets() Budgets {
	return Budgets{
		DingTalk: Budget{APISecond: 20, MonthCalls: 5000, MonthPushes: 3000, RobotMinute: 20},
		WeCom:    Budget{APIMinute: 10_000, PersonMinute: 30, PersonHour: 1000, RobotMinute: 20},
		Warn:     []int{60, 80, 95},
		Results:  50,
	}
}

func defaultDelivery() Delivery {
	return Delivery{
		Workers: 8, Quiet: "21:00-08:00", Budgets: DefaultBudgets(),
		Digest: Digest{Above: 5, Within: Duration(10 * time.Minute), Gather: Duration(20 * time.Second), At: "08:30"},
	}
}

// PerAccount is how many messages a day WeCom allows for each account of the organisation.
const PerAccount = 200

// AppDay is how many messages of the app are allowed in a day, where members people are on the platform; 0 is no limit.
func (b Budget) AppDay(members int) int {
	switch {
	case b.Accounts < 0:
		return 0
	case b.Accounts > 0:
		members = b.Accounts
	}
	return PerAccount * members
}

// QuietHours returns from when to when of a day, as time since midnight, nothing is sent that can wait; equal: never.
func (d Delivery) QuietHours() (from, to time.Duration, err error) {
	if d.Quiet == "" || d.Quiet == QuietOff {
		return 0, 0, nil
	}
	begin, end, _ := strings.Cut(d.Quiet, "-")
	if from, err = parseClock(begin); err == nil {
		to, err = parseClock(end)
	}
	if err != nil {
		return 0, 0, fmt.Errorf("%q is no time from and to of a day like 21:00-08:00", d.Quiet)
	}
	return from, to, nil
}

// DigestAt returns when the daily digest comes, as time since midnight.
func (d Delivery) DigestAt() (time.Duration, error) { return parseClock(d.Digest.At) }

// parseClock reads HH:MM, from 00:00 to 24:00.
func parseClock(text string) (time.Duration, error) {
	text = strings.TrimSpace(text)
	if text == "24:00" {
		return 24 * time.Hour, nil
	}
	t, err := time.Parse("15:04", text)
	if err != nil {
		return 0, fmt.Errorf("%q is no time of day like 08:30", text)
	}
	return time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute, nil
}
