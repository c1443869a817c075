package yonyou

import (
	"errors"
	"testing"
	"time"

	"lingke/connectors"
	"lingke/connectors/connectortest"
)

// FuzzAnswer: whatever a list answers, it is rows that make valid records, or an error.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []string{
		`{"code":"200","data":[{"id":1700194312096055299,"name":{"simplifiedName":"x"},"modifyTime":"2024-06-21 00:00:00","agentId":1,"payMoney":1e3}]}`,
		`{"code":200,"data":{"recordList":[{"id":"1","pubts":1767225600000,"vouchdate":"2026/1/2"}],"recordCount":"1"}}`,
		`{"errcode":"0","customer":[{"code":"1","seed_date":"2021-06-30"}]}`, `{"errcode":"20002"}`, `[{"Code":"1"}]`, `{"code":"200","data":[{"Code":"1"}]}`,
		`{"code":"118001"}`, "非法token", "<html>", `{"code":"310046"}`, `{"code":"200","data":{"recordCount":0}}`,
	} {
		f.Add([]byte(seed), 200)
	}
	conn := vectorConn(f)
	f.Fuzz(func(t *testing.T, body []byte, status int) {
		for _, read := range []func() ([]object, error){
			func() ([]object, error) { return u8Rows(reply{status: status, body: body}, u8Customers) },
			func() ([]object, error) { return chanjetRows(reply{status: status, body: body}) },
		} {
			if rows, err := read(); err != nil && len(rows) > 0 || err == nil && status != 200 {
				t.Errorf("%d rows beside %v at status %d", len(rows), err, status)
			}
		}
		data, err := openEnvelope(reply{status: status, body: body}, "200")
		rows, err := rowsUnlessEmpty(data, err)
		if err != nil {
			return
		}
		for _, row := range rows {
			if r, err := conn.customerRecord(row); err == nil && connectortest.Valid(r) != nil {
				t.Errorf("customer %+v: %v", r, connectortest.Valid(r))
			}
			if r, err := conn.orderRecord([]object{row}); err == nil && connectortest.Valid(r) != nil {
				t.Errorf("order %+v: %v", r, connectortest.Valid(r))
			}
		}
	})
}

// FuzzEvent: a push is genuine only with the one signature, and what is opened is never trusted blindly.
func FuzzEvent(f *testing.F) {
	f.Add(vectorPush("signature", vectorSignature), []byte(vectorPlain))
	f.Add(vectorPush("msgSignature", vectorOld), []byte(`{"type":"SALE_AUDITORDER","content":"{\"BILL_INFO\":{\"billId\":1}}"}`))
	f.Add([]byte(`{"encrypt":"AAAA","signature":""}`), []byte(`{"type":"YXYBASEDOC_AA_MERCHANT_DELETE","timestamp":1767225600000,"content":{"id":7}}`))
	conn := vectorConn(f)
	f.Fuzz(func(t *testing.T, body, plain []byte) {
		id, err := conn.Verify(nil, body, vectorNow())
		if (err == nil) == (id == "") {
			t.Errorf("Verify = %q, %v", id, err)
		}
		if _, err := conn.Decode(body); err != nil && !errors.Is(err, connectors.ErrBadRecord) && !errors.Is(err, connectors.ErrUnauthorized) {
			t.Errorf("Decode = %v", err)
		}
		var e event
		if decodeJSON(plain, &e) != nil {
			return
		}
		for _, id := range e.ids() {
			if !isNumber(id) {
				t.Errorf("id %q", id)
			}
		}
	})
}

// FuzzUnseal: what does not come from the one who has the secret does not open, and nothing breaks.
func FuzzUnseal(f *testing.F) {
	f.Add(vectorEncrypt, vectorSecret)
	f.Add("", "")
	f.Add("AAAAAAAAAAAAAAAAAAAAAA==", "-")
	f.Fuzz(func(t *testing.T, encrypted, secret string) {
		if plain, err := unseal(encrypted, secret, vectorKey); err == nil && (encrypted != vectorEncrypt) && len(plain) > len(encrypted) {
			t.Errorf("opened %q", plain)
		}
	})
}

// FuzzValue: numbers keep their value and times their second, whatever the way they are written.
func FuzzValue(f *testing.F) {
	for _, s := range []string{"1,250.50", "-0", "1e3", "1E-30", "2026-02-01 10:00:00", "9e99", "+5", ".5"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, ok := decimal(s); ok {
			if again, ok := decimal(d); !ok || again != d {
				t.Errorf("decimal(%q) = %q, and of that %q", s, d, again)
			}
		}
		if at, ok := instant(s); ok && (at.Location() != time.UTC || at.Year() < 1900) {
			t.Errorf("instant(%q) = %v", s, at)
		}
	})
}
