package access

import (
	"errors"
	"net/url"
	"testing"
	"time"
)

func TestALinkOpensItsOwnPathUntilItsEnd(t *testing.T) {
	t.Parallel()
	keys, err := Derive("links", "the present secret of the tests")
	if err != nil {
		t.Fatal(err)
	}
	other, err := Derive("buttons", "the present secret of the tests")
	if err != nil {
		t.Fatal(err)
	}
	now := time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)
	l := NewLinks(keys, "https://crm.example.com")
	u, err := url.Parse(l.To("/h5/customers/c1", "张伟", now.Add(time.Hour)))
	if err != nil || u.Host != "crm.example.com" || u.Path != "/h5/customers/c1" {
		t.Fatalf("%v, %v", u, err)
	}
	key := u.Query().Get(LinkKey)
	for _, c := range []struct {
		name, path, key string
		links           *Links
		at              time.Time
		person          string
		want            error
	}{
		{"as it was made", u.Path, key, l, now, "张伟", nil},
		{"another path", "/h5/customers/c2", key, l, now, "", ErrLink},
		{"another purpose", u.Path, key, NewLinks(other, ""), now, "", ErrLink},
		{"changed", u.Path, key[:len(key)-1] + "x", l, now, "", ErrLink},
		{"another person", u.Path, "zzzzzz." + key[7:], l, now, "", ErrLink},
		{"nothing", u.Path, "", l, now, "", ErrLink},
		{"dots", u.Path, "...", l, now, "", ErrLink},
		{"too late", u.Path, key, l, now.Add(time.Hour), "张伟", ErrLinkExpired},
	} {
		person, err := c.links.Check(c.path, c.key, c.at)
		if person != c.person || !errors.Is(err, c.want) {
			t.Errorf("%s: %q, %v", c.name, person, err)
		}
	}
}
