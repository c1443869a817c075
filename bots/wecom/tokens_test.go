package wecom

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/silenceper/wechat/v2/util"

	"lingke/bots"
)

func TestTokenIsFetchedOnceForAllWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var fetches atomic.Int32
		tk := &tokens{now: time.Now, fetch: func(context.Context) (string, time.Duration, error) {
			fetches.Add(1)
			time.Sleep(time.Second) // of the test's own clock
			return "t1", 2 * time.Hour, nil
		}}
		impatient, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := tk.get(impatient); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("impatient caller: %v", err)
			}
		})
		for range 50 {
			wg.Go(func() {
				if token, err := tk.get(t.Context()); token != "t1" || err != nil {
					t.Errorf("get = %q, %v", token, err)
				}
			})
		}
		wg.Wait()
		if n := fetches.Load(); n != 1 {
			t.Errorf("%d fetches, want 1", n)
		}
	})
}

func TestTokenLife(t *testing.T) {
	now, n := testNow, 0
	life := 7200 * time.Second
	var fail error
	tk := &tokens{now: func() time.Time { return now }, fetch: func(context.Context) (string, time.Duration, error) {
		n++
		return fmt.Sprint("t", n), life, fail
	}}
	step := func(what, want string, wantErr error) {
		t.Helper()
		if got, err := tk.get(t.Context()); got != want || !errors.Is(err, wantErr) {
			t.Errorf("%s: get = %q, %v; want %q, %v", what, got, err, want, wantErr)
		}
	}
	step("first", "t1", nil)
	now = now.Add(6479 * time.Second)
	step("within nine tenths of its life", "t1", nil)
	now = now.Add(2 * time.Second)
	step("after nine tenths", "t2", nil)
	tk.drop("t1")
	step("dropping a token that is gone changes nothing", "t2", nil)
	tk.drop("t2")
	step("dropping the refused one fetches", "t3", nil)

	life = 60 * time.Second
	tk.drop("t3")
	step("short life", "t4", nil)
	step("a short life is still kept", "t4", nil)

	tk.drop("t4")
	fail = &bots.Error{Kind: bots.ErrMisconfigured}
	step("refused credentials", "", bots.ErrMisconfigured)
	fail = nil
	step("not asked again at once", "", bots.ErrMisconfigured)
	now = now.Add(holdOff)
	step("asked again later", "t6", nil)

	tk.drop("t6")
	fail = errors.New("connection refused")
	step("temporary failure", "", fail)
	fail = nil
	step("may be asked again at once", "t8", nil)
}

func TestRefusedTokenIsReplacedAndTheCallRepeatedOnce(t *testing.T) {
	for _, code := range []string{"40014", "42001"} {
		p := newPlatform(t)
		p.script(sendPath, `{"errcode":`+code+`,"errmsg":"token"}`, `{"errcode":0,"msgid":"m"}`)
		if _, err := openBot(t, p.URL).Send(t.Context(), lead("a")); err != nil {
			t.Fatal(err)
		}
		sent := p.to(sendPath)
		if len(sent) != 2 || sent[0].Token != "token-1" || sent[1].Token != "token-2" || len(p.to(tokenPath)) != 2 {
			t.Errorf("%s: calls = %+v", code, p.calls)
		}
	}
}

func TestTokenRefusals(t *testing.T) {
	cases := map[string]struct {
		answer string
		kind   error
	}{
		"wrong secret":    {`{"errcode":40001,"errmsg":"invalid credential"}`, bots.ErrMisconfigured},
		"wrong corp":      {`{"errcode":40013,"errmsg":"invalid corpid"}`, bots.ErrMisconfigured},
		"too many":        {`{"errcode":45009,"errmsg":"api freq out of limit"}`, bots.ErrRateLimited},
		"busy":            {`{"errcode":-1,"errmsg":"busy"}`, nil},
		"no token inside": {`{"errcode":0}`, nil},
		"not JSON":        {`oops`, nil},
		"HTTP 500":        {"HTTP 500", nil},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlatform(t)
			p.script(tokenPath, c.answer)
			_, err := openBot(t, p.URL).Send(t.Context(), lead("a"))
			if err == nil || (c.kind != nil && !errors.Is(err, c.kind)) || (c.kind == nil && errors.Is(err, bots.ErrMisconfigured)) {
				t.Errorf("err = %v, want kind %v", err, c.kind)
			}
		})
	}
}

// Bots of one process reach each their own platform, and other users of the library keep the way they had.
func TestBotsOfOneProcessDoNotMix(t *testing.T) {
	const n, each = 4, 20
	var wg sync.WaitGroup
	platforms := make([]*platform, n)
	for i := range platforms {
		platforms[i] = newPlatform(t)
		b := openBot(t, platforms[i].URL)
		for range each {
			wg.Go(func() {
				if _, err := b.Send(t.Context(), lead("a")); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	for i, p := range platforms {
		if got := len(p.to(sendPath)); got != each || len(p.to(tokenPath)) != 1 {
			t.Errorf("platform %d got %d cards and %d token calls", i, got, len(p.to(tokenPath)))
		}
	}
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte(r.URL.Query().Get("access_token")))
	}))
	defer other.Close()
	if got, err := util.HTTPGet(other.URL + "?access_token=theirs"); err != nil || string(got) != "theirs" {
		t.Errorf("another user of the library got %q, %v", got, err)
	}
	left := 0
	routes.Range(func(any, any) bool { left++; return true })
	if left != 0 {
		t.Errorf("%d tickets are left behind", left)
	}
}

// Whatever fails, neither error nor log repeats a secret, not even where the platform or net/http does.
func TestFailuresLeakNoSecret(t *testing.T) {
	echo := `{"errcode":40058,"errmsg":"bad ` + testConfig.Secret + ` with {token} and ` + testConfig.EncodingAESKey + `"}`
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	cases := map[string]struct {
		tokens, sends string
		base          string
	}{
		"platform repeats them when sending": {"", echo, ""},
		"platform repeats them for a token":  {echo, "", ""},
		"refused after refresh":              {"", strings.Replace(echo, "40058", "40014", 1), ""},
		"server error":                       {"", "HTTP 500", ""},
		"server error for a token":           {"HTTP 500", "", ""},
		"redirect for a token":               {"HTTP 301", "", ""},
		"nobody listens":                     {"", "", gone.URL},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlatform(t)
			if c.tokens != "" {
				p.script(tokenPath, c.tokens)
			}
			if c.sends != "" {
				p.script(sendPath, c.sends)
				p.script(updatePath, c.sends)
			}
			base := p.URL
			if c.base != "" {
				base = c.base
			}
			var log bytes.Buffer
			b := openBot(t, base, WithLogger(slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))))
			_, sendErr := b.Send(t.Context(), lead("a"))
			_, updateErr := b.Update(t.Context(), bots.Handle{Codes: []string{"code-77"}}, lead("a"))
			if sendErr == nil || updateErr == nil {
				t.Fatalf("errors = %v, %v", sendErr, updateErr)
			}
			said := fmt.Sprintf("%v %+v %v %+v %s", sendErr, sendErr, updateErr, updateErr, log.String())
			for _, secret := range []string{testConfig.Secret, testConfig.EncodingAESKey, "token-", "access_token=", "corpsecret"} {
				if strings.Contains(said, secret) {
					t.Errorf("shows %q: %s", secret, said)
				}
			}
		})
	}
}
