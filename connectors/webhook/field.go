package webhook

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"lingke/connectors"
)

// scalar is a member's value as text: a number as it was written, null as "".
func scalar(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case bool:
		if v {
			return "true", nil
		}
		return "false", nil
	case json.Number:
		if !decimal.MatchString(v.String()) {
			return "", errNumber
		}
		return v.String(), nil
	case string:
		if len(v) > maxValue {
			return "", fmt.Errorf("has more than %d bytes", maxValue)
		}
		if strings.Contains(v, "\x00") {
			return "", errors.New("holds a NUL character")
		}
		return v, nil
	}
	return "", errors.New("must be a text, a number, true, false or null")
}

// decimal is a plain number; 30 digits are more than any amount has.
var decimal = regexp.MustCompile(`^-?[0-9]{1,30}(\.[0-9]{1,30})?$`)

var errNumber = errors.New("must be a plain decimal number such as 1250000.50")

// canonical brings the fields with a fixed form into it. The empty text empties the field.
func (r *receiver) canonical(kind connectors.Kind, name, text string) (string, error) {
	if text == "" || kind == connectors.Customer {
		return text, nil
	}
	switch {
	case name == connectors.FieldDate:
		return r.date(text)
	case kind != connectors.Order:
		return text, nil
	case name == connectors.FieldAmount, name == connectors.FieldMargin:
		if !decimal.MatchString(text) {
			return "", errNumber
		}
	case name == connectors.FieldStatus && !slices.Contains(statuses, text):
		return "", fmt.Errorf("must be one of %s", strings.Join(statuses, ", "))
	}
	return text, nil
}

var statuses = []string{connectors.StatusOpen, connectors.StatusWon, connectors.StatusLost, connectors.StatusCancelled}

// date accepts a day or a time, with the webhook's zone where it names none.
func (r *receiver) date(text string) (string, error) {
	if _, err := time.Parse(time.RFC3339, text); err == nil {
		return text, nil
	}
	for _, layout := range []string{time.DateOnly, time.DateTime, "2006-01-02T15:04:05"} {
		if t, err := time.ParseInLocation(layout, text, r.location); err == nil {
			return t.Format(time.RFC3339), nil
		}
	}
	return "", errors.New("must be a day like 2026-03-02 or a time like 2026-03-02T08:30:00+08:00")
}
