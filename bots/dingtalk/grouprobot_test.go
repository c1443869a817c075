package dingtalk_test

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"lingke/bots"
	"lingke/bots/dingtalk"
	emulated "lingke/internal/emulator/dingtalk"
)

func TestAGroupRobotTellsAGroup(t *testing.T) {
	o := newOffice(t, func(opt *emulated.Options) {
		opt.Webhooks = []emulated.Webhook{{Token: "robot-token-1", Secret: "SEC0123456789abcdef", Conversation: "cidG=="}, {Token: "robot-token-2", Keywords: []string{"领客"}, Conversation: "cidG=="}}
	})
	o.e.World().AddGroup("dingtalk", "cidG==", "销售大群", "u-li", "u-zhang")
	now := time.Now()
	var log bytes.Buffer
	bot, err := dingtalk.Open(dingtalk.Config{ClientID: "dingapp", ClientSecret: "secret", CardTemplate: "t.schema", BaseURL: o.URL, OapiURL: o.URL,
		Robots: map[string]dingtalk.GroupRobot{"signed": {Token: "robot-token-1", Secret: "SEC0123456789abcdef"}, "worded": {Token: "robot-token-2", Keyword: "领客"},
			"wrong": {Token: "robot-token-1", Secret: "SECother"}, "gone": {Token: "robot-token-9"}}},
		dingtalk.WithHTTPClient(http.DefaultClient), dingtalk.WithClock(func() time.Time { return now }), dingtalk.WithLogger(slog.New(slog.NewTextHandler(&log, nil))))
	if err != nil {
		t.Fatal(err)
	}
	send := func(robot, id string, card *bots.Card) error {
		m := bots.Outgoing{ID: id, Conversation: bots.RobotPrefix + robot, Card: card}
		if card == nil {
			m.Text = "张伟 升为 A 级 " + id
		}
		_, err := bot.Send(t.Context(), m)
		return err
	}
	for _, err := range []error{send("signed", "a", nil), send("signed", "a", nil), send("worded", "b", nil), send("signed", "c", emulatedCard("待领取", ""))} {
		if err != nil {
			t.Fatal(err)
		}
	}
	seen := o.sees("zhang")
	if len(seen) != 3 || !strings.Contains(seen[0].Text, "升为 A 级 a") || !strings.Contains(seen[1].Text, "领客") || !strings.Contains(seen[2].Text, "新线索：杭州精工") {
		t.Errorf("zhang sees %+v", seen)
	}
	for robot, kind := range map[string]error{"unknown": bots.ErrMisconfigured, "wrong": bots.ErrPermanent, "gone": bots.ErrPermanent} {
		err := send(robot, "d", nil)
		if err == nil || robot == "unknown" && !errors.Is(err, kind) {
			t.Errorf("%s: %v", robot, err)
		}
		if text := fmt.Sprint(err) + log.String(); strings.Contains(text, "robot-token") || strings.Contains(text, "SEC") {
			t.Errorf("%s: a secret is told: %s", robot, text)
		}
	}
	for i := range 25 { // three went out within this minute
		err = send("signed", fmt.Sprint("m", i), nil)
		if err != nil {
			break
		}
	}
	if !errors.Is(err, bots.ErrRateLimited) || bots.RetryAfter(err) != time.Minute {
		t.Errorf("the 21st message of the minute: %v", err)
	}
	now = now.Add(time.Minute)
	o.post("/_emulator/clock", map[string]any{"now": now.Add(time.Second)})
	if err := send("signed", "next", nil); err != nil {
		t.Errorf("a minute later: %v", err)
	}
}
