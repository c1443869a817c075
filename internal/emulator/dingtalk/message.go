package dingtalk

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"time"

	"lingke/internal/emulator/world"
)

// Say is a person writing text to the bot, in the single chat (conversation "") or with an @ in a group. It returns once
// the push is on its way; ErrOffline where nobody listened, in which case the message is lost to the app.
func (s *Server) Say(_ context.Context, person world.Person, conversation, text string) error {
	user := person.DingTalk
	if user == "" {
		return fmt.Errorf("%s has no DingTalk account", person.Name)
	}
	if conversation != "" && !s.member(user, conversation) {
		return fmt.Errorf("%s is in no conversation %q", person.Name, conversation)
	}
	s.sends.active(user, s.world.Now())
	s.world.Post(platform, user, conversation, world.Message{From: person.ID, Text: text})
	return s.pushMessage(s.message(person, conversation, text))
}

func (s *Server) member(user, conversation string) bool {
	members, ok := s.world.Group(platform, conversation)
	return ok && slices.Contains(members, user)
}

// message builds the body of a bot message, without the address of its session.
func (s *Server) message(p world.Person, conversation, text string) map[string]any {
	m := map[string]any{
		"msgId": "msg" + token64(serial()), "msgtype": "text", "text": map[string]string{"content": text},
		"conversationId": singleChat(p.DingTalk), "conversationType": "1",
		"createAt": s.world.Now().UnixMilli(), "senderNick": p.Name, "senderId": lwcp(p.DingTalk),
		"senderStaffId": p.DingTalk, "senderUnionId": union(p.DingTalk), "senderCorpId": s.opt.CorpID,
		"isAdmin": false, "isInAtList": false, "atUsers": []any{},
		"chatbotUserId": lwcp(s.opt.RobotCode), "chatbotCorpId": s.opt.CorpID, "robotCode": s.opt.RobotCode,
		"senderPlatform": "Mac",
	}
	if conversation != "" {
		m["text"] = map[string]string{"content": " " + text} // the space that the removed @ leaves
		m["conversationId"], m["conversationType"] = conversation, "2"
		m["conversationTitle"] = s.title(p.DingTalk, conversation)
		m["isInAtList"] = true
		m["atUsers"] = []any{map[string]string{"dingtalkId": lwcp(s.opt.RobotCode)}}
	}
	return m
}

func (s *Server) title(user, conversation string) string {
	for _, c := range s.world.Conversations(platform, user) {
		if c.ID == conversation {
			return c.Title
		}
	}
	return ""
}

// pushMessage delivers a bot message as often as the injected trouble wants.
func (s *Server) pushMessage(body map[string]any) error {
	if !s.limits.push(s.world.Now()) {
		// Without budget the push still comes, without its content.
		delete(body, "text")
		delete(body, "content")
		body["errorCode"], body["errorMessage"] = "20001", "Webhook与Stream推送次数已达上限"
	}
	if robot, _ := s.addresses(); robot != "" {
		return s.postMessage(body)
	}
	t := s.opt.Trouble("message")
	if t.Delay <= 0 {
		return s.pushTroubled(t, body)
	}
	s.spawn(func() {
		if pause(s.live, t.Delay) == nil {
			_ = s.pushTroubled(t, body) // logged there
		}
	})
	return nil
}

func (s *Server) pushTroubled(t Trouble, body map[string]any) error {
	times, err := s.hit(t, topicMessage)
	if err != nil {
		s.later(body, 0, err)
		return err
	}
	for range times {
		if err := s.pushOnce(body, 0); err != nil {
			return err
		}
	}
	return nil
}

// pushOnce delivers a bot message once and, where the option says so, sees to its repetition.
func (s *Server) pushOnce(body map[string]any, attempt int) error {
	wait, err := s.deliver(topicMessage, func(c *conn) (frame, error) {
		now := s.world.Now()
		data := s.sessions.attach(body, c.base, now)
		return s.callback(c.id, topicMessage, data, now)
	})
	if err != nil {
		s.log.Info("bot message not delivered", "err", err)
		if attempt > 0 || !errors.Is(err, ErrOffline) {
			s.later(body, attempt, err)
		}
		return err
	}
	s.spawn(func() {
		ctx, cancel := context.WithTimeout(s.live, max(s.opt.Redeliver, s.opt.AnswerIn))
		defer cancel()
		a, err := wait(ctx)
		if err == nil && a.Code != 200 {
			err = fmt.Errorf("acknowledged with code %d", a.Code)
		}
		if err != nil {
			s.later(body, attempt, err)
		}
	})
	return nil
}

// later repeats a bot message that did not reach the app, after Options.Redeliver.
func (s *Server) later(body map[string]any, attempt int, why error) {
	if s.opt.Redeliver <= 0 || attempt >= redeliveries || s.live.Err() != nil {
		return
	}
	s.log.Info("bot message comes again", "attempt", attempt+1, "why", why)
	s.spawn(func() {
		if pause(s.live, s.opt.Redeliver) == nil {
			_ = s.pushOnce(body, attempt+1) // logged there
		}
	})
}

// singleChat is the conversation id of a person's single chat with the bot.
func singleChat(user string) string { return "cid" + token64("single:"+user) }

// union is a person's unionId.
func union(user string) string { return "u" + token64("union:" + user)[:20] }

// lwcp is the encrypted form in which DingTalk shows ids of people and bots.
func lwcp(id string) string { return "$:LWCP_v1:$" + token64(id) }

// token64 turns text into an opaque id of the look that DingTalk's ids have.
func token64(text string) string {
	sum := sha256.Sum256([]byte(text))
	return base64.StdEncoding.EncodeToString(sum[:15]) + "=="
}

// sessionLife is how long a sessionWebhook answers.
const sessionLife = 90 * time.Minute
