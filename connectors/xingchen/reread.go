package xingchen

import (
	"fmt"

	"lingke/connectors"
	"lingke/connectors/jsondoc"
)

// KeepRaw is as in connectors.Rereader: a Record.Raw is the row as the platform told it.
func (c *Conn) KeepRaw() { c.keep = true }

// Reread is as in connectors.Rereader.
func (c *Conn) Reread(kind connectors.Kind, raw []byte) (connectors.Record, error) {
	const depth = 40 // deeper than any row
	doc, err := jsondoc.Parse(raw, depth)
	row, ok := doc.(jsondoc.Object)
	for _, l := range c.lists {
		if err == nil && ok && l.kind == kind {
			return l.record(c, l, row)
		}
	}
	return connectors.Record{}, fmt.Errorf("%w: not a raw record of this connector", connectors.ErrBadRecord)
}
