package wecom

import (
	"context"
	"fmt"
	"net/url"

	"lingke/bots"
)

var _ bots.Identifier = (*Bot)(nil)

// authorizeURL is where a page sends the browser of a member (document 96714); the member notices nothing of it inside the client.
const authorizeURL = "https://open.weixin.qq.com/connect/oauth2/authorize"

// LoginURL returns where a browser is sent to be told apart. redirect must lie in the app's trusted domain. state is letters and digits, at most 128.
func (b *Bot) LoginURL(redirect, state string) string {
	address := authorizeURL
	if b.cfg.BaseURL != "" && b.cfg.BaseURL != DefaultBaseURL {
		address = b.base.String() + "/connect/oauth2/authorize"
	}
	q := url.Values{"appid": {b.cfg.CorpID}, "redirect_uri": {redirect}, "response_type": {"code"}, "scope": {"snsapi_base"}, "state": {state}, "agentid": {b.agent()}}
	return address + "?" + q.Encode() + "#wechat_redirect"
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
