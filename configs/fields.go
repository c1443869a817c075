package configs

import (
	"encoding"
	"reflect"
	"strings"
	"unicode"
)

// fields are the keys that a struct reads.
type fields struct {
	names []string
	index map[string]int
}

// fieldsOf lists the exported fields of a struct that a file can fill. The key is the yaml tag, else the name in
// snake_case: BaseURL is base_url.
func fieldsOf(t reflect.Type) fields {
	found := fields{index: map[string]int{}}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("yaml"), ",")
		if !f.IsExported() || name == "-" || !fillable(f.Type) {
			continue
		}
		if name == "" {
			name = snake(f.Name)
		}
		found.names = append(found.names, name)
		found.index[name] = i
	}
	return found
}

// fillable reports whether text in a file can become a t: functions, interfaces and opaque structs such as time.Location
// are set by code.
func fillable(t reflect.Type) bool {
	if reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]()) || reflect.PointerTo(t).Implements(reflect.TypeFor[nodeReader]()) {
		return true
	}
	switch t.Kind() {
	case reflect.Pointer:
		return t.Elem().Kind() != reflect.Pointer && fillable(t.Elem())
	case reflect.Slice:
		return fillable(t.Elem())
	case reflect.Map:
		return t.Key().Kind() == reflect.String && fillable(t.Elem())
	case reflect.Struct:
		for i := range t.NumField() {
			if t.Field(i).IsExported() {
				return true
			}
		}
		return false
	case reflect.Func, reflect.Interface, reflect.Chan, reflect.UnsafePointer, reflect.Array, reflect.Complex64, reflect.Complex128:
		return false
	}
	return true
}

// snake turns BaseURL into base_url and AESKeyID into aes_key_id.
func snake(name string) string {
	runes := []rune(name)
	var out strings.Builder
	for i, r := range runes {
		starts := i > 0 && unicode.IsUpper(r) &&
			(!unicode.IsUpper(runes[i-1]) || i+1 < len(runes) && unicode.IsLower(runes[i+1]))
		if starts {
			out.WriteByte('_')
		}
		out.WriteRune(unicode.ToLower(r))
	}
	return out.String()
}
