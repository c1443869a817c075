// Package recount adds up, for tests, what lingke export writes, in the plainest way and without a line of the code behind reports: what a report says must be the same
// to the cent.
package recount

import (
	"bytes"
	"encoding/csv"
	"io"
	"strconv"
	"strings"
	"testing"
	"time"

	"lingke/internal/exports"
	"lingke/internal/report"
)

// Export writes one of the lists of package exports as a .csv file.
type Export func(r exports.Request, w io.Writer) error

// Row is a line of a list, by heading.
type Row map[string]string

// Lists are the exported lists that reports follow from.
type Lists struct {
	tb                                                       testing.TB
	zone                                                     *time.Location
	Customers, Changes, Orders, Tasks, Activities, Exposures []Row
}

// Read exports the lists. Their times are in zone.
func Read(tb testing.TB, zone *time.Location, export Export) Lists {
	tb.Helper()
	l := Lists{tb: tb, zone: zone}
	for list, rows := range map[string]*[]Row{
		exports.Customers: &l.Customers, exports.Changes: &l.Changes, exports.Orders: &l.Orders, exports.Tasks: &l.Tasks, exports.Activities: &l.Activities, exports.Exposures: &l.Exposures,
	} {
		*rows = l.read(list, export)
	}
	return l
}

func (l Lists) read(list string, export Export) (rows []Row) {
	l.tb.Helper()
	var out bytes.Buffer
	if err := export(exports.Request{List: list, File: list + ".csv"}, &out); err != nil {
		l.tb.Fatal(err)
	}
	all, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(out.String(), "\ufeff"))).ReadAll()
	if err != nil {
		l.tb.Fatal(err)
	}
	for _, cells := range all[1:] {
		row := make(Row, len(cells))
		for i, text := range cells {
			row[all[0][i]] = text
		}
		rows = append(rows, row)
	}
	return rows
}

// cents is an amount in hundredths of a yuan.
func (l Lists) cents(text string) int {
	l.tb.Helper()
	whole, fraction, _ := strings.Cut(text, ".")
	yuan, err := strconv.Atoi(whole)
	part, err2 := strconv.Atoi((fraction + "00")[:2])
	if err != nil || err2 != nil || len(fraction) > 2 {
		l.tb.Fatalf("amount %q", text)
	}
	return yuan*100 + part
}

// when is a written instant, zero for an empty cell.
func (l Lists) when(text string) (at time.Time) {
	l.tb.Helper()
	if text == "" {
		return at
	}
	at, err := time.ParseInLocation(time.DateTime, text, l.zone)
	if err != nil {
		l.tb.Fatal(err)
	}
	return at
}

func (l Lists) in(text string, p report.Period) bool {
	at := l.when(text)
	return !at.Before(p.From) && at.Before(p.To)
}
