package wecom_test

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"lingke/bots"
	"lingke/bots/wecom"
	"lingke/internal/emulator"
	emulated "lingke/internal/emulator/wecom"
	"lingke/internal/emulator/world"
)

// office is an emulated enterprise of two people, used through its public addresses only.
type office struct {
	t      *testing.T
	url    string
	e      *emulator.Emulator
	bot    *wecom.Bot
	came   chan bots.Incoming
	answer func(bots.Incoming) bots.Answer
}

const officeKey = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQ"

func newOffice(t *testing.T, more ...world.Person) *office {
	t.Helper()
	e, err := emulator.New(emulator.Options{
		People: append([]world.Person{{ID: "li", Name: "李娜", WeCom: "LiNa"}, {ID: "zhang", Name: "张伟", WeCom: "ZhangWei"}}, more...),
		WeCom: emulated.Options{CorpID: "wwcorp", AgentID: 1000002, Secret: "secret-of-the-app", Token: "demoToken123", AESKey: officeKey, Deliveries: 1,
			RobotKey: "robot-key-1", RobotChat: "sales"},
	})
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(e.Handler())
	o := &office{t: t, url: front.URL, e: e, came: make(chan bots.Incoming, 20)}
	o.bot, err = wecom.Open(wecom.Config{CorpID: "wwcorp", AgentID: 1000002, Secret: "secret-of-the-app", Token: "demoToken123", EncodingAESKey: officeKey, BaseURL: front.URL})
	if err != nil {
		t.Fatal(err)
	}
	back := httptest.NewServer(o.bot.Callback(func(_ context.Context, in bots.Incoming) (bots.Answer, error) {
		o.came <- in
		if o.answer == nil {
			return bots.Answer{}, nil
		}
		return o.answer(in), nil
	}))
	e.WeCom().SetCallbackURL(back.URL)
	t.Cleanup(func() { e.Close(); front.Close(); back.Close() })
	return o
}

func (o *office) post(path string, body any) map[string]any {
	o.t.Helper()
	data, err := json.Marshal(body)
	if err != nil {
		o.t.Fatal(err)
	}
	resp, err := http.Post(o.url+path, "application/json", bytes.NewReader(data))
	if err != nil {
		o.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var out map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil || resp.StatusCode != http.StatusOK {
		o.t.Fatalf("%s: %d %v %v", path, resp.StatusCode, out, err)
	}
	return out
}

// sees lists what a person sees in all conversations.
func (o *office) sees(person string) []world.Message {
	o.t.Helper()
	resp, err := http.Get(o.url + "/_emulator/conversations?platform=wecom&person=" + person)
	if err != nil {
		o.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	var conversations []struct{ Messages []world.Message }
	if err := json.NewDecoder(resp.Body).Decode(&conversations); err != nil {
		o.t.Fatal(err)
	}
	var all []world.Message
	for _, c := range conversations {
		all = append(all, c.Messages...)
	}
	return all
}

func (o *office) click(person, message, action string, inputs map[string]string) bots.Click {
	o.t.Helper()
	out := o.post("/_emulator/clicks", map[string]any{"platform": "wecom", "person": person, "message": message, "action": action, "inputs": inputs})
	if out["accepted"] != true {
		o.t.Fatalf("the click is not accepted: %v", out)
	}
	return *(<-o.came).Click
}

func reasons(n int) []bots.Option {
	var out []bots.Option
	for i := range n {
		out = append(out, bots.Option{ID: string(rune('a' + i)), Label: "原因" + string(rune('A'+i))})
	}
	return out
}

// Each shape of question becomes the platform's own card type, is taken by it, and its answers come back under the same names.
func TestSelectionsBecomeThePlatformsCards(t *testing.T) {
	one := func(n int) []bots.Input {
		return []bots.Input{{ID: "reason", Label: "原因", Required: true, Options: reasons(n)}}
	}
	two := append(one(3), bots.Input{ID: "again", Label: "何时再联系", Required: true, Options: reasons(2)})
	fields := []bots.Field{{Name: "得分", Value: "86"}}
	for _, c := range []struct {
		name    string
		card    bots.Card
		given   map[string]string
		brought map[string]string
		missing int
	}{
		{"a choice beside buttons", bots.Card{Fields: fields, Actions: []bots.Action{{ID: "claim", Label: "领取"}, {ID: "pass", Label: "不合适", Inputs: one(3)}}},
			map[string]string{"reason": "b"}, map[string]string{"reason": "b"}, 0},
		{"a choice that nobody opened", bots.Card{Fields: fields, Actions: []bots.Action{{ID: "claim", Label: "领取"}, {ID: "pass", Label: "不合适", Inputs: one(3)}}},
			nil, map[string]string{"reason": ""}, 1},
		{"two choices on a card of their own", bots.Card{Actions: []bots.Action{{ID: "pass", Label: "提交", Inputs: two}}},
			map[string]string{"reason": "c", "again": "a"}, map[string]string{"reason": "c", "again": "a"}, 0},
		{"one of two chosen", bots.Card{Actions: []bots.Action{{ID: "pass", Label: "提交", Inputs: two}}},
			map[string]string{"again": "a"}, map[string]string{"reason": "", "again": "a"}, 1},
		{"a long list", bots.Card{Actions: []bots.Action{{ID: "pass", Label: "提交", Inputs: one(20)}}},
			map[string]string{"reason": "t"}, map[string]string{"reason": "t"}, 0},
		{"a line of text, which no card can ask for", bots.Card{Fields: fields, Actions: []bots.Action{{ID: "pass", Label: "完成", Inputs: []bots.Input{{ID: "note", Label: "结果", Required: true}}}}},
			nil, nil, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOffice(t)
			c.card.Title = "这个客户不合适？"
			receipt, err := o.bot.Send(t.Context(), bots.Outgoing{ID: "q-1", To: []string{"LiNa", "ZhangWei"}, Card: &c.card})
			if err != nil {
				t.Fatal(err)
			}
			k := o.click("li", o.sees("li")[0].ID, "pass", c.given)
			action, _ := c.card.Action("pass")
			if got := len(action.Missing(k.Inputs)); got != c.missing {
				t.Errorf("%d inputs are missing of %v", got, k.Inputs)
			}
			for id, want := range c.brought {
				if k.Inputs[id] != want {
					t.Errorf("the click brought %v, want %v", k.Inputs, c.brought)
				}
			}
			receipt.Handle.Codes = append(receipt.Handle.Codes, k.Code)
			done := bots.Card{Title: c.card.Title, Closed: "已退回"}
			if _, err := o.bot.Update(t.Context(), receipt.Handle, bots.Outgoing{ID: "q-1", Card: &done}); err != nil {
				t.Fatal(err)
			}
			for _, person := range []string{"li", "zhang"} {
				if card := o.sees(person)[0].Card; card.Note != "已退回" || len(card.Actions) != 0 {
					t.Errorf("%s sees %+v", person, card)
				}
			}
		})
	}
}

func TestAButtonWithAnAddressOpensIt(t *testing.T) {
	o := newOffice(t)
	card := bots.Card{Title: "华东精密", Actions: []bots.Action{{ID: "detail", Label: "详情", URL: "https://crm.example.com/h5/c/1"}, {ID: "claim", Label: "领取"}}}
	if _, err := o.bot.Send(t.Context(), bots.Outgoing{ID: "q-1", To: []string{"LiNa"}, Card: &card}); err != nil {
		t.Fatal(err)
	}
	message := o.sees("li")[0]
	out := o.post("/_emulator/clicks", map[string]any{"platform": "wecom", "person": "li", "message": message.ID, "action": "https://crm.example.com/h5/c/1"})
	if len(message.Card.Actions) != 2 || out["toast"] != "打开 https://crm.example.com/h5/c/1" || len(o.came) != 0 {
		t.Errorf("%+v, %v", message.Card.Actions, out)
	}
}

func TestPicturesAndDocumentsAreUploadedAndShown(t *testing.T) {
	o := newOffice(t)
	for _, f := range []bots.Attachment{
		{Name: "chart.png", Data: []byte("\x89PNG\r\n\x1a\n 0123")}, {Name: "名单.csv", Data: []byte("a,b,c,d")}, {Name: "chart.png", Data: bytes.Repeat([]byte("x"), 9<<20)},
	} {
		if _, err := o.bot.Send(t.Context(), bots.Outgoing{ID: "f", To: []string{"LiNa"}, File: &f}); err != nil {
			t.Fatalf("%s: %v", f.Name, err)
		}
	}
	seen := o.sees("li")
	if len(seen) != 3 || !strings.HasPrefix(seen[0].Image, "/") || seen[1].File != "名单.csv" {
		t.Fatalf("li sees %+v", seen)
	}
}

func TestAFileThatThePlatformDoesNotTakeIsToldInWords(t *testing.T) {
	o := newOffice(t)
	o.post("/_emulator/faults", map[string]any{"match": "POST /cgi-bin/media/upload", "times": 1, "status": 200, "body": map[string]any{"errcode": 45001, "errmsg": "media size out of limit"}})
	f := bots.Attachment{Name: "chart.png", Data: []byte("0123456789"), Alt: "转化率：12 %"}
	if _, err := o.bot.Send(t.Context(), bots.Outgoing{ID: "f", To: []string{"LiNa"}, File: &f}); err != nil {
		t.Fatal(err)
	}
	if seen := o.sees("li"); len(seen) != 1 || seen[0].Text != "转化率：12 %" {
		t.Errorf("li sees %+v", seen)
	}
}
