package httpapi

import (
	"encoding/json"
	"strings"

	"lingke/internal/access"
)

// Text is a text whose phone numbers leave masked: in JSON it is what maskText makes of it. Answers use it for whatever comes from
// sources and people.
type Text string

// MarshalJSON writes the masked text.
func (t Text) MarshalJSON() ([]byte, error) { return json.Marshal(maskText(string(t))) }

// maskText hides the phone numbers in a text and leaves all else.
func maskText(text string) string { return access.MaskText(text) }

// fieldText is the text of a field: of one that holds phone numbers every number is masked, whatever its shape.
func fieldText(name, value string) Text {
	if phoneField(name) {
		return Text(access.MaskPhone(value))
	}
	return Text(value)
}

func phoneField(name string) bool {
	name = strings.ToLower(name)
	for _, word := range []string{"phone", "mobile", "cellphone", "whatsapp", "电话", "手机", "座机", "传真", "联系方式"} {
		if strings.Contains(name, word) {
			return true
		}
	}
	for part := range strings.FieldsFuncSeq(name, func(r rune) bool { return r == '_' || r == '-' || r == ' ' }) {
		if part == "tel" || part == "fax" || part == "cell" {
			return true
		}
	}
	return false
}
