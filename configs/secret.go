package configs

import (
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"io"
	"log/slog"
)

const hidden = "[secret]"

// Secret is a text that cannot print itself: every way of printing, logging or encoding it gives "[secret]". Only Reveal
// tells it. The zero Secret is empty. Compare with Equal, never with ==.
//
// The text is behind a pointer because fmt calls no method of an unexported field: where a Secret is one, the address is
// printed, not the text.
type Secret struct{ value *string }

// NewSecret hides value.
func NewSecret(value string) Secret { return Secret{&value} }

// Reveal returns the text itself, for the one call that needs it.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// Empty reports whether there is no text.
func (s Secret) Empty() bool { return s.Reveal() == "" }

// Equal compares with what a stranger sent, in a time that tells neither the text nor its length. An empty Secret equals
// nothing, so that a forgotten one opens no door.
func (s Secret) Equal(other string) bool {
	mine, theirs := sha256.Sum256([]byte(s.Reveal())), sha256.Sum256([]byte(other))
	return subtle.ConstantTimeCompare(mine[:], theirs[:]) == 1 && !s.Empty()
}

func (Secret) String() string   { return hidden }
func (Secret) GoString() string { return hidden }

// Format keeps every verb of fmt, %x and %#v among them, from reaching the text.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// MarshalText also hides a Secret used as a key of a map.
func (Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// MarshalJSON hides the text.
func (Secret) MarshalJSON() ([]byte, error) { return []byte(`"` + hidden + `"`), nil }

// MarshalYAML hides the text.
func (Secret) MarshalYAML() (any, error) { return hidden, nil }

// LogValue hides the text.
func (Secret) LogValue() slog.Value { return slog.StringValue(hidden) }
