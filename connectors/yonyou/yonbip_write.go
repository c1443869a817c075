package yonyou

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"lingke/connectors"
)

const customerUpdate = "/yonbip/digitalModel/merchant/newupdate"

// What Config.Write can name.
const (
	levelKey = "customerLevelCode" // 客户级别
	classKey = "customerClassCode" // 客户分类
)

// Takes are the fields that Config.Write names.
func (c *Conn) Takes() []string { return slices.Sorted(maps.Keys(c.cfg.Write)) }

// WriteBack puts fields of a customer where Config.Write says. A field that it does not name is an error that wraps
// connectors.ErrConfig, and then nothing is written. Writing the same twice changes nothing.
//
// The update asks for the customer's code, name and organisations beside its id, so they are read first; what is not
// named is left out, since an empty value would be passed on.
func (c *Conn) WriteBack(ctx context.Context, ch connectors.Change) error {
	if err := c.writeBack(ctx, ch); err != nil {
		return fmt.Errorf("yonyou %q: write back customer %s: %w", c.id, ch.ID, err)
	}
	return nil
}

func (c *Conn) writeBack(ctx context.Context, ch connectors.Change) error {
	if !isNumber(ch.ID) {
		return fmt.Errorf("the customer's id is not a number: %w", connectors.ErrBadRecord)
	}
	change := map[string]any{"id": json.Number(ch.ID)}
	for _, field := range slices.Sorted(maps.Keys(ch.Fields)) {
		key, ok := c.cfg.Write[field]
		if !ok {
			return fmt.Errorf("write_back.%s is not set, so YonBIP has no place for it: %w", field, connectors.ErrConfig)
		}
		c.cfg.place(change, key, ch.Fields[field])
	}
	if len(ch.Fields) == 0 {
		return nil
	}
	row, err := c.customerRow(ctx, ch.ID)
	if err != nil {
		return err
	}
	if row == nil {
		return fmt.Errorf("YonBIP has no such customer: %w", connectors.ErrBadRecord)
	}
	require(change, row)
	_, err = c.call(ctx, "update customer", customerUpdate, change)
	return err
}

// place puts a value where its key belongs.
func (c Config) place(change map[string]any, key, value string) {
	if code, ok := c.Levels[value]; ok {
		value = code
	}
	if key == levelKey {
		change["merchantAppliedDetail"] = map[string]string{levelKey: value}
		return
	}
	change[key] = value
}

// require adds what the interface asks for beside what changes.
func require(change map[string]any, row object) {
	change["code"], change["name"] = row.text("code"), row["name"]
	for _, key := range []string{"createOrgCode", "belongOrgCode"} {
		if v := row.text(key); v != "" {
			change[key] = v
		}
	}
}
