package dingtalk

import (
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"lingke/bots"
)

// How long to wait where the platform gives no figure: its remedy for QPS is one second, an IP ban lasts five minutes.
const (
	waitQPS = time.Second
	waitBan = 5 * time.Minute
)

// china is the zone in which the platform's months and minutes begin; it has had no summer time since 1991.
var china = time.FixedZone("UTC+8", 8*60*60)

// failureBody is every shape of a refusal: v1.0 (code), the old API (errcode), and the answer to a banned address
// (status 1111).
type failureBody struct {
	Code         flexText `json:"code"`
	Message      string   `json:"message"`
	ErrCode      flexText `json:"errcode"`
	ErrMsg       string   `json:"errmsg"`
	Status       flexText `json:"status"`
	AccessDenied struct {
		RequiredScopes []string `json:"requiredScopes"`
	} `json:"accessdenieddetail"`
}

// refusal returns the platform's refusal in an answer, or nil where it is a success.
func (a *api) refusal(op string, status int, header http.Header, answer []byte) error {
	var f failureBody
	parsed := json.Unmarshal(answer, &f) == nil
	code, text := string(f.Code), f.Message
	inside := true // a refusal that HTTP 200 may hide
	switch {
	case f.Status == "1111" || (!parsed && status < 500 && looksLikeHTML(answer)):
		code, text = codeBanned, "this address made too many calls"
	case f.ErrCode != "" && f.ErrCode != "0":
		code, text = string(f.ErrCode), f.ErrMsg
	default:
		inside = false
	}
	if status/100 == 2 && !inside {
		return nil
	}
	if code == "" {
		code = "HTTP " + strconv.Itoa(status)
	}
	if scopes := f.AccessDenied.RequiredScopes; len(scopes) > 0 {
		text += "; required scopes: " + strings.Join(scopes, ", ")
	}
	e := &bots.Error{Platform: bots.DingTalk, Op: op, Code: a.clean(code), Text: a.clean(text)}
	e.Wait, e.Kind = classify(status, code, a.now())
	if s, err := strconv.Atoi(header.Get("Retry-After")); err == nil && s > 0 && errors.Is(e, bots.ErrRateLimited) {
		e.Wait = max(e.Wait, time.Duration(s)*time.Second)
	}
	return e
}

const codeBanned = "address banned"

func looksLikeHTML(answer []byte) bool {
	return strings.HasPrefix(strings.TrimSpace(string(answer[:min(len(answer), 64)])), "<")
}

// classify says what helps against a refusal, and how long to wait before it can.
func classify(status int, code string, now time.Time) (wait time.Duration, kind error) {
	switch {
	case monthSpent(code):
		return nextMonth(now).Sub(now), bots.ErrRateLimited
	case code == codeBanned:
		return waitBan, bots.ErrRateLimited
	case strings.Contains(code, "QpmLimit"), code == "130101", code == "410100":
		return max(waitQPS, now.Truncate(time.Minute).Add(time.Minute).Sub(now)), bots.ErrRateLimited
	case tooFast(code), status == http.StatusTooManyRequests:
		return waitQPS, bots.ErrRateLimited
	case staleCode(code), busy(status, code):
		return 0, nil
	case appRefused(status, code):
		return 0, bots.ErrMisconfigured
	default:
		return 0, bots.ErrPermanent
	}
}

func monthSpent(code string) bool {
	return strings.Contains(code, "ApiCountLimitForOrg") || code == "90020"
}

func tooFast(code string) bool {
	switch code {
	case "90018", "90002", "send.too.fast", "too.many.people", "too.many.group":
		return true
	}
	return strings.Contains(code, "QpsLimit")
}

// busy are the platform's own troubles; the same call may succeed later.
func busy(status int, code string) bool {
	switch code {
	case "-1", "15", "system.busy", "system.error", "systemError", "serviceBusy", "ServiceUnavailable":
		return true
	}
	return status >= 500 || status == http.StatusRequestTimeout
}

// staleCode are the answers to a token that is over or unknown; a call that still gets one after its repeat may be
// tried again later.
func staleCode(code string) bool {
	switch code {
	case "InvalidAuthentication", "accesstoken.expired", "40014", "42001", "40001":
		return true
	}
	return false
}

// staleToken reports whether a new token would help.
func staleToken(err error) bool {
	var e *bots.Error
	return errors.As(err, &e) && staleCode(e.Code)
}

// appRefused are the refusals that somebody has to mend in the console or the configuration.
func appRefused(status int, code string) bool {
	switch code {
	case "invalidClientIdOrSecret", "40089", "40096", "authFailed", "60011", "88", "60020",
		"param.templateNotExist", "param.templateUnpublished", "param.cardTemplateIdEmpty",
		"chatbotId.notAllow.sendOTO", "robot.oto.notExist", "template.stopped", "template.not.existed", "bot.stopped":
		return true
	}
	if strings.HasPrefix(code, "invalidParameter.robotCode") || strings.HasPrefix(code, "Forbidden.AccessDenied.") {
		return true
	}
	// Neither a business code nor 400 means that the call never reached the API: a wrong address, a proxy, a gateway.
	return status/100 == 3 || status == http.StatusUnauthorized || status == http.StatusForbidden ||
		status == http.StatusNotFound || status == http.StatusMethodNotAllowed
}

// nextMonth is the instant at which the organisation's monthly budget begins anew.
func nextMonth(now time.Time) time.Time {
	n := now.In(china)
	return time.Date(n.Year(), n.Month()+1, 1, 0, 0, 0, 0, china)
}

// code returns the platform's code in err, or "".
func code(err error) string {
	var e *bots.Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}
