package wecom

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

// The platform's own samples (document 91144) and those that two other implementations produced alike, so that they run
// where the data sets are absent too.
func TestSampleVectors(t *testing.T) {
	official := Config{CorpID: "wx5823bf96d3bd56c7", AgentID: 218, Secret: "x", Token: "QDG6eK", EncodingAESKey: "jWmYm7qr5nMoAUwZRjGtBxmz3KA1tkAj3ykkR6q2B2C"}
	cases := map[string]struct {
		cfg       Config
		sig       signature
		encrypted string
		want      string // part of the plain text
		why       Refusal
	}{
		"official URL check": {official, signature{value: "5c45ff5e21c57e6ad56bac8758b79b1d9ac89fd3", timestamp: "1409659589", nonce: "263014780"},
			"P9nAzCzyDtyTWESHep1vC5X9xho/qYX3Zpb4yKa9SKld1DsH3Iyt3tP3zNdtp+4RPcs8TgAE7OaBO+FZXvnaqQ==", "1616140317555161061", ""},
		"official message, pad of 30": {official, signature{value: "477715d11cdb4164915debcba66cb864d751f3e6", timestamp: "1409659813", nonce: "1372623149"},
			"RypEvHKD8QQKFhvQ6QleEB4J58tiPdvo+rtK1I9qca6aM/wvqnLSV5zEPeusUiX5L5X/0lWfrf0QADHHhGd3QczcdCUpj911L3vg3W/sYYvuJTs3TUUkSUXxaccAS0qhxchrRYt66wiSpGLYL42aM6A8dTT+6k4aSknmPj48kzJs8qLjvd4Xgpue06DOdnLxAUHzM6+kDZ+HMZfJYuR+LtwGc2hgf5gsijff0ekUNXZiqATP7PF5mZxZ3Izoun1s4zG4LUMnvw2r+KqCKIw+3IQH03v+BCA9nMELNqbSf6tiWSrXJB3LAVGUcallcrw8V2t9EL4EhzJWrQUax5wLVMNS0+rUPA3k22Ncx4XXZS9o0MBH27Bo6BpNelZpS+/uh9KsNlY6bHCmJU9p8g7m3fVKn28H3KDYA5Pl/T8Z1ptDAVe0lXdQ2YoyyH2uyPIGHBZZIs2pDBS8R07+qN+E7Q==",
			"<MsgId>4561255354251345929</MsgId>", ""},
		"message": {testConfig, signature{value: "4c1a067476cbf96c62701c18dccf1ca84412a2d0", timestamp: "1700000001", nonce: "n0nce002"},
			"B4PcXgtThYsrOQnzxvXRUEh0AYL6DJiQDTMlnvW7/857TpwszPQwkv2ds0TSRXjxPmQ0o1QsNdNwTC1oicXX+N4JWMnDQaL18o9dfdAmY/KZXBt3dcKgMisDpj15DqI6BgvauVVX/Jet7XpS7DbP1ucdx6W+xhKGWcgEh69lLYYiGAfJC1DzCeSxN9gbHlXyGUPzkiLaNnn9fvpBXhk4rY5Fdrw9B4Yy3h0v46rZY5w3+5dvqfA0tcUS+xnBN16FmaEFWLI7hJFQb4SaHH+wKJqIv4MK6z6UtCMfR0AjbACOM6J73zM6pMcQPWSNS1BGIyQo/z9qJhkpY2Jli4VycgomGEDwHikxwDYzyD/escN7jdFaybHKPnLMikOAKxiguwFvdX/MYitAbRxNPx+wf0ivpYuu5x3erTx6wGHJ0E/g6xBW0pXD77jDjhrj3Q9aAKWYwj3oplMDTOir6aQorQ==",
			"线索 今日", ""},
		"for nobody": {testConfig, signature{value: "c846527ecf4247c6bb34e698f028af07d4095660", timestamp: "1700000003", nonce: "n0nce004"},
			"B4PcXgtThYsrOQnzxvXRUD4Rp8Qn4xESMQ8WRMtebC8=", "", RefusedCipher},
	}
	for name, c := range cases {
		seconds, err := strconv.ParseInt(c.sig.timestamp, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		b, err := Open(c.cfg, WithNow(func() time.Time { return time.Unix(seconds, 0) }))
		if err != nil {
			t.Fatal(err)
		}
		msg, why := b.open(t.Context(), c.sig, c.encrypted)
		if why != c.why || !strings.Contains(string(msg), c.want) {
			t.Errorf("%s: %q, %q", name, msg, why)
		}
	}
}
