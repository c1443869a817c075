package dingtalk

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// flexInt is a whole number that the platform writes as a number here and as text there. Empty text and null are 0.
type flexInt int64

// UnmarshalJSON takes 7, "7", 7.0, "" and null.
func (n *flexInt) UnmarshalJSON(data []byte) error {
	s := strings.TrimSpace(strings.Trim(string(data), `"`))
	if s == "" || s == "null" {
		*n = 0
		return nil
	}
	if v, err := strconv.ParseInt(s, 10, 64); err == nil {
		*n = flexInt(v)
		return nil
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil || f != float64(int64(f)) {
		return fmt.Errorf("%.40q is not a whole number", s)
	}
	*n = flexInt(f)
	return nil
}

// flexBool is a truth value that may be written as text.
type flexBool bool

// UnmarshalJSON takes true, "true" and their opposites; everything else is false.
func (b *flexBool) UnmarshalJSON(data []byte) error {
	*b = flexBool(strings.EqualFold(strings.Trim(string(data), `"`), "true"))
	return nil
}

// flexText is text, or another JSON value as its text.
type flexText string

// UnmarshalJSON takes any JSON value; null is empty.
func (t *flexText) UnmarshalJSON(data []byte) error {
	var s string
	if err := json.Unmarshal(data, &s); err == nil {
		*t = flexText(s)
		return nil
	}
	*t = flexText(data)
	return nil
}
