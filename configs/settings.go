package configs

import (
	"fmt"
	"io"
	"log/slog"
	"reflect"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// Settings is a piece of the file that a connector's own type understands. It prints as "[settings]", since secrets may
// stand in it.
type Settings struct {
	node ast.Node
	file string
	env  Env
	last int
}

// connectorKeys are read here; all others belong to the connector's type.
var connectorKeys = map[string]bool{"type": true, "every": true, "scan": true, "keep_raw": true}

// Decode fills into, a pointer to a struct, as strictly as Load fills Config: keys are yaml tags or field names in
// snake_case, every problem is returned, by place. What the file does not name stays as it was, so defaults may be set
// beforehand. Fields of type string, int, bool, float64, time.Duration, Duration, Secret, encoding.TextUnmarshaler, and
// structs, lists and maps of them are filled.
func (s Settings) Decode(into any) Problems {
	target := reflect.ValueOf(into)
	if target.Kind() != reflect.Pointer || target.IsNil() || target.Elem().Kind() != reflect.Struct {
		return Problems{s.Problem("", fmt.Sprintf("the program cannot read settings into a %T", into))}
	}
	if s.node == nil {
		return nil
	}
	d := newDecoder(s.file, s.env)
	d.ignore, d.lastLine = connectorKeys, s.last
	d.value("", s.node, target.Elem())
	d.problems.sort()
	return d.problems
}

// Problem says message about the key of these settings ("mapping.name" is a key inside another), or about all of them where key is empty or absent: for what
// only the connector's type can check.
func (s Settings) Problem(key, message string) Problem {
	at := Problem{File: s.file, Line: 1, Column: 1, Message: message}
	if s.node == nil {
		return at
	}
	at.Line, at.Column = position(s.node)()
	for node := s.node; key != ""; {
		inner, rest := inside(node, key)
		if inner == nil {
			break
		}
		at.Line, at.Column = position(inner)()
		node, key = inner, rest
	}
	return at
}

// inside returns the value of the longest key that key begins with, or the item of a list where it begins with [n], and what is left of key.
func inside(n ast.Node, key string) (value ast.Node, rest string) {
	if list, ok := n.(*ast.SequenceNode); ok && strings.HasPrefix(key, "[") {
		number, after, _ := strings.Cut(key[1:], "]")
		if i, err := strconv.Atoi(number); err == nil && i >= 0 && i < len(list.Values) {
			return list.Values[i], strings.TrimPrefix(after, ".")
		}
		return nil, ""
	}
	mapping, ok := n.(ast.MapNode)
	if !ok {
		return nil, ""
	}
	longest := -1
	for it := mapping.MapRange(); it.Next(); {
		name := keyText(it.Key())
		if after, ok := strings.CutPrefix(key, name); ok && len(name) > longest && (after == "" || after[0] == '.' || after[0] == '[') {
			longest, value, rest = len(name), it.Value(), strings.TrimPrefix(after, ".")
		}
	}
	return value, rest
}

func (Settings) String() string   { return "[settings]" }
func (Settings) GoString() string { return "[settings]" }

// Format keeps every verb of fmt from reaching what stands in the settings.
func (Settings) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "[settings]") }

// MarshalText hides the settings.
func (Settings) MarshalText() ([]byte, error) { return []byte("[settings]"), nil }

// LogValue hides the settings.
func (Settings) LogValue() slog.Value { return slog.StringValue("[settings]") }

// readNode reads what all connectors have in common and looks through the rest for the environment and secrets.
func (c *Connector) readNode(d *decoder, path string, n ast.Node) {
	pairs, ok := d.pairs(path, n)
	if !ok {
		return
	}
	c.Settings = Settings{node: n, file: d.file, env: d.env, last: d.lastLine}
	for _, p := range pairs {
		switch p.key {
		case "type":
			d.value(join(path, p.key), p.value, reflect.ValueOf(&c.Type).Elem())
		case "every":
			d.value(join(path, p.key), p.value, reflect.ValueOf(&c.Every).Elem())
		case "scan":
			d.value(join(path, p.key), p.value, reflect.ValueOf(&c.Scan).Elem())
		case "keep_raw":
			d.value(join(path, p.key), p.value, reflect.ValueOf(&c.KeepRaw).Elem())
		default:
			d.lookThrough(path, p.key, p.value)
		}
	}
}

// lookThrough reports what is wrong whatever the type of the connector: a missing variable, a key that stands twice.
func (d *decoder) lookThrough(path, key string, n ast.Node) {
	switch shaped := n.(type) {
	case *ast.SequenceNode:
		for _, item := range shaped.Values {
			d.lookThrough(path, key, item)
		}
	case ast.MapNode:
		inner, _ := d.pairs(join(path, key), n)
		for _, p := range inner {
			d.lookThrough(join(path, key), p.key, p.value)
		}
	default:
		d.lookAt(key, n)
	}
}

func (d *decoder) lookAt(key string, n ast.Node) {
	raw, ok := scalarText(n)
	if !ok {
		return
	}
	_, _, wrong := expand(raw, d.env)
	for _, message := range wrong {
		d.problem(position(n), message, "")
	}
	if placeholder(raw) {
		d.warnPlaceholder(position(n), key)
	}
	if secretKey(key) {
		d.warnLiteral(key, n)
	}
}

// secretKey reports whether a key's name says that its value is secret.
func secretKey(key string) bool {
	for _, ending := range []string{"secret", "password", "token", "tokens", "aes_key", "private_key"} {
		if key == ending || strings.HasSuffix(key, "_"+ending) {
			return true
		}
	}
	return false
}

// lastKey returns the key at the end of a path: server.tokens[0] ends in tokens.
func lastKey(path string) string {
	path, _, _ = strings.Cut(path[strings.LastIndexByte(path, '.')+1:], "[")
	return path
}
