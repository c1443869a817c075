package wecom

import (
	"slices"
	"time"
)

// limits count calls and messages by the emulator's clock.
type limits struct {
	apis    map[string]*window
	members map[string][]time.Time // when each member got a message in the last hour
	robot   window
	day     window
}

// limited is the answer to a call beyond a limit.
func (s *Server) limited() answer {
	s.stats.Limited++
	return fail(45009, "api freq out of limit")
}

func newLimits() limits {
	return limits{apis: map[string]*window{}, members: map[string][]time.Time{}}
}

// window counts what happens in one stretch of time. Once it is full it stays so until the stretch ends.
type window struct {
	start time.Time
	n     int
}

// take counts n and tells whether they still fit; a limit below 1 is none.
func (w *window) take(now time.Time, length time.Duration, n, limit int) bool {
	if past := now.Sub(w.start); past < 0 || past >= length {
		w.start, w.n = now, 0
	}
	w.n += n
	return limit < 1 || w.n <= limit
}

func (l *limits) api(name string, now time.Time, limit int) bool {
	if l.apis[name] == nil {
		l.apis[name] = &window{}
	}
	return l.apis[name].take(now, time.Minute, 1, limit)
}

// member tells whether one more message may reach a member.
func (l *limits) member(id string, now time.Time, perMin, perHour int) bool {
	times := slices.DeleteFunc(l.members[id], func(at time.Time) bool { return now.Sub(at) >= time.Hour || at.After(now) })
	lastMinute := 0
	for _, at := range times {
		if now.Sub(at) < time.Minute {
			lastMinute++
		}
	}
	l.members[id] = times
	if perMin > 0 && lastMinute >= perMin || perHour > 0 && len(times) >= perHour {
		return false
	}
	if perHour > 0 || perMin > 0 {
		l.members[id] = append(times, now)
	}
	return true
}
