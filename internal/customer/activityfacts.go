package customer

import (
	"slices"
	"time"

	"lingke/connectors"
	"lingke/scoring"
)

const ever = 36500 // days

// tallies are the facts that count activities of some types in a window. A type may stand in several.
var tallies = []struct {
	field string
	types []string
	days  int
}{
	{"visits_30d", []string{connectors.ActivityVisit}, 30},
	{"logins_30d", []string{connectors.ActivityLogin}, 30},
	{"trial_features", []string{connectors.ActivityTrial}, 365},
	{"events_365d", []string{connectors.ActivityEvent}, 365},
	{"content_90d", []string{connectors.ActivityContent, connectors.ActivityDownload}, 90},
	{"complaints_90d", []string{connectors.ActivityComplaint, connectors.ActivityEscalation}, 90},
	{"referrals", []string{connectors.ActivityReferral}, ever},
	{"inquiries_90d", []string{connectors.ActivityInquiry, connectors.ActivityTicket}, 90},
	{"social_90d", []string{connectors.ActivitySocial}, 90},
	{"mail_replies_90d", []string{connectors.ActivityReply}, 90},
	{"pushes_opened_180d", []string{connectors.ActivityOpened}, 180},
	{"pushes_unopened_180d", []string{connectors.ActivityUnopened}, 180},
	{"competitor_mentions_180d", []string{connectors.ActivityCompetitor}, 180},
	{"reviews_365d", []string{connectors.ActivityReview}, 365},
}

// passive are the types that say nothing of what the customer did itself: they are no interaction.
var passive = []string{connectors.ActivityNote, connectors.ActivityQuality, connectors.ActivityUnopened, connectors.ActivityDelivery, connectors.ActivityCause, connectors.ActivityUnfollow}

// deriveActivities sets the engagement facts of the types of activities that were seen at all; a field that a source keeps itself stays where no
// activity says more.
func deriveActivities(f *scoring.Facts, activities []Activity, now time.Time) {
	past := make([]Activity, 0, len(activities))
	for _, a := range activities {
		if !a.Deleted && !a.At.After(now) {
			past = append(past, a)
		}
	}
	if len(past) == 0 {
		return
	}
	for _, t := range tallies {
		is := func(a Activity) bool { return slices.Contains(t.types, a.Type) }
		setCount(f, t.field, past, is, now, t.days)
	}
	done := func(a Activity) bool { return !slices.Contains(passive, a.Type) }
	setCount(f, "activity_count_90d", past, done, now, 90)
	setCount(f, "activity_count_365d", past, done, now, 365)
	setRecency(f, "last_activity_days", past, done, now)
	setRecency(f, "last_visit_days", past, func(a Activity) bool { return a.Type == connectors.ActivityVisit }, now)
	setActivityList(f, past)
}

// setCount counts those inside the window, where any is known at all.
func setCount(f *scoring.Facts, field string, past []Activity, is func(Activity) bool, now time.Time, days int) {
	if _, _, ok := f.Schema().Lookup(field); !ok {
		return
	}
	count := 0
	for _, a := range past {
		if is(a) && within(a.At, now, days) {
			count++
		}
	}
	if last, ok := latest(past, is); ok {
		f.SetNumber(field, float64(count), last.ID.Source(), last.At)
	}
}

func setRecency(f *scoring.Facts, field string, past []Activity, is func(Activity) bool, now time.Time) {
	if last, ok := latest(past, is); ok {
		f.SetNumber(field, wholeDays(last.At, now), last.ID.Source(), last.At)
	}
}

func latest(past []Activity, is func(Activity) bool) (last Activity, ok bool) {
	for _, a := range past {
		if is(a) && (!ok || a.At.After(last.At)) {
			last, ok = a, true
		}
	}
	return last, ok
}

// setActivityList sets the dated list that rules with decay look at.
func setActivityList(f *scoring.Facts, past []Activity) {
	if _, _, ok := f.Schema().Lookup("activities"); !ok {
		return
	}
	events := make([]scoring.Event, len(past))
	for i, a := range past {
		events[i] = scoring.Event{At: a.At, Type: a.Type}
	}
	last, _ := latest(past, func(Activity) bool { return true })
	f.SetEvents("activities", events, last.ID.Source(), last.At)
}
