package jsondoc

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
	"unicode/utf8"
)

// FuzzJSONSaysWhatTheLibrarySays compares every body with encoding/json. The library knows no doubled names and no limit of depth, so bodies with either
// are left out.
func FuzzJSONSaysWhatTheLibrarySays(f *testing.F) {
	for _, s := range []string{
		`{"type":"customer.upsert","data":[{"id":1,"name":"华东\u7cbe密","x":null,"y":true,"z":-1.50e3},{"data":{}}]} `, `[]`, ` [ 1 , 2 ] `, `{ }`, `"\ud800"`,
		`{"a":1,"b":2,"c":3,"d":4,"e":5,"f":6,"g":7,"h":8,"i":9,"j":10,"k":11,"l":12,"m":13,"n":14,"o":15,"p":16,"q":17,"a":18}`, `{"data":[1,]}`, `{} {}`, ``, `-`, `"\"`,
	} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := Parse(body, 6)
		if valid := utf8.Valid(body) && json.Valid(body); !valid {
			if err == nil {
				t.Fatalf("%q was read as %v", body, got)
			}
			return
		}
		if err != nil {
			return // too deep
		}
		plain, twice := plainOf(got)
		if twice {
			return
		}
		var want any
		d := json.NewDecoder(bytes.NewReader(body))
		d.UseNumber()
		if err := d.Decode(&want); err != nil || !reflect.DeepEqual(plain, want) {
			t.Fatalf("%q: %#v, the library says %#v, %v", body, plain, want, err)
		}
	})
}

// plainOf turns objects into maps, and tells whether a name comes twice in one.
func plainOf(v any) (plain any, twice bool) {
	switch v := v.(type) {
	case Object:
		out := map[string]any{}
		for _, m := range v.Members {
			p, inner := plainOf(m.Value)
			out[m.Name], twice = p, twice || inner
		}
		return out, twice || v.Twice != ""
	case []any:
		out := make([]any, len(v))
		for i := range v {
			p, inner := plainOf(v[i])
			out[i], twice = p, twice || inner
		}
		return out, twice
	}
	return v, false
}

func TestADoubledNameIsSeenInSmallAndLargeObjects(t *testing.T) {
	small, large := `{"a":1,"b":2,"a":3}`, `{"a":1`
	for _, name := range "bcdefghijklmnopqrstuvwxyz" {
		large += `,"` + string(name) + `":1`
	}
	for _, body := range []string{small, large + `,"a":2}`, large + `,"z":2}`} {
		v, err := Parse([]byte(body), 6)
		if o, ok := v.(Object); err != nil || !ok || o.Twice == "" {
			t.Errorf("%s: %+v, %v", body, v, err)
		}
	}
	if v, err := Parse([]byte(large+`}`), 6); err != nil || v.(Object).Twice != "" {
		t.Errorf("%+v, %v", v, err)
	}
}
