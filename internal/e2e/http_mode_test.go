package e2e_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"lingke/configs"
	"lingke/internal/app"
	"lingke/internal/emulator"
	"lingke/internal/emulator/world"
	"lingke/internal/inbox"
)

// tap carries what DingTalk sends in HTTP mode, and keeps it for whoever listens in.
type tap struct {
	mu    sync.Mutex
	twice bool // everything arrives a second time, as after an answer that was lost
	sent  []kept
}

func (w *tap) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	w.sent = append(w.sent, kept{r.Method, r.URL.String(), "", r.Header.Clone(), body})
	times := 1
	if w.twice {
		times = 2
	}
	w.mu.Unlock()
	for ; ; times-- {
		again := r.Clone(r.Context())
		again.Body = io.NopCloser(bytes.NewReader(body))
		resp, err := http.DefaultTransport.RoundTrip(again)
		if times == 1 || err != nil {
			return resp, err
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
}

func (w *tap) repeat(twice bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.twice = twice
}

// last is the newest call of an address that ends so.
func (w *tap) last(t *testing.T, end string) kept {
	t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, k := range slices.Backward(w.sent) {
		if strings.HasSuffix(k.path, end) {
			return k
		}
	}
	t.Fatalf("nothing was sent to %s", end)
	return kept{}
}

// count is how many calls there were of an address.
func (w *tap) count(end string) (n int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, k := range w.sent {
		if path, _, _ := strings.Cut(k.path, "?"); strings.HasSuffix(path, end) {
			n++
		}
	}
	return n
}

// forge sends a call that was listened to, with what change makes of its body, and returns the status of the answer.
func (k kept) forge(t *testing.T, change ...string) int {
	t.Helper()
	body := strings.NewReplacer(change...).Replace(string(k.body))
	if len(change) > 0 && body == string(k.body) {
		t.Fatalf("%q is not in %s", change, body)
	}
	r, err := http.NewRequestWithContext(t.Context(), k.method, k.path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header = k.header.Clone()
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.StatusCode
}

const eventKeys = `, mode: http, event_token: "e2eEventToken", event_aes_key: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"`

// overHTTP is a site whose DingTalk calls the gateway instead of holding a stream open.
func overHTTP(t *testing.T) (*site, *tap) {
	t.Helper()
	w := &tap{}
	s := newSite(t, plan{
		people: []world.Person{
			{ID: "boss", Name: "王芳", Role: "manager", Team: "管理", DingTalk: "boss01"},
			{ID: "lina", Name: "李娜", Role: "rep", Team: team, DingTalk: "user002"},
			{ID: "zhangwei", Name: "张伟", Role: "rep", Team: team, DingTalk: "manager4220"},
		},
		dingtalk: eventKeys, more: "address_book: {use: both}",
		tune: func(o *emulator.Options) {
			o.DingTalk.EventToken, o.DingTalk.EventKey = "e2eEventToken", "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"
			o.DingTalk.EventGaps = []time.Duration{300 * time.Millisecond, 300 * time.Millisecond}
			o.DingTalk.Client = &http.Client{Transport: w}
		},
	})
	s.em.DingTalk().SetAddresses(s.front.url+"/callbacks/dingtalk/robot", s.front.url+"/callbacks/dingtalk/event")
	return s, w
}

// heard waits until the bot has written to somebody on DingTalk, and returns how often one text is among what it wrote.
func (s *site) heard(p world.Person, text string) (n int) {
	s.t.Helper()
	eventually(s.t, 20*time.Second, p.Name+" reads "+text, func() error {
		n = 0
		for _, m := range s.messages("dingtalk", p, 0) {
			if m.From == world.Bot && strings.Contains(m.Text, text) {
				n++
			}
		}
		if n == 0 {
			return errors.New("not there")
		}
		return nil
	})
	return n
}

// TestDingTalkOverHTTP: messages, clicks and events come by signed calls, each once and each a second time, and end as over the stream; what comes from somebody else is
// refused, although the platform signs nothing but the time; what nobody took is fetched.
func TestDingTalkOverHTTP(t *testing.T) {
	t.Parallel()
	s, w := overHTTP(t)
	boss, lina, zhang := s.people[0], s.people[1], s.people[2]
	g := s.run()
	eventually(t, 20*time.Second, "the console's check of the event address", s.em.DingTalk().VerifyEventURL) // whoever saves it tries again where a machine is slow
	eventually(t, 20*time.Second, "the address of clicks", func() error { return s.registered() })
	s.allWell(g.addr)

	w.repeat(true)
	if out, err := s.say(t.Context(), "dingtalk", lina, "我的客户"); err != nil || !out.Accepted {
		t.Fatal(out, err)
	}
	s.heard(lina, "客户")
	message := w.last(t, "/robot")
	s.lead("c1", "华星机械")
	drained(t, g.app.Store(), 20*time.Second)
	card := s.leadsOf("dingtalk", lina, "", 0)
	if len(card) != 1 {
		t.Fatalf("%d cards", len(card))
	}
	if out, err := s.click(t.Context(), "dingtalk", lina, card[0].message, "claim"); err != nil || !out.Accepted {
		t.Fatal(out, err)
	}
	drained(t, g.app.Store(), 20*time.Second)
	for _, p := range []world.Person{lina, zhang} {
		for _, v := range s.leadsOf("dingtalk", p, "", 0) {
			if v.claimable() || !v.names("李娜") {
				t.Errorf("%s sees %+v", p.Name, v)
			}
		}
	}
	w.repeat(false)
	s.nothingForged(w, message, boss)
	if n := s.heard(lina, "客户"); n != 1 {
		t.Errorf("a message that came twice was answered %d times", n)
	}
	s.eventsCome(g, w, zhang)
	noneDead(t, g.app.Store())

	g.end(t)
	s.front.lead()
	tried := w.count("/event")
	if err := s.control(t.Context(), http.MethodDelete, "/people/lina", nil, nil); err != nil {
		t.Fatal(err)
	}
	eventually(t, 20*time.Second, "three tries", func() error {
		if n := w.count("/event") - tried; n < 3 {
			return fmt.Errorf("%d", n)
		}
		return nil
	})
	g = s.run()
	s.events(g, 2)
	if _, there := g.app.Directory().ByPlatform("dingtalk", lina.DingTalk); there {
		t.Error("who left while no gateway ran still works")
	}
}

// registered reports whether a gateway has told where clicks go.
func (s *site) registered() error {
	var all []emulator.Request // nothing is cleared: what arrives between two calls counts as well
	if err := s.control(s.t.Context(), http.MethodGet, "/requests", nil, &all); err != nil {
		return err
	}
	for _, r := range all {
		if strings.HasSuffix(r.Path, "/v1.0/card/callbacks/register") && r.Status == http.StatusOK {
			return nil
		}
	}
	return errors.New("not registered")
}

// allWell lets doctor look at the gateway, and at what it says where the keys are others.
func (s *site) allWell(addr string) {
	s.t.Helper()
	look := func(change func(*app.Finding) bool, text ...string) (unwell []string) {
		cfg := s.config(addr)
		if len(text) > 0 {
			cfg.Bots.DingTalk.EventToken = configs.NewSecret(text[0])
		}
		for _, f := range app.Doctor(s.t.Context(), cfg, app.WithClock(s.now)) {
			if strings.HasPrefix(f.Part, "bots.dingtalk") && change(&f) {
				unwell = append(unwell, fmt.Sprintf("%s %s %s | %s", f.Part, f.Health, f.What, f.Fix))
			}
		}
		return unwell
	}
	said := strings.Join(look(func(f *app.Finding) bool { return true }), "\n")
	for _, part := range []string{"callback.robot ok", "callback.card ok", "callback.event ok"} {
		if !strings.Contains(said, part) {
			s.t.Errorf("doctor does not say %q:\n%s", part, said)
		}
	}
	sick := func(f *app.Finding) bool { return f.Health != app.Well }
	if unwell := look(sick); len(unwell) > 0 {
		s.t.Errorf("doctor finds %q", unwell)
	}
	if unwell := look(sick, "anotherToken"); len(unwell) != 1 || !strings.Contains(unwell[0], "callback.event wrong") || !strings.Contains(unwell[0], "401") {
		s.t.Errorf("with another token doctor finds %q", unwell)
	}
}

// nothingForged tries what somebody can do who listened to a message and a click.
func (s *site) nothingForged(w *tap, message kept, boss world.Person) {
	s.t.Helper()
	click := w.last(s.t, "/card")
	unsigned, foreign := message, message
	unsigned.header, foreign.header = http.Header{}, message.header.Clone()
	foreign.header.Set("Sign", "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
	forged := func(what string, want, got int) {
		s.t.Helper()
		if got != want {
			s.t.Errorf("%s: %d, want %d", what, got, want)
		}
	}
	forged("the same message again", http.StatusOK, message.forge(s.t))
	forged("no signature", http.StatusUnauthorized, unsigned.forge(s.t))
	forged("a signature of somebody else", http.StatusUnauthorized, foreign.forge(s.t))
	forged("at once, in the manager's name", http.StatusUnauthorized, message.forge(s.t, "user002", boss.DingTalk, "我的客户", "公海名单"))
	s.advance(11 * time.Second)
	forged("the same click again", http.StatusOK, click.forge(s.t))
	forged("another message under the signature", http.StatusUnauthorized, message.forge(s.t, "我的客户", "放弃 华星机械"))
	forged("another click under the signature", http.StatusUnauthorized, click.forge(s.t, "user002", "manager4220"))
	s.advance(61 * time.Minute)
	forged("the message an hour later", http.StatusUnauthorized, message.forge(s.t))
}

// eventsCome has somebody leave: the platform says so in an encrypted event.
func (s *site) eventsCome(g *inProcess, w *tap, p world.Person) {
	s.t.Helper()
	w.repeat(true)
	defer w.repeat(false)
	if err := s.control(s.t.Context(), http.MethodDelete, "/people/"+p.ID, nil, nil); err != nil {
		s.t.Fatal(err)
	}
	eventually(s.t, 20*time.Second, p.Name+" is gone", func() error {
		if _, there := g.app.Directory().ByPlatform("dingtalk", p.DingTalk); there {
			return errors.New("still there")
		}
		return nil
	})
	s.events(g, 1)
}

// events waits until n events of the address book are worked off, and no more.
func (s *site) events(g *inProcess, n int) {
	s.t.Helper()
	eventually(s.t, 20*time.Second, fmt.Sprint(n, " events"), func() error {
		done, err := g.app.Store().Events(context.Background(), inbox.Done, 1000)
		if err != nil {
			return err
		}
		have := 0
		for _, e := range done {
			if strings.HasPrefix(e.ID, "staff:dingtalk:event:") {
				have++
			}
		}
		if have != n {
			return fmt.Errorf("%d are stored", have)
		}
		return nil
	})
}
