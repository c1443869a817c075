package yonyou

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"net/url"
	"strings"
	"testing"
	"time"

	"lingke/connectors"
	"lingke/internal/testdata"
)

// The worked examples of the platform's page about signatures and events, reckoned by two other programs.
const (
	vectorKey       = "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
	vectorSecret    = "1111222233334444555566667777888899990000"
	vectorEncrypt   = "2s5VgqEA/ay0FjzZlgqS14kHhmxIE6a/JNVLyk8k2y3xknoOAk+BD59YOwAddbu20OukdnQvgIy3WHE+ksi/EELhF+TevRnhSVxfk9SKbQ948VSXvgV/SHjw1wgaIsQmAW61izjTgS3/FI9VmxmYVx5xwQxxtThGvFYJYZlcc8tsJ2oO7hJ2rRzOCKlurpbX3vx/fO+UgBwG210vriavYgQAe85ZdMB5iB5VChyuwUIdDRZyxlegctiPRWAV2BU7"
	vectorNonce     = "n0nceN0nceN0nce1"
	vectorTime      = "1767225600000"
	vectorPlain     = `{"type":"CHECK_URL","eventId":"00000000-0000-4000-8000-000000000001","timestamp":1767225600000,"tenantId":"tenant01"}`
	vectorSignature = "YYQlSfeMpkw0w15Bcroq1ovoMQx9DHCN+r7HXcR7zNg="
	vectorOld       = "a37575409f23bf9518a544c8f89191d2fa118bb9"
)

func vectorConn(t testing.TB) *Conn {
	t.Helper()
	c, err := Config{TenantID: "tenant01", AppKey: vectorKey, AppSecret: vectorSecret}.Open("yonyou")
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func vectorNow() time.Time { return time.UnixMilli(1767225600000) }

func TestSignatureOfATokenRequest(t *testing.T) {
	t.Parallel()
	query := Config{AppKey: vectorKey, AppSecret: vectorSecret}.signed(vectorNow())
	if !strings.Contains(query, "signature=2iBZXTnmsK%2FRC7uafqHpEDETi3WjIvOzM7oJiktuX4E%3D") {
		t.Errorf("query %s", query)
	}
	if q, err := url.ParseQuery(query); err != nil || q.Get("timestamp") != vectorTime || q.Get("appKey") != vectorKey {
		t.Errorf("query %s: %v", query, err)
	}
}

func TestEventVectors(t *testing.T) {
	t.Parallel()
	if got := eventSignature(vectorSecret, vectorTime, vectorNonce, vectorEncrypt); got != vectorSignature {
		t.Errorf("signature %s", got)
	}
	if got := oldEventSignature(vectorSecret, vectorTime, vectorNonce, vectorEncrypt); got != vectorOld {
		t.Errorf("msgSignature %s", got)
	}
	key, err := aesKey(vectorSecret)
	if got := hex.EncodeToString(key); err != nil || got != "d75d75db6db6df7df7e38e38e79e79ebaebaefbefbf3cf3cf7df7dd34d34d34d" {
		t.Errorf("key %s, %v", got, err)
	}
	plain, err := unseal(vectorEncrypt, vectorSecret, vectorKey)
	if err != nil || string(plain) != vectorPlain {
		t.Errorf("opened %s, %v", plain, err)
	}
}

func vectorPush(signature, value string) []byte {
	b, _ := json.Marshal(map[string]any{signature: value, "timestamp": json.Number(vectorTime), "nonce": vectorNonce, "encrypt": vectorEncrypt})
	return b
}

func TestVerify(t *testing.T) {
	t.Parallel()
	good := vectorPush("signature", vectorSignature)
	for _, c := range []struct {
		name  string
		body  []byte
		after time.Duration
		want  error
	}{
		{"new signature", good, time.Second, nil},
		{"old signature", vectorPush("msgSignature", vectorOld), time.Second, nil},
		{"old signature in capitals", vectorPush("msgSignature", strings.ToUpper(vectorOld)), time.Second, nil},
		{"timestamp as text", []byte(strings.Replace(string(good), vectorTime, `"`+vectorTime+`"`, 1)), 0, nil},
		{"the last repeat of a day", good, 24 * time.Hour, nil},
		{"after that", good, 26 * time.Hour, connectors.ErrStale},
		{"from the future", good, -time.Hour, connectors.ErrStale},
		{"other signature", vectorPush("signature", "AAAA"), 0, connectors.ErrUnauthorized},
		{"old signature under the new name", vectorPush("signature", vectorOld), 0, connectors.ErrUnauthorized},
		{"no signature", vectorPush("other", vectorOld), 0, connectors.ErrUnauthorized},
		{"other nonce", []byte(strings.Replace(string(good), vectorNonce, "x", 1)), 0, connectors.ErrUnauthorized},
		{"no event", []byte(`{"signature":"x"}`), 0, connectors.ErrBadRecord},
		{"no JSON", []byte("<xml/>"), 0, connectors.ErrBadRecord},
		{"nothing", nil, 0, connectors.ErrBadRecord},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			id, err := vectorConn(t).Verify(nil, c.body, vectorNow().Add(c.after))
			if !errors.Is(err, c.want) || (err == nil) != (c.want == nil) {
				t.Fatalf("Verify = %v, want %v", err, c.want)
			}
			if err == nil && id != "00000000-0000-4000-8000-000000000001" {
				t.Errorf("id %q", id)
			}
		})
	}
}

func TestAnEventForAnotherAppOrTenantIsRefused(t *testing.T) {
	t.Parallel()
	for _, cfg := range []Config{
		{TenantID: "tenant01", AppKey: "other", AppSecret: vectorSecret},
		{TenantID: "tenant02", AppKey: vectorKey, AppSecret: vectorSecret},
	} {
		c, err := cfg.Open("yonyou")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Verify(nil, vectorPush("signature", vectorSignature), vectorNow()); !errors.Is(err, connectors.ErrUnauthorized) {
			t.Errorf("%+v: Verify = %v", cfg, err)
		}
	}
}

func TestIdsOfEvents(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		typ, content string
		want         string
	}{
		"customer, flat":         {"YXYBASEDOC_AA_MERCHANT_UPDATE", `{"id":1700194312096055299,"code":"C1"}`, "1700194312096055299"},
		"customer in an archive": {"YXYBASEDOC_AA_MERCHANT_INSERT", `{"archive":{"id":"1700194312096055299"}}`, "1700194312096055299"},
		"customers in a list":    {"YXYBASEDOC_AA_MERCHANTLIST_STOP", `{"userObject":{"archives":[{"id":11},{"id":12}]}}`, "11,12"},
		"order":                  {"SALE_AUDITORDER_NOTIFY_SENT", `{"BILL_INFO":{"billId":"1811","billCode":"XS1"}}`, "1811"},
		"no number":              {"SALE_AUDITORDER", `{"id":"x' or 1=1"}`, ""},
		"other event":            {"STAFF_ADD", `{"id":1}`, ""},
		"no JSON":                {"SALE_AUDITORDER", `<x>`, ""},
		"endless nesting":        {"SALE_AUDITORDER", strings.Repeat(`{"model":`, 50) + `{"id":1}` + strings.Repeat("}", 50), ""},
	} {
		if got := strings.Join(event{Type: c.typ, Content: c.content}.ids(), ","); got != c.want {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestOrderValues(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		row            string
		amount, status string
	}{
		"exact":             {`{"payMoney":1250000.50,"nextStatus":"ENDORDER"}`, "1250000.5", "won"},
		"as text":           {`{"payMoney":"1,250,000.50","nextStatus":"OPPOSE"}`, "1250000.5", "cancelled"},
		"in the own money":  {`{"payMoney":100,"nextStatus":"APPROVING","orderPrices":{"currency":"1","natCurrency":"1","exchRate":7}}`, "100", "open"},
		"in dollars":        {`{"payMoney":100.01,"verifystate":2,"orderPrices":{"currency":"2","natCurrency":"1","exchRate":7.12345}}`, "712.42", "won"},
		"half a cent is up": {`{"payMoney":-0.01,"verifystate":1,"orderPrices":{"currency":"2","natCurrency":"1","exchRate":0.5}}`, "-0.01", "open"},
		"without a rate":    {`{"payMoney":100,"orderPrices":{"currency":"2","natCurrency":"1"}}`, "100", "open"},
		"no number":         {`{"payMoney":"viel"}`, "", "open"},
	} {
		var row object
		if err := decodeJSON([]byte(`{"id":1,"agentId":2,"pubts":"2026-02-01 10:00:00",`+c.row[1:]), &row); err != nil {
			t.Fatal(name, err)
		}
		rec, err := vectorConn(t).orderRecord([]object{row})
		if err != nil || rec.Fields["amount"] != c.amount || rec.Fields["status"] != c.status {
			t.Errorf("%s: %v, %v", name, rec.Fields, err)
		}
	}
}

func TestTheSampleOfTheCustomerList(t *testing.T) {
	t.Parallel()
	data, err := openEnvelope(reply{status: 200, body: testdata.Read(t, "payloads/yonyou/yonbip_merchant_newlist.json")}, "200")
	if err != nil {
		t.Fatal(err)
	}
	rows, err := rowsOf(data)
	if err != nil || len(rows) != 1 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	rec, err := vectorConn(t).customerRecord(rows[0])
	if err != nil || rec.ID != "1700194312096055299" || rec.Fields["name"] != "简体" || rec.Fields["contact"] != "联系人" || rec.Fields["headcount"] != "100" {
		t.Errorf("%+v, %v", rec, err)
	}
	if want := time.Date(2024, 6, 20, 16, 0, 0, 0, time.UTC); !rec.ModifiedAt.Equal(want) {
		t.Errorf("modified at %v", rec.ModifiedAt)
	}
}

func TestTheSampleOfTheU8CustomerList(t *testing.T) {
	t.Parallel()
	rows, err := u8Rows(reply{status: 200, body: testdata.Read(t, "payloads/yonyou/u8_customer_batch_get_constructed.json")}, u8Customers)
	if err != nil || len(rows) != 2 {
		t.Fatalf("%d rows, %v", len(rows), err)
	}
	u, err := U8Config{FromAccount: "a", AppKey: "b", AppSecret: "c"}.Open("u8")
	if err != nil {
		t.Fatal(err)
	}
	first, err := u.customerRecord(rows[0])
	second, err2 := u.customerRecord(rows[1])
	if err != nil || err2 != nil || first.ID != "0000000017" || first.Fields["phone"] != "13800000000" || second.Fields["name"] != "示例客户乙（集团）有限公司" {
		t.Errorf("%+v %v, %+v %v", first, err, second, err2)
	}
	if want := time.Date(2021, 6, 29, 16, 1, 40, 24e6, time.UTC); !second.ModifiedAt.Equal(want) { // of the day it was set up
		t.Errorf("modified at %v, want %v", second.ModifiedAt, want)
	}
	if saved, err := u8Answer(reply{status: 200, body: testdata.Read(t, "payloads/yonyou/u8_create_ok.json")}); err != nil || saved.text("tradeid") == "" {
		t.Errorf("the answer to a write: %v, %v", saved, err)
	}
}

// TestChanjetVector opens the worked example of a pushed ticket.
func TestChanjetVector(t *testing.T) {
	t.Parallel()
	const sealed = "ihcvQ+o8Z4jF2UTZWIYM2leMnzL1w6KH6hxLAx5TgzcNmwjodv77HLoeF0ZBUvpiYtKYAtsgDagXRRYHmXByDeG3fGx2cCtlmOSAqs9gSrbIj7k5VAL5G7zHmejnfMdbVe21cpfTtaNBKEzeiXPQKQMACutP9R0pGI+C5KFiofY="
	c, err := ChanjetConfig{AppKey: "demoKey1", AppSecret: "s", MessageSecret: "0123456789abcdef", Certificate: "c"}.Open("chanjet")
	if err != nil {
		t.Fatal(err)
	}
	body := []byte(`{"encryptMsg":"` + sealed + `"}`)
	if id, err := c.Verify(nil, body, vectorNow()); err != nil || id != "m1" {
		t.Errorf("Verify = %q, %v", id, err)
	}
	if _, err := c.Decode(body); err != nil {
		t.Error(err)
	}
	if got, ok := c.ticket.valid(vectorNow()); !ok || got != "t-0001" {
		t.Errorf("ticket %q", got)
	}
}
