// Package calendar knows when people work: Chinese public holidays, the weekends that are worked to make up for them, a company's and a person's
// hours, leave; and on which day a date of the solar or the lunar calendar falls.
//
//	Year (one a file) ──New──▶ Calendar ── Workday, AddWorkdays, Workdays
//	                              └──Working{Hours, Leave}── Open, Add, Deadline(Span), Between
//	Date of birth, of founding (solar, lunar) ──Next──▶ Day
//
// Everything is computed from counts of workdays, never looped through by the hour. The instant and the zone are parameters: the package reads no clock, and the machine's
// time zone does not matter. All values may be shared.
//
// Public holidays are decrees that come each November for the next year: the package holds the years 2023 to 2026 and reads more (ParseYears). In a year that
// nobody has told it of, Monday to Friday are workdays, and Calendar.Known says so.
package calendar
