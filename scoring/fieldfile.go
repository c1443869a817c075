package scoring

import (
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// ParseFields reads a company's own fields from YAML, for Schema.Extend. The error joins every problem with its place, as
// ParseModel's does. The format:
//
//	fields:
//	  - {id: dealer_level, name: 经销商级别, english: dealer level, kind: text}   # kind: number, text, flag, time, texts or events
//	  - {id: store_count, name: 门店数, kind: number, unit: 家, days: 0, from: profile}
func ParseFields(file string, text []byte) ([]Field, error) {
	clean := strings.ReplaceAll(strings.TrimPrefix(string(text), "\ufeff"), "\r\n", "\n")
	l := &loader{problems: problems{file: file}, lines: strings.Split(clean, "\n"), ids: idSet{}}
	var out []Field
	if root := l.root([]byte(clean)); root != nil {
		l.object(root, "a field file", object{
			"fields": func(v ast.Node) {
				l.list(v, "fields", func(n ast.Node) { out = append(out, l.field(n)) })
			},
		}, "fields")
	}
	if err := l.err(); err != nil {
		return nil, err
	}
	return out, nil
}

var kindNames = []string{"number", "text", "flag", "time", "texts", "events"}

func (l *loader) field(n ast.Node) Field {
	var f Field
	l.object(n, "a field", object{
		"id":      func(v ast.Node) { f.Name = l.fieldName(v, "id") },
		"name":    func(v ast.Node) { f.ZH = l.fieldName(v, "name") },
		"english": func(v ast.Node) { f.EN = l.text(v, "english") },
		"kind":    func(v ast.Node) { f.Kind = kindNamed(l.choice(v, "kind", kindNames...)) },
		"unit":    func(v ast.Node) { f.Unit = l.text(v, "unit") },
		"days":    func(v ast.Node) { f.Days = int(l.days(v, "days")) },
		"from":    func(v ast.Node) { f.From = l.text(v, "from") },
	}, "id", "kind")
	return f
}

// fieldName reads a name that expressions can use and that neither a built-in field nor an earlier one has.
func (l *loader) fieldName(n ast.Node, what string) string {
	name := l.text(n, what)
	_, _, taken := BuiltIn().Lookup(name)
	switch {
	case !identifier(name):
		l.at(n, "%q: a name is a letter followed by letters, digits and _", name)
	case reserved[name]:
		l.at(n, "%q has a meaning in expressions", name)
	case taken || !l.ids.add(name):
		l.at(n, "%q is already the name of a field", name)
	}
	return name
}

func kindNamed(name string) Kind {
	for k, n := range kindNames {
		if n == name {
			return Kind(k)
		}
	}
	return Number
}
