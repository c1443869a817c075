package jsondoc

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// MaxText is the longest text that Text returns, in bytes.
const MaxText = 16 << 10

// ErrNumber says that a number is not written as a plain decimal.
var ErrNumber = errors.New("must be a plain decimal number such as 1250000.50")

// decimal is a plain number; 30 digits are more than any amount has.
var decimal = regexp.MustCompile(`^-?[0-9]{1,30}(\.[0-9]{1,30})?$`)

// Decimal reports whether a text is a plain decimal number.
func Decimal(text string) bool { return decimal.MatchString(text) }

// Text is a value as text: a number as it was written, null as "". Objects and arrays have none.
func Text(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "", nil
	case bool:
		if v {
			return "true", nil
		}
		return "false", nil
	case json.Number:
		if !Decimal(v.String()) {
			return "", ErrNumber
		}
		return v.String(), nil
	case string:
		if len(v) > MaxText {
			return "", fmt.Errorf("has more than %d bytes", MaxText)
		}
		if strings.Contains(v, "\x00") {
			return "", errors.New("holds a NUL character")
		}
		return v, nil
	}
	return "", errors.New("must be a text, a number, true, false or null")
}

// Texts joins the texts of several values by 、, leaving empty ones out.
func Texts(all []any) (string, error) {
	var parts []string
	size := 0
	for _, v := range all {
		text, err := Text(v)
		if err != nil {
			return "", err
		}
		if size += len(text); size > MaxText {
			return "", fmt.Errorf("has more than %d bytes", MaxText)
		}
		if text != "" {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, "、"), nil
}
