package mongo

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
)

// defaultDatabase is used where the URI names none.
const defaultDatabase = "lingke"

// ErrURI says that a text is no MongoDB connection string.
var ErrURI = errors.New("not a MongoDB URI")

// databaseName returns the path of a connection string such as mongodb://user:password@a:27017,b:27017/lingke?replicaSet=rs0. The
// driver reads the rest, but does not tell the path. (Connection string specification: everything between the first "/" after the
// hosts and "?"; user, password and socket names are percent-encoded and have no "/".)
func databaseName(uri string) (string, error) {
	scheme, rest, ok := strings.Cut(uri, "://")
	if !ok || (scheme != "mongodb" && scheme != "mongodb+srv") {
		return "", fmt.Errorf("%w: it must begin with mongodb:// or mongodb+srv://", ErrURI)
	}
	rest, _, _ = strings.Cut(rest, "?")
	_, path, _ := strings.Cut(rest, "/")
	name, err := url.PathUnescape(path)
	if err != nil || strings.ContainsAny(name, "/\\. \"$*<>:|?\x00") || len(name) > 63 {
		return "", fmt.Errorf("%w: its path is no database name", ErrURI)
	}
	if name == "" {
		return defaultDatabase, nil
	}
	return name, nil
}

// secretError shows its text without a URI's user and password, and is what it wraps.
type secretError struct {
	text string
	err  error
}

func (e secretError) Error() string { return e.text }
func (e secretError) Unwrap() error { return e.err }

// hideSecrets takes the credentials of uri out of the text of err: the driver quotes what it cannot read.
func hideSecrets(err error, uri string) error {
	_, rest, _ := strings.Cut(uri, "://")
	end := strings.LastIndex(rest, "@")
	if err == nil || end < 0 {
		return err
	}
	text := strings.ReplaceAll(err.Error(), rest[:end], "[secret]")
	if _, password, ok := strings.Cut(rest[:end], ":"); ok && password != "" {
		text = strings.ReplaceAll(text, password, "[secret]")
		if plain, bad := url.PathUnescape(password); bad == nil {
			text = strings.ReplaceAll(text, plain, "[secret]")
		}
	}
	return secretError{text, err}
}
