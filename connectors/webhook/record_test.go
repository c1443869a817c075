package webhook

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"lingke/connectors"
	"lingke/connectors/jsondoc"
	"lingke/connectors/mapping"
)

// longestKey is the contract's bound of an id, in bytes.
const longestKey = 200

// renamed is a mapping of names alone: ours, theirs, ours, theirs.
func renamed(names ...string) mapping.Mapping {
	m := make(mapping.Mapping)
	for i := 0; i < len(names); i += 2 {
		from, err := jsondoc.ParsePath(names[i+1])
		if err != nil {
			panic(err)
		}
		m[mapping.Target(names[i])] = mapping.Rule{From: from}
	}
	return m
}

func TestDecodeReadsEachKind(t *testing.T) {
	const top = `"timestamp":"2026-03-02T08:30:00.1239+08:00"`
	at := time.Date(2026, 3, 2, 0, 30, 0, 123e6, time.UTC)
	cases := map[string]struct {
		body string
		want []connectors.Record
	}{
		"customer": {
			`{"type":"customer.upsert",` + top + `,"data":{"id":"C-17","company":"华东精密","mobile":13800000000,"vip":true,"old":false,"site":null,"rate":0.10,"note":""}}`,
			[]connectors.Record{{Kind: connectors.Customer, ID: "C-17", ModifiedAt: at, Fields: map[string]string{
				"name": "华东精密", "phone": "13800000000", "vip": "true", "old": "false", "site": "", "rate": "0.10", "note": ""}}},
		},
		"orders": {
			`{"type":"order.upsert",` + top + `,"data":[
				{"id":7300000000000000001,"customer_id":17,"amount":1250000.50,"date":"2026-03-01","status":"won","modified_at":"2026-03-01T00:00:00Z"},
				{"id":"O-2","customer_id":"C-17","amount":"99","date":"2026-03-01T10:00:00+09:00","status":""}]}`,
			[]connectors.Record{
				{Kind: connectors.Order, ID: "7300000000000000001", Customer: "17", ModifiedAt: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), Fields: map[string]string{
					"amount": "1250000.50", "date": "2026-03-01T00:00:00+08:00", "status": "won"}},
				{Kind: connectors.Order, ID: "O-2", Customer: "C-17", ModifiedAt: at, Fields: map[string]string{
					"amount": "99", "date": "2026-03-01T10:00:00+09:00", "status": ""}},
			},
		},
		"items with types of their own": {
			`{` + top + `,"data":[
				{"type":"customer.upsert","data":{"id":"1"}},
				{"type":"activity.created","timestamp":"2026-01-01T00:00:00Z","data":{"id":"2","customer_id":"1","type":"visit","date":"2026-03-01 09:05:00"}}]}`,
			[]connectors.Record{
				{Kind: connectors.Customer, ID: "1", ModifiedAt: at, Fields: map[string]string{}},
				{Kind: connectors.Activity, ID: "2", Customer: "1", ModifiedAt: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC), Fields: map[string]string{
					"type": "visit", "date": "2026-03-01T09:05:00+08:00"}},
			},
		},
		"nothing":                  {`{"type":"order.upsert",` + top + `,"data":[]}`, nil},
		"unknown members on top":   {`{"id":"evt","version":3,"type":"customer.upsert",` + top + `,"data":{"id":"1"}}`, []connectors.Record{{Kind: connectors.Customer, ID: "1", ModifiedAt: at, Fields: map[string]string{}}}},
		"customer_id of customers": {`{"type":"customer.upsert",` + top + `,"data":{"id":"1","customer_id":"x"}}`, []connectors.Record{{Kind: connectors.Customer, ID: "1", ModifiedAt: at, Fields: map[string]string{"customer_id": "x"}}}},
	}
	r := open(t, Config{Mapping: renamed("name", "company", "phone", "mobile")})
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, _, err := decoded(r, []byte(c.body))
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestMappingWorksForIDsAndTimesToo(t *testing.T) {
	r := open(t, Config{Mapping: renamed("id", "userId", "modified_at", "updated")})
	got, _, err := decoded(r, []byte(`{"type":"customer.upsert","data":{"userId":5,"updated":"2026-03-01T00:00:00Z"}}`))
	if err != nil || len(got) != 1 || got[0].ID != "5" || got[0].ModifiedAt.Year() != 2026 {
		t.Errorf("Decode = %+v, %v", got, err)
	}
}

func TestDecodeNamesThePlace(t *testing.T) {
	in := func(member string) string {
		return `{"type":"order.upsert","timestamp":"2026-03-02T08:30:00Z","data":{"id":"1","customer_id":"2",` + member + `}}`
	}
	many := make([]string, maxFields+1)
	for i := range many {
		many[i] = fmt.Sprintf(`"f%d":1`, i)
	}
	cases := map[string]struct{ body, want string }{
		"not JSON":            {`{`, "not JSON"},
		"empty":               {``, "not JSON"},
		"broken inside":       {`{"data":[1,]}`, "not JSON near byte"},
		"trailing data":       {`{} {}`, "goes on after"},
		"not an object":       {`[]`, "not an object"},
		"invalid UTF-8":       {"{\"a\":\"\xff\"}", "not valid UTF-8"},
		"too deep":            {strings.Repeat("[", 50) + strings.Repeat("]", 50), "nested too deep"},
		"too large":           {`{"a":"` + strings.Repeat("x", maxBody) + `"}`, "more than 1048576 bytes"},
		"type twice":          {`{"type":"order.upsert","type":"customer.upsert","data":{}}`, "type: comes twice"},
		"unknown type":        {`{"type":"customer.delete","data":{}}`, "type: must be"},
		"bad timestamp":       {`{"type":"order.upsert","timestamp":1,"data":{}}`, "timestamp: must be a time"},
		"no data":             {`{"type":"order.upsert"}`, "data: must be"},
		"no type":             {`{"data":{"id":"1"}}`, "data: no type"},
		"item is no object":   {`{"type":"order.upsert","data":[7]}`, "data[0]: must be an object"},
		"member twice":        {in(`"amount":1,"amount":2`), "data.amount: comes twice"},
		"object inside":       {in(`"address":{"city":"x"}`), "data.address: must be a text"},
		"array inside":        {in(`"tags":["x"]`), "data.tags: must be a text"},
		"NUL":                 {in(`"note":"a\u0000b"`), "data.note: holds a NUL"},
		"long value":          {in(`"note":"` + strings.Repeat("x", jsondoc.MaxText+1) + `"`), "data.note: has more"},
		"long name":           {in(`"` + strings.Repeat("n", 99) + `":1`), `is not a field name`},
		"operator":            {in(`"$where":1`), `data."$where": is not a field name`},
		"path":                {in(`"a.b":1`), `data."a.b": is not a field name`},
		"no name":             {in(`"":1`), `data."": is not a field name`},
		"too many members":    {in(strings.Join(many, ",")), "data: more than 200 members"},
		"exponent":            {in(`"amount":1.25e6`), "data.amount: must be a plain decimal"},
		"amount in words":     {in(`"amount":"1,250"`), "data.amount: must be a plain decimal"},
		"date in words":       {in(`"date":"yesterday"`), "data.date: must be a day"},
		"no such day":         {in(`"date":"2026-02-30"`), "data.date: must be a day"},
		"unknown status":      {in(`"status":"Won"`), "data.status: must be one of open, won"},
		"fraction as id":      {`{"type":"customer.upsert","data":{"id":1.5}}`, "data.id: must be a text or a whole number"},
		"bool as id":          {`{"type":"customer.upsert","data":{"id":true}}`, "data.id: must be"},
		"blank around id":     {`{"type":"customer.upsert","data":{"id":" 1"}}`, "data.id: must be"},
		"long id":             {`{"type":"customer.upsert","data":{"id":"` + strings.Repeat("x", longestKey+1) + `"}}`, "data.id: must be"},
		"no id":               {`{"type":"customer.upsert","timestamp":"2026-03-02T08:30:00Z","data":{"name":"x"}}`, "data.id: is missing"},
		"no customer":         {`{"type":"activity.created","timestamp":"2026-03-02T08:30:00Z","data":{"id":"1"}}`, "data.customer_id: is missing"},
		"no time":             {`{"type":"customer.upsert","data":{"id":"1"}}`, "data.modified_at: is missing, and so is timestamp"},
		"day as modified_at":  {in(`"modified_at":"2026-03-01"`), "data.modified_at: must be a time"},
		"wrapped, bad member": {`{"timestamp":"2026-03-02T08:30:00Z","data":[{"type":"order.upsert","data":{"id":"1","customer_id":"2","amount":"x"}}]}`, "data[0].data.amount: must be"},
		"wrapped, bad type":   {`{"data":[{"type":"x","data":{}}]}`, "data[0].type: must be"},
		"wrapped, type twice": {`{"data":[{"type":"order.upsert","type":"order.upsert","data":{}}]}`, "data[0].type: comes twice"},
		"two for one field":   {`{"type":"customer.upsert","data":{"id":"1","company":"a","name":"b"}}`, "data.name: stands for name, and so does what the mapping says"},
		"too many records":    {`{"data":[` + strings.Repeat("0,", maxRecords) + `0]}`, "data: more than 5000 items"},
	}
	r := open(t, Config{Mapping: renamed("name", "company")})
	for name, c := range cases {
		got, _, err := decoded(r, []byte(c.body))
		if !errors.Is(err, connectors.ErrBadRecord) || !strings.Contains(err.Error(), c.want) || len(got) != 0 {
			t.Errorf("%s: Decode = %v, %v; want %q", name, got, err, c.want)
		}
	}
}

// decoded are the records that can be read, and those that cannot.
func decoded(r connectors.Receiver, body []byte) (good, bad []connectors.Record, err error) {
	all, err := r.Decode(body)
	for _, rec := range all {
		if rec.Bad != nil {
			bad = append(bad, rec)
			continue
		}
		good = append(good, rec)
	}
	return good, bad, err
}

func TestGoodRecordsBesideBadOnesAreKept(t *testing.T) {
	body := `{"type":"order.upsert","timestamp":"2026-03-02T08:30:00Z","data":[
		{"id":"1","customer_id":"c"},{"id":"2"},{"id":"3","customer_id":"c","amount":{}},{"id":"4","customer_id":"c"}]}`
	got, bad, err := decoded(open(t, Config{}), []byte(body))
	if len(bad) != 2 || bad[0].ID != "2" || bad[1].ID != "3" || bad[1].Kind != connectors.Order || !strings.Contains(bad[1].Bad.Error(), "amount") {
		t.Errorf("what cannot be read = %+v", bad)
	}
	if len(got) != 2 || got[0].ID != "1" || got[1].ID != "4" {
		t.Errorf("records = %+v", got)
	}
	for _, want := range []string{"data[1].customer_id", "data[2].amount"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("err = %v, want %s", err, want)
		}
	}
}

func TestManyErrorsAreCounted(t *testing.T) {
	body := `{"type":"order.upsert","data":[` + strings.Repeat(`{},`, 49) + `{}]}`
	_, err := open(t, Config{}).Decode([]byte(body))
	if err == nil || !strings.Contains(err.Error(), "data[19]") || strings.Contains(err.Error(), "data[20]") || !strings.Contains(err.Error(), "and 30 more") {
		t.Errorf("err = %v", err)
	}
}

// Whatever comes in: an error or complete records, and only what encoding/json takes for JSON.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"type":"order.upsert","timestamp":"2026-03-02T08:30:00Z","data":[{"id":"1","customer_id":"c","amount":1.50},{"type":"customer.upsert","data":{"id":2}}]}`))
	f.Add([]byte(`{"type":"customer.upsert","timestamp":"2026-03-02T08:30:00Z","data":{"id":"\ud800","x":null}}`))
	f.Add([]byte(`{"a":1,"a":[}`))
	r := open(f, Config{Mapping: renamed("name", "company")})
	f.Fuzz(func(t *testing.T, body []byte) {
		records, _, err := decoded(r, body)
		if err != nil && !errors.Is(err, connectors.ErrBadRecord) {
			t.Errorf("an error of no kind: %v", err)
		}
		if len(records) > 0 && !json.Valid(body) {
			t.Errorf("records from what is not JSON: %q", body)
		}
		for _, rec := range records {
			if rec.ID == "" || len(rec.ID) > longestKey || rec.ModifiedAt.IsZero() || rec.ModifiedAt.Location() != time.UTC ||
				(rec.Customer == "") != (rec.Kind == connectors.Customer) {
				t.Errorf("record %+v", rec)
			}
			for name, v := range rec.Fields {
				if !mapping.ValidName(name) || !utf8.ValidString(v) || strings.Contains(v, "\x00") {
					t.Errorf("field %q = %q", name, v)
				}
			}
		}
	})
}

func BenchmarkVerifyAndDecode(b *testing.B) {
	body := []byte(`{"type":"customer.upsert","timestamp":"2026-03-02T08:30:00+08:00","data":{"id":"C-17","name":"华东精密机械有限公司",` +
		`"phone":"13800000000","industry":"制造","employees":320,"city":"苏州","contact":"王女士","budget":1250000.50}}`)
	r := open(b, Config{})
	h := Sign(testSecret, "id", testNow, body)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := r.Verify(h, body, testNow); err != nil {
			b.Fatal(err)
		}
		if _, err := r.Decode(body); err != nil {
			b.Fatal(err)
		}
	}
}
