package rest

import (
	"encoding/json"
	"fmt"

	"lingke/connectors"
)

// rawRecord is a Record.Raw: whose resource it was, and what its reader kept.
type rawRecord struct {
	Of  string          `json:"of"`
	Raw json.RawMessage `json:"raw"`
}

// KeepRaw is as in connectors.Rereader.
func (c *Conn) KeepRaw() {
	for _, r := range c.resources {
		r.reader.KeepRaw()
	}
}

func (r *resource) mark(raw []byte) []byte {
	text, err := json.Marshal(rawRecord{r.name, raw})
	if err != nil {
		return nil // what a reader wrote is JSON
	}
	return text
}

// Reread is as in connectors.Rereader. A resource is known by its kind and path; a record of one that is not there any more is read as the first of its kind would be.
func (c *Conn) Reread(kind connectors.Kind, raw []byte) (connectors.Record, error) {
	var kept rawRecord
	if err := json.Unmarshal(raw, &kept); err != nil {
		return connectors.Record{}, fmt.Errorf("%w: not a raw record of this connector", connectors.ErrBadRecord)
	}
	var of *resource
	for _, r := range c.resources {
		if r.name == kept.Of || of == nil && r.Kind == kind {
			of = r
		}
	}
	if of == nil {
		return connectors.Record{}, fmt.Errorf("%w: %s is not read any more", connectors.ErrBadRecord, kept.Of)
	}
	return of.reader.Reread(kept.Raw)
}
