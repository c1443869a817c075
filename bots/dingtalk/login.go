package dingtalk

import (
	"context"
	"net/http"
	"net/url"

	"lingke/bots"
)

var _ bots.Identifier = (*Bot)(nil)

// loginURL is the page on which somebody tells who they are in any browser.
const loginURL = "https://login.dingtalk.com/oauth2/auth"

// LoginURL returns where a browser is sent to be told apart; redirect must be registered with the app.
// The login page is the same inside the client.
func (b *Bot) LoginURL(redirect, state string, _ bool) string {
	address := loginURL
	if b.api.cfg.BaseURL != DefaultBaseURL {
		address = b.api.cfg.BaseURL + "/oauth2/auth"
	}
	q := url.Values{"redirect_uri": {redirect}, "response_type": {"code"}, "client_id": {b.api.cfg.ClientID}, "scope": {"openid"}, "state": {state}, "prompt": {"consent"}}
	return address + "?" + q.Encode()
}

// Identify returns the user id that a code stands for, once: of a page inside the client (免登, dd.requestAuthCode) by POST /topapi/v2/user/getuserinfo, of the login page by the
// user's own token, whose union id is looked up in the organisation.
func (b *Bot) Identify(ctx context.Context, code string, inApp bool) (string, error) {
	if inApp {
		var out struct {
			Result struct {
				UserID string `json:"userid"`
			} `json:"result"`
		}
		err := b.api.oapi(ctx, "identify a user", "/topapi/v2/user/getuserinfo", map[string]string{"code": code}, &out)
		return out.Result.UserID, err
	}
	union, err := b.unionOf(ctx, code)
	if err != nil {
		return "", err
	}
	var out struct {
		Result struct {
			UserID string `json:"userid"`
		} `json:"result"`
	}
	err = b.api.oapi(ctx, "find a user", "/topapi/user/getbyunionid", map[string]string{"unionid": union}, &out)
	return out.Result.UserID, err
}

// unionOf exchanges a login code for the user's token and asks it who that is.
func (b *Bot) unionOf(ctx context.Context, code string) (string, error) {
	const op = "identify a user"
	body, err := encode(map[string]string{"clientId": b.api.cfg.ClientID, "clientSecret": b.api.cfg.ClientSecret, "code": code, "grantType": "authorization_code"})
	if err != nil {
		return "", err
	}
	var token struct {
		AccessToken string `json:"accessToken"`
	}
	if err := b.api.once(ctx, op, http.MethodPost, b.api.cfg.BaseURL+"/v1.0/oauth2/userAccessToken", "", body, &token); err != nil {
		return "", err
	}
	var me struct {
		UnionID string `json:"unionId"`
	}
	err = b.api.once(ctx, op, http.MethodGet, b.api.cfg.BaseURL+"/v1.0/contact/users/me", token.AccessToken, nil, &me)
	return me.UnionID, err
}
