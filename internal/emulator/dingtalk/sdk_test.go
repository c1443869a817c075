package dingtalk_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/open-dingtalk/dingtalk-stream-sdk-go/card"
	"github.com/open-dingtalk/dingtalk-stream-sdk-go/chatbot"
	"github.com/open-dingtalk/dingtalk-stream-sdk-go/client"
	"github.com/open-dingtalk/dingtalk-stream-sdk-go/payload"
	"github.com/open-dingtalk/dingtalk-stream-sdk-go/utils"
	"go.uber.org/goleak"

	"lingke/internal/emulator/dingtalk"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m,
		goleak.IgnoreAnyFunction("net/http.(*persistConn).readLoop"),
		goleak.IgnoreAnyFunction("net/http.(*persistConn).writeLoop"))
}

// sdk connects DingTalk's official client.
func sdk(t *testing.T, a *app, onCard card.ICardCallbackHandler) <-chan *chatbot.BotCallbackDataModel {
	t.Helper()
	said := make(chan *chatbot.BotCallbackDataModel, 10)
	cards := card.NewDefaultPluginFrameHandler(onCard)
	c := client.NewStreamClient(
		client.WithAppCredential(client.NewAppCredentialConfig(clientID, secret)),
		client.WithOpenApiHost(a.url),
		client.WithAutoReconnect(false),
		client.WithSubscription(utils.SubscriptionTypeKCallback, payload.BotMessageCallbackTopic,
			chatbot.NewDefaultChatBotFrameHandler(func(_ context.Context, m *chatbot.BotCallbackDataModel) ([]byte, error) {
				said <- m
				return nil, nil
			}).OnEventReceived),
		client.WithSubscription(utils.SubscriptionTypeKCallback, payload.CardInstanceCallbackTopic, cards.OnEventReceived),
	)
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	a.counted(1)
	return said
}

func TestOfficialSDKGetsMessageAndReplies(t *testing.T) {
	a := start(t)
	said := sdk(t, a, nil)
	for conversation, kind := range map[string]string{"": "1", group: "2"} {
		if err := a.srv.Say(t.Context(), li, conversation, "今日"); err != nil {
			t.Fatal(err)
		}
		m := <-said
		if m.SenderStaffId != li.DingTalk || m.ConversationType != kind || m.RobotCode != clientID || m.CreateAt != a.clock.Now().UnixMilli() {
			t.Errorf("message = %+v", m)
		}
		if err := chatbot.NewChatbotReplier().SimpleReplyText(t.Context(), m.SessionWebhook, []byte("三位客户")); err != nil {
			t.Fatal(err)
		}
		list := a.messages(li, conversation)
		if len(list) != 2 || list[0].From != li.ID || list[1].Text != "三位客户" {
			t.Errorf("conversation %q = %+v", conversation, list)
		}
	}
}

func TestOfficialSDKAnswersClick(t *testing.T) {
	a := start(t)
	got := make(chan *card.CardRequest, 1)
	sdk(t, a, func(_ context.Context, r *card.CardRequest) (*card.CardResponse, error) {
		got <- r
		return &card.CardResponse{
			CardUpdateOptions: &card.CardUpdateOptions{UpdateCardDataByKey: true, UpdatePrivateDataByKey: true},
			CardData:          &card.CardDataDto{CardParamMap: map[string]string{"closed": "已被李娜领取"}},
			UserPrivateData:   &card.CardDataDto{CardParamMap: map[string]string{"toast": "领取成功", "state": "你已领取"}},
		}, nil
	})
	a.do("POST", createPath, lead("lead-9", li.DingTalk, zhang.DingTalk))
	toast, err := a.srv.Click(t.Context(), li, a.last(li).ID, "reject", map[string]string{"why": "far"})
	if err != nil || toast != "领取成功" {
		t.Fatalf("Click = %q, %v", toast, err)
	}
	r := <-got
	if r.OutTrackId != "lead-9" || r.UserId != li.DingTalk || r.CardActionData.CardPrivateData.ActionIdList[0] != "form" ||
		fmt.Sprint(r.CardActionData.CardPrivateData.Params["form"]) != "map[action:reject why:map[index:0 value:far]]" {
		t.Errorf("callback = %+v", r)
	}
	mine, other := a.last(li).Card, a.last(zhang).Card
	if other.Note != "已被李娜领取" || mine.Note != "已被李娜领取" || mine.State != "你已领取" || other.State != "待领取" || other.Title != "新线索" {
		t.Errorf("mine %+v, other %+v", mine, other)
	}
}

func TestOfficialSDKSurvivesPingAndDisconnect(t *testing.T) {
	a := start(t, func(o *dingtalk.Options) { o.PingEvery = 300 * time.Millisecond; o.Retire = time.Hour })
	said := sdk(t, a, nil)
	for range 5 { // the connection outlives several ping periods only if its echoes are right
		if err := a.srv.Say(t.Context(), li, "", "在吗"); err != nil {
			t.Fatal(err)
		}
		<-said
		timer := time.NewTimer(200 * time.Millisecond)
		<-timer.C
	}
	if n := a.srv.Disconnect(); n != 1 {
		t.Errorf("Disconnect() = %d", n)
	}
	if err := a.srv.Say(t.Context(), li, "", "还在吗"); !errors.Is(err, dingtalk.ErrOffline) {
		t.Errorf("after the disconnect: %v, want ErrOffline", err)
	}
}
