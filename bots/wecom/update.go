package wecom

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"lingke/bots"
)

// cardUpdate is the body of message/update_template_card (document 94888). It reaches everybody who got the message.
type cardUpdate struct {
	AtAll        int          `json:"atall"`
	AgentID      int          `json:"agentid"`
	ResponseCode string       `json:"response_code"`
	TemplateCard templateCard `json:"template_card"`
}

// Update shows m's card in place of the one that h stands for. A code can be used once and lives 72 hours: the newest
// is tried first, and one that the platform does not know any more is left out of the returned handle and the next
// older one tried. After a failure of another kind the code may still be good and stays in the handle.
func (b *Bot) Update(ctx context.Context, h bots.Handle, m bots.Outgoing) (bots.Handle, error) {
	const op = "update card"
	left := bots.Handle{Message: h.Message, Codes: slices.Clone(h.Codes)}
	if m.Card == nil || !validID(m.ID) {
		return left, invalid(op, "a card with a valid id is needed")
	}
	card := render(m.ID, *m.Card)
	for n := len(left.Codes); n > 0; n = len(left.Codes) {
		err := b.update(ctx, op, left.Codes[n-1], card)
		if err != nil && !spent(err) {
			return left, err
		}
		left.Codes = left.Codes[:n-1]
		if err == nil {
			return left, nil
		}
	}
	return left, fmt.Errorf("wecom: %s: no code left: %w", op, bots.ErrNotUpdatable)
}

// update makes one attempt with one code.
func (b *Bot) update(ctx context.Context, op, code string, card templateCard) error {
	body, err := json.Marshal(cardUpdate{AtAll: 1, AgentID: b.cfg.AgentID, ResponseCode: code, TemplateCard: card})
	if err != nil {
		return fmt.Errorf("wecom: %s: %w", op, err)
	}
	return b.post(ctx, op, "/cgi-bin/message/update_template_card", body)
}

// spent reports whether the platform does not take this code for this card, any more or at all: it says 42014 where the code belongs to another card.
func spent(err error) bool {
	var refused *bots.Error
	return errors.As(err, &refused) && (refused.Code == strconv.Itoa(codeResponse) || refused.Code == strconv.Itoa(codeTaskID))
}

// Recall takes a sent message back from everybody who got it, within 24 hours. The error wraps
// bots.ErrNotUpdatable where that is over.
func (b *Bot) Recall(ctx context.Context, h bots.Handle) error {
	const op = "recall message"
	if h.Message == "" {
		return fmt.Errorf("wecom: %s: no message id: %w", op, bots.ErrNotUpdatable)
	}
	body, err := json.Marshal(map[string]string{"msgid": h.Message})
	if err != nil {
		return fmt.Errorf("wecom: %s: %w", op, err)
	}
	return b.post(ctx, op, "/cgi-bin/message/recall", body)
}
