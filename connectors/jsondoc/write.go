package jsondoc

import (
	"bytes"
	"encoding/json"
)

// MarshalJSON writes the object with its members in their order.
func (o Object) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, m := range o.Members {
		if i > 0 {
			out.WriteByte(',')
		}
		name, err := json.Marshal(m.Name)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(m.Value)
		if err != nil {
			return nil, err
		}
		out.Write(name)
		out.WriteByte(':')
		out.Write(value)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// Without is the object without the members of that name.
func (o Object) Without(name string) Object {
	out := Object{Twice: o.Twice}
	for _, m := range o.Members {
		if m.Name != name {
			out.Members = append(out.Members, m)
		}
	}
	return out
}
