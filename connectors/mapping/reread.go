package mapping

import (
	"encoding/json"
	"fmt"

	"lingke/connectors"
	"lingke/connectors/jsondoc"
)

// kept is a Record.Raw of a Reader: the item, and what stood in the document beside the items; without Top the item was the document.
type kept struct {
	Item any `json:"item"`
	Top  any `json:"top,omitempty"`
}

// rawDepth is how deep a kept record may nest: a document's depth and the frame around it.
const rawDepth = 40

// KeepRaw makes the reader fill Record.Raw in from now on; see connectors.Rereader. It is called before the first Read.
func (r *Reader) KeepRaw() { r.keep = true }

// Items is the place of the records.
func (r *Reader) Items() string { return r.items.String() }

func (r *Reader) rawOf(doc, item any) ([]byte, error) {
	k := kept{Item: item}
	if top, ok := doc.(jsondoc.Object); ok && r.items.First() != "" {
		k.Top = top.Without(r.items.First())
	}
	return json.Marshal(k)
}

// Reread makes the record of a Raw anew. The error is as that of connectors.Rereader.
func (r *Reader) Reread(raw []byte) (connectors.Record, error) {
	doc, err := jsondoc.Parse(raw, rawDepth)
	o, ok := doc.(jsondoc.Object)
	item, told := o.Get("item")
	if err != nil || !ok || !told {
		return connectors.Record{}, fmt.Errorf("%w: not a raw record of this connector", connectors.ErrBadRecord)
	}
	top, _ := o.Get("top")
	if r.items.Empty() {
		top = item
	}
	for source, p := range r.paths {
		if p.Top() && !r.items.Empty() && (top == nil || p.First() == r.items.First()) {
			return connectors.Record{}, fmt.Errorf("%w: %s", connectors.ErrNotKept, source)
		}
	}
	return r.record(top, item)
}
