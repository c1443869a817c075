package kingdee

import (
	"errors"
	"strings"
	"testing"

	"lingke/connectors"
	"lingke/internal/testdata"
)

const lostAnswer = `[[{"Result":{"ResponseStatus":{"ErrorCode":500,"IsSuccess":false,"Errors":[{"FieldName":null,` +
	`"Message":"会话信息已丢失，请重新登录","DIndex":0}],"SuccessEntitys":[],"SuccessMessages":[],"MsgCode":1}}}]]`

func TestDecodeRows(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, body string
		rows       int
		want       error // a kind; nil with rows < 0: any error
	}{
		{"two rows", `[["1","a"],["2","b"]]`, 2, nil},
		{"no rows", ` [ ] `, 0, nil},
		{"byte order mark", "\xef\xbb\xbf[]", 0, nil},
		{"null cells", `[[1,null]]`, 1, nil},
		{"an object beside the id is no error", `[[1,{"Key":2052}]]`, 1, nil},
		{"session lost in two arrays", lostAnswer, -1, ErrSessionLost},
		{"session lost in one array", lostAnswer[1 : len(lostAnswer)-1], -1, ErrSessionLost},
		{"session lost bare", lostAnswer[2 : len(lostAnswer)-2], -1, ErrSessionLost},
		{"session lost by words only", strings.Replace(lostAnswer, `"MsgCode":1`, `"MsgCode":0`, 1), -1, ErrSessionLost},
		{"session lost, escaped twice", `[[{"Result":{"ResponseStatus":{"IsSuccess":false,"Errors":[{"Message":"\\u4f1a\\u8bdd\\u4fe1\\u606f\\u5df2\\u4e22\\u5931"}]}}}]]`, -1, ErrSessionLost},
		{"session lost as a bare text", `response_error: 会话信息已丢失，请重新登录`, -1, ErrSessionLost},
		{"throttled", `[[{"Result":{"ResponseStatus":{"IsSuccess":"false","MsgCode":"14","Errors":[]}}}]]`, -1, connectors.ErrThrottled},
		{"no permission", `[[{"Result":{"ResponseStatus":{"IsSuccess":false,"MsgCode":2}}}]]`, -1, connectors.ErrUnauthorized},
		{"unknown form", `[[{"Result":{"ResponseStatus":{"ErrorCode":500,"IsSuccess":false,"Errors":[{"Message":"业务对象不存在"}]}}}]]`, -1, connectors.ErrConfig},
		{"unknown field", `[[{"Result":{"ResponseStatus":{"IsSuccess":false,"Errors":[{"Message":"元数据中标识为FTier的字段不存在"}]}}}]]`, -1, connectors.ErrConfig},
		{"object without a status", `[[{"a":1}]]`, -1, errNoAnswer},
		{"object in a later row", `[["1"],[{"a":1}]]`, -1, errNoAnswer},
		{"success status in place of rows", `{"Result":{"ResponseStatus":{"IsSuccess":true}}}`, -1, errNoAnswer},
		{"empty", ``, -1, errNoAnswer},
		{"null", `null`, -1, errNoAnswer},
		{"truncated", `[["1","a"],["2"`, -1, errNoAnswer},
		{"something after the end", `[] []`, -1, errNoAnswer},
		{"web page", `<!DOCTYPE html><html>502</html>`, -1, errNoAnswer},
		{"response_error", `response_error:timeout`, -1, errNoAnswer},
		{"response_error as JSON text", `"response_error:timeout"`, -1, errNoAnswer},
		{"rows as JSON text", `"[[1,2]]"`, 1, nil},
		{"row of another width", `[["1","a"],["2"]]`, -1, connectors.ErrBadRecord},
		{"rows that are not arrays", `[1,2]`, -1, errNoAnswer},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			width := 2
			if strings.HasPrefix(c.body, `[["1"],`) {
				width = 1
			}
			rows, err := decodeRows([]byte(c.body), width)
			if !errors.Is(err, c.want) || (err == nil && len(rows) != c.rows) {
				t.Errorf("decodeRows = %v, %v; want %d rows, %v", rows, err, c.rows, c.want)
			}
		})
	}
}

func TestUnknownFieldIsNamed(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"元数据中标识为FID的字段不存在":                 "FID",
		"元数据中标识为`FCustId.FName`的字段不存在":     "FCustId.FName",
		"元数据中标识为“F_LK_INDUSTRY”的字段不存在":     "F_LK_INDUSTRY",
		`\u5143数据中标识为[FModifyDate]的字段不存在！`: "FModifyDate",
		"编码不存在": "",
	} {
		if got := refusal(codeNotFound, text).Field; got != want {
			t.Errorf("%q: field %q, want %q", text, got, want)
		}
	}
}

func TestRecordedAnswers(t *testing.T) {
	t.Parallel()
	t.Run("no rows end the paging", func(t *testing.T) {
		if rows, err := decodeRows(testdata.Read(t, "payloads/k3cloud/executebillquery_empty.json"), 3); len(rows) != 0 || err != nil {
			t.Errorf("%v, %v", rows, err)
		}
	})
	t.Run("cells come in the order of the keys", func(t *testing.T) {
		rows, err := decodeRows(testdata.Read(t, "payloads/k3cloud/executebillquery_material.json"), 2)
		if err != nil || len(rows) != 1 || rows[0][1] != (cell{text, "测试物料"}) {
			t.Errorf("%v, %v", rows, err)
		}
	})
	t.Run("two lines are one order", func(t *testing.T) {
		rows, err := decodeRows(testdata.Read(t, "payloads/k3cloud/executebillquery_sale_order_rows.json"), 15)
		if err != nil || len(rows) != 2 {
			t.Fatalf("%v, %v", rows, err)
		}
		for _, row := range rows {
			row[1] = row[2] // the recorded query asked for no modification time; its date stands in
		}
		docs, stray := group(rows)
		if len(stray) != 0 || len(docs) != 1 || docs[0].id != "348963" || len(docs[0].rows) != 2 {
			t.Errorf("group = %v, %v", docs, stray)
		}
	})
	for _, name := range []string{"executebillquery_session_lost.json", "view_or_save_session_lost.json"} {
		t.Run("session lost in "+name, func(t *testing.T) {
			if _, err := decodeRows(testdata.Read(t, "payloads/k3cloud/"+name), 2); !errors.Is(err, ErrSessionLost) {
				t.Errorf("as rows: %v", err)
			}
		})
	}
	t.Run("session lost as the answer to a save", func(t *testing.T) {
		if err := decodeSaved(testdata.Read(t, "payloads/k3cloud/view_or_save_session_lost.json")); !errors.Is(err, ErrSessionLost) {
			t.Error(err)
		}
	})
	t.Run("saved", func(t *testing.T) {
		if err := decodeSaved(testdata.Read(t, "payloads/k3cloud/save_ok.json")); err != nil {
			t.Error(err)
		}
	})
	t.Run("logged in", func(t *testing.T) {
		if got, err := decodeLogin(testdata.Read(t, "payloads/k3cloud/login_ok.json")); err != nil || got.KDSVCSessionID != "abc" {
			t.Errorf("%+v, %v", got, err)
		}
	})
	t.Run("login refused with its words", func(t *testing.T) {
		_, err := decodeLogin(testdata.Read(t, "payloads/k3cloud/login_failed.json"))
		if !errors.Is(err, connectors.ErrUnauthorized) || !strings.Contains(err.Error(), "用户名或密码错误") {
			t.Error(err)
		}
	})
}

func FuzzDecodeRows(f *testing.F) {
	for _, seed := range []string{`[]`, `[[1,"2026-01-01T00:00:00"]]`, lostAnswer, `response_error:x`, `"[]"`, `[[{"a":1}]]`, `[[1e400,null]]`, `<html>`} {
		f.Add([]byte(seed), 2)
	}
	f.Add([]byte("[1"), -28)
	f.Add([]byte("[[1]]"), 1<<60)
	f.Fuzz(func(t *testing.T, body []byte, width int) {
		rows, err := decodeRows(body, width)
		if err != nil && rows != nil {
			t.Fatalf("rows together with %v", err)
		}
		for _, row := range rows {
			if len(row) != width || row[0].kind == nested {
				t.Fatalf("row %v of width %d", row, width)
			}
			for _, c := range row {
				if v, ok := c.decimal(); ok && strings.ContainsAny(v, "eE+, ") {
					t.Fatalf("decimal %q of %q", v, c.text)
				}
			}
		}
		if len(rows) == 0 || width < 2 {
			return
		}
		docs, stray := group(rows)
		n := 0
		for _, d := range append(docs, stray...) {
			n += len(d.rows)
		}
		if n != len(rows) {
			t.Fatalf("%d rows became %d", len(rows), n)
		}
	})
}
