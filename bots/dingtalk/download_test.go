package dingtalk_test

import (
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"lingke/bots"
	"lingke/bots/dingtalk"
)

// received runs the bot until one message arrives.
func (o *office) received(do func()) bots.Message {
	o.t.Helper()
	ctx, stop := context.WithCancel(o.t.Context())
	defer stop()
	got := make(chan bots.Message, 1)
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = o.bot.Listen(ctx, func(_ context.Context, in bots.Incoming) (bots.Answer, error) {
			got <- *in.Message
			return bots.Answer{}, nil
		})
	}()
	o.connected()
	do()
	select {
	case m := <-got:
		stop()
		<-done
		return m
	case <-time.After(30 * time.Second):
		o.t.Fatal("nothing came")
	}
	return bots.Message{}
}

func TestAFileIsFetchedWithinItsLimitAndWhileItLives(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	content := bytes.Repeat([]byte("客户,"), 1000)
	m := o.received(func() {
		got := o.post("/_emulator/files", map[string]any{"platform": "dingtalk", "person": "li", "conversation": "", "name": "客户.csv", "content": content})
		if got["accepted"] != true {
			t.Error(got)
		}
	})
	if m.Text != "" || m.File == nil || m.File.Name != "客户.csv" || m.From != "u-li" {
		t.Fatalf("%+v, file %+v", m, m.File)
	}
	got, err := o.bot.Download(t.Context(), *m.File, int64(len(content)))
	if err != nil || !bytes.Equal(got, content) {
		t.Errorf("%d bytes, %v; want %d", len(got), err, len(content))
	}
	if _, err := o.bot.Download(t.Context(), *m.File, int64(len(content)-1)); !errors.Is(err, bots.ErrTooLarge) {
		t.Errorf("one byte less allowed: %v", err)
	}
	o.post("/_emulator/clock", map[string]any{"now": time.Now().Add(90 * time.Minute)})
	if _, err := o.bot.Download(t.Context(), *m.File, 1<<20); !errors.Is(err, bots.ErrPermanent) {
		t.Errorf("after its life: %v", err)
	}
}

// TestFilesComeFromThePlatformOnly: an address that the platform would name is followed only to hosts that can be its own.
func TestFilesComeFromThePlatformOnly(t *testing.T) {
	t.Parallel()
	asked := false
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked = true }))
	t.Cleanup(elsewhere.Close)
	for _, address := range []string{
		elsewhere.URL + "/secret?sign=topsecret", "https://127.0.0.1/", "http://down.dingtalk.com/x", "https://dingtalk.com.evil.example/", "https://u:p@down.dingtalk.com/",
		"https://b.oss-cn-hangzhou-internal.aliyuncs.com/", "https://metadata.aliyuncs.com/", "file:///etc/passwd", "",
	} {
		p := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if strings.HasSuffix(r.URL.Path, "accessToken") {
				_, _ = w.Write([]byte(`{"accessToken":"t","expireIn":7200}`))
				return
			}
			_, _ = w.Write([]byte(`{"downloadUrl":"` + address + `"}`))
		}))
		b, err := dingtalk.Open(dingtalk.Config{ClientID: "a", ClientSecret: "s", BaseURL: p.URL, OapiURL: p.URL})
		if err != nil {
			t.Fatal(err)
		}
		_, err = b.Download(t.Context(), bots.File{Name: "a.csv", Code: "c"}, 1<<20)
		if !errors.Is(err, bots.ErrPermanent) || strings.Contains(err.Error(), "topsecret") || asked {
			t.Errorf("%q: %v, asked %t", address, err, asked)
		}
		p.Close()
	}
}
