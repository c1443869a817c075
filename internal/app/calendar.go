package app

import (
	"fmt"
	"time"

	"lingke/configs"
	"lingke/internal/calendar"
)

// workingTime tells when people work: the company's hours on its workdays, their own where they have some.
type workingTime struct {
	calendar *calendar.Calendar
	company  calendar.Working
	people   map[string]calendar.Working // those with hours of their own, or leave
}

// loadWorkingTime makes it of a config and of the leave that people have noted.
func loadWorkingTime(cfg *configs.Config, noted map[string][]calendar.Leave) (*workingTime, error) {
	years := calendar.Shipped()
	files, err := cfg.ReadHolidays()
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		more, err := calendar.ParseYears(f.File, f.Text)
		if err != nil {
			return nil, err
		}
		years = append(years, more...)
	}
	w := &workingTime{calendar: calendar.New(years...), people: make(map[string]calendar.Working)}
	hours := calendar.OfficeHours()
	if text := cfg.Calendar.Hours; text != "" {
		if hours, err = calendar.ParseHours(text); err != nil {
			return nil, fmt.Errorf("calendar.hours: %w", err)
		}
	}
	w.company = w.calendar.Working(hours, cfg.Location)
	for person, leave := range noted { // also of those whom only an address book knows
		w.people[person] = w.calendar.Working(hours, cfg.Location, leave...)
	}
	for _, p := range cfg.People {
		more := noted[p.ID]
		if p.Hours == "" && len(p.Leave)+len(more) == 0 {
			continue
		}
		if w.people[p.ID], err = w.own(p, hours, more, cfg.Location); err != nil {
			return nil, fmt.Errorf("people: %s: %w", p.ID, err)
		}
	}
	return w, nil
}

// own is when somebody works who has hours of their own, or leave.
func (w *workingTime) own(p configs.Person, hours calendar.Hours, more []calendar.Leave, zone *time.Location) (calendar.Working, error) {
	var err error
	if p.Hours != "" {
		if hours, err = calendar.ParseHours(p.Hours); err != nil {
			return calendar.Working{}, fmt.Errorf("hours: %w", err)
		}
	}
	leave := make([]calendar.Leave, len(p.Leave))
	for i, days := range p.Leave {
		if leave[i], err = calendar.ParseLeave(days, zone); err != nil {
			return calendar.Working{}, fmt.Errorf("leave: %w", err)
		}
	}
	return w.calendar.Working(hours, zone, append(leave, more...)...), nil
}

// of returns when a person works.
func (w *workingTime) of(person string) calendar.Working {
	if own, ok := w.people[person]; ok {
		return own
	}
	return w.company
}

// warnOfMissingYear says in the log that deadlines will take the public holidays of a year for workdays: to those who have a config file to name the year in.
func (a *App) warnOfMissingYear() {
	if year, missing := a.working.Load().calendar.Missing(a.now(), a.cfg.Location); missing {
		a.log.Warn("the public holidays of a year are not known: Monday to Friday count as workdays; name a file of them in calendar.holidays", "year", year)
	}
}
