package dingtalk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"lingke/internal/emulator/world"
)

// The refusals of Click.
var (
	ErrNoCard   = errors.New("this person has no such card")
	ErrNoButton = errors.New("the card has no such button")
	// ErrUnanswered: the app did not answer in time or not with code 200; the card stays as it was.
	ErrUnanswered = errors.New("the app did not answer the click")
)

// Click is a person pressing a card's button or sending its form. It sends the callback, waits for the app's answer (Options.AnswerIn) and shows it. A button that the
// card offered earlier can still be pressed, as on a phone that has not drawn the newest state yet; so many people can press at once. Where the answer asks the person for
// inputs that were given, they are filled in and sent as well. The toast is what the template shows to the person.
func (s *Server) Click(ctx context.Context, person world.Person, messageID, actionID string, inputs map[string]string) (toast string, err error) {
	user := person.DingTalk
	card, at, ok := s.cards.find(messageID, user)
	if !ok {
		return "", fmt.Errorf("message %q: %w", messageID, ErrNoCard)
	}
	p, ok := s.pressed(card, user, actionID)
	if !ok {
		return "", fmt.Errorf("%q: %w", actionID, ErrNoButton)
	}
	if p.link != "" {
		return "打开 " + p.link, nil
	}
	s.sends.active(user, s.world.Now())
	if p.form == nil && len(inputs) > 0 {
		if toast, err = s.press(ctx, card, at, p, nil); err != nil {
			return "", err
		}
		if p, ok = s.asked(card, user, actionID); !ok {
			return toast, nil
		}
	}
	return s.press(ctx, card, at, p, inputs)
}

// pressed finds what an action stands for: the form that the person sees, else the newest that anybody was offered under that id.
func (s *Server) pressed(card *instance, user, actionID string) (p pressable, ok bool) {
	s.cards.with(card.track, func(c *instance) {
		if p, ok = c.asks(user, actionID); !ok {
			p, ok = byName(c.offered, actionID)
		}
	})
	return p, ok
}

func (s *Server) asked(card *instance, user, actionID string) (p pressable, ok bool) {
	s.cards.with(card.track, func(c *instance) { p, ok = c.asks(user, actionID) })
	return p, ok
}

// press sends one callback and applies its answer.
func (s *Server) press(ctx context.Context, card *instance, at showing, p pressable, inputs map[string]string) (string, error) {
	params := p.params
	if p.form != nil {
		var err error
		if params, err = p.filled(inputs); err != nil {
			return "", err
		}
	}
	if !s.limits.push(s.world.Now()) {
		return "", fmt.Errorf("push budget of the month is spent: %w", ErrUnanswered)
	}
	body, err := s.cardCallback(card, at, p.actionID, params)
	if err != nil {
		return "", err
	}
	if card.callback == "HTTP" {
		return s.postClick(ctx, card, at.user, body)
	}
	if card.callback != "STREAM" {
		return "", fmt.Errorf("callbackType %q: %w", card.callback, ErrUnanswered)
	}
	return s.pushClick(ctx, card.track, at.user, body)
}

// cardCallback builds the body of the callback.
func (s *Server) cardCallback(card *instance, at showing, actionID string, params map[string]any) (map[string]any, error) {
	if params == nil {
		params = map[string]any{}
	}
	content, err := json.Marshal(map[string]any{
		"cardPrivateData": map[string]any{"actionIds": []string{actionID}, "params": params},
	})
	if err != nil {
		return nil, fmt.Errorf("card callback: %w", err)
	}
	userID, spaceID := at.user, at.conversation
	if card.idType == 2 {
		userID = union(at.user)
	}
	if spaceID == "" {
		spaceID = singleChat(at.user)
	}
	return map[string]any{
		"type": "actionCallback", "outTrackId": card.track, "corpId": s.opt.CorpID,
		"userId": userID, "userIdType": card.idType, "spaceType": "im", "spaceId": spaceID, "extension": "{}",
		"content": string(content), "value": string(content),
	}, nil
}

// pushClick delivers the callback, twice where the injected trouble wants a double click, and applies each answer.
func (s *Server) pushClick(ctx context.Context, track, user string, body map[string]any) (toast string, err error) {
	t := s.opt.Trouble("card")
	if err := pause(ctx, t.Delay); err != nil {
		return "", err
	}
	times, err := s.hit(t, topicCard)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrUnanswered, err)
	}
	for range times {
		if toast, err = s.ask(ctx, track, user, body); err != nil {
			return "", fmt.Errorf("%w: %w", ErrUnanswered, err)
		}
	}
	return toast, nil
}

func (s *Server) ask(ctx context.Context, track, user string, body map[string]any) (string, error) {
	wait, err := s.deliver(topicCard, func(c *conn) (frame, error) {
		return s.callback(c.id, topicCard, body, s.world.Now())
	})
	if err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(ctx, s.opt.AnswerIn)
	defer cancel()
	start := time.Now()
	a, err := wait(ctx)
	s.log.Info("card click", "card", track, "user", user, "code", a.Code, "took", time.Since(start), "err", err)
	if err != nil {
		return "", err
	}
	if a.Code != 200 {
		return "", fmt.Errorf("answered with code %d", a.Code)
	}
	answer, err := parseAnswer(a.Data)
	if err != nil {
		return "", err
	}
	return s.answered(track, user, answer)
}

// answer is what the app wants shown after a click.
type answer struct {
	Options struct {
		ByKey        bool `json:"updateCardDataByKey"`
		PrivateByKey bool `json:"updatePrivateDataByKey"`
	} `json:"cardUpdateOptions"`
	Data        *cardData            `json:"cardData"`
	UserPrivate *cardData            `json:"userPrivateData"` // of the person who clicked
	Private     map[string]*cardData `json:"privateData"`     // by user id
}

// parseAnswer reads an acknowledgement's data: {"response":{…}} as text. An empty one changes nothing.
func parseAnswer(data string) (answer, error) {
	var wrapped struct {
		Response *answer `json:"response"`
	}
	if data == "" {
		return answer{}, nil
	}
	if err := json.Unmarshal([]byte(data), &wrapped); err != nil {
		return answer{}, fmt.Errorf("answer of the card callback: %w", err)
	}
	if wrapped.Response == nil {
		return answer{}, nil
	}
	return *wrapped.Response, nil
}

// answered applies an answer for everybody who has the card and returns the toast for the person who clicked.
func (s *Server) answered(track, user string, a answer) (toast string, err error) {
	req := cardRequest{Data: a.Data, Private: a.Private, Options: a.Options, UserIDType: 1}
	ch, f := s.change(&req)
	if f == nil && a.UserPrivate != nil {
		ch.private[user], f = a.UserPrivate.text()
	}
	if f != nil {
		return "", fmt.Errorf("answer of the card callback: %s", f.code)
	}
	s.cards.with(track, func(card *instance) {
		card.apply(ch)
		s.redraw(card)
	})
	return ch.private[user]["toast"], nil
}
