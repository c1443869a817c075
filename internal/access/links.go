package access

import (
	"encoding/base64"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// What is wrong with a link; test with errors.Is.
var (
	ErrLink        = errors.New("the link is not ours")
	ErrLinkExpired = errors.New("the link has expired")
)

// Links makes and checks links to pages: a link opens one path until an instant, and names for whom it was made. It says nothing of who opens it: that is for a login to find out.
type Links struct {
	keys Keys
	base string // "https://crm.example.com"
}

// NewLinks returns Links below base, which has no slash at its end.
func NewLinks(keys Keys, base string) *Links { return &Links{keys: keys, base: base} }

// LinkKey is the query parameter of a link that holds its signature.
const LinkKey = "k"

// Base is the address that the pages lie below.
func (l *Links) Base() string { return l.base }

// To returns the address of a path for a person, "" for whoever of the staff has it, until an instant (whole seconds).
func (l *Links) To(path, person string, until time.Time) string {
	return l.base + l.Path(path, person, until)
}

// Path is To without the address's beginning.
func (l *Links) Path(path, person string, until time.Time) string {
	separator := "?"
	if strings.Contains(path, "?") {
		separator = "&"
	}
	bare, _, _ := strings.Cut(path, "?")
	head := strconv.FormatInt(until.Unix(), 36) + "." + base64.RawURLEncoding.EncodeToString([]byte(person))
	mac := l.keys.Sign(linkText(bare, head), 16)
	return path + separator + LinkKey + "=" + url.QueryEscape(head+"."+base64.RawURLEncoding.EncodeToString(mac))
}

func linkText(path, head string) string { return "link\x00" + path + "\x00" + head }

// Check tells for whom the link to a path was made whose signature is key. Errors: ErrLink, ErrLinkExpired.
func (l *Links) Check(path, key string, now time.Time) (person string, err error) {
	head, mac, ok := cutLast(key, ".")
	until, name, whole := strings.Cut(head, ".")
	raw, macErr := base64.RawURLEncoding.Strict().DecodeString(mac)
	seconds, timeErr := strconv.ParseInt(until, 36, 64)
	who, nameErr := base64.RawURLEncoding.Strict().DecodeString(name)
	if !ok || !whole || len(raw) != 16 || errors.Join(macErr, timeErr, nameErr) != nil || !l.keys.Verify(linkText(path, head), raw) {
		return "", ErrLink
	}
	if !now.Before(time.Unix(seconds, 0)) {
		return string(who), ErrLinkExpired
	}
	return string(who), nil
}

func cutLast(text, separator string) (before, after string, found bool) {
	if i := strings.LastIndex(text, separator); i >= 0 {
		return text[:i], text[i+len(separator):], true
	}
	return text, "", false
}
