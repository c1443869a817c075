package configs

import (
	"fmt"
	"reflect"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// Text is something that people read. A file writes it as one text, which everybody reads as it stands, or in two languages, {zh: 生日礼遇, en: Birthday gift}, of which each
// person reads their own. EN is empty where there is only the one text.
type Text struct {
	ZH string `yaml:"zh"`
	EN string `yaml:"en"`
}

// readNode reads a text, or both languages of it.
func (t *Text) readNode(d *decoder, path string, n ast.Node) {
	if _, both := n.(ast.MapNode); !both {
		t.ZH, _ = d.text(path, n, "a text")
		return
	}
	d.structure(path, n, reflect.ValueOf(t).Elem())
	for _, one := range []struct{ key, text string }{{"zh", t.ZH}, {"en", t.EN}} {
		if at := d.places[join(path, one.key)]; at == nil || (at.ok || at.null) && strings.TrimSpace(one.text) == "" {
			d.problem(d.where(path), fmt.Sprintf("%s has no %q", lastKey(path), one.key), "write both languages, {zh: …, en: …}, or one text for everybody")
		}
	}
}

func (t Text) empty() bool { return strings.TrimSpace(t.ZH) == "" }

// eachLanguage calls check with every place at which a text stands in the file.
func (t Text) eachLanguage(path string, places map[string]*place, check func(at, text string)) {
	if places[join(path, "zh")] == nil && places[join(path, "en")] == nil {
		check(path, t.ZH)
		return
	}
	check(join(path, "zh"), t.ZH)
	check(join(path, "en"), t.EN)
}
