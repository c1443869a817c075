package kingdee

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"lingke/connectors"
)

// groupKey is the customer group of BD_Customer: a reference by code, not a text.
const groupKey = "FGroup"

// Takes are the fields that Config.Write names.
func (c *Conn) Takes() []string { return slices.Sorted(maps.Keys(c.cfg.Write)) }

// WriteBack saves fields of a customer into the keys that Config.Write names for them. Only the named fields are touched. Writing the same twice changes nothing. A field that has no key is an error
// that wraps connectors.ErrConfig, and then nothing is written.
func (c *Conn) WriteBack(ctx context.Context, ch connectors.Change) error {
	if err := c.writeBack(ctx, ch); err != nil {
		return fmt.Errorf("kingdee %q: write back customer %s: %w", c.id, ch.ID, err)
	}
	return nil
}

func (c *Conn) writeBack(ctx context.Context, ch connectors.Change) error {
	if ch.ID == "" || strings.Trim(ch.ID, "0123456789") != "" || len(ch.ID) > 19 {
		return fmt.Errorf("the customer's id is not a number: %w", connectors.ErrBadRecord)
	}
	if len(ch.Fields) == 0 {
		return nil
	}
	model := map[string]any{"FCUSTID": json.Number(ch.ID)}
	var keys []string
	for _, field := range slices.Sorted(maps.Keys(ch.Fields)) {
		key, err := c.writeKey(field)
		if err != nil {
			return err
		}
		model[key] = saved(key, ch.Fields[field])
		keys = append(keys, key)
	}
	payload := map[string]any{"formid": customerForm, "data": map[string]any{
		"NeedUpDateFields": keys,
		"IsDeleteEntry":    "false", // the default, true, would delete the customer's contacts and banks
		"Model":            model,
	}}
	return c.call(ctx, "save "+customerForm, formService+"Save", payload, decodeSaved)
}

// writeKey is the field key that takes a field of ours.
func (c *Conn) writeKey(field string) (string, error) {
	key, ok := c.cfg.Write[field]
	if !ok {
		return "", fmt.Errorf("write_back.%s is not set, so Kingdee has no place for it: %w", field, connectors.ErrConfig)
	}
	return key, nil
}

func saved(key, value string) any {
	if strings.EqualFold(key, groupKey) {
		return map[string]string{"FNumber": value}
	}
	return value
}
