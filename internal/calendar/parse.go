package calendar

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// maxFile bounds a file of holidays: a year has some 30 entries.
const maxFile = 1 << 20

// ParseYears reads the holidays of one or more years in one of the two forms in which they are passed around, and names the file in what it complains of:
// that of holiday-cn, {"year": 2027, "days": [{"name": "元旦", "date": "2027-01-01", "isOffDay": true}]}, and that of
// chinese-days, {"holidays": {"2027-01-01": "New Year's Day,元旦,1"}, "workdays": {…}}. A year without a single day is no news (its decree is not out yet) and refused.
// Errors: ErrCalendar.
func ParseYears(file string, text []byte) ([]Year, error) {
	if len(text) > maxFile {
		return nil, fmt.Errorf("%w: %s: larger than 1 MiB", ErrCalendar, file)
	}
	var f struct {
		Year int
		Days []struct {
			Name, Date string
			IsOffDay   *bool
		}
		Holidays, Workdays map[string]string
	}
	if err := json.NewDecoder(bytes.NewReader(text)).Decode(&f); err != nil {
		return nil, fmt.Errorf("%w: %s: %w", ErrCalendar, file, err)
	}
	found := make(years)
	for i, d := range f.Days {
		if d.IsOffDay == nil {
			return nil, fmt.Errorf("%w: %s: days[%d]: isOffDay is missing", ErrCalendar, file, i)
		}
		if err := found.add(d.Date, d.Name, *d.IsOffDay, f.Year); err != nil {
			return nil, fmt.Errorf("%s: days[%d]: %w", file, i, err)
		}
	}
	for off, named := range map[bool]map[string]string{true: f.Holidays, false: f.Workdays} {
		for date, names := range named {
			if err := found.add(date, chinese(names), off, 0); err != nil {
				return nil, fmt.Errorf("%s: %w", file, err)
			}
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("%w: %s: expected days with isOffDay, or holidays and workdays; there is none", ErrCalendar, file)
	}
	return found.sorted(), nil
}

type years map[int]Year

// add notes a day for the decree of a year; 0 is the day's own.
func (all years) add(date, name string, off bool, year int) error {
	d, err := ParseDay(date)
	if err != nil {
		return err
	}
	if year == 0 {
		year = d.Year()
	}
	if near := d.Year() - year; near < -1 || near > 1 {
		return fmt.Errorf("%w: %s does not belong to %d", ErrCalendar, date, year)
	}
	y, known := all[year]
	if !known {
		y = Year{Year: year, Off: make(map[Day]string), Work: make(map[Day]string)}
		all[year] = y
	}
	into, other := y.Work, y.Off
	if off {
		into, other = y.Off, y.Work
	}
	if _, both := other[d]; both {
		return fmt.Errorf("%w: %s is both free and worked", ErrCalendar, date)
	}
	into[d] = name
	return nil
}

func (all years) sorted() []Year {
	out := slices.Collect(maps.Values(all))
	slices.SortFunc(out, func(a, b Year) int { return a.Year - b.Year })
	return out
}

// chinese returns the Chinese part of "New Year's Day,元旦,1".
func chinese(names string) string {
	if parts := strings.Split(names, ","); len(parts) > 1 {
		return parts[1]
	}
	return names
}
