package jsondoc

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// Bounds of a path: longer ones are slips.
const (
	maxPathBytes = 200
	maxSteps     = 32
)

// ErrPath says that a text is no path.
var ErrPath = errors.New(`not a path like name, contact.phones[0], lines[*].amount or ["a name"].x`)

// Path says where in a document a value stands: member names with dots between them, [0] for an item of an array ([-1] is the last), [*] for all of
// them, ["…"] for a name with other characters in it. A path that begins with $ starts at the top of the document, any other at the item that is being
// read. The zero Path is the item itself.
type Path struct {
	text  string
	steps []step
	top   bool
}

type step struct {
	name  string
	index int
	kind  stepKind
}

type stepKind int

const (
	byName stepKind = iota
	byIndex
	byAll
)

// ParsePath reads a path. The error wraps ErrPath.
func ParsePath(text string) (Path, error) {
	p := Path{text: text}
	rest, top := strings.CutPrefix(text, "$")
	p.top = top
	if top {
		rest = strings.TrimPrefix(rest, ".")
	}
	for rest != "" {
		s, after, err := cutStep(rest)
		if err != nil || len(p.steps) == maxSteps || len(text) > maxPathBytes {
			return Path{}, fmt.Errorf("%w: %.80q", ErrPath, text)
		}
		p.steps = append(p.steps, s)
		if after, rest = nextStep(after); after == "." && rest == "" {
			return Path{}, fmt.Errorf("%w: %.80q", ErrPath, text)
		}
	}
	return p, nil
}

// nextStep takes the dot between two steps away.
func nextStep(after string) (dot, rest string) {
	if rest, ok := strings.CutPrefix(after, "."); ok {
		return ".", rest
	}
	return "", after
}

func cutStep(text string) (step, string, error) {
	if !strings.HasPrefix(text, "[") {
		end := strings.IndexAny(text, ".[]")
		if end < 0 {
			end = len(text)
		}
		if end == 0 || strings.HasPrefix(text[end:], "]") {
			return step{}, "", ErrPath
		}
		return step{name: text[:end]}, text[end:], nil
	}
	if quoted, err := strconv.QuotedPrefix(text[1:]); err == nil {
		name, _ := strconv.Unquote(quoted)
		after, ok := strings.CutPrefix(text[1+len(quoted):], "]")
		if !ok || name == "" {
			return step{}, "", ErrPath
		}
		return step{name: name}, after, nil
	}
	inside, after, ok := strings.Cut(text[1:], "]")
	if ok && inside == "*" {
		return step{kind: byAll}, after, nil
	}
	index, err := strconv.Atoi(inside)
	if !ok || err != nil || strconv.Itoa(index) != inside {
		return step{}, "", ErrPath
	}
	return step{kind: byIndex, index: index}, after, nil
}

// UnmarshalText reads a path.
func (p *Path) UnmarshalText(text []byte) (err error) {
	*p, err = ParsePath(string(text))
	return err
}

// String returns the path as it was written.
func (p Path) String() string { return p.text }

// Empty reports whether the path is the item itself.
func (p Path) Empty() bool { return p.text == "" }

// Top reports whether the path starts at the top of the document.
func (p Path) Top() bool { return p.top }

// Head is the name of the member of the item through which the path goes, "" where it goes through none.
func (p Path) Head() string {
	if p.top || len(p.steps) == 0 {
		return ""
	}
	return p.steps[0].name
}

// First is the name of the member that the path's first step leads to, wherever it starts; "" where that is none.
func (p Path) First() string {
	if len(p.steps) == 0 {
		return ""
	}
	return p.steps[0].name
}

// Find returns the values at the path, seen from item or, for a path with $, from top. Several are found only by [*]; none where a step leads nowhere.
func (p Path) Find(top, item any) []any {
	at := []any{item}
	if p.top {
		at[0] = top
	}
	for _, s := range p.steps {
		var next []any
		for _, v := range at {
			next = s.from(v, next)
		}
		at = next
	}
	return at
}

func (s step) from(v any, found []any) []any {
	list, isList := v.([]any)
	switch s.kind {
	case byAll:
		if isList {
			return append(found, list...)
		}
	case byIndex:
		i := s.index
		if i < 0 {
			i += len(list)
		}
		if i >= 0 && i < len(list) {
			return append(found, list[i])
		}
	case byName:
		if o, ok := v.(Object); ok {
			if v, has := o.Get(s.name); has {
				return append(found, v)
			}
		}
	}
	return found
}
