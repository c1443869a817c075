package yonyou

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// address tells where a tenant's data centre is: here.
func (s *YonBIP) address(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("tenantId") != s.opts.TenantID || s.opts.TenantID == "" {
		s.answer(w, http.StatusOK, refusal("500", "根据租户id获取网关地址出现异常"))
		return
	}
	here := "http://" + r.Host
	s.answer(w, http.StatusOK, map[string]any{"code": "00000", "message": "成功！", "data": map[string]any{
		"gatewayUrl": here + "/iuap-api-gateway", "tokenUrl": here + "/iuap-api-auth",
	}})
}

// token gives out a token to a self-built app.
func (s *YonBIP) token(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/iuap-api-auth/open-auth/selfAppAuth")
	if path != "/getAccessToken" && (path != "/base/v1/getAccessToken" || s.opts.NoBasePath) {
		http.NotFound(w, r)
		return
	}
	q := r.URL.Query()
	appKey, timestamp := q.Get("appKey"), q.Get("timestamp")
	mac := hmac.New(sha256.New, []byte(s.opts.AppSecret))
	mac.Write([]byte("appKey" + appKey + "timestamp" + timestamp))
	want := base64.StdEncoding.EncodeToString(mac.Sum(nil))
	switch {
	case appKey != s.opts.AppKey || appKey == "":
		s.answer(w, http.StatusOK, refusal("10018", "应用不存在或appKey已停用"))
	case !s.fresh(timestamp):
		s.answer(w, http.StatusOK, refusal("10020", "timestamp已过期"))
	case !hmac.Equal([]byte(q.Get("signature")), []byte(want)):
		s.answer(w, http.StatusOK, refusal("10019", "签名错误"))
	default:
		s.answer(w, http.StatusOK, map[string]any{"code": "00000", "message": "成功！", "data": map[string]any{
			"access_token": s.tokens.issue(s.now(), s.opts.TokenLife, s.opts.OneToken), "expire": int(s.opts.TokenLife / time.Second),
		}})
	}
}

func (s *YonBIP) fresh(timestamp string) bool {
	ms, err := strconv.ParseInt(timestamp, 10, 64)
	return err == nil && s.now().Sub(time.UnixMilli(ms)).Abs() <= s.opts.TokenWindow
}
