package chat

import (
	"time"

	"lingke/bots"
	"lingke/internal/delivery"
)

// place is where somebody wrote or clicked.
type place struct {
	platform     bots.Platform
	user         string // the person's id there; "" for somebody outside the organisation
	group        bool
	conversation string // of a group
	replyURL     string
	replyUntil   time.Time
}

// placeOf tells where a message or click comes from. A click counts as private: cards that a group sees are answered to the one who clicked.
func placeOf(in bots.Incoming) place {
	p := place{platform: in.Platform}
	if m := in.Message; m != nil {
		p.user, p.group, p.replyURL, p.replyUntil = m.From, m.Group, m.ReplyURL, m.ReplyUntil
		if m.Group {
			p.conversation = m.Conversation
		}
	}
	if in.Click != nil {
		p.user = in.Click.From
	}
	return p
}

// actedAt is when the person acted, as the platform tells it; now where it does not.
func actedAt(in bots.Incoming, now time.Time) time.Time {
	at := now
	switch {
	case in.Message != nil && !in.Message.At.IsZero():
		at = in.Message.At
	case in.Click != nil && !in.Click.At.IsZero():
		at = in.Click.At
	}
	return at.UTC().Truncate(time.Millisecond)
}

// delivery is an answer at the place.
func (p place) delivery(text string) delivery.Delivery {
	x := delivery.Delivery{Platform: p.platform, To: []string{p.user}, Text: text, ReplyURL: p.replyURL, ReplyUntil: p.replyUntil}
	if p.group {
		x.To, x.Conversation = nil, p.conversation
	}
	return x
}

// logged is the place as the read log has it.
func (p place) logged() string {
	if p.group {
		return "group " + p.conversation
	}
	return "private"
}

// reachable is false for somebody outside the organisation who wrote in private.
func (p place) reachable() bool { return p.user != "" || p.conversation != "" }
