package followup

import (
	"slices"
	"time"

	"lingke/connectors"
	"lingke/internal/customer"
	"lingke/internal/lang"
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
	Title   lang.Text
	Every   int       // days between two contacts at most: nobody is forgotten
	Cap     int       // contacts in 30 days, from which on nobody is asked to make another; 0: none
	Channel lang.Text // where the customer told no preference
	Due     string
	Advice  lang.Text
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
		why := lang.Text{ZH: "已到下一次联系的时间，见新任务", EN: "the next contact is due, see the new task"}
		r.calm(v, contactTask(r, v.Is.Contacted), why, customer.Work{Kind: KindCadence})
	}
	v.Is.Contacted = v.Now
	r.require(v, contactTask(r, v.Now), rhythm.Title, r.howToContact(v, rhythm, last), customer.Work{Kind: KindCadence, Due: rhythm.Due})
}

// howToContact tells why the customer is to be contacted again since the last time, where, when, and about what.
func (r *Rules) howToContact(v customer.View, rhythm Rhythm, last time.Time) lang.Text {
	days := int(v.Now.Sub(last) / (24 * time.Hour))
	lines := []lang.Text{lang.Both("- 上次联系：%s（%d 天前），节奏为每 %d 天一次", "- Last contact: %s (%d days ago); the rhythm is every %d days", r.day(last), days, rhythm.Every)}
	if channel := v.Is.Text("preferred_channel"); channel != "" {
		lines = append(lines, lang.Both("- 渠道：客户偏好%s", "- Channel: the customer prefers %s", channel))
	} else if !rhythm.Channel.IsZero() {
		lines = append(lines, lang.Both("- 渠道：%s", "- Channel: %s", rhythm.Channel))
	}
	if best := r.bestTime(v); !best.IsZero() {
		lines = append(lines, lang.Both("- 时间：%s", "- Time: %s", best))
	}
	if !rhythm.Advice.IsZero() {
		lines = append(lines, lang.Both("- 内容：%s", "- Topics: %s", rhythm.Advice))
	}
	return lang.Join(lines, "\n")
}

// contactTask names the contact that was asked for at an instant.
func contactTask(r *Rules, at time.Time) string { return "contact " + r.day(at).ZH }

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

var weekdays = [...]lang.Text{
	{ZH: "周日", EN: "Sunday"}, {ZH: "周一", EN: "Monday"}, {ZH: "周二", EN: "Tuesday"}, {ZH: "周三", EN: "Wednesday"},
	{ZH: "周四", EN: "Thursday"}, {ZH: "周五", EN: "Friday"}, {ZH: "周六", EN: "Saturday"},
}

// bestTime is when the customer itself is most often there: the two hours of the week in which most of what it did lies; nothing where too little is known.
func (r *Rules) bestTime(v customer.View) lang.Text {
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
		return lang.Text{}
	}
	return lang.Both("%s %d–%d 点（近 180 天 %d 次互动中 %d 次）", "%s %d:00–%d:00 (%[5]d of %[4]d activities in 180 days)", weekdays[best.day], best.hour, best.hour+2, all, counts[best])
}
