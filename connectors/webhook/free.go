package webhook

import (
	"errors"
	"fmt"

	"lingke/connectors/jsondoc"
)

// freeDepth is how deep a body of the sender's own form may nest.
const freeDepth = 32

// decodeFree reads a body whose form the configuration describes. Records that do not tell when they were modified leave it open.
func (r *receiver) decodeFree(body []byte, b *batch) error {
	doc, err := jsondoc.Parse(body, freeDepth)
	if err != nil {
		return err
	}
	somewhere := false
	for _, reader := range r.readers {
		if _, found := reader.Found(doc); !found {
			continue
		}
		somewhere = true
		records, bad, err := reader.Read(doc, maxRecords-len(b.records))
		if err != nil {
			b.fail(err)
			continue
		}
		r.markFree(reader, records)
		r.markFree(reader, bad)
		b.records = append(b.records, records...)
		for _, rec := range bad {
			b.unread(rec, rec.Bad)
		}
	}
	if !somewhere {
		return errors.New("none of the places that records names is in the body")
	}
	return nil
}

// parseFrame reads a body of our own form: what stands around the records.
func parseFrame(body []byte) (jsondoc.Object, error) {
	v, err := jsondoc.Parse(body, frameDepth)
	if err != nil {
		return jsondoc.Object{}, err
	}
	top, ok := v.(jsondoc.Object)
	switch {
	case !ok:
		return top, errors.New("the body is not an object")
	case top.Twice != "":
		return top, fmt.Errorf("%s: comes twice", quote(top.Twice))
	}
	return top, nil
}
