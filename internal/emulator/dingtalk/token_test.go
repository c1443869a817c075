package dingtalk_test

import (
	"net/http"
	"testing"
	"time"

	"lingke/internal/emulator/dingtalk"
)

func TestToken(t *testing.T) {
	t.Parallel()
	a := start(t)
	user := object{"userid": li.DingTalk}

	a.clock.Pass(2*time.Hour - time.Second)
	_, again := a.do("GET", "/gettoken?appkey="+clientID+"&appsecret="+secret, nil)
	if again["access_token"] != a.token || again["expires_in"] != 7200.0 {
		t.Errorf("a second call while the token lives gave %v, want the same token for 7200 s", again)
	}
	a.clock.Pass(2*time.Hour - time.Second)
	if _, got := a.do("POST", "/topapi/v2/user/get", user); code(got) != 0.0 {
		t.Errorf("renewed token: %v, want success", got)
	}
	a.clock.Pass(time.Second)
	if _, got := a.do("POST", "/topapi/v2/user/get", user); code(got) != 40014.0 {
		t.Errorf("expired token at oapi: %v, want 40014", got)
	}
	if status, got := a.do("PUT", "/v1.0/card/instances", object{}); status != 400 || code(got) != "InvalidAuthentication" {
		t.Errorf("expired token at api: %d %v, want 400 InvalidAuthentication", status, got)
	}
	_, fresh := a.do("POST", "/v1.0/oauth2/accessToken", object{"appKey": clientID, "appSecret": secret})
	if fresh["accessToken"] == a.token || fresh["expireIn"] != 7200.0 {
		t.Errorf("after expiry: %v, want a new token", fresh)
	}
}

func TestTokenRefusals(t *testing.T) {
	t.Parallel()
	a := start(t)
	for _, c := range []struct {
		name, method, path string
		body               any
		status             int
		code               any
	}{
		{"wrong secret", "POST", "/v1.0/oauth2/accessToken", object{"appKey": clientID, "appSecret": "x"}, 400, "invalidClientIdOrSecret"},
		{"empty credentials", "POST", "/v1.0/oauth2/accessToken", object{}, 400, "invalidClientIdOrSecret"},
		{"no body", "POST", "/v1.0/oauth2/accessToken", "", 400, "Missingbody"},
		{"form body", "POST", "/v1.0/oauth2/accessToken", "appKey=a&appSecret=b", 400, "Missingbody"},
		{"old host, wrong secret", "GET", "/gettoken?appkey=" + clientID + "&appsecret=x", nil, 200, 40089.0},
		{"unknown api", "POST", "/v1.0/nothing/here", object{}, 404, "InvalidAction.NotFound"},
		{"unknown old api", "POST", "/topapi/nothing", object{}, 200, 22.0},
	} {
		t.Run(c.name, func(t *testing.T) {
			if status, got := a.do(c.method, c.path, c.body); status != c.status || code(got) != c.code {
				t.Errorf("got %d %v, want %d %v", status, got, c.status, c.code)
			}
		})
	}
}

func TestDeniedScopeNamesIt(t *testing.T) {
	t.Parallel()
	a := start(t, func(o *dingtalk.Options) { o.Denied = []string{"Card.Instance.Write"} })
	status, got := a.do("POST", "/v1.0/card/instances/createAndDeliver", lead("c1", li.DingTalk))
	detail, _ := got["accessdenieddetail"].(object)
	scopes, _ := detail["requiredScopes"].([]any)
	if status != http.StatusForbidden || code(got) != "Forbidden.AccessDenied.AccessTokenPermissionDenied" || len(scopes) != 1 {
		t.Errorf("got %d %v, want 403 with the scope", status, got)
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()
	send := object{"robotCode": clientID, "userIds": []string{li.DingTalk}, "msgKey": "sampleText", "msgParam": `{"content":"x"}`}
	const path = "/v1.0/robot/oToMessages/batchSend"

	t.Run("the 21st call of one API within a second is refused, another API is not", func(t *testing.T) {
		a := start(t)
		for range 20 {
			if status, got := a.do("POST", path, send); status != 200 {
				t.Fatalf("within the limit: %d %v", status, got)
			}
		}
		if status, got := a.do("POST", path, send); status != 403 || code(got) != "Forbidden.AccessDenied.QpsLimitForAppkeyAndApi" {
			t.Errorf("21st call: %d %v", status, got)
		}
		if _, got := a.do("POST", "/topapi/v2/user/get", object{"userid": li.DingTalk}); code(got) != 0.0 {
			t.Errorf("another API: %v", got)
		}
		a.clock.Pass(time.Second)
		if status, got := a.do("POST", path, send); status != 200 {
			t.Errorf("a second later: %d %v", status, got)
		}
	})
	t.Run("a spent month refuses until the next, contacts stay free", func(t *testing.T) {
		a := start(t, func(o *dingtalk.Options) { o.Limits.MonthCalls = 2 })
		a.do("POST", path, send)
		a.do("POST", path, send)
		if status, got := a.do("POST", path, send); status != 403 || code(got) != "Forbidden.AccessDenied.ApiCountLimitForOrg" {
			t.Errorf("over budget: %d %v", status, got)
		}
		if _, got := a.do("POST", "/topapi/v2/user/get", object{"userid": li.DingTalk}); code(got) != 0.0 {
			t.Errorf("contacts: %v", got)
		}
		if got := a.srv.Stats(); got.Calls != 2 || got.CallBudget != 2 {
			t.Errorf("Stats() = %+v", got)
		}
		a.clock.Pass(31 * 24 * time.Hour)
		_, body := a.do("POST", "/v1.0/oauth2/accessToken", object{"appKey": clientID, "appSecret": secret})
		a.token = body["accessToken"].(string)
		if status, got := a.do("POST", path, send); status != 200 {
			t.Errorf("next month: %d %v", status, got)
		}
	})
}
