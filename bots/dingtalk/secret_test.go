package dingtalk

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"lingke/bots"
)

// Whatever fails, neither the error nor the log names a secret, a token or a reply session.
func TestFailuresTellNoSecret(t *testing.T) {
	t.Parallel()
	const token, session, cardSecret, eventToken, robotToken, robotSecret = "t0ken-of-the-app", "sess10n-of-a-chat", "c4rd-secret", "ev3nttoken", "r0bot-token", "SECr0bot"
	everything := strings.Join([]string{testSecret, token, cardSecret, eventToken, ownKey, robotToken, robotSecret}, " ")
	var log logBuffer
	var said strings.Builder
	p := newPlatform(t)
	echo := fmt.Sprintf(`{"code":"some.code","message":"you sent %s"}`, everything)
	b := p.bot(t, func(c *Config) {
		c.CardSecret, c.EventToken, c.EventAESKey, c.CardRouteKey, c.AgentID = cardSecret, eventToken, ownKey, "lingke", 7
		c.Robots = map[string]GroupRobot{"r": {Token: robotToken, Secret: robotSecret}}
	}, WithLogger(log.logger()))
	card := leadCard()
	attempts := func() {
		for _, m := range []bots.Outgoing{
			{ID: "a", To: []string{"u"}, Text: "x"}, {ID: "a", Conversation: "c", Text: "x"}, {ID: "a", To: []string{"u"}, Card: &card},
			{ID: "a", ReplyURL: p.URL + "/robot/sendBySession?session=" + session, Text: "x"},
			{ID: "a", ReplyURL: p.URL + "/%zz?session=" + session, Text: "x"},
			{ID: "a", To: []string{"u"}, File: &bots.Attachment{Name: "a.png", Data: []byte("x")}}, {ID: "a", Conversation: "robot:r", Text: "x"},
		} {
			_, err := b.Send(t.Context(), m)
			_, _ = fmt.Fprintf(&said, "%v %+v\n", err, err)
		}
		_, err := b.Update(t.Context(), bots.Handle{Message: "a"}, bots.Outgoing{Card: &card})
		_, _ = fmt.Fprintf(&said, "%v\n", err)
		_, noticeErr := b.SendNotice(t.Context(), bots.Outgoing{ID: "a", To: []string{"u"}, Text: "x"})
		_, trackErr := b.Track(t.Context(), bots.Handle{Message: "notice:1"})
		_, memberErr := b.Member(t.Context(), "u")
		_, _ = fmt.Fprintln(&said, noticeErr, trackErr, memberErr, b.Recall(t.Context(), bots.Handle{Message: "robot:1"}),
			b.Staff(t.Context(), func(bots.Member) error { return nil }), b.RegisterCards(t.Context(), p.URL), b.Examine(t.Context(), p.URL))
	}
	p.on(tokenPath, answer{400, strings.ReplaceAll(echo, token, "")})
	attempts()
	p.on(tokenPath, answer{200, `{"accessToken":"` + token + `","expireIn":7200}`})
	for _, path := range []string{batchPath, groupPath, createPath, replyPath, "/v1.0/card/instances", "/media/upload", "/robot/send", "/topapi/v2/user/get", "/topapi/v2/department/listsub",
		"/topapi/message/corpconversation/asyncsend_v2", "/topapi/message/corpconversation/getsendprogress", "/v1.0/card/callbacks/register", "/v1.0/gateway/connections/open"} {
		p.on(path, answer{500, echo}, answer{400, echo}, answer{200, echo}, answer{200, "{"}, answer{302, echo})
	}
	for range 5 {
		attempts()
	}
	p.Close()
	attempts()
	h := b.Callback(func(context.Context, bots.Incoming) (bots.Answer, error) { return bots.Answer{}, nil })
	for _, path := range []string{"/robot", "/card", "/event"} {
		said.WriteString(post(h, path, "{}", map[string]string{"sign": "x", "timestamp": noonStamp}).Body.String())
	}
	if !strings.Contains(said.String(), "some.code") || !strings.Contains(log.String(), "callback refused") {
		t.Fatalf("the failures were not provoked:\n%s\n%s", said.String(), log.String())
	}
	for _, secret := range append(strings.Fields(everything), session, "session=") {
		if strings.Contains(said.String(), secret) || strings.Contains(log.String(), secret) {
			t.Errorf("%q is told", secret)
		}
	}
}
