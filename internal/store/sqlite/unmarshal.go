package sqlite

import (
	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// unmarshal reads what json.Marshal of the standard library wrote, with what is to become encoding/json/v2: a customer is read in half of the time, and whoever looks at all
// customers spends most of theirs on that. It takes all texts that the other takes of what the store writes.
func unmarshal(text []byte, v any) error { return json.Unmarshal(text, v, asWritten) }

var asWritten = json.JoinOptions(jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
