package yonyou

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// zone is the time zone of the emulated servers. China has had no summer time since 1991, so an offset says all.
var zone = time.FixedZone("Asia/Shanghai", 8*60*60)

// document is one thing that a system keeps. It is replaced as a whole, never changed.
type document struct {
	id       int64
	fields   map[string]any
	lines    []map[string]any
	created  time.Time
	modified time.Time
}

// text is a field as text, "" where there is none.
func (d *document) text(key string) string { return shown(d.fields[key]) }

// shown is a value as people write it.
func shown(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

// shelf keeps the documents of one kind, in the order of change.
type shelf struct {
	mu     sync.Mutex
	byID   map[int64]*document
	next   int64
	sorted []*document // nil where it has to be made
}

func newShelf(first int64) *shelf { return &shelf{byID: map[int64]*document{}, next: first} }

// put creates or changes a document: the fields given replace those there are. "lines" are its lines, "modifyTime" and
// "createTime" its times; both are the emulator's clock where they are not given.
func (s *shelf) put(fields map[string]any, now time.Time) (*document, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id, err := s.idOf(fields)
	if err != nil {
		return nil, err
	}
	d := &document{id: id, fields: map[string]any{}, created: now, modified: now}
	if old := s.byID[id]; old != nil {
		d.fields, d.lines, d.created = maps.Clone(old.fields), old.lines, old.created
	}
	for key, value := range fields {
		switch key {
		case "id":
		case "lines":
			d.lines, err = linesOf(value)
		case "modifyTime":
			d.modified, err = timeOf(value)
		case "createTime":
			d.created, err = timeOf(value)
		default:
			d.fields[key] = value
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", key, err)
		}
	}
	s.byID[id], s.sorted = d, nil
	return d, nil
}

func (s *shelf) idOf(fields map[string]any) (int64, error) {
	given := shown(fields["id"])
	if given == "" {
		s.next++
		return s.next, nil
	}
	id, err := strconv.ParseInt(given, 10, 64)
	if err != nil || id <= 0 {
		return 0, fmt.Errorf("id %q is no number", given)
	}
	s.next = max(s.next, id)
	return id, nil
}

func linesOf(v any) ([]map[string]any, error) {
	var out []map[string]any
	b, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(b, &out)
	}
	return out, err
}

func timeOf(v any) (time.Time, error) {
	if t, ok := v.(time.Time); ok {
		return t, nil
	}
	for _, layout := range []string{time.DateTime, time.DateOnly} {
		if t, err := time.ParseInLocation(layout, shown(v), zone); err == nil {
			return t, nil
		}
	}
	return time.Parse(time.RFC3339, shown(v))
}

func (s *shelf) get(id string) *document {
	n, _ := strconv.ParseInt(id, 10, 64)
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byID[n]
}

func (s *shelf) remove(id string) *document {
	n, _ := strconv.ParseInt(id, 10, 64)
	s.mu.Lock()
	defer s.mu.Unlock()
	d := s.byID[n]
	delete(s.byID, n)
	s.sorted = nil
	return d
}

// all are the documents by time of change. Nobody may change the slice.
func (s *shelf) all() []*document {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.sorted == nil {
		s.sorted = slices.SortedFunc(maps.Values(s.byID), func(a, b *document) int {
			return cmp.Or(a.modified.Compare(b.modified), cmp.Compare(a.id, b.id))
		})
	}
	return s.sorted
}

func (s *shelf) find(keep func(*document) bool) []*document {
	var out []*document
	for _, d := range s.all() {
		if keep(d) {
			out = append(out, d)
		}
	}
	return out
}

// paged cuts a page, counted from 1, out of a list.
func paged[T any](all []T, page, size int) []T {
	from := min(max(page-1, 0)*size, len(all))
	return all[from:min(from+size, len(all))]
}

func stamp(t time.Time) string { return t.In(zone).Format(time.DateTime) }

func contains(text, part string) bool { return part == "" || strings.Contains(text, part) }
