package wecom

import (
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// event is a callback as an app reads it.
type event struct {
	ToUserName, FromUserName, MsgType, Content, MsgId, Event, EventKey, TaskId, CardType, ResponseCode string
	CreateTime                                                                                         int64
	AgentID                                                                                            int
	Items                                                                                              []struct {
		QuestionKey string
		OptionIds   struct{ OptionId []string }
	} `xml:"SelectedItems>SelectedItem"`
}

func read(t *testing.T, inner string) event {
	t.Helper()
	var e event
	if err := xml.Unmarshal([]byte(inner), &e); err != nil {
		t.Fatalf("%s: %v", inner, err)
	}
	return e
}

func TestSay(t *testing.T) {
	t.Parallel()
	b := open(t)
	b.app.answer = func(int, string) (int, string) {
		return 200, b.app.sealed("<xml>" + element("MsgType", "text") + element("Content", "您好") + "</xml>")
	}
	if err := b.Say(t.Context(), people[0], "", "线索 ]]> 今日"); err != nil {
		t.Fatal(err)
	}
	e := read(t, b.app.seen()[0])
	if e.ToUserName != "ww1a2b3c4d5e6f7a8b" || e.FromUserName != "ZhangSan" || e.MsgType != "text" || e.Content != "线索 ]]> 今日" || e.MsgId == "" || e.AgentID != 1000002 || e.CreateTime != start.Unix() {
		t.Errorf("%+v", e)
	}
	if list := b.messages("ZhangSan"); len(list) != 2 || list[0].From != "zhang" || list[1].Text != "您好" {
		t.Errorf("%+v", list)
	}
}

func TestSayRefusals(t *testing.T) {
	t.Parallel()
	b := open(t)
	if err := b.Say(t.Context(), people[3], "", "x"); !errors.Is(err, ErrNoAccount) {
		t.Error(err)
	}
	if err := b.Say(t.Context(), people[0], "g1", "x"); !errors.Is(err, ErrGroup) || len(b.app.seen()) != 0 {
		t.Error(err)
	}
	b.SetCallbackURL("")
	if err := b.Say(t.Context(), people[0], "", "x"); !errors.Is(err, ErrNoCallback) {
		t.Error(err)
	}
}

func TestClickChangesTheClickersCardOnly(t *testing.T) {
	t.Parallel()
	b := open(t)
	id, _ := b.sendCard()
	b.app.answer = func(int, string) (int, string) {
		return 200, b.app.sealed("<xml>" + element("MsgType", "update_button") + "<Button>" + element("ReplaceName", "已认领") + "</Button></xml>")
	}
	if _, err := b.Click(t.Context(), people[0], id, "claim", map[string]string{"prio": "h"}); err != nil {
		t.Fatal(err)
	}
	e := read(t, b.app.seen()[0])
	if e.Event != "template_card_event" || e.EventKey != "claim" || e.TaskId != "lead_1" || e.CardType != "button_interaction" || e.ResponseCode == "" ||
		len(e.Items) != 1 || e.Items[0].QuestionKey != "prio" || fmt.Sprint(e.Items[0].OptionIds.OptionId) != "[h]" || e.MsgId != "" {
		t.Errorf("%+v", e)
	}
	if b.card("ZhangSan").Note != "已认领" || b.card("LiSi").Note != "" {
		t.Error("the passive reply is for the one who clicked")
	}
	if _, err := b.Click(t.Context(), people[0], id, "claim", nil); !errors.Is(err, ErrNoButton) {
		t.Errorf("nothing is left to press: %v", err)
	}
	if out := b.post("message/update_template_card", `{"atall":1,"agentid":1000002,"response_code":"`+e.ResponseCode+`","button":{"replace_name":"张伟 已认领"}}`); errcode(out) != "0" || b.card("LiSi").Note != "张伟 已认领" {
		t.Error(out)
	}
}

func TestEachClickHasItsOwnCode(t *testing.T) {
	t.Parallel()
	b := open(t)
	id, first := b.sendCard()
	codes := map[string]bool{first: true}
	for _, p := range people[:2] {
		if _, err := b.Click(t.Context(), p, id, "skip", nil); err != nil {
			t.Fatal(err)
		}
	}
	for _, inner := range b.app.seen() {
		e := read(t, inner)
		codes[e.ResponseCode] = true
		if fmt.Sprint(e.Items[0].OptionIds.OptionId) != "[n]" {
			t.Errorf("the card's own choice: %+v", e.Items)
		}
	}
	if len(codes) != 3 {
		t.Errorf("%d codes", len(codes))
	}
}

func TestPassiveCardAndItsCode(t *testing.T) {
	t.Parallel()
	b := open(t, func(o *Options) { o.PassiveTakesCode = true })
	id, _ := b.sendCard()
	b.app.answer = func(int, string) (int, string) {
		return 200, b.app.sealed(`<xml><MsgType>update_template_card</MsgType><TemplateCard><CardType>button_interaction</CardType><TaskId>lead_1</TaskId><MainTitle><Title>改</Title></MainTitle>` +
			`<HorizontalContentList><KeyName>负责人</KeyName><Value>张伟</Value></HorizontalContentList><ButtonList><Text>完成</Text><Style>2</Style><Key>done</Key></ButtonList></TemplateCard></xml>`)
	}
	if _, err := b.Click(t.Context(), people[0], id, "claim", nil); err != nil {
		t.Fatal(err)
	}
	if c := b.card("ZhangSan"); c.Title != "改" || len(c.Actions) != 1 || c.Actions[0].ID != "done" || c.Fields[0].Value != "张伟" {
		t.Errorf("%+v", c)
	}
	e := read(t, b.app.seen()[0])
	if out := b.post("message/update_template_card", `{"atall":1,"agentid":1000002,"response_code":"`+e.ResponseCode+`","button":{"replace_name":"x"}}`); errcode(out) != "60140" {
		t.Error(out)
	}
}

func TestMenuVoteAndLink(t *testing.T) {
	t.Parallel()
	b := open(t)
	send := func(card string) string {
		out := b.post("message/send", cardMessage("ZhangSan", card))
		return fmt.Sprint(out["msgid"])
	}
	menu := send(`{"card_type":"text_notice","task_id":"m","main_title":{"title":"t"},"card_action":{"type":1,"url":"https://x"},"action_menu":{"action_list":[{"text":"免打扰","key":"mute"}]}}`)
	vote := send(`{"card_type":"vote_interaction","task_id":"v","main_title":{"title":"t"},"checkbox":{"question_key":"q","mode":1,"option_list":[{"id":"1","text":"a"},{"id":"2","text":"b"},{"id":"3","text":"c"}]},"submit_button":{"key":"s"}}`)
	link := send(buttonBody)
	for _, click := range []struct{ id, key string }{{menu, "mute"}, {vote, "s"}} {
		if _, err := b.Click(t.Context(), people[0], click.id, click.key, map[string]string{"q": "3,1,9"}); err != nil {
			t.Fatal(err)
		}
	}
	if toast, err := b.Click(t.Context(), people[0], link, "https://x", nil); err != nil || toast != "打开 https://x" {
		t.Error(toast, err)
	}
	seen := b.app.seen()
	if e := read(t, seen[0]); e.Event != "template_card_menu_event" || e.EventKey != "mute" || len(e.Items) != 0 {
		t.Errorf("%+v", e)
	}
	if e := read(t, seen[1]); fmt.Sprint(e.Items[0].OptionIds.OptionId) != "[3 1]" || len(seen) != 2 {
		t.Errorf("%+v", e)
	}
}

func TestBadRepliesAreIgnored(t *testing.T) {
	t.Parallel()
	for name, answer := range map[string]func(*app) string{
		"a text to a click":  func(a *app) string { return a.sealed("<xml><MsgType>text</MsgType><Content>x</Content></xml>") },
		"bad signature":      func(a *app) string { return strings.Replace(a.sealed("<xml/>"), "<TimeStamp>1", "<TimeStamp>2", 1) },
		"plain text":         func(*app) string { return "ok" },
		"for another corpid": func(*app) string { return (&app{crypt: newCrypt("demoToken123", aesKey, "x")}).sealed("<xml/>") },
		"a card with errors": func(a *app) string {
			return a.sealed("<xml><MsgType>update_template_card</MsgType><TemplateCard><CardType>x</CardType></TemplateCard></xml>")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := open(t)
			id, _ := b.sendCard()
			b.app.answer = func(int, string) (int, string) { return 200, answer(b.app) }
			if _, err := b.Click(t.Context(), people[0], id, "claim", nil); err != nil {
				t.Fatal(err)
			}
			if got := b.Stats(); got.BadReplies != 1 || b.card("ZhangSan").Note != "" || len(b.messages("ZhangSan")) != 1 {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestRedelivery(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name       string
		opts       func(*Options)
		fail       int // how many tries fail
		hang       bool
		tries      int
		lost       int
		firstFails bool
	}{
		{"a status is tried again", nil, 1, false, 2, 0, true},
		{"a time-out is tried again", nil, 2, true, 3, 0, true},
		{"after the last try it is lost", nil, 9, false, 3, 1, true},
		{"four deliveries", func(o *Options) { o.Deliveries = 4 }, 9, false, 4, 1, true},
		{"only time-outs", func(o *Options) { o.OnlyTimeouts = true }, 9, false, 1, 1, true},
		{"only time-outs, hanging", func(o *Options) { o.OnlyTimeouts = true }, 1, true, 2, 0, true},
		{"taken at once", nil, 0, false, 1, 0, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := open(t, func(o *Options) {
					if tc.opts != nil {
						tc.opts(o)
					}
				})
				began := time.Now()
				b.app.wait = func(ctx context.Context, try int) error {
					if tc.hang && try <= tc.fail {
						<-ctx.Done()
						return ctx.Err()
					}
					return nil
				}
				b.app.answer = func(try int, _ string) (int, string) {
					if try <= tc.fail {
						return 500, ""
					}
					return 200, ""
				}
				err := b.Say(t.Context(), people[0], "", "x")
				if errors.Is(err, ErrUnanswered) != tc.firstFails {
					t.Errorf("Say = %v", err)
				}
				b.work.Wait()
				seen := b.app.seen()
				for _, inner := range seen {
					if inner != seen[0] {
						t.Errorf("a redelivery changed the inner message: %s", inner)
					}
				}
				if len(seen) != tc.tries || b.Stats().Lost != tc.lost {
					t.Errorf("%d tries, %+v", len(seen), b.Stats())
				}
				want := time.Duration(tc.tries-1) * 5 * time.Second
				if tc.hang {
					want += time.Duration(tc.fail) * 5 * time.Second
				}
				if took := time.Since(began); took != want {
					t.Errorf("took %s, want %s", took, want)
				}
			})
		})
	}
}

func TestCloseEndsRedeliveries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := open(t)
		b.app.answer = func(int, string) (int, string) { return 500, "" }
		_ = b.Say(t.Context(), people[0], "", "x")
		b.Close()
		if got := len(b.app.seen()); got != 1 {
			t.Errorf("%d tries", got)
		}
	})
}

func TestVerifyCallback(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		answer func(plain string) (int, string)
		good   bool
	}{
		{"exactly the text", func(p string) (int, string) { return 200, p }, true},
		{"a newline", func(p string) (int, string) { return 200, p + "\n" }, false},
		{"quotes", func(p string) (int, string) { return 200, `"` + p + `"` }, false},
		{"a byte order mark", func(p string) (int, string) { return 200, "\ufeff" + p }, false},
		{"an error", func(p string) (int, string) { return 401, p }, false},
	} {
		b := open(t)
		b.app.answer = func(_ int, inner string) (int, string) { return tc.answer(inner) }
		if err := b.VerifyCallback(t.Context()); (err == nil) != tc.good || err != nil && !errors.Is(err, ErrVerify) {
			t.Errorf("%s: %v", tc.name, err)
		}
	}
}

func TestEvent(t *testing.T) {
	t.Parallel()
	b := open(t)
	if err := b.Event(t.Context(), people[0], "enter_agent", ""); err != nil {
		t.Fatal(err)
	}
	if e := read(t, b.app.seen()[0]); e.Event != "enter_agent" || e.MsgType != "event" || e.MsgId != "" {
		t.Errorf("%+v", e)
	}
}
