package app

import (
	"fmt"

	"lingke/configs"
	"lingke/internal/calendar"
)

// workingTime tells when people work: the company's hours on its workdays, their own where they have some.
type workingTime struct {
	calendar *calendar.Calendar
	company  calendar.Working
	people   map[string]calendar.Working // those with hours of their own
}

func loadWorkingTime(cfg *configs.Config) (*workingTime, error) {
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
	for _, p := range cfg.People {
		if p.Hours == "" {
			continue
		}
		own, err := calendar.ParseHours(p.Hours)
		if err != nil {
			return nil, fmt.Errorf("hours of %s: %w", p.ID, err)
		}
		w.people[p.ID] = w.calendar.Working(own, cfg.Location)
	}
	return w, nil
}

// of returns when a person works.
func (w *workingTime) of(person string) calendar.Working {
	if own, ok := w.people[person]; ok {
		return own
	}
	return w.company
}

// warnOfMissingYear says in the log that deadlines will take the public holidays of a year for workdays.
func (a *App) warnOfMissingYear() {
	if year, missing := a.working.Load().calendar.Missing(a.now(), a.cfg.Location); missing {
		a.log.Warn("the public holidays of a year are not known: Monday to Friday count as workdays; name a file of them in calendar.holidays", "year", year)
	}
}
