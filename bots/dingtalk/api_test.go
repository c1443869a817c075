package dingtalk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"lingke/bots"
)

func TestClassify(t *testing.T) {
	t.Parallel()
	untilApril := time.Date(2026, 3, 31, 16, 0, 0, 0, time.UTC).Sub(noon)
	const denied = "Forbidden.AccessDenied."
	for _, c := range []struct {
		name   string
		status int
		code   string
		kind   error
		wait   time.Duration
	}{
		{"too many calls a second waits a second", 403, denied + "QpsLimitForAppkeyAndApi", bots.ErrRateLimited, time.Second},
		{"all apps together too fast", 403, denied + "QpsLimitForApi", bots.ErrRateLimited, time.Second},
		{"old API too fast", 200, "90018", bots.ErrRateLimited, time.Second},
		{"robot too fast", 400, "send.too.fast", bots.ErrRateLimited, time.Second},
		{"a gateway's 429", 429, "HTTP 429", bots.ErrRateLimited, time.Second},
		{"the minute is used up", 403, denied + "QpmLimitForAppkeyAndApi", bots.ErrRateLimited, time.Minute},
		{"the month is used up until the next", 403, denied + "ApiCountLimitForOrg", bots.ErrRateLimited, untilApril},
		{"old API's month", 200, "90020", bots.ErrRateLimited, untilApril},
		{"missing permission", 403, denied + "AccessTokenPermissionDenied", bots.ErrMisconfigured, 0},
		{"address not listed", 403, denied + "IpNotInWhiteList", bots.ErrMisconfigured, 0},
		{"old API's permission", 200, "60011", bots.ErrMisconfigured, 0},
		{"wrong secret", 400, "invalidClientIdOrSecret", bots.ErrMisconfigured, 0},
		{"unknown template", 400, "param.templateNotExist", bots.ErrMisconfigured, 0},
		{"wrong robot code", 400, "invalidParameter.robotCode.notExsit", bots.ErrMisconfigured, 0},
		{"a redirect", 302, "HTTP 302", bots.ErrMisconfigured, 0},
		{"a path that is not there", 404, "HTTP 404", bots.ErrMisconfigured, 0},
		{"busy", 500, "system.busy", nil, 0},
		{"time-out of the platform", 504, "HTTP 504", nil, 0},
		{"old API busy", 200, "-1", nil, 0},
		{"token refused twice", 400, "InvalidAuthentication", nil, 0},
		{"unsafe content", 400, "param.contentUnsafe", bots.ErrPermanent, 0},
		{"any other errcode", 200, "310000", bots.ErrPermanent, 0},
	} {
		wait, kind := classify(c.status, c.code, noon)
		if !errors.Is(kind, c.kind) || wait != c.wait {
			t.Errorf("%s: %v after %v, want %v after %v", c.name, kind, wait, c.kind, c.wait)
		}
	}
}

func TestMonthEndsAtMidnightInChina(t *testing.T) {
	t.Parallel()
	for _, now := range []time.Time{
		time.Date(2026, 12, 31, 15, 59, 59, 0, time.UTC), time.Date(2026, 12, 1, 0, 0, 0, 0, china),
	} {
		if got := nextMonth(now); !got.Equal(time.Date(2026, 12, 31, 16, 0, 0, 0, time.UTC)) {
			t.Errorf("nextMonth(%v) = %v", now, got)
		}
	}
}

func TestRefusalShapes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		status int
		body   string
		kind   error
		want   string // part of the error; "" for success
	}{
		{"success", 200, `{"success":true}`, nil, ""},
		{"errcode 0", 200, `{"errcode":0,"errmsg":"ok"}`, nil, ""},
		{"errcode 0 as text", 200, `{"errcode":"0","errmsg":"ok"}`, nil, ""},
		{"a failure inside 200", 200, `{"errcode":300001,"errmsg":"session 不存在"}`, bots.ErrPermanent, "300001: session 不存在"},
		{"required scopes are named", 403, `{"code":"Forbidden.AccessDenied.AccessTokenPermissionDenied","message":"m","accessdenieddetail":{"requiredScopes":["Card.Instance.Write"]}}`, bots.ErrMisconfigured, "Card.Instance.Write"},
		{"ban as JSON", 200, `{"status":1111,"wait":5,"source":"x5","punish":"deny","uuid":"u"}`, bots.ErrRateLimited, "too many calls"},
		{"ban as a page", 200, "<!doctype html><html>", bots.ErrRateLimited, "too many calls"},
		{"a proxy's page", 502, "<html>bad gateway</html>", nil, "HTTP 502"},
		{"an empty 500", 500, "", nil, "HTTP 500"},
		{"our secret in the words", 400, `{"code":"x","message":"bad ` + testSecret + `"}`, bots.ErrPermanent, "bad [secret]"},
	} {
		a := newAPI(Config{ClientSecret: testSecret}, http.DefaultClient, func() time.Time { return noon })
		err := a.refusal("op", c.status, http.Header{}, []byte(c.body))
		if (err == nil) != (c.want == "") || (err != nil && (!strings.Contains(err.Error(), c.want) || (c.kind != nil && !errors.Is(err, c.kind)))) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
}

func TestRetryAfterLengthensTheWait(t *testing.T) {
	t.Parallel()
	a := newAPI(Config{}, http.DefaultClient, time.Now)
	err := a.refusal("op", 429, http.Header{"Retry-After": {"7"}}, nil)
	if bots.RetryAfter(err) != 7*time.Second {
		t.Errorf("%v waits %v", err, bots.RetryAfter(err))
	}
}

func TestRefusedTokenIsRenewedOnceAndTheCallRepeated(t *testing.T) {
	t.Parallel()
	stale := answer{400, `{"code":"InvalidAuthentication","message":"不合法的access_token"}`}
	const path = "/v1.0/card/instances"
	for _, c := range []struct {
		name    string
		answers []answer
		calls   int
		fails   bool
	}{
		{"works with the new token", []answer{stale, {200, `{"success":true}`}}, 2, false},
		{"gives up after one repeat", []answer{stale}, 2, true},
	} {
		p := newPlatform(t)
		p.on(tokenPath, answer{200, `{"accessToken":"old","expireIn":7200}`}, answer{200, `{"accessToken":"new","expireIn":7200}`})
		p.on(path, c.answers...)
		card := leadCard()
		_, err := p.bot(t, nil).Update(t.Context(), bots.Handle{Message: "m"}, bots.Outgoing{ID: "m", Card: &card})
		got := p.to(path)
		if (err != nil) != c.fails || len(got) != c.calls || got[1].Token != "new" || len(p.to(tokenPath)) != 2 {
			t.Errorf("%s: %v, calls %+v", c.name, err, got)
		}
	}
}

func TestRefusedAppIsNotTheMessagesFault(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	p.on(tokenPath, answer{400, `{"code":"Missingbody","message":"body is mandatory for this action."}`})
	_, err := p.bot(t, nil).Send(t.Context(), bots.Outgoing{ID: "x", To: []string{"u"}, Text: "hi"})
	if !errors.Is(err, bots.ErrMisconfigured) || errors.Is(err, bots.ErrPermanent) {
		t.Errorf("got %v", err)
	}
}

func TestOneTokenServesAllUntilNineTenthsOfItsLife(t *testing.T) {
	t.Parallel()
	now := noon
	fetched := 0
	release := make(chan struct{})
	tokens := &tokens{now: func() time.Time { return now }, fetch: func(context.Context) (string, time.Duration, error) {
		<-release
		fetched++
		return fmt.Sprint("token-", fetched), 100 * time.Second, nil
	}}
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			if token, err := tokens.get(t.Context()); token != "token-1" || err != nil {
				t.Errorf("got %q, %v", token, err)
			}
		})
	}
	close(release)
	wg.Wait()
	for _, c := range []struct {
		after time.Duration
		want  string
	}{{89 * time.Second, "token-1"}, {90 * time.Second, "token-2"}} {
		now = noon.Add(c.after)
		if token, _ := tokens.get(t.Context()); token != c.want {
			t.Errorf("after %v: %q, want %q", c.after, token, c.want)
		}
	}
	tokens.drop("token-1")
	if tokens.current() != "token-2" {
		t.Error("dropping a token that is replaced already forgot the new one")
	}
}

func TestCallerThatGivesUpDoesNotEndTheFetchOfOthers(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	started := make(chan struct{}, 2)
	tokens := &tokens{now: func() time.Time { return noon }, fetch: func(ctx context.Context) (string, time.Duration, error) {
		started <- struct{}{}
		<-release
		return "token", time.Hour, ctx.Err()
	}}
	ctx, cancel := context.WithCancel(t.Context())
	first := make(chan error)
	go func() { _, err := tokens.get(ctx); first <- err }()
	<-started
	cancel()
	if err := <-first; !errors.Is(err, context.Canceled) {
		t.Errorf("the first caller got %v", err)
	}
	second := make(chan error)
	go func() { _, err := tokens.get(t.Context()); second <- err }()
	close(release)
	if err := <-second; err != nil {
		t.Errorf("the second caller got %v", err)
	}
}

func TestLongAnswerIsNotRead(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	p.on("/v1.0/card/instances", answer{200, strings.Repeat(" ", maxAnswer+1)})
	card := leadCard()
	_, err := p.bot(t, nil).Update(t.Context(), bots.Handle{Message: "m"}, bots.Outgoing{ID: "m", Card: &card})
	if err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("got %v", err)
	}
}

func TestConfigSaysEverythingThatIsWrongAndNoSecret(t *testing.T) {
	t.Parallel()
	_, err := Open(Config{ClientSecret: "", BaseURL: "ftp://x", OapiURL: "::", EventAESKey: "short-key"})
	if !errors.Is(err, bots.ErrMisconfigured) {
		t.Fatalf("got %v", err)
	}
	for _, want := range []string{"client_id", "client_secret", "base_url", "oapi_url", "event_aes_key"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%v does not name %s", err, want)
		}
	}
	cfg := Config{ClientID: "dingapp", ClientSecret: testSecret, CardSecret: testSecret, EventToken: testSecret}
	if text := fmt.Sprintf("%v %+v %#v %s", cfg, cfg, cfg, cfg.LogValue()); strings.Contains(text, testSecret) {
		t.Errorf("the configuration prints %s", text)
	}
}
