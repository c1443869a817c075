package dingtalk

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"lingke/bots"
)

const (
	batchPath = "/v1.0/robot/oToMessages/batchSend"
	groupPath = "/v1.0/robot/groupMessages/send"
	replyPath = "/robot/sendBySession"
)

func TestTextTakesTheCheapestWay(t *testing.T) {
	t.Parallel()
	expired := answer{200, `{"errcode":300001,"errmsg":"session 不存在"}`}
	for _, c := range []struct {
		name  string
		m     bots.Outgoing
		reply answer
		want  []string // paths called, without the token's
		kind  error
	}{
		{"reply address", bots.Outgoing{To: []string{"u1"}, ReplyURL: "own", ReplyUntil: noon.Add(time.Minute)}, answer{200, `{"errcode":0}`}, []string{replyPath}, nil},
		{"reply address without an end", bots.Outgoing{To: []string{"u1"}, ReplyURL: "own"}, answer{200, `{"errcode":0}`}, []string{replyPath}, nil},
		{"expired reply address", bots.Outgoing{To: []string{"u1"}, ReplyURL: "own", ReplyUntil: noon}, expired, []string{batchPath}, nil},
		{"refused reply address", bots.Outgoing{To: []string{"u1"}, ReplyURL: "own", ReplyUntil: noon.Add(time.Minute)}, expired, []string{replyPath, batchPath}, nil},
		{"refused reply address in a group", bots.Outgoing{Conversation: "cid", ReplyURL: "own"}, expired, []string{replyPath, groupPath}, nil},
		{"refused reply address and nobody else", bots.Outgoing{ReplyURL: "own"}, expired, []string{replyPath}, bots.ErrPermanent},
		{"a stranger's reply address", bots.Outgoing{To: []string{"u1"}, ReplyURL: "https://evil.example/robot/sendBySession"}, answer{}, []string{batchPath}, nil},
		{"a stranger behind our name", bots.Outgoing{To: []string{"u1"}, ReplyURL: "https://oapi.dingtalk.com@evil.example/"}, answer{}, []string{batchPath}, nil},
		{"a stranger's suffix", bots.Outgoing{To: []string{"u1"}, ReplyURL: "https://oapi.dingtalk.com.evil.example/"}, answer{}, []string{batchPath}, nil},
		{"only a stranger's address", bots.Outgoing{ReplyURL: "http://169.254.169.254/"}, answer{}, nil, bots.ErrPermanent},
		{"people", bots.Outgoing{To: []string{"u1"}}, answer{}, []string{batchPath}, nil},
		{"group", bots.Outgoing{Conversation: "cid"}, answer{}, []string{groupPath}, nil},
	} {
		p := newPlatform(t)
		p.on(replyPath, c.reply)
		if c.m.ReplyURL == "own" {
			c.m.ReplyURL = p.URL + replyPath + "?session=s"
		}
		c.m.ID, c.m.Text = "x", "**你好**\n第二行"
		_, err := p.bot(t, nil).Send(t.Context(), c.m)
		var paths []string
		for _, call := range p.calls {
			if call.Path != tokenPath {
				paths = append(paths, call.Path)
			}
			if call.Path == replyPath && call.Token != "" {
				t.Errorf("%s: the token went to the reply address", c.name)
			}
		}
		if diff := cmp.Diff(c.want, paths); diff != "" || !errors.Is(err, c.kind) {
			t.Errorf("%s: %v %s", c.name, err, diff)
		}
	}
}

func TestReplyThatTimedOutIsNotSentTwice(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	b := p.bot(t, nil)
	url := p.URL
	p.Close()
	_, err := b.Send(t.Context(), bots.Outgoing{ID: "x", To: []string{"u"}, Text: "hi", ReplyURL: url + "/robot/sendBySession?session=SESSION"})
	if err == nil || errors.Is(err, bots.ErrPermanent) || strings.Contains(err.Error(), "SESSION") {
		t.Errorf("got %v", err)
	}
}

func TestMessageParamIsTextAndNamesWhoIsLeftOut(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	p.on(batchPath, answer{200, `{"processQueryKey":"k","invalidStaffIdList":["u2"],"flowControlledStaffIdList":["u3","someone else"]}`})
	got, err := p.bot(t, nil).Send(t.Context(), bots.Outgoing{ID: "x", To: []string{"u1", "u2", "u3"}, Text: "### 今日 & <待办>\n- a"})
	want := bots.Receipt{Handle: bots.Handle{Message: "robot:k"}, Ask: 30 * time.Minute, Refused: []bots.Refusal{{To: "u2", Reason: "not a user id of this organisation"}, {To: "u3", Reason: "flow controlled"}}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Errorf("%v %s", err, diff)
	}
	body := p.to(batchPath)[0].Body
	if body["msgKey"] != "sampleMarkdown" || body["robotCode"] != "dingapp" ||
		body["msgParam"] != `{"title":"今日 & <待办>","text":"### 今日 & <待办>\n- a"}` {
		t.Errorf("sent %v", body)
	}
}

func TestEverybodyLeftOut(t *testing.T) {
	t.Parallel()
	for body, kind := range map[string]error{
		`{"invalidStaffIdList":["u1"]}`:        bots.ErrPermanent,
		`{"flowControlledStaffIdList":["u1"]}`: bots.ErrRateLimited,
	} {
		p := newPlatform(t)
		p.on(batchPath, answer{200, body})
		if _, err := p.bot(t, nil).Send(t.Context(), bots.Outgoing{ID: "x", To: []string{"u1"}, Text: "hi"}); !errors.Is(err, kind) {
			t.Errorf("%s: %v", body, err)
		}
	}
}

func TestLongTextIsCutWithItsEscapes(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"chinese": strings.Repeat("客户", 10000), "lines": strings.Repeat("\n", 20000), "quotes": strings.Repeat(`"`, 20000),
		"control": strings.Repeat("\x01", 20000), "invalid": strings.Repeat("\xff", 20000),
	} {
		m := fitMarkdown(text)
		if n := len(jsonText(m)); n > maxMsgParam || n < maxMsgParam/2 {
			t.Errorf("%s: %d bytes", name, n)
		}
		var back markdown
		if err := json.Unmarshal([]byte(jsonText(m)), &back); err != nil || back.Title == "" {
			t.Errorf("%s: %v %+v", name, err, back.Title)
		}
	}
}

func TestCardWithoutTemplateIsTextWithWordsToType(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	card := leadCard()
	r, err := p.bot(t, func(c *Config) { c.CardTemplate = "" }).Send(t.Context(), bots.Outgoing{ID: "x", To: []string{"u1"}, Card: &card})
	if err != nil || r.Handle.Message != "" {
		t.Fatalf("%+v, %v", r, err)
	}
	if text := p.to(batchPath)[0].Body["msgParam"].(string); !strings.Contains(text, "请回复：**领取 杭州精工机械有限公司**") {
		t.Errorf("sent %s", text)
	}
}
