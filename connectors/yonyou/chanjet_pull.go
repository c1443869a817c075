package yonyou

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"lingke/connectors"
)

// chanjetPartner is what a partner's row tells without any setting.
func chanjetPartner() map[string][]string {
	return map[string][]string{
		connectors.FieldName: {"Name"}, "number": {"Code"}, "short_name": {"ShortHand", "PartnerAbbName"}, "group": {"PartnerClass.Name"}, "stopped": {"Disabled"},
	}
}

// selected are the values that are asked for.
func (c *Chanjet) selected() string {
	all := []string{"Code", "Name", "ShortHand", "PartnerClass.Name", "Disabled"}
	return strings.Join(append(all, slices.DeleteFunc(c.cfg.Mapping.Sources(connectors.Customer), func(s string) bool { return slices.Contains(all, s) })...), ",")
}

// Pull emits the partners that look different from the last time: T+ does not tell when one changed.
func (c *Chanjet) Pull(ctx context.Context, since connectors.Cursor, emit func(connectors.Record) error) (connectors.Cursor, error) {
	return c.PullAlong(ctx, since, emit, nobody)
}

// PullAlong is Pull that tells its cursor after every page.
func (c *Chanjet) PullAlong(ctx context.Context, since connectors.Cursor, emit func(connectors.Record) error, reached func(connectors.Cursor) error) (connectors.Cursor, error) {
	return c.pullAlong(ctx, "chanjet", since, emit, reached, list{"partners", c.pullPartners})
}

// mostSeen bounds what a cursor remembers; partners beyond it are told each time.
const mostSeen = 20_000

func (c *Chanjet) pullPartners(ctx context.Context, f *flow) error {
	m := f.cur.begin("customer", c.now())
	if m.Seen == nil {
		m.Seen = map[string]string{}
	}
	p := pages{
		size: c.cfg.PageSize, id: func(row object) string { return row.text("Code") }, fetch: c.partnerRows,
		done: func(page int, last string) error {
			m.Page, m.After = page, last
			return f.along()
		},
	}
	take := func(r connectors.Record) error {
		if r.Bad != nil {
			return f.emit(r)
		}
		look := appearance(r)
		if m.Seen[r.ID] == look {
			return nil
		}
		if err := f.emit(r); err != nil {
			return err
		}
		if _, known := m.Seen[r.ID]; known || len(m.Seen) < mostSeen {
			m.Seen[r.ID] = look
		}
		return nil
	}
	if err := p.walk(ctx, m.Page, m.After, func(row object) error { return c.emitRow(take, row, c.partnerRecord) }); err != nil {
		return err
	}
	seen := m.Seen
	m.end(0)
	m.Seen = seen
	return nil
}

// partnerRecord makes the record of a partner as it is now.
func (c *Chanjet) partnerRecord(row object) (connectors.Record, error) {
	rec := connectors.Record{Kind: connectors.Customer, ID: row.text("Code"), ModifiedAt: c.now().UTC().Truncate(time.Millisecond)}
	if err := checkID(rec.Kind, rec.ID); err != nil {
		return rec, err
	}
	return rec, c.partners.fill(&rec, row)
}

// Check tries the credentials with one row.
func (c *Chanjet) Check(ctx context.Context) error {
	rows, err := c.partnerRows(ctx, 1, sampleRows)
	if err != nil {
		return fmt.Errorf("chanjet %q: check partners: %w", c.id, err)
	}
	c.doubt(ctx, "partners", c.cfg.Mapping, connectors.Customer, rows)
	return nil
}
