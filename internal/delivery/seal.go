package delivery

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"lingke/bots"
)

// What is wrong with a button's value; test with errors.Is.
var (
	// ErrForged: Lingke did not make the value for this card, action and audience.
	ErrForged = errors.New("the button's value is not ours")
	// ErrExpired: the card is too old for its buttons to count.
	ErrExpired = errors.New("the button has expired")
)

// ButtonsFor is how long the buttons of a card count after the card was first wished for.
const ButtonsFor = 60 * 24 * time.Hour

// sealBytes is how much of the MAC stands in a button's value: 72 bits are 12 characters. Nobody can try values but by clicks that the platform signs and names the clicker of,
// and the buttons of a card with their labels have to fit DingTalk's 1024 bytes.
const sealBytes = 9

// sealer signs; see access.Keys.
type sealer interface {
	Sign(text string, n int) []byte
	Verify(text string, mac []byte) bool
}

// Seal binds the buttons of cards to what they were made for: the value that a button sends back is its action and a MAC over card, record, action, audience and expiry.
// A value taken from another card, made for other people, or invented does not fit. Both platforms carry the value as the button's id, so their clients know nothing of it.
type Seal struct {
	keys sealer
	// since is when this installation began to seal: cards that were first wished for earlier have plain values, which count until they expire.
	since time.Time
	// link is the address of the page about what a card is about, "" where there is none; nil where nothing outside reaches the gateway.
	link func(d Delivery, until time.Time) string
}

// WithLink adds a button to cards that leads to the page about what they are about, until the card's buttons expire. It returns s.
func (s *Seal) WithLink(link func(d Delivery, until time.Time) string) *Seal {
	s.link = link
	return s
}

// NewSeal returns a Seal that takes plain values of cards from before since.
func NewSeal(keys sealer, since time.Time) *Seal { return &Seal{keys: keys, since: since} }

// bound is what an action's MAC is made over. The delivery's ID is also what its clicks carry, and its parts never change.
func bound(d Delivery, action string) string {
	to := slices.Clone(d.To)
	slices.Sort(to)
	parts := []string{"button", d.ID, d.Customer, d.Task, d.Question, action, string(d.Platform), d.Conversation, fmt.Sprint(expiry(d).UnixMilli())}
	return strings.Join(append(parts, to...), "\x00")
}

func expiry(d Delivery) time.Time { return d.Created.Add(ButtonsFor) }

// Card returns the delivery's card with sealed buttons. A nil Seal changes nothing.
func (s *Seal) Card(d Delivery, card *bots.Card) *bots.Card {
	if s == nil || card == nil || !card.Live() {
		return card
	}
	sealed := *card
	sealed.Actions = slices.Clone(card.Actions)
	for i, a := range sealed.Actions {
		if a.URL != "" { // opens a page: no value comes back
			continue
		}
		mac := s.keys.Sign(bound(d, a.ID), sealBytes)
		sealed.Actions[i].ID = a.ID + "." + base64.RawURLEncoding.EncodeToString(mac)
	}
	if s.link != nil {
		if address := s.link(d, expiry(d)); address != "" {
			sealed.Actions = linked(sealed.Actions, slices.IndexFunc(card.Actions, func(a bots.Action) bool { return a.ID == detail }), address)
		}
	}
	return &sealed
}

// detail is the button that asks for details in the chat: where there is a page, it opens that instead.
const detail = "detail"

// linked returns the actions with one that opens a page: the i-th, or one more at the end where i is negative.
func linked(actions []bots.Action, i int, address string) []bots.Action {
	open := bots.Action{ID: "open", Label: "详情", URL: address}
	if i < 0 {
		return append(actions, open)
	}
	open.Label = actions[i].Label
	actions[i] = open
	return actions
}

// Action returns the action that a button's value stands for. Errors: ErrForged, ErrExpired. A nil Seal takes values as they are.
func (s *Seal) Action(d Delivery, value string, now time.Time) (string, error) {
	action, text, sealed := strings.Cut(value, ".")
	switch {
	case s == nil:
		return value, nil
	case !sealed && !d.Created.Before(s.since):
		return action, ErrForged
	case sealed:
		mac, err := base64.RawURLEncoding.Strict().DecodeString(text)
		if err != nil || len(mac) != sealBytes || !s.keys.Verify(bound(d, action), mac) {
			return action, ErrForged
		}
	}
	if !now.Before(expiry(d)) {
		return action, ErrExpired
	}
	return action, nil
}
