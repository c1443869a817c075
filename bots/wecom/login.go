package wecom

import (
	"context"
	"fmt"
	"net/url"

	"lingke/bots"
)

var _ bots.Identifier = (*Bot)(nil)

// Where a page sends the browser of a member: inside the client to authorizePath (document 96714), of which the member notices nothing and which no other browser may open;
// elsewhere to scanPath, which shows a code for the member's phone.
const (
	authorizeHost = "https://open.weixin.qq.com"
	authorizePath = "/connect/oauth2/authorize"
	scanHost      = "https://open.work.weixin.qq.com"
	scanPath      = "/wwopen/sso/qrConnect"
)

// LoginURL returns where a browser is sent to be told apart. redirect must lie in the app's trusted domain (网页授权及JS-SDK), and for browsers outside the client in the
// callback domain of 企业微信授权登录. state is letters and digits, at most 128.
func (b *Bot) LoginURL(redirect, state string, inApp bool) string {
	q := url.Values{"appid": {b.cfg.CorpID}, "redirect_uri": {redirect}, "state": {state}, "agentid": {b.agent()}}
	if !inApp {
		return b.loginHost(scanHost) + scanPath + "?" + q.Encode()
	}
	q.Set("response_type", "code")
	q.Set("scope", "snsapi_base")
	return b.loginHost(authorizeHost) + authorizePath + "?" + q.Encode() + "#wechat_redirect"
}

// loginHost is the platform's host of a login page, or the one that stands in for all of the platform.
func (b *Bot) loginHost(real string) string {
	if b.cfg.BaseURL != "" && b.cfg.BaseURL != DefaultBaseURL {
		return b.base.String()
	}
	return real
}

// Identify returns the user id of the member that a code stands for, once: GET /cgi-bin/auth/getuserinfo (document 98177). Of somebody who is no member it is "". WeCom has one
// kind of code, so inApp does not matter.
func (b *Bot) Identify(ctx context.Context, code string, _ bool) (string, error) {
	var out struct {
		UserID string `json:"userid"`
	}
	if err := b.get(ctx, "identify a member", "/cgi-bin/auth/getuserinfo", url.Values{"code": {code}}, &out); err != nil {
		return "", fmt.Errorf("wecom: %w", err)
	}
	return out.UserID, nil
}
