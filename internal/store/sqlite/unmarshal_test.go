package sqlite

import (
	"encoding/json"
	"fmt"
	"reflect"
	"testing"
	"time"

	"lingke/bots"
	"lingke/connectors"
	"lingke/internal/access"
	"lingke/internal/batch"
	"lingke/internal/customer"
	"lingke/internal/followup"
	"lingke/internal/models"
)

// TestWhatWasWrittenIsReadAsByTheStandardLibrary fills in every field of whatever is stored as a text, and empties it, and compares both ways of reading.
func TestWhatWasWrittenIsReadAsByTheStandardLibrary(t *testing.T) {
	t.Parallel()
	for _, kind := range []any{
		customer.Customer{}, customer.Order{}, customer.Activity{}, customer.Decision{}, customer.Question{}, followup.Task{}, access.Read{}, models.Version{}, models.Publication{},
		batch.Batch{}, connectors.Record{}, about{}, wish{}, []bots.Refusal{}, []customer.Effect{}, []string{},
	} {
		for n := range 3 {
			full := reflect.New(reflect.TypeOf(kind))
			fill(full.Elem(), n)
			text, err := json.Marshal(full.Interface())
			if err != nil {
				t.Fatal(err)
			}
			want, got := reflect.New(full.Type().Elem()), reflect.New(full.Type().Elem())
			if err := json.Unmarshal(text, want.Interface()); err != nil {
				t.Fatal(err)
			}
			if err := unmarshal(text, got.Interface()); err != nil || !reflect.DeepEqual(want.Interface(), got.Interface()) {
				t.Errorf("%T with %d of each: %v\n%s\nis read as\n%+v\nnot\n%+v", kind, n, err, text, got, want)
			}
		}
	}
}

// fill sets every field that v holds: lists and maps get n parts, and with 0 everything stays as it is.
func fill(v reflect.Value, n int) {
	switch v.Kind() {
	case reflect.Pointer:
		if n > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			fill(v.Elem(), n)
		}
	case reflect.Slice:
		fillList(v, n)
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for i := range n {
			key, one := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			fill(key, n+i)
			fill(one, n)
			v.SetMapIndex(key, one)
		}
	case reflect.Struct:
		fillFields(v, n)
	case reflect.String:
		v.SetString(fmt.Sprintf("第%d <号>&\u2028\"客户\"\n", n))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(n) << 50)
	case reflect.Float64:
		v.SetFloat(float64(n) / 3)
	case reflect.Bool:
		v.SetBool(n > 0)
	case reflect.Interface:
		v.Set(reflect.ValueOf(float64(n)))
	default:
		panic("there is no way to fill a " + v.Type().String())
	}
}

func fillList(v reflect.Value, n int) {
	if v.Type() == reflect.TypeFor[json.RawMessage]() {
		v.SetBytes(fmt.Appendf(nil, `{"n":%d,"客户":"\u003c"}`, n))
		return
	}
	if v.Type().Elem().Kind() == reflect.Uint8 {
		v.SetBytes([]byte{0, 0xff, byte(n)})
		return
	}
	for range n {
		v.Set(reflect.Append(v, reflect.New(v.Type().Elem()).Elem()))
		fill(v.Index(v.Len()-1), n)
	}
}

func fillFields(v reflect.Value, n int) {
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(time.UnixMilli(int64(n) * 1234567890123).UTC()))
		return
	}
	for i := range v.NumField() {
		if f := v.Type().Field(i); f.IsExported() && f.Tag.Get("json") != "-" {
			fill(v.Field(i), n)
		}
	}
}
