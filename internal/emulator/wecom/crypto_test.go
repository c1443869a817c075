package wecom

import (
	"encoding/hex"
	"encoding/json"
	"encoding/xml"
	"errors"
	"testing"

	"lingke/internal/testdata"
)

// TestOwnVectors are the vectors of two other implementations of the callback encryption.
func TestOwnVectors(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ name, receiver, timestamp, nonce, msg, enc, sig string }{
		{"echostr", "ww1a2b3c4d5e6f7a8b", "1700000000", "n0nce001", "1616140317555161061",
			"B4PcXgtThYsrOQnzxvXRUDkTZVZv7lEqfa1+Q4KqxUD7/HZApCa9WRM+UG6Z0skdGto+JfZ5i2sjhG54R4WG7g==", "fc19cd76cf22dd5601abf34d423f5bfaca95b161"},
		{"text in", "ww1a2b3c4d5e6f7a8b", "1700000001", "n0nce002",
			"<xml><ToUserName><![CDATA[ww1a2b3c4d5e6f7a8b]]></ToUserName><FromUserName><![CDATA[zhangsan]]></FromUserName><CreateTime>1700000001</CreateTime><MsgType><![CDATA[text]]></MsgType><Content><![CDATA[线索 今日]]></Content><MsgId>7300000000000000001</MsgId><AgentID>1000002</AgentID></xml>",
			"B4PcXgtThYsrOQnzxvXRUEh0AYL6DJiQDTMlnvW7/857TpwszPQwkv2ds0TSRXjxPmQ0o1QsNdNwTC1oicXX+N4JWMnDQaL18o9dfdAmY/KZXBt3dcKgMisDpj15DqI6BgvauVVX/Jet7XpS7DbP1ucdx6W+xhKGWcgEh69lLYYiGAfJC1DzCeSxN9gbHlXyGUPzkiLaNnn9fvpBXhk4rY5Fdrw9B4Yy3h0v46rZY5w3+5dvqfA0tcUS+xnBN16FmaEFWLI7hJFQb4SaHH+wKJqIv4MK6z6UtCMfR0AjbACOM6J73zM6pMcQPWSNS1BGIyQo/z9qJhkpY2Jli4VycgomGEDwHikxwDYzyD/escN7jdFaybHKPnLMikOAKxiguwFvdX/MYitAbRxNPx+wf0ivpYuu5x3erTx6wGHJ0E/g6xBW0pXD77jDjhrj3Q9aAKWYwj3oplMDTOir6aQorQ==",
			"4c1a067476cbf96c62701c18dccf1ca84412a2d0"},
		{"empty receive id", "", "1700000003", "n0nce004", `{"ok":1}`, "B4PcXgtThYsrOQnzxvXRUD4Rp8Qn4xESMQ8WRMtebC8=", "c846527ecf4247c6bb34e698f028af07d4095660"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			c := newCrypt("demoToken123", aesKey, tc.receiver)
			if got, err := c.seal([]byte("0123456789abcdef"), []byte(tc.msg)); got != tc.enc || err != nil {
				t.Errorf("seal = %s, %v", got, err)
			}
			if got, err := c.open(tc.enc); string(got) != tc.msg || err != nil {
				t.Errorf("open = %s, %v", got, err)
			}
			if got := c.signature(tc.timestamp, tc.nonce, tc.enc); got != tc.sig {
				t.Errorf("signature = %s", got)
			}
		})
	}
}

type vector struct {
	ID           string
	Platform, Op string
	Token        string
	AESKey       string `json:"encoding_aes_key"`
	Receiver     string `json:"receive_id"`
	Timestamp    string
	Nonce        string
	Signature    string `json:"msg_signature"`
	Echo         string `json:"echostr"`
	Encrypt      string
	Random       string `json:"random16"`
	Msg          string
	Expect       struct {
		Msg, Error, Encrypt string
		Signature           string `json:"msg_signature"`
	}
}

// TestPublishedVectors runs the WeCom vectors of the shared test data.
func TestPublishedVectors(t *testing.T) {
	t.Parallel()
	raw := testdata.Read(t, "vectors/callback_crypto.json")
	var file struct{ Vectors []vector }
	if err := json.Unmarshal(raw, &file); err != nil {
		t.Fatal(err)
	}
	for _, v := range file.Vectors {
		if v.Platform == "wecom" {
			t.Run(v.ID, func(t *testing.T) { v.check(t) })
		}
	}
}

func (v vector) check(t *testing.T) {
	c := newCrypt(v.Token, v.AESKey, v.Receiver)
	if v.Op == "encrypt" {
		random := []byte(v.Random)
		if raw, err := hex.DecodeString(v.Random); err == nil && len(raw) == 16 {
			random = raw
		}
		got, err := c.seal(random, []byte(v.Msg))
		if got != v.Expect.Encrypt || err != nil || c.signature(v.Timestamp, v.Nonce, got) != v.Expect.Signature {
			t.Errorf("seal = %s, %v", got, err)
		}
		return
	}
	sealed := v.Encrypt + v.Echo
	if fine := c.signature(v.Timestamp, v.Nonce, sealed) == v.Signature; fine != (v.Expect.Error == "") {
		t.Fatalf("signature fits: %v", fine)
	}
	if v.Expect.Error != "" {
		return
	}
	if got, err := c.open(sealed); string(got) != v.Expect.Msg || err != nil {
		t.Errorf("open = %q, %v", got, err)
	}
}

func TestOpenRefuses(t *testing.T) {
	t.Parallel()
	c := newCrypt("t", aesKey, "me")
	other, _ := newCrypt("t", aesKey, "you").seal(randomBlock(), []byte("x"))
	for name, sealed := range map[string]string{"no base64": "!", "no block": "AAAA", "nothing": "", "for another": other, "noise": "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="} {
		if _, err := c.open(sealed); !errors.Is(err, errSealed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := newCrypt("t", "short", "me").seal(randomBlock(), nil); err == nil {
		t.Error("a short key was taken")
	}
}

// FuzzOpen: what opens was sealed for us, so sealing it again gives a text that opens to the same.
func FuzzOpen(f *testing.F) {
	c := newCrypt("t", aesKey, "me")
	good, _ := c.seal([]byte("0123456789abcdef"), []byte("hello"))
	f.Add(good)
	f.Add("AAAA")
	f.Fuzz(func(t *testing.T, sealed string) {
		msg, err := c.open(sealed)
		if err != nil {
			return
		}
		again, _ := c.seal(randomBlock(), msg)
		if got, err := c.open(again); err != nil || string(got) != string(msg) {
			t.Errorf("%q: %q, %v", sealed, got, err)
		}
	})
}

// FuzzPassive: any reply is parsed or refused, and a card in it is judged without a crash.
func FuzzPassive(f *testing.F) {
	f.Add([]byte("<xml><MsgType>update_button</MsgType><Button><ReplaceName>已认领</ReplaceName></Button></xml>"))
	f.Add([]byte("<xml><MsgType>update_template_card</MsgType><TemplateCard><CardType>button_interaction</CardType><ButtonList><Text>a</Text><Key>k</Key></ButtonList></TemplateCard></xml>"))
	b := fuzzServer()
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := parsePassive(raw)
		if err != nil || p.Card == nil || b.validate(p.Card).code != 0 {
			return
		}
		out, err := xml.Marshal(p.Card)
		if err != nil || len(out) == 0 {
			t.Errorf("%q: %v", raw, err)
		}
		_ = view{card: p.Card}.shown()
	})
}
