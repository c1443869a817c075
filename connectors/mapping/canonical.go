package mapping

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"lingke/connectors"
	"lingke/connectors/jsondoc"
)

var statuses = []string{connectors.StatusOpen, connectors.StatusWon, connectors.StatusLost, connectors.StatusCancelled}

// Canonical brings a field with a fixed form into it: dates, amounts and the status of orders. Texts of other fields and the empty text, which empties a field, stay as they are.
func Canonical(kind connectors.Kind, field, text string, zone *time.Location) (string, error) {
	switch {
	case text == "" || kind == connectors.Customer:
		return text, nil
	case field == connectors.FieldDate, field == connectors.FieldOpened && kind == connectors.Order:
		return date(text, zone)
	case kind != connectors.Order:
		return text, nil
	case field == connectors.FieldAmount, field == connectors.FieldMargin:
		if !jsondoc.Decimal(text) {
			return "", jsondoc.ErrNumber
		}
	case field == connectors.FieldStatus && !slices.Contains(statuses, text):
		return "", fmt.Errorf("must be one of %s", strings.Join(statuses, ", "))
	}
	return text, nil
}

// naive are the forms of a time that names no zone.
var naive = []string{time.DateOnly, time.DateTime, "2006-01-02T15:04:05", "2006-01-02T15:04", "2006-01-02 15:04"}

// date accepts a day or a time, in zone where it names none.
func date(text string, zone *time.Location) (string, error) {
	if _, err := time.Parse(time.RFC3339, text); err == nil {
		return text, nil
	}
	for _, layout := range naive {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t.Format(time.RFC3339), nil
		}
	}
	return "", errors.New("must be a day like 2026-03-02 or a time like 2026-03-02T08:30:00+08:00")
}

// Instant reads when a version was made: a time as in Canonical, or whole seconds or milliseconds since 1970. The result is UTC to the millisecond.
func Instant(text string, zone *time.Location) (time.Time, error) {
	if t, ok := sinceEpoch(text); ok {
		return t, nil
	}
	canonical, err := date(text, zone)
	if err != nil {
		return time.Time{}, err
	}
	t, err := time.Parse(time.RFC3339, canonical)
	if err != nil || t.Year() < 1970 || t.Year() > 9999 {
		return time.Time{}, errors.New("must be a time like 2026-03-02T08:30:00+08:00")
	}
	return t.UTC().Truncate(time.Millisecond), nil
}

// sinceEpoch reads 10 digits as seconds (2001 to 2286) and 13 as milliseconds.
func sinceEpoch(text string) (time.Time, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	switch {
	case err != nil || n < 0:
		return time.Time{}, false
	case len(text) == 10:
		return time.Unix(n, 0).UTC(), true
	case len(text) == 13:
		return time.UnixMilli(n).UTC(), true
	}
	return time.Time{}, false
}
