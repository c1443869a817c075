package yonyou

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"lingke/connectors"
)

// What a config has where it says nothing.
const (
	defaultPageSize = 500
	defaultOverlap  = 5 * time.Minute
	defaultBudget   = 50 // calls a minute and interface: under the 60 of the lists of orders
)

// longestID is the contract's bound of an id, in bytes.
const longestID = 200

// wrongURL says what is wrong with an address without repeating it: it may hold a password.
func wrongURL(text string) string {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "http" && u.Scheme != "https"):
		return "is not an http(s) address"
	case u.User != nil:
		return "must not hold a user or password"
	case u.RawQuery != "" || u.Fragment != "":
		return "must not hold a query or fragment"
	}
	return ""
}

// problems gathers what is wrong with a config, one sentence per key.
type problems []string

func (p *problems) need(key, value string) {
	if strings.TrimSpace(value) == "" {
		*p = append(*p, key+" is empty")
	}
}

func (p *problems) address(key, value string) {
	if why := wrongURL(value); value != "" && why != "" {
		*p = append(*p, key+" "+why)
	}
}

func (p *problems) within(key string, value, most int) {
	if value < 1 || value > most {
		*p = append(*p, fmt.Sprintf("%s is %d, expected 1 to %d", key, value, most))
	}
}

func (p *problems) overlap(d time.Duration) {
	if d < 0 || d > 7*24*time.Hour {
		*p = append(*p, "overlap is "+d.String()+", expected 0s to 168h")
	}
}

// err is nil where nothing is wrong; it wraps connectors.ErrConfig.
func (p problems) err() error {
	if len(p) == 0 {
		return nil
	}
	return fmt.Errorf("%w: %w", errors.New(strings.Join(p, "; ")), connectors.ErrConfig)
}

func orElse[T comparable](value, otherwise T) T {
	var zero T
	if value == zero {
		return otherwise
	}
	return value
}
