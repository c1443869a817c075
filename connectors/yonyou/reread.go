package yonyou

import (
	"errors"
	"fmt"

	"lingke/connectors"
)

// The compiler keeps these promises.
var (
	_ connectors.Rereader = (*Conn)(nil)
	_ connectors.Rereader = (*U8)(nil)
	_ connectors.Rereader = (*Chanjet)(nil)
)

// KeepRaw is as in connectors.Rereader: a Record.Raw is the rows of the thing as the platform told them. What a customer owes is added up from many rows and has none.
func (l *link) KeepRaw() { l.keep = true }

var errRaw = errors.New("not a raw record of this connector")

// reread makes a record of the rows of a Raw.
func reread(raw []byte, record func([]object) (connectors.Record, error)) (connectors.Record, error) {
	var rows []object
	if err := decodeJSON(raw, &rows); err != nil || len(rows) == 0 || record == nil {
		return connectors.Record{}, fmt.Errorf("%w: %w", connectors.ErrBadRecord, errRaw)
	}
	return record(rows)
}

// ofFirst makes a record of the first row.
func ofFirst(record func(object) (connectors.Record, error)) func([]object) (connectors.Record, error) {
	return func(rows []object) (connectors.Record, error) { return record(rows[0]) }
}

// Reread is as in connectors.Rereader.
func (c *Conn) Reread(kind connectors.Kind, raw []byte) (connectors.Record, error) {
	return reread(raw, map[connectors.Kind]func([]object) (connectors.Record, error){connectors.Customer: ofFirst(c.customerRecord), connectors.Order: c.orderRecord}[kind])
}

// Reread is as in connectors.Rereader.
func (u *U8) Reread(kind connectors.Kind, raw []byte) (connectors.Record, error) {
	return reread(raw, map[connectors.Kind]func([]object) (connectors.Record, error){connectors.Customer: ofFirst(u.customerRecord), connectors.Order: ofFirst(u.orderRecord)}[kind])
}

// Reread is as in connectors.Rereader. T+ answers with the fields that were asked for, so one that no mapping named then is not in the raw record.
func (c *Chanjet) Reread(kind connectors.Kind, raw []byte) (connectors.Record, error) {
	if kind != connectors.Customer {
		return reread(nil, nil)
	}
	return reread(raw, func(rows []object) (connectors.Record, error) {
		for _, source := range c.cfg.Mapping.Sources(connectors.Customer) {
			if !rows[0].has(source) {
				return connectors.Record{}, fmt.Errorf("%w: %s", connectors.ErrNotKept, source)
			}
		}
		return c.partnerRecord(rows[0])
	})
}
