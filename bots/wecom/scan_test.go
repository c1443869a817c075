package wecom

import (
	"encoding/xml"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"unicode/utf8"

	"lingke/bots"
)

func TestScanRefusesWhatThePlatformNeverSends(t *testing.T) {
	bad := map[string]string{
		"empty":             "",
		"text only":         "hello",
		"not closed":        "<xml><A>1</A>",
		"crossed":           "<xml><A><B></A></B></xml>",
		"attribute":         `<xml a="1"></xml>`,
		"comment":           "<xml><!-- x --></xml>",
		"declaration":       `<?xml version="1.0"?><xml></xml>`,
		"doctype":           "<!DOCTYPE a><xml></xml>",
		"prefix":            "<xml><a:b>1</a:b></xml>",
		"tail":              "<xml></xml><xml></xml>",
		"loose text":        "<xml>a<A>1</A></xml>",
		"open CDATA":        "<xml><Content><![CDATA[x</Content></xml>",
		"unknown entity":    "<xml><Content>&nbsp;</Content></xml>",
		"half an entity":    "<xml><Content>&lt</Content></xml>",
		"NUL by number":     "<xml><Content>&#0;</Content></xml>",
		"element in a text": "<xml><Content>a<b>c</b></Content></xml>",
		"CDATA end in text": "<xml><Content>a]]>b</Content></xml>",
		"invalid UTF-8":     "<xml><Content>\xff</Content></xml>",
		"control character": "<xml><Content>\x01</Content></xml>",
		"too deep":          "<xml>" + strings.Repeat("<A>", 20) + strings.Repeat("</A>", 20) + "</xml>",
	}
	for name, doc := range bad {
		if _, err := parse(doc); !errors.Is(err, errXML) {
			t.Errorf("%s: %v, want errXML", name, err)
		}
	}
}

func TestScanReadsTextInEveryForm(t *testing.T) {
	for in, want := range map[string]string{
		"":                             "",
		"a b":                          "a b",
		"<![CDATA[<b>&amp;]]>":         "<b>&amp;",
		"&lt;&#20013;&#x6587;&amp;":    "<中文&",
		"a<![CDATA[b]]>c":              "abc",
		"<![CDATA[a]]]]><![CDATA[>]]>": "a]]>",
		"a\r\nb\rc":                    "a\nb\nc",
		cdata("x]]>y]]>"):              "x]]>y]]>",
	} {
		if got, err := text(in); got != want || err != nil {
			t.Errorf("text(%q) = %q, %v; want %q", in, got, err, want)
		}
	}
}

// What the scanner accepts, encoding/xml reads the same.
func FuzzScanAgreesWithEncodingXML(f *testing.F) {
	f.Add(textDoc)
	f.Add(clickDoc)
	f.Add("<xml><Content>&lt;a<![CDATA[b]]>\r\nc</Content><SelectedItems/></xml>")
	f.Add("<xml>\r\n<FromUserName></FromUserName></xml> ")
	f.Fuzz(func(t *testing.T, doc string) {
		m, err := parse(doc)
		if err != nil {
			return
		}
		var ref struct {
			XMLName  xml.Name
			From     string `xml:"FromUserName"`
			Content  string
			TaskID   string `xml:"TaskId"`
			EventKey string
			Encrypt  string
		}
		if err := xml.Unmarshal([]byte(doc), &ref); err != nil {
			t.Fatalf("only the scanner reads %q: %v", doc, err)
		}
		got := [...]string{m.values[fromUser], m.values[content], m.values[taskID], m.values[eventKey], m.values[encrypt]}
		want := [...]string{ref.From, ref.Content, ref.TaskID, ref.EventKey, ref.Encrypt}
		if got != want {
			t.Errorf("%q: scanner %q, encoding/xml %q", doc, got, want)
		}
	})
}

// An accepted document is a message or a click that names its sender; nothing else is.
func FuzzEventIsCompleteOrRefused(f *testing.F) {
	f.Add([]byte(textDoc))
	f.Add([]byte(clickDoc))
	f.Fuzz(func(t *testing.T, doc []byte) {
		m, err := parse(string(doc))
		if err != nil {
			return
		}
		in, known, err := m.incoming(doc)
		switch {
		case err != nil && known:
			t.Errorf("known beside %v", err)
		case !known:
			return
		case (in.Message == nil) == (in.Click == nil), in.ID == "", len(in.ID) > 128, in.Platform != bots.WeCom:
			t.Errorf("incoming %+v", in)
		case in.Message != nil && (in.Message.From == "" || !utf8.ValidString(in.Message.Text)):
			t.Errorf("message %+v", in.Message)
		case in.Click != nil && (in.Click.From == "" || in.Click.Card == "" || in.Click.Action == ""):
			t.Errorf("click %+v", in.Click)
		}
	})
}

// Garbage is refused without a panic, and only what was encrypted for this enterprise comes out.
func FuzzDecrypt(f *testing.F) {
	c, err := newEnvelopeCipher(testConfig)
	if err != nil {
		f.Fatal(err)
	}
	f.Add("B4PcXgtThYsrOQnzxvXRUDkTZVZv7lEqfa1+Q4KqxUD7/HZApCa9WRM+UG6Z0skdGto+JfZ5i2sjhG54R4WG7g==")
	f.Add("B4PcXgtThYsrOQnzxvXRUD4Rp8Qn4xESMQ8WRMtebC8=") // for an empty receiver
	f.Add("")
	f.Fuzz(func(t *testing.T, encrypted string) {
		if msg, err := c.decrypt(encrypted); err != nil && msg != nil {
			t.Errorf("a message beside %v", err)
		}
	})
}

// Nobody who lacks the token reaches the handler or gets another answer than the one refusal.
func FuzzCallbackWithoutTheToken(f *testing.F) {
	other := testConfig
	other.Token = "another"
	query, body := envelope(other, textDoc, testNow)
	f.Add(query, body)
	f.Add("msg_signature=&timestamp=&nonce=", "<xml/>")
	b := openBot(&testing.T{}, "")
	f.Fuzz(func(t *testing.T, query, body string) {
		var g got
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.URL.RawQuery = query
		w := httptest.NewRecorder()
		b.Callback(g.handle).ServeHTTP(w, r)
		if w.Code != http.StatusUnauthorized || w.Body.String() != "unauthorized\n" || len(g.in) != 0 {
			t.Errorf("answer %d %q, handled %v", w.Code, w.Body, g.in)
		}
	})
}
