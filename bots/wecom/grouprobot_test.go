package wecom_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"lingke/bots"
	"lingke/bots/wecom"
)

func TestAGroupRobotTellsAGroup(t *testing.T) {
	o := newOffice(t)
	o.e.World().AddGroup("wecom", "sales", "销售大群", "LiNa", "ZhangWei")
	bot, err := wecom.Open(wecom.Config{CorpID: "wwcorp", AgentID: 1000002, Secret: "secret-of-the-app", Token: "demoToken123", EncodingAESKey: officeKey, BaseURL: o.url,
		Robots: map[string]string{"sales": "robot-key-1", "gone": "robot-key-9"}})
	if err != nil {
		t.Fatal(err)
	}
	send := func(robot, text string, card *bots.Card) error {
		_, err := bot.Send(t.Context(), bots.Outgoing{ID: "m", Conversation: bots.RobotPrefix + robot, Text: text, Card: card})
		return err
	}
	card := bots.Card{Title: "华东精密", State: "待领取", Actions: []bots.Action{{ID: "claim", Label: "领取"}}}
	for _, err := range []error{send("sales", "张伟 升为 **A** 级 <&>", nil), send("sales", "", &card)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	seen := o.sees("zhang")
	if len(seen) != 2 || seen[0].Text != "张伟 升为 **A** 级 <&>" || !strings.Contains(seen[1].Text, "请在与应用的单聊中操作") {
		t.Errorf("zhang sees %+v", seen)
	}
	for _, robot := range []string{"gone", "unknown"} {
		if err := send(robot, "x", nil); !errors.Is(err, bots.ErrMisconfigured) || strings.Contains(fmt.Sprint(err), "robot-key") {
			t.Errorf("%s: %v", robot, err)
		}
	}
	for i := 0; err == nil && i < 25; i++ {
		err = send("sales", "x", nil)
	}
	if !errors.Is(err, bots.ErrRateLimited) || bots.RetryAfter(err) <= 0 {
		t.Errorf("the 21st message of the minute: %v", err)
	}
}

func TestTheMenuSaysItsWords(t *testing.T) {
	o := newOffice(t)
	items := []wecom.MenuItem{{Name: "今日", Say: "今日"}, {Name: "更多", Items: []wecom.MenuItem{{Name: "A级名单", Say: "名单 A级"}}}}
	for i, want := range []bool{true, false} {
		if changed, err := o.bot.SetMenu(t.Context(), items); err != nil || changed != want {
			t.Errorf("time %d: %v, %v", i, changed, err)
		}
	}
	items[0].Say = "今天"
	if changed, err := o.bot.SetMenu(t.Context(), items); err != nil || !changed {
		t.Errorf("another word: %v, %v", changed, err)
	}
	menu := o.e.WeCom().Menu()
	if len(menu) != 2 || menu[1].Items[0].Name != "A级名单" {
		t.Fatalf("%+v", menu)
	}
	out := o.post("/_emulator/menu", map[string]string{"person": "zhang", "key": menu[1].Items[0].Key})
	if m := (<-o.came).Message; out["accepted"] != true || m == nil || m.From != "ZhangWei" || m.Text != "名单 A级" {
		t.Errorf("%v, %+v", out, m)
	}
}
