package kingdee

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// The LoginResultType values that the emulator gives.
const (
	loginOK       = 1
	loginPassword = 0
	loginFailed   = -1
)

// outcome is what a login found.
type outcome struct {
	kind    int
	message string
}

// logins are the services that need no session, by lower-case name.
func (s *Server) logins() map[string]func(call) outcome {
	return map[string]func(call) outcome{
		"validateuser":     s.validateUser,
		"loginbyappsecret": s.loginByAppSecret,
		"loginbysign":      s.loginBySign,
	}
}

func (s *Server) validateUser(c call) outcome {
	if bad := s.account(c); bad != nil {
		return *bad
	}
	if !same(c.text(2, "password"), s.opts.Password) {
		return outcome{loginPassword, "用户名或密码错误"}
	}
	return outcome{kind: loginOK}
}

func (s *Server) loginByAppSecret(c call) outcome {
	if bad := s.account(c); bad != nil {
		return *bad
	}
	if c.text(2, "appid") != s.opts.AppID {
		return outcome{loginFailed, "第三方系统登录授权不存在"}
	}
	if !same(c.text(3, "appsecret"), s.opts.AppSecret) {
		return outcome{loginPassword, "应用密钥错误"}
	}
	return outcome{kind: loginOK}
}

func (s *Server) loginBySign(c call) outcome {
	if bad := s.account(c); bad != nil {
		return *bad
	}
	if c.text(2, "appid") != s.opts.AppID {
		return outcome{loginFailed, "第三方系统登录授权不存在"}
	}
	stamp := c.text(3, "timestamp")
	if !within(stamp, s.now(), s.opts.LoginWindow) {
		return outcome{loginFailed, "登录时间戳已过期"}
	}
	want := loginSign(c.text(0, "acctid"), c.text(1, "username"), s.opts.AppID, s.opts.AppSecret, stamp)
	if !same(strings.ToLower(c.text(4, "sign", "signeddata")), want) {
		return outcome{loginFailed, "签名校验失败"}
	}
	return outcome{kind: loginOK}
}

// account checks what all three logins begin with.
func (s *Server) account(c call) *outcome {
	switch {
	case c.text(0, "acctid") != s.opts.AcctID:
		return &outcome{loginFailed, "会话信息已丢失，请重新登录"} // what a wrong data centre gets
	case c.text(1, "username") != s.opts.Username:
		return &outcome{loginPassword, "用户名或密码错误"}
	}
	return nil
}

// loginSign is the signature of LoginBySign: SHA-256 over the five strings in byte order, lower-case hex.
func loginSign(parts ...string) string {
	sorted := slices.Sorted(slices.Values(parts))
	sum := sha256.Sum256([]byte(strings.Join(sorted, "")))
	return hex.EncodeToString(sum[:])
}

func same(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// within tells whether a Unix time in seconds or milliseconds is at most window away from now.
func within(stamp string, now time.Time, window time.Duration) bool {
	n, err := strconv.ParseInt(stamp, 10, 64)
	if err != nil {
		return false
	}
	at := time.Unix(n, 0)
	if n > 1e11 { // seconds reach this in the year 5138, milliseconds did in 1973
		at = time.UnixMilli(n)
	}
	return now.Sub(at).Abs() <= window
}

func (s *Server) answerLogin(w http.ResponseWriter, out outcome) {
	answer := map[string]any{
		"LoginResultType": out.kind, "Message": nil, "MessageCode": "CheckPasswordPolicy", "Context": nil,
		"KDSVCSessionId": nil, "FormId": nil, "RedirectFormParam": nil, "FormInputObject": nil, "ErrorStackTrace": nil,
		"Lcid": 0, "AccessToken": nil, "CustomParam": nil, "KdAccessResult": nil, "IsSuccessByAPI": out.kind == loginOK,
	}
	if out.kind != loginOK {
		answer["Message"] = out.message
		writeJSON(w, http.StatusOK, answer)
		return
	}
	session, aspID := s.sessions.open(s.now()), randomID()
	setSession(w, session.id, aspID)
	answer["KDSVCSessionId"] = session.id
	answer["Context"] = s.loginContext(aspID)
	writeJSON(w, http.StatusOK, answer)
}

func (s *Server) loginContext(aspID string) map[string]any {
	return map[string]any{
		"SessionId": aspID, "UserId": 100001, "UserName": s.opts.Username, "CustomName": "", "DataCenterName": "领客演示账套",
		"DBid": s.opts.AcctID, "UserToken": randomID(), "UserLocale": "zh-CN", "TenantId": nil, "DisplayVersion": "8.2.0",
		"CurrentOrganizationInfo": map[string]any{"ID": 1, "AcctOrgType": "1", "Name": "总公司"},
	}
}
