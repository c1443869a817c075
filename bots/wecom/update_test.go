package wecom

import (
	"encoding/json"
	"errors"
	"slices"
	"testing"

	"lingke/bots"
)

func claimed() bots.Outgoing {
	m := lead("a")
	m.Card.State, m.Card.Closed = "已被张三领取", "已被张三领取"
	return m
}

func TestUpdateUsesTheNewestCodeThatThePlatformTakes(t *testing.T) {
	const ok, used, busy, limit = `{"errcode":0}`, `{"errcode":60140,"errmsg":"invalid response_code"}`, `{"errcode":-1}`, `{"errcode":45009}`
	cases := map[string]struct {
		codes   []string
		answers []string
		tried   []string
		left    []string
		kind    error
		fails   bool
	}{
		"newest works":            {[]string{"old", "new"}, []string{ok}, []string{"new"}, []string{"old"}, nil, false},
		"spent code, older works": {[]string{"a", "b", "c"}, []string{used, ok}, []string{"c", "b"}, []string{"a"}, nil, false},
		"all spent":               {[]string{"a", "b"}, []string{used}, []string{"b", "a"}, nil, bots.ErrNotUpdatable, true},
		"no code at all":          {nil, nil, nil, nil, bots.ErrNotUpdatable, true},
		"busy keeps the code":     {[]string{"a", "b"}, []string{used, busy}, []string{"b", "a"}, []string{"a"}, nil, true},
		"limit keeps the code":    {[]string{"a"}, []string{limit}, []string{"a"}, []string{"a"}, bots.ErrRateLimited, true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPlatform(t)
			p.script(updatePath, c.answers...)
			given := slices.Clone(c.codes)
			h, err := openBot(t, p.URL).Update(t.Context(), bots.Handle{Message: "m", Codes: given}, claimed())
			if (err != nil) != c.fails || (c.kind != nil && !errors.Is(err, c.kind)) {
				t.Errorf("err = %v, want failure %v of kind %v", err, c.fails, c.kind)
			}
			if h.Message != "m" || !slices.Equal(h.Codes, c.left) || !slices.Equal(given, c.codes) {
				t.Errorf("handle = %+v (given %v), want codes %v", h, given, c.left)
			}
			var tried []string
			for _, call := range p.to(updatePath) {
				var body cardUpdate
				if err := json.Unmarshal([]byte(call.Body), &body); err != nil {
					t.Fatal(err)
				}
				if body.AtAll != 1 || body.AgentID != testConfig.AgentID || body.TemplateCard.ReplaceText != "已被张三领取" {
					t.Errorf("body = %s", call.Body)
				}
				tried = append(tried, body.ResponseCode)
			}
			if !slices.Equal(tried, c.tried) {
				t.Errorf("tried %v, want %v", tried, c.tried)
			}
		})
	}
}

func TestUpdateNeedsACard(t *testing.T) {
	b := openBot(t, "http://127.0.0.1:1")
	if _, err := b.Update(t.Context(), bots.Handle{Codes: []string{"a"}}, bots.Outgoing{ID: "x", Text: "t"}); !errors.Is(err, bots.ErrPermanent) {
		t.Errorf("err = %v, want ErrPermanent", err)
	}
}

func TestRecall(t *testing.T) {
	p := newPlatform(t)
	p.script(recallPath, `{"errcode":0}`, `{"errcode":42052,"errmsg":"expired"}`)
	b := openBot(t, p.URL)
	if err := b.Recall(t.Context(), bots.Handle{Message: "m-1"}); err != nil {
		t.Error(err)
	}
	if body := p.to(recallPath)[0].Body; body != `{"msgid":"m-1"}` {
		t.Errorf("body = %s", body)
	}
	if err := b.Recall(t.Context(), bots.Handle{Message: "m-1"}); !errors.Is(err, bots.ErrNotUpdatable) {
		t.Errorf("after a day: %v", err)
	}
	if err := b.Recall(t.Context(), bots.Handle{}); !errors.Is(err, bots.ErrNotUpdatable) {
		t.Errorf("without an id: %v", err)
	}
}
