package configs

import (
	"encoding"
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// place is where a value stands in the file. raw is its text as written, before the environment came in, so that
// messages may quote it; ok says that it was read without a problem,
// null that nothing stands behind its key.
type place struct {
	line, column int
	raw          string
	ok, null     bool
	literal      bool // nothing of it came from the environment
}

// decoder fills Go values from a YAML tree. It reports and goes on, so that one pass finds every problem.
type decoder struct {
	file     string
	env      Env
	lastLine int // 0: unknown
	places   map[string]*place
	problems Problems
	warnings Problems
	ignore   map[string]bool // keys of the root that somebody else reads
}

func newDecoder(file string, env Env) *decoder {
	return &decoder{file: file, env: env, places: map[string]*place{}}
}

// nodeReader is a type that reads its part of the tree by itself.
type nodeReader interface {
	readNode(d *decoder, path string, n ast.Node)
}

// value fills v, which is settable, from n. A null leaves v as it is: the default holds.
func (d *decoder) value(path string, n ast.Node, v reflect.Value) {
	if n == nil {
		return
	}
	d.mark(path, n)
	if n.Type() == ast.NullType {
		return
	}
	if v.Kind() == reflect.Pointer && v.IsNil() {
		v.Set(reflect.New(v.Type().Elem()))
	}
	if v.Kind() == reflect.Pointer {
		v = v.Elem()
	}
	switch target := v.Addr().Interface().(type) {
	case nodeReader:
		target.readNode(d, path, n)
	case encoding.TextUnmarshaler:
		if _, long := n.(ast.MapNode); long && v.Kind() == reflect.Struct { // its text is a short form
			d.byKind(path, n, v)
			return
		}
		d.unmarshalText(path, n, target)
	default:
		d.byKind(path, n, v)
	}
}

func (d *decoder) byKind(path string, n ast.Node, v reflect.Value) {
	switch {
	case v.Kind() == reflect.Struct:
		d.structure(path, n, v)
	case v.Kind() == reflect.Slice:
		d.list(path, n, v)
	case v.Kind() == reflect.Map:
		d.dictionary(path, n, v)
	default:
		d.scalar(path, n, v)
	}
}

// structure reads a mapping whose keys are the fields of a struct.
func (d *decoder) structure(path string, n ast.Node, v reflect.Value) {
	pairs, ok := d.pairs(path, n)
	if !ok {
		return
	}
	fields := fieldsOf(v.Type())
	for _, p := range pairs {
		if path == "" && d.ignore[p.key] {
			continue
		}
		if index, known := fields.index[p.key]; known {
			d.value(join(path, p.key), p.value, v.Field(index))
			continue
		}
		d.unknown(path, p, fields.names)
	}
}

// unknown reports a key that nobody reads. The one it was meant to be counts as present, so that it is not reported as
// missing too.
func (d *decoder) unknown(path string, p pair, names []string) {
	hint := "known keys: " + strings.Join(names, ", ")
	if meant := nearest(p.key, names); meant != "" {
		hint = fmt.Sprintf("did you mean %q?", meant)
		if d.places[join(path, meant)] == nil {
			d.places[join(path, meant)] = &place{}
		}
	}
	d.problem(position(p.node), fmt.Sprintf("unknown key %s", quote(p.key)), hint)
}

func (d *decoder) list(path string, n ast.Node, v reflect.Value) {
	seq, ok := n.(*ast.SequenceNode)
	if !ok {
		d.mismatch(path, n, "a list")
		return
	}
	v.Set(reflect.MakeSlice(v.Type(), len(seq.Values), len(seq.Values)))
	for i, item := range seq.Values {
		d.value(fmt.Sprintf("%s[%d]", path, i), item, v.Index(i))
	}
}

func (d *decoder) dictionary(path string, n ast.Node, v reflect.Value) {
	pairs, ok := d.pairs(path, n)
	if !ok {
		return
	}
	if v.Type().Key().Kind() != reflect.String {
		d.mismatch(path, n, "something else")
		return
	}
	v.Set(reflect.MakeMapWithSize(v.Type(), len(pairs)))
	for _, p := range pairs {
		item := reflect.New(v.Type().Elem()).Elem()
		d.value(join(path, p.key), p.value, item)
		if key, ok := d.key(p, v.Type().Key()); ok {
			v.SetMapIndex(key, item)
		}
	}
}

// key turns a key of the file into one of a map, which may know what its keys look like.
func (d *decoder) key(p pair, t reflect.Type) (reflect.Value, bool) {
	key := reflect.New(t)
	target, picky := key.Interface().(encoding.TextUnmarshaler)
	if !picky {
		return reflect.ValueOf(p.key).Convert(t), true
	}
	if err := target.UnmarshalText([]byte(p.key)); err != nil {
		d.problem(position(p.node), "key "+quote(p.key)+" cannot be used", err.Error())
		return key.Elem(), false
	}
	return key.Elem(), true
}

// pair is one key of a mapping with its value.
type pair struct {
	key   string
	node  ast.Node // the key
	value ast.Node
}

// pairs returns the keys of a mapping in the order of the file; a repeated key is reported and read once.
func (d *decoder) pairs(path string, n ast.Node) ([]pair, bool) {
	mapping, ok := n.(ast.MapNode)
	if !ok {
		d.mismatch(path, n, "keys with values")
		return nil, false
	}
	var all []pair
	first := map[string]int{}
	for it := mapping.MapRange(); it.Next(); {
		key, value := it.Key(), it.Value()
		name := keyText(key)
		if line, twice := first[name]; twice {
			d.problem(position(key), fmt.Sprintf("key %s stands here twice", quote(name)), fmt.Sprintf("it stands in line %d already", line))
			continue
		}
		first[name], _ = position(key)()
		all = append(all, pair{name, key, value})
	}
	return all, true
}

func keyText(key ast.MapKeyNode) string {
	if wrapped, ok := key.(*ast.MappingKeyNode); ok && wrapped.Value != nil {
		return wrapped.Value.GetToken().Value
	}
	return key.GetToken().Value
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}
