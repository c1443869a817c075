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
	const token, session, cardSecret, eventToken = "t0ken-of-the-app", "sess10n-of-a-chat", "c4rd-secret", "ev3nttoken"
	everything := strings.Join([]string{testSecret, token, cardSecret, eventToken, ownKey}, " ")
	var log logBuffer
	var said strings.Builder
	p := newPlatform(t)
	echo := fmt.Sprintf(`{"code":"some.code","message":"you sent %s"}`, everything)
	b := p.bot(t, func(c *Config) { c.CardSecret, c.EventToken, c.EventAESKey = cardSecret, eventToken, ownKey }, WithLogger(log.logger()))
	card := leadCard()
	attempts := func() {
		for _, m := range []bots.Outgoing{
			{ID: "a", To: []string{"u"}, Text: "x"}, {ID: "a", Conversation: "c", Text: "x"}, {ID: "a", To: []string{"u"}, Card: &card},
			{ID: "a", ReplyURL: p.URL + "/robot/sendBySession?session=" + session, Text: "x"},
			{ID: "a", ReplyURL: p.URL + "/%zz?session=" + session, Text: "x"},
		} {
			_, err := b.Send(t.Context(), m)
			_, _ = fmt.Fprintf(&said, "%v %+v\n", err, err)
		}
		_, err := b.Update(t.Context(), bots.Handle{Message: "a"}, bots.Outgoing{Card: &card})
		_, _ = fmt.Fprintf(&said, "%v\n", err)
	}
	p.on(tokenPath, answer{400, strings.ReplaceAll(echo, token, "")})
	attempts()
	p.on(tokenPath, answer{200, `{"accessToken":"` + token + `","expireIn":7200}`})
	for _, path := range []string{batchPath, groupPath, createPath, replyPath, "/v1.0/card/instances"} {
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
