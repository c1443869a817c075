package followup

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"lingke/connectors"
	"lingke/internal/customer"
)

// Cadence is how often customers are contacted.
type Cadence struct {
	Scheme  string // whose tiers; "": the leading one
	Daily   int    // tasks a day for one owner at most; 0: no limit
	Rhythms []Rhythm
}

// Rhythm is the cadence of one tier.
type Rhythm struct {
	Tier    string
	Title   string
	Every   int    // days between two contacts at most: nobody is forgotten
	Cap     int    // contacts in 30 days, from which on nobody is asked to make another; 0: none
	Channel string // where the customer told no preference
	Due     string
	Advice  string
}

// capWindow is the time in which contacts are counted against the cap.
const capWindow = 30 * 24 * time.Hour

// cadence asks the owner for a contact where the last one is too long ago, unless the customer was contacted as often as it likes, or is being won back already.
func (r *Rules) cadence(v customer.View) {
	if v.Is.Owner == "" || v.Is.Stage == customer.Lost || open(v.Is.Risk) {
		return
	}
	tier := v.Is.Tier
	if r.Cadence.Scheme != "" {
		tier = v.Is.Tiers[r.Cadence.Scheme].Tier
	}
	i := slices.IndexFunc(r.Cadence.Rhythms, func(x Rhythm) bool { return x.Tier == tier })
	if i < 0 {
		return
	}
	rhythm := r.Cadence.Rhythms[i]
	last, lately := r.contacts(v)
	days := int(v.Now.Sub(last) / (24 * time.Hour))
	if days < rhythm.Every || rhythm.Cap > 0 && lately >= rhythm.Cap {
		return
	}
	if !v.Is.Contacted.IsZero() {
		r.calm(v, contactTask(r, v.Is.Contacted), customer.Work{Kind: KindCadence, Why: "已到下一次联系的时间，见新任务"})
	}
	v.Is.Contacted = v.Now
	lines := []string{fmt.Sprintf("- 上次联系：%s（%d 天前），节奏为每 %d 天一次", r.day(last), days, rhythm.Every)}
	if channel := v.Is.Text("preferred_channel"); channel != "" {
		lines = append(lines, "- 渠道：客户偏好"+channel)
	} else if rhythm.Channel != "" {
		lines = append(lines, "- 渠道："+rhythm.Channel)
	}
	if best := r.bestTime(v); best != "" {
		lines = append(lines, "- 时间："+best)
	}
	if rhythm.Advice != "" {
		lines = append(lines, "- 内容："+rhythm.Advice)
	}
	r.require(v, contactTask(r, v.Now), customer.Work{Kind: KindCadence, Title: rhythm.Title, Why: strings.Join(lines, "\n"), Due: rhythm.Due})
}

// contactTask names the contact that was asked for at an instant.
func contactTask(r *Rules, at time.Time) string { return "contact " + r.day(at) }

// contacts are when the customer was contacted last, or came to its owner, or was last asked to be contacted; and on how many days of the cap's window people noted a contact.
func (r *Rules) contacts(v customer.View) (last time.Time, lately int) {
	last = v.Is.OwnedAt
	if v.Is.Contacted.After(last) {
		last = v.Is.Contacted
	}
	days := make(map[string]bool)
	for _, a := range v.Activities {
		if a.Type != connectors.ActivityNote || a.At.After(v.Now) {
			continue
		}
		if a.At.After(last) {
			last = a.At
		}
		if a.At.After(v.Now.Add(-capWindow)) {
			days[a.At.In(r.Zone).Format(time.DateOnly)] = true
		}
	}
	return last, len(days)
}

// What a time of the week must have seen before it is called the best, and how far back that is looked for.
const (
	fewestAnswers = 3
	bestWindow    = 180 * 24 * time.Hour
)

var weekdays = [...]string{"周日", "周一", "周二", "周三", "周四", "周五", "周六"}

// bestTime is when the customer itself is most often there: the two hours of the week in which most of what it did lies; "" where too little is known.
func (r *Rules) bestTime(v customer.View) string {
	type slot struct {
		day  time.Weekday
		hour int
	}
	counts, all := make(map[slot]int), 0
	var best slot
	for _, a := range v.Activities {
		at := a.At.In(r.Zone)
		if !slices.Contains(answers, a.Type) || a.At.After(v.Now) || a.At.Before(v.Now.Add(-bestWindow)) || at.Hour() < 8 || at.Hour() >= 20 {
			continue
		}
		all++
		s := slot{at.Weekday(), at.Hour() / 2 * 2}
		counts[s]++
		if n := counts[s]; n > counts[best] || n == counts[best] && (s.day < best.day || s.day == best.day && s.hour < best.hour) {
			best = s
		}
	}
	if counts[best] < fewestAnswers {
		return ""
	}
	return fmt.Sprintf("%s %d–%d 点（近 180 天 %d 次互动中 %d 次）", weekdays[best.day], best.hour, best.hour+2, all, counts[best])
}
