package configs

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

// Duration is a time span as people write it in the file: "30m", "2h", "2d", "1d12h". A day is 24 hours.
type Duration time.Duration

const day = 24 * time.Hour

var errDuration = errors.New(`write a time span like "30m", "2h" or "2d"`)

// ParseDuration reads a time span of days, hours, minutes and seconds; it is never negative.
func ParseDuration(text string) (Duration, error) {
	days, rest := time.Duration(0), strings.TrimSpace(text)
	if n, after, found := strings.Cut(rest, "d"); found {
		count, err := strconv.ParseUint(n, 10, 32)
		if err != nil || count > uint64(math.MaxInt64/day) {
			return 0, errDuration
		}
		days, rest = time.Duration(count)*day, after
		if rest == "" {
			return Duration(days), nil
		}
	}
	span, err := time.ParseDuration(rest)
	if err != nil || strings.ContainsAny(rest, "+-") || days > math.MaxInt64-span {
		return 0, errDuration
	}
	return Duration(days + span), nil
}

// UnmarshalText reads what ParseDuration reads.
func (d *Duration) UnmarshalText(text []byte) error {
	parsed, err := ParseDuration(string(text))
	if err == nil {
		*d = parsed
	}
	return err
}

// MarshalText writes what UnmarshalText reads.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// String writes d in its shortest form: "2h" rather than "2h0m0s", "2d" rather than "48h".
func (d Duration) String() string {
	span := time.Duration(d)
	if span == 0 {
		return "0s"
	}
	text := ""
	if days := span / day; days > 0 {
		text, span = strconv.FormatInt(int64(days), 10)+"d", span%day
	}
	if span == 0 {
		return text
	}
	rest := span.String()
	if strings.HasSuffix(rest, "m0s") {
		rest = strings.TrimSuffix(rest, "0s")
	}
	if strings.HasSuffix(rest, "h0m") {
		rest = strings.TrimSuffix(rest, "0m")
	}
	return text + rest
}
