package kingdee

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"lingke/connectors"
	"lingke/connectors/mapping"
)

// Check tries the credentials and names every configured field key that the site does not have: all of them at once from the site's own description of a
// form, where that can be read, and in any case the first by one query per form that matches no row.
func (c *Conn) Check(ctx context.Context) error {
	for _, f := range c.forms {
		if err := c.checkKeys(ctx, f); err != nil {
			return fmt.Errorf("kingdee %q: check %s: %w", c.id, f.id, err)
		}
		if err := c.checkForm(ctx, f); err != nil {
			return fmt.Errorf("kingdee %q: check %s: %w", c.id, f.id, err)
		}
	}
	if err := c.checkReceivables(ctx); err != nil {
		return fmt.Errorf("kingdee %q: check %s: %w", c.id, receivableForm, err)
	}
	return nil
}

func (c *Conn) checkForm(ctx context.Context, f *form) error {
	for {
		l := f.layout(f.passes()[0])
		keys := l.keys
		if f.id == customerForm {
			keys = append(keys[:len(keys):len(keys)], slices.Sorted(maps.Values(c.cfg.Write))...)
		}
		q := query{FormID: f.id, FieldKeys: strings.Join(keys, ","), FilterString: l.idKey + " = " + l.literal("0"), Limit: 1}
		_, err := c.query(ctx, q, len(keys))
		if err == nil || !c.adapt(ctx, f, err) {
			return err
		}
	}
}

// checkKeys looks the configured keys up in the site's description. What that answer looks like is not documented, so only one that names the form's own keys
// is believed, and one that cannot be had is no error: the query after it tells too.
func (c *Conn) checkKeys(ctx context.Context, f *form) error {
	configured := f.configured()
	if f.id == customerForm {
		configured = append(configured, slices.Collect(maps.Values(c.cfg.Write))...)
	}
	if len(configured) == 0 {
		return nil
	}
	known, err := c.describe(ctx, f.id)
	if err != nil {
		c.log.LogAttrs(ctx, slog.LevelDebug, "the site does not describe a form", slog.String("form", f.id), slog.Any("err", err))
		return nil
	}
	var missing []string
	for _, key := range configured {
		if !slices.ContainsFunc(readings(key), func(part string) bool { return known[strings.ToLower(part)] != "" }) {
			missing = append(missing, key+mapping.Meant(key, slices.Sorted(maps.Values(known))))
		}
	}
	if len(missing) == 0 {
		return nil
	}
	slices.Sort(missing)
	return fmt.Errorf("the site does not have the configured %s: %w", strings.Join(slices.Compact(missing), ", "), connectors.ErrConfig)
}

// readings are the keys that a form may describe a dotted key by: "FGroup.FName" is a part of what FGroup points at, "FSaleOrderFinance.FSettleCurrId" a field
// in a block.
func readings(key string) []string {
	switch last := lastPart(key); strings.ToLower(last) {
	case "fname", "fnumber", "fdatavalue", "fid":
		return []string{key, firstPart(key)}
	default:
		return []string{key, firstPart(key), last}
	}
}

// configured are the keys that come from the settings; whether the defaults are there is found out by asking.
func (f *form) configured() (keys []string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, col := range f.cols {
		if col.told {
			keys = append(keys, col.key)
		}
	}
	return keys
}

// describe returns the keys of a form as the site writes them, by their lower case.
func (c *Conn) describe(ctx context.Context, id string) (map[string]string, error) {
	keys := map[string]string{}
	payload := map[string]any{"data": map[string]string{"FormId": id}}
	err := c.call(ctx, "describe "+id, formService+"QueryBusinessInfo", payload, func(body []byte) error {
		body, err := jsonText(body)
		if err != nil {
			return err
		}
		if status := findStatus(body, 0); status != nil {
			if err := status.err(); err != nil {
				return err
			}
		}
		var answer any
		if err := json.Unmarshal(body, &answer); err != nil {
			return fmt.Errorf("%w: %s", errNoAnswer, where(err))
		}
		collectKeys(answer, keys)
		return nil
	})
	if err == nil && (keys["fmodifydate"] == "" && keys["fcreatedate"] == "" || len(keys) < 5) {
		err = fmt.Errorf("%w: its description names %d keys, and not the usual ones", errNoAnswer, len(keys))
	}
	return keys, err
}

// collectKeys finds every text member that is called Key, wherever it stands.
func collectKeys(v any, into map[string]string) {
	switch v := v.(type) {
	case map[string]any:
		for name, member := range v {
			if text, ok := member.(string); ok && strings.EqualFold(name, "Key") {
				into[strings.ToLower(text)] = text
				continue
			}
			collectKeys(member, into)
		}
	case []any:
		for _, member := range v {
			collectKeys(member, into)
		}
	}
}
