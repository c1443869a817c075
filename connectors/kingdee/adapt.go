package kingdee

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"strings"
)

// adapt takes out of f the field that the site says it does not know, and tells whether trying again makes sense.
func (c *Conn) adapt(ctx context.Context, f *form, err error) bool {
	var e *Error
	if !errors.As(err, &e) || e.Field == "" {
		return false
	}
	dropped, ok := f.without(e.Field)
	if ok {
		passes := f.passes()
		c.log.LogAttrs(ctx, slog.LevelWarn, "the site does not know a field; going on without it", slog.String("form", f.id),
			slog.String("key", dropped), slog.Any("time_keys", passes), slog.String("id_key", f.layout(passes[0]).idKey))
	}
	return ok
}

// without removes a key where something can stand in for it, or where it is optional. A message may name a dotted key
// whole, by its first part or by its last; the more exact reading goes first.
func (f *form) without(key string) (dropped string, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, part := range []func(string) string{wholeKey, firstPart, lastPart} {
		same := func(ours string) bool { return strings.EqualFold(part(ours), key) }
		if dropped, ok := f.drop(same); ok {
			return dropped, true
		}
	}
	return "", false
}

// drop removes what same says: from the keys of the id and the time, where others are left, and from the columns.
func (f *form) drop(same func(key string) bool) (dropped string, ok bool) {
	if len(f.ids) > 1 && same(f.ids[0].key) {
		dropped, ok = f.ids[0].key, true
		f.ids = f.ids[1:]
	}
	if i := slices.IndexFunc(f.times, same); i >= 0 && len(f.times) > 1 {
		dropped, ok = f.times[i], true
		f.times = slices.Delete(f.times, i, i+1)
	}
	i := slices.IndexFunc(f.cols, func(c column) bool { return c.optional && same(c.key) })
	if i < 0 {
		return dropped, ok
	}
	dropped = f.cols[i].key
	if other := f.cols[i].other; other != "" {
		f.cols[i].key, f.cols[i].other = other, ""
		return dropped, true
	}
	f.cols = slices.Delete(f.cols, i, i+1)
	return dropped, true
}

func wholeKey(key string) string { return key }

func firstPart(key string) string {
	first, _, _ := strings.Cut(key, ".")
	return first
}

func lastPart(key string) string { return key[strings.LastIndex(key, ".")+1:] }
