package xingchen

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"sort"
	"strconv"
	"strings"
	"time"
)

// window is how old, or early, a call may be.
const window = 5 * time.Minute

// checkSignature refuses a call as the platform and its gateway do.
func (s *Server) checkSignature(r *http.Request) *refusal {
	if r.Header.Get("X-Api-ClientID") == "" {
		return &refusal{519, 4002, "client id is empty"}
	}
	millis, err := strconv.ParseInt(r.Header.Get("X-Api-TimeStamp"), 10, 64)
	if age := s.now().Sub(time.UnixMilli(millis)); err != nil || age > window || age < -window {
		return &refusal{519, 4006, "timestamp expired"}
	}
	listed := strings.Split(strings.ToLower(r.Header.Get("X-Api-SignHeaders")), ",")
	sort.Strings(listed) // clients differ in the order
	if strings.Join(listed, ",") != "x-api-nonce,x-api-timestamp" || r.Header.Get("X-Api-Auth-Version") != "2.0" {
		return &refusal{0, 400, "X-Api-SignHeaders不正确"}
	}
	want := mac(s.opts.ClientSecret, canonical(r))
	if r.Header.Get("X-Api-ClientID") != s.opts.ClientID || !hmac.Equal([]byte(want), []byte(r.Header.Get("X-Api-Signature"))) {
		return &refusal{0, 400, "签名错误"}
	}
	return nil
}

// canonical is the text that is signed: the query with its names sorted and its values encoded twice.
func canonical(r *http.Request) string {
	var pairs []string
	for name, values := range r.URL.Query() {
		for _, v := range values {
			pairs = append(pairs, name+"="+percent(percent(v)))
		}
	}
	sort.Strings(pairs)
	return fmt.Sprintf("%s\n%s\n%s\nx-api-nonce:%s\nx-api-timestamp:%s\n", r.Method, strings.ReplaceAll(r.URL.Path, "/", "%2F"), strings.Join(pairs, "&"),
		r.Header.Get("X-Api-Nonce"), r.Header.Get("X-Api-TimeStamp"))
}

func percent(s string) string { return strings.ReplaceAll(url.QueryEscape(s), "+", "%20") }

// mac is the hex digits of an HMAC-SHA256 in base64.
func mac(key, text string) string {
	h := hmac.New(sha256.New, []byte(key))
	h.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%x", h.Sum(nil)))
}
