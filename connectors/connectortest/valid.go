package connectortest

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"lingke/connectors"
)

// longestID is the bound that the contract sets for ids, in bytes.
const longestID = 200

var decimal = regexp.MustCompile(`^(0|-?[1-9][0-9]*|-?[0-9]+\.[0-9]+)$`)

// Valid says how a record breaks the contract; nil says that it keeps it.
func Valid(r connectors.Record) error {
	return errors.Join(validID("id", r.ID), validOwner(r), validTime(r.ModifiedAt), validFields(r))
}

func validID(what, id string) error {
	switch {
	case id == "":
		return fmt.Errorf("%s is empty", what)
	case len(id) > longestID:
		return fmt.Errorf("%s has %d bytes, at most %d are allowed", what, len(id), longestID)
	case !utf8.ValidString(id) || strings.TrimSpace(id) != id:
		return fmt.Errorf("%s %q is not clean text", what, id)
	}
	return nil
}

func validOwner(r connectors.Record) error {
	switch r.Kind {
	case connectors.Customer:
		if r.Customer != "" {
			return fmt.Errorf("a customer belongs to customer %q", r.Customer)
		}
		return nil
	case connectors.Order, connectors.Activity:
		return validID("customer", r.Customer)
	}
	return fmt.Errorf("kind %q is unknown", r.Kind)
}

func validTime(at time.Time) error {
	switch {
	case at.IsZero():
		return errors.New("ModifiedAt is missing")
	case at.Location() != time.UTC:
		return fmt.Errorf("ModifiedAt %v is not UTC", at)
	case !at.Equal(at.Truncate(time.Millisecond)):
		return fmt.Errorf("ModifiedAt %v is finer than a millisecond", at)
	}
	return nil
}

func validFields(r connectors.Record) error {
	var errs []error
	for name, value := range r.Fields {
		if name == "" || !utf8.ValidString(value) {
			errs = append(errs, fmt.Errorf("field %q is not clean text", name))
		}
		if err := validValue(r.Kind, name, value); value != "" && err != nil {
			errs = append(errs, fmt.Errorf("field %s: %w", name, err))
		}
	}
	return errors.Join(errs...)
}

func validValue(kind connectors.Kind, name, value string) error {
	if kind == connectors.Customer {
		return nil
	}
	switch name {
	case connectors.FieldAmount, connectors.FieldMargin:
		if !decimal.MatchString(value) {
			return fmt.Errorf("%q is not a plain decimal", value)
		}
	case connectors.FieldDate, connectors.FieldOpened:
		_, err := time.Parse(time.RFC3339, value)
		return err
	case connectors.FieldStatus:
		switch value {
		case connectors.StatusOpen, connectors.StatusWon, connectors.StatusLost, connectors.StatusCancelled:
		default:
			return fmt.Errorf("%q is no status", value)
		}
	}
	return nil
}
