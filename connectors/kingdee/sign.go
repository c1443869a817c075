package kingdee

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// seed is the constant with which the official clients hide the client secret inside the application id (Java SDK 8.2.0,
// MD5Utils and ApiRequester; the Python SDK reaches the same one).
const seed = "0054f397c6234378b09ca7d3e5debce7"

var errAppID = errors.New("the application id holds no readable client secret")

// clientSecret is the key of X-Api-Signature: the second part of the application id, decoded, XORed with seed, and encoded
// again; the text itself is the key. An id without a second part has none, and then the official client signs nothing.
func clientSecret(appID string) (string, error) {
	_, second, ok := strings.Cut(appID, "_")
	if !ok || second == "" {
		return "", nil
	}
	raw, err := base64.StdEncoding.DecodeString(second)
	if err != nil || len(raw) > len(seed) {
		return "", errAppID
	}
	for i := range raw {
		raw[i] ^= seed[i]
	}
	return base64.StdEncoding.EncodeToString(raw), nil
}

// hexMAC is Kingdee's way to write a signature: the base64 of the lower-case hex of an HMAC-SHA256.
func hexMAC(key, text string) string {
	m := hmac.New(sha256.New, []byte(key))
	m.Write([]byte(text))
	return base64.StdEncoding.EncodeToString([]byte(hex.EncodeToString(m.Sum(nil))))
}

// sign puts the headers of 第三方系统登录授权 on a POST to path, which must be spelled as it is sent. stamp is the time in
// Unix milliseconds, as the Java SDK writes it, and serves as the nonce too.
func sign(h http.Header, c Config, path, stamp string) error {
	secret, err := clientSecret(c.AppID)
	if err != nil {
		return err
	}
	id, _, _ := strings.Cut(c.AppID, "_")
	signature := ""
	if secret != "" {
		signature = hexMAC(secret, "POST\n"+url.QueryEscape(path)+"\n\nx-api-nonce:"+stamp+"\nx-api-timestamp:"+stamp+"\n")
	}
	data := fmt.Sprintf("%s,%s,%d,%s", c.AcctID, c.Username, c.LCID, c.OrgNum)
	h.Set("X-Api-ClientID", id)
	h.Set("X-Api-Auth-Version", "2.0")
	h.Set("X-Api-Timestamp", stamp)
	h.Set("X-Api-Nonce", stamp)
	h.Set("X-Api-SignHeaders", "X-Api-TimeStamp,X-Api-Nonce")
	h.Set("X-Api-Signature", signature)
	h.Set("X-Kd-Appkey", c.AppID)
	h.Set("X-Kd-Appdata", base64.StdEncoding.EncodeToString([]byte(data)))
	h.Set("X-Kd-Signature", hexMAC(c.AppSecret, c.AppID+data))
	return nil
}

// loginSign is the sign of LoginBySign: the five texts in byte order, joined, SHA-256, hex.
func loginSign(c Config, unixSeconds string) string {
	parts := []string{c.AcctID, c.Username, c.AppID, c.AppSecret, unixSeconds}
	slices.Sort(parts)
	sum := sha256.Sum256([]byte(strings.Join(parts, "")))
	return hex.EncodeToString(sum[:])
}

func millis(t time.Time) string  { return strconv.FormatInt(t.UnixMilli(), 10) }
func seconds(t time.Time) string { return strconv.FormatInt(t.Unix(), 10) }

// redactor takes out of a text what a site might repeat in a message: our secrets, and the signature that never changes.
func redactor(c Config) *strings.Replacer {
	hide := []string{c.Password, c.AppSecret}
	if secret, err := clientSecret(c.AppID); err == nil {
		hide = append(hide, secret)
	}
	if _, second, ok := strings.Cut(c.AppID, "_"); ok {
		hide = append(hide, second) // the client secret follows from it
	}
	if c.AppSecret != "" {
		data := fmt.Sprintf("%s,%s,%d,%s", c.AcctID, c.Username, c.LCID, c.OrgNum)
		hide = append(hide, hexMAC(c.AppSecret, c.AppID+data))
	}
	var pairs []string
	for _, s := range hide {
		if s != "" {
			pairs = append(pairs, s, "[secret]")
		}
	}
	return strings.NewReplacer(pairs...)
}
