package webhook

import (
	"encoding/json"
	"fmt"
	"time"

	"lingke/connectors"
	"lingke/connectors/jsondoc"
	"lingke/connectors/mapping"
)

// A Record.Raw is one of two: of a body of our own form the record's object and what stood around it, of another form what its reader kept, and where its records stood.
type rawPush struct {
	Data  any             `json:"data,omitempty"`
	Top   any             `json:"top,omitempty"`
	Items string          `json:"items,omitempty"`
	Free  json.RawMessage `json:"free,omitempty"`
}

// KeepRaw is as in connectors.Rereader.
func (r *receiver) KeepRaw() {
	r.keep = true
	for _, reader := range r.readers {
		reader.KeepRaw()
	}
}

func rawOf(f frame, o jsondoc.Object) ([]byte, error) {
	return json.Marshal(rawPush{Data: o, Top: f.top.Without("data")})
}

// markFree notes where records of another form stood.
func (r *receiver) markFree(reader *mapping.Reader, records []connectors.Record) {
	for i, rec := range records {
		if rec.Raw == nil {
			continue
		}
		if text, err := json.Marshal(rawPush{Items: reader.Items(), Free: rec.Raw}); err == nil {
			records[i].Raw = text
		}
	}
}

// Reread is as in connectors.Rereader. What came in our own form can be read in no other way, and the other way round.
func (r *receiver) Reread(kind connectors.Kind, raw []byte) (connectors.Record, error) {
	doc, err := jsondoc.Parse(raw, freeDepth+frameDepth)
	o, ok := doc.(jsondoc.Object)
	data, _ := o.Get("data")
	own, isOwn := data.(jsondoc.Object)
	switch {
	case err != nil || !ok || isOwn != (len(r.readers) == 0) || isOwn && r.members[kind] == nil:
		return connectors.Record{}, fmt.Errorf("%w: not a raw record of this webhook", connectors.ErrBadRecord)
	case isOwn:
		for source, p := range r.members[kind].paths {
			if p.Top() && p.First() == "data" {
				return connectors.Record{}, fmt.Errorf("%w: %s", connectors.ErrNotKept, source)
			}
		}
		top, _ := o.Get("top")
		around, _ := top.(jsondoc.Object)
		return r.record(frame{kind: kind, at: time.Unix(0, 0).UTC(), top: around}, own, "data")
	}
	return r.rereadFree(kind, raw)
}

// rereadFree reads by the reader of the same place, or the first of the kind where there is none.
func (r *receiver) rereadFree(kind connectors.Kind, raw []byte) (connectors.Record, error) {
	var kept rawPush
	if err := json.Unmarshal(raw, &kept); err != nil {
		return connectors.Record{}, fmt.Errorf("%w: %w", connectors.ErrBadRecord, err)
	}
	var by *mapping.Reader
	for _, reader := range r.readers {
		if reader.Kind() == kind && (by == nil || reader.Items() == kept.Items) {
			by = reader
		}
	}
	if by == nil {
		return connectors.Record{}, fmt.Errorf("%w: no records of kind %s are read any more", connectors.ErrBadRecord, kind)
	}
	return by.Reread(kept.Free)
}
