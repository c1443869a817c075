package kingdee

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// seed is the constant that the SDKs mix into the second part of the AppID.
const seed = "0054f397c6234378b09ca7d3e5debce7"

// signed tells whether the request uses the SDKs' headers in place of a session.
func signed(r *http.Request) bool {
	return r.Header.Get("X-Kd-Signature") != "" || r.Header.Get("X-Kd-Appkey") != ""
}

// problem is what is wrong with signed headers; the gateway gives each a code of its own.
type problem int

const (
	headersGood problem = iota
	headersUnknownApp
	headersBadSignature
	headersOld
)

// checkHeaders verifies both signatures of the SDKs' scheme and whom they are for.
func (s *Server) checkHeaders(r *http.Request) problem {
	appID := r.Header.Get("X-Kd-Appkey")
	clientID, _, _ := strings.Cut(appID, "_")
	if appID != s.opts.AppID || r.Header.Get("X-Api-ClientID") != clientID {
		return headersUnknownApp
	}
	stamp := r.Header.Get("x-api-timestamp")
	if s.opts.HeaderWindow > 0 && !within(stamp, s.now(), s.opts.HeaderWindow) {
		return headersOld
	}
	appdata, err := base64.StdEncoding.DecodeString(r.Header.Get("X-Kd-Appdata"))
	if err != nil || !s.knows(string(appdata)) || !same(r.Header.Get("X-Kd-Signature"), kdSignature(appID, s.opts.AppSecret, string(appdata))) {
		return headersBadSignature
	}
	if !same(r.Header.Get("X-Api-Signature"), apiSignature(appID, sentPath(r), r.Header.Get("x-api-nonce"), stamp)) {
		return headersBadSignature
	}
	return headersGood
}

// knows checks "AcctID,UserName,LCID,OrgNum".
func (s *Server) knows(appdata string) bool {
	parts := strings.Split(appdata, ",")
	return len(parts) >= 2 && parts[0] == s.opts.AcctID && parts[1] == s.opts.Username
}

// sentPath is the path and query exactly as the client wrote them: "k3cloud" and "K3Cloud" sign differently.
func sentPath(r *http.Request) string {
	if u, err := url.Parse(r.RequestURI); err == nil && u.Host != "" { // the absolute form of a proxy
		return u.RequestURI()
	}
	return r.RequestURI
}

// kdSignature contains no time: it stays the same for one set of credentials.
func kdSignature(appID, appSecret, appdata string) string { return hexMAC(appSecret, appID+appdata) }

// apiSignature is the signature over path, nonce and timestamp; empty when the AppID has no second part.
func apiSignature(appID, path, nonce, stamp string) string {
	secret := clientSecret(appID)
	if secret == "" {
		return ""
	}
	return hexMAC(secret, "POST\n"+url.QueryEscape(path)+"\n\nx-api-nonce:"+nonce+"\nx-api-timestamp:"+stamp+"\n")
}

// clientSecret is the text that keys apiSignature: the AppID's second part decoded, mixed with the seed, encoded again.
func clientSecret(appID string) string {
	_, second, _ := strings.Cut(appID, "_")
	raw, err := base64.StdEncoding.DecodeString(second)
	if err != nil || len(raw) > len(seed) {
		return ""
	}
	for i := range raw {
		raw[i] ^= seed[i]
	}
	return base64.StdEncoding.EncodeToString(raw)
}

// hexMAC is HMAC-SHA256 in lower-case hex, and that text in base64.
func hexMAC(key, text string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString([]byte(hex.EncodeToString(mac.Sum(nil))))
}

// gatewayRefusal is how Kingdee's gateway answers a bad signature: HTTP 519.
func gatewayRefusal(w http.ResponseWriter, p problem) {
	code, en, cn := 4002, "app id is empty or unknown", "应用标识为空或不存在"
	if p == headersOld {
		code, en, cn = 4006, "timestamp expired", "时间戳已过期"
	}
	writeJSON(w, 519, map[string]any{"errcode": code, "description": en, "description_cn": cn})
}

// sessionFor opens the session that signed headers bring along, or keeps the one that the client names.
func (s *Server) sessionFor(r *http.Request, now time.Time) *session {
	if live, ok := s.sessions.touch(sessionID(r), now); ok {
		return live
	}
	return s.sessions.open(now)
}
