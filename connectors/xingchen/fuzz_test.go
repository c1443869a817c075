package xingchen

import (
	"net/http"
	"testing"
)

// FuzzAnswer: whatever comes back is rows or an error, never both, and never a panic.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{`{"errcode":0,"data":{"count":1,"rows":[{"id":"1","modify_time":"2026-01-01 00:00:00"}]}}`, `{"code":200,"data":{}}`, `[]`, `{"errcode":"401"}`, ``} {
		f.Add([]byte(seed), 200)
	}
	conn, err := Config{ClientID: "c", ClientSecret: "s", OuterInstanceID: "1"}.Open("fuzz")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, body []byte, status int) {
		data, err := conn.answer(request{op: "list"}, &http.Response{StatusCode: status, Header: http.Header{}}, body)
		if err != nil {
			if data != nil {
				t.Errorf("%v beside %v", data, err)
			}
			return
		}
		p, err := readPage(data)
		if err != nil {
			return
		}
		for _, l := range conn.lists {
			for _, row := range p.rows {
				rec, err := l.record(conn, l, row)
				if err == nil && (rec.ID == "" || rec.ModifiedAt.IsZero()) {
					t.Errorf("a record without id or time: %+v", rec)
				}
			}
		}
	})
}
