package xingchen

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
)

// mac is HMAC-SHA256 as this platform writes it: the base64 of the hex digits.
func mac(key, text string) string {
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(text))
	return base64.StdEncoding.EncodeToString([]byte(hex.EncodeToString(h.Sum(nil))))
}

// signature signs a call: method, path with its slashes encoded, the query with values encoded twice, nonce and time, one a line. The body is not signed.
func signature(secret, method, path, query, nonce, millis string) string {
	text := method + "\n" + url.QueryEscape(path) + "\n" + query + "\nx-api-nonce:" + nonce + "\nx-api-timestamp:" + millis + "\n"
	return mac(secret, text)
}

// queries are the query as it is sent and as it is signed: the same order of names, values encoded once and twice.
func queries(params map[string]string) (sent, signed string) {
	var once, twice []string
	names := make([]string, 0, len(params))
	for name := range params {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		value := encode(params[name])
		once, twice = append(once, name+"="+value), append(twice, name+"="+encode(value))
	}
	return strings.Join(once, "&"), strings.Join(twice, "&")
}

// encode writes a blank as %20: a plus would be one to the platform.
func encode(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }
