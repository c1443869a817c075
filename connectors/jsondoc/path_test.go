package jsondoc

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"
)

const doc = `{"id":7,"contact":{"phones":["a","b","c"],"full name":"x"},"lines":[{"n":1},{"n":2},{}],"a.b":{"c":"dotted"},"客户":{"名称":"华星"}}`

func TestPathsLeadToValues(t *testing.T) {
	t.Parallel()
	top, err := Parse([]byte(doc), 8)
	if err != nil {
		t.Fatal(err)
	}
	item := Path{}.Find(top, top)[0].(Object)
	contact, _ := item.Get("contact")
	for path, want := range map[string][]any{
		"phones[0]":               {"a"},
		"phones[-1]":              {"c"},
		"phones[-3]":              {"a"},
		"phones[3]":               nil,
		"phones[-4]":              nil,
		"phones[*]":               {"a", "b", "c"},
		"phones.x":                nil,
		`["full name"]`:           {"x"},
		"$.id":                    {json.Number("7")},
		"$id":                     {json.Number("7")},
		"$.lines[*].n":            {json.Number("1"), json.Number("2")},
		`$["a.b"].c`:              {"dotted"},
		"$.客户.名称":                 {"华星"},
		"$.id[0]":                 nil,
		"$.contact.phones[*][0]":  nil,
		"$.lines[0].n.deeper.yet": nil,
	} {
		p, err := ParsePath(path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		got := p.Find(top, contact)
		if len(got) != len(want) || len(want) > 0 && !reflect.DeepEqual(got, want) {
			t.Errorf("%s found %v, want %v", path, got, want)
		}
	}
}

func TestWhatIsNoPathIsRefused(t *testing.T) {
	t.Parallel()
	for _, text := range []string{".", "a.", ".a", "a..b", "a[", "a[]", "a[x]", "a]", "a[01]", "a[+1]", `a["]`, `a[""]`, "$.a.", string(make([]byte, 300))} {
		if p, err := ParsePath(text); !errors.Is(err, ErrPath) {
			t.Errorf("%q was read as %v, %v", text, p, err)
		}
	}
}

func TestHeadIsTheMemberThatAPathUses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{"a": "a", "a.b": "a", "a[0]": "a", "$.a": "", "": "", "[0]": "", `["a b"].c`: "a b"} {
		p, err := ParsePath(text)
		if err != nil || p.Head() != want {
			t.Errorf("head of %q is %q, %v; want %q", text, p.Head(), err, want)
		}
	}
}

// A path that can be read finds something or nothing in any document, and reads the same from its own text.
func FuzzPath(f *testing.F) {
	f.Add(`$.a["b c"][0][*].d`, `{"a":{"b c":[[{"d":1}]]}}`)
	f.Add(`x[-1]`, `{"x":[1,2]}`)
	f.Fuzz(func(t *testing.T, text, body string) {
		p, err := ParsePath(text)
		if err != nil {
			if !errors.Is(err, ErrPath) {
				t.Errorf("an error of no kind: %v", err)
			}
			return
		}
		if again, err := ParsePath(p.String()); err != nil || !reflect.DeepEqual(again, p) {
			t.Errorf("%q read again is %v, %v", text, again, err)
		}
		if top, err := Parse([]byte(body), 16); err == nil {
			p.Find(top, top)
		}
	})
}
