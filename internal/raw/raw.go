// Package raw is what sources told, word for word, kept for a set time: when a mapping is changed, the records are made anew of it without asking the source.
//
//	records as they came ──Pack──▶ Part (some hundred of them, compressed) ──▶ store ──Part.Each──▶ Version by Version
//
// What is kept is told in the order in which it arrived. A version may be kept more than once: the same record is often read again.
package raw

import (
	"bytes"
	"compress/flate"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"lingke/connectors"
)

// Part is what was told together.
type Part struct {
	ID     string    `json:"id" bson:"_id"` // sorts by time
	Source string    `json:"source" bson:"source"`
	At     time.Time `json:"at" bson:"at"` // when it arrived, UTC, milliseconds
	Count  int       `json:"count" bson:"count"`
	Body   []byte    `json:"-" bson:"body"` // see Pack
}

// Version is one version of one thing, as its source told it.
type Version struct {
	Kind       connectors.Kind `json:"k"`
	ID         string          `json:"i"`
	ModifiedAt time.Time       `json:"m"`
	Raw        json.RawMessage `json:"r"` // connectors.Record.Raw
}

// MaxBody is the most bytes of a Part's body: MongoDB keeps documents of 16 MB at most.
const MaxBody = 12 << 20

// ErrTooLarge says that records do not fit into one part.
var ErrTooLarge = errors.New("the raw records are too large for one part")

// compressors are flate.Writers to be used again: each holds most of a megabyte.
var compressors = sync.Pool{New: func() any {
	w, err := flate.NewWriter(nil, flate.BestSpeed)
	if err != nil { // the level is a known one
		panic(err)
	}
	return w
}}

// Pack makes the body of a part of the records that have a Raw, and says how many these are. A Raw is JSON, as connectors.Record promises: it is not read here. ErrTooLarge.
func Pack(records []connectors.Record) (body []byte, count int, err error) {
	var out bytes.Buffer
	w := compressors.Get().(*flate.Writer)
	defer compressors.Put(w)
	w.Reset(&out)
	var line []byte
	for _, r := range records {
		if len(r.Raw) == 0 {
			continue
		}
		if line, err = appendVersion(line[:0], r); err != nil {
			return nil, 0, fmt.Errorf("raw record %s %q: %w", r.Kind, r.ID, err)
		}
		if _, err := w.Write(line); err != nil {
			return nil, 0, err
		}
		count++
	}
	if err := w.Close(); err != nil {
		return nil, 0, err
	}
	if out.Len() > MaxBody {
		return nil, 0, ErrTooLarge
	}
	return out.Bytes(), count, nil
}

// appendVersion writes a Version; encoding/json would read the Raw once more.
func appendVersion(out []byte, r connectors.Record) ([]byte, error) {
	head, err := json.Marshal(struct {
		Kind       connectors.Kind `json:"k"`
		ID         string          `json:"i"`
		ModifiedAt time.Time       `json:"m"`
	}{r.Kind, r.ID, r.ModifiedAt})
	if err != nil {
		return out, err
	}
	out = append(append(out, head[:len(head)-1]...), `,"r":`...)
	return append(append(out, r.Raw...), "}\n"...), nil
}

// Each calls fn for every version of the part, as they stand in it, and returns the first error of fn.
func (p Part) Each(fn func(Version) error) error {
	lines := json.NewDecoder(flate.NewReader(bytes.NewReader(p.Body)))
	for {
		var v Version
		err := lines.Decode(&v)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("raw records %s of %s: %w", p.ID, p.Source, err)
		}
		if err := fn(v); err != nil {
			return err
		}
	}
}
