// Package bots is what the chat platforms have in common: what Lingke shows a person (Card, text), what a person does
// (Message, Click), and how a platform says that something failed. Each platform is a package of its own below this one
// and imports nothing else of Lingke.
//
// The way of one notice: Outgoing → Bot.Send → Receipt with a Handle → (somebody clicks) → Click → Answer at once for the
// one who clicked, and Updater.Update with the Handle for everybody's copy.
package bots

import (
	"context"
	"net/http"
	"strings"
	"time"
)

// Platform names a chat platform.
type Platform string

// The platforms that Lingke speaks to.
const (
	DingTalk Platform = "dingtalk"
	WeCom    Platform = "wecom"
)

// Platforms lists them, in the order in which somebody who is on several is told things.
func Platforms() []Platform { return []Platform{DingTalk, WeCom} }

// ChangesOnce reports whether a sent card can be changed about once without a click on it: each change spends a one-use permission (Handle.Codes), and only
// sending and clicking bring one.
func (p Platform) ChangesOnce() bool { return p == WeCom }

// SameUser reports whether two user ids of the platform name one person. WeCom does not tell upper from lower case, DingTalk does.
func (p Platform) SameUser(a, b string) bool {
	return a == b || p == WeCom && strings.EqualFold(a, b)
}

// Bot sends messages as one app of one organisation. Its methods may be called from several goroutines.
//
// A failed Send wraps one of the error kinds of this package (ErrPermanent, ErrRateLimited, …); an error of no kind is
// worth trying again later. Access tokens are the bot's own affair: it refreshes an expired one and repeats the call
// once before it reports an error.
type Bot interface {
	Platform() Platform
	// Send shows m as a new message. Sending the same m.ID again does not show a second card: the platform's own
	// duplicate answer counts as success. A platform has no such guard for plain text.
	Send(ctx context.Context, m Outgoing) (Receipt, error)
}

// Updater is a Bot that can change a card after it was sent, for everybody who received it.
type Updater interface {
	// Update shows m in place of the card that h stands for and returns the handle for the next change. Where the card
	// can no longer be changed, the error wraps ErrNotUpdatable and the caller sends a new one. The returned handle is
	// valid also beside an error: codes that were spent on the failed attempt are gone from it.
	Update(ctx context.Context, h Handle, m Outgoing) (Handle, error)
}

// Checker is a Bot whose credentials can be tried without showing anybody anything.
type Checker interface {
	// Check asks the platform for what every send needs. The error wraps ErrMisconfigured where a person has to mend something.
	Check(ctx context.Context) error
}

// Roster is a Bot whose platform tells who is in a group.
type Roster interface {
	// Members returns the user ids of a group's members; all is false where the platform does not tell of this group.
	Members(ctx context.Context, conversation string) (users []string, all bool, err error)
}

// Identifier is a Bot whose platform tells a page in a browser who has opened it.
type Identifier interface {
	// LoginURL returns where the browser is sent; it comes back to redirect with a code (WeCom: code, DingTalk: authCode) and the state, of letters and digits. inApp says
	// that the browser is the platform's own client, which knows its user.
	LoginURL(redirect, state string, inApp bool) string
	// Identify returns the user id that a code stands for; inApp says that the code was given to a page inside the platform's client without a redirect. "" for an outsider.
	Identify(ctx context.Context, code string, inApp bool) (user string, err error)
}

// Listener is a Bot that receives what people do over a connection that it opens itself.
type Listener interface {
	// Listen hands each message and click to h until ctx ends, reconnecting by itself for ever. It returns ctx.Err().
	// The platform gets its acknowledgement only after h returned without an error.
	Listen(ctx context.Context, h Handler) error
}

// Receiver is a Bot that receives what people do as HTTP calls of the platform.
type Receiver interface {
	// Callback serves the platform's callback URL: it limits the body, checks the signature in constant time, refuses
	// replays outside the time window, decrypts, parses, calls h, and answers in the platform's form.
	Callback(h Handler) http.Handler
}

// Recoverer is a Bot whose platform keeps the events that nobody took.
type Recoverer interface {
	// Missed hands them to h, each until h takes it or ctx ends, since the platform forgets them as they are read; n is how many were taken.
	Missed(ctx context.Context, h Handler) (n int, err error)
}

// Handler takes one verified message or click. It returns once the incoming is stored durably (or was stored before);
// an error means that it was not, so the platform is not told "received" and will deliver it again.
type Handler func(ctx context.Context, in Incoming) (Answer, error)

// Answer is what the platform may show at once to the person who clicked. The zero Answer shows nothing.
type Answer struct {
	Card  *Card  `json:"card,omitempty"`  // the new state of the clicked card
	Toast string `json:"toast,omitempty"` // one short line, where the platform can show one
	// Ask is an action whose inputs the clicked card asks for now, of the one who clicked and nobody else, on platforms that AsksInPlace; others ignore it. Card is then
	// the card as it stands, whose other actions stay beside the question; nobody else's copy changes.
	// What the person then fills in comes as a click on that action.
	Ask *Action `json:"ask,omitempty"`
}

// Outgoing is one message on its way to people.
type Outgoing struct {
	// ID is stable over every attempt and unique for ever: 1–64 characters of [0-9A-Za-z_-]. Clicks carry it back.
	ID string
	// To are the platform's user ids; each person sees the message in the single chat with the bot. One call may name
	// up to 20 people; all of them share one card and its state.
	To []string
	// Conversation is the platform's id of a group, used when To is empty.
	Conversation string
	// ReplyURL is the address that came with a Message and answers it without spending a call of the platform's budget;
	// used for text only, until ReplyUntil, and only on the platform's own hosts.
	ReplyURL   string
	ReplyUntil time.Time
	// Exactly one of Text (the platform's markdown subset), Card and File is set.
	Text string
	Card *Card
	File *Attachment
	// Mark makes what is shown as text to people different from every other message, the same at every attempt: platforms swallow words that somebody got already.
	// "" for answers, which may be equal.
	Mark string
	// Notice asks for the platform's own way to tell people something, apart from the chat with the bot, where it has one and m is text to people (DingTalk's work
	// notices). It comes through where the robot does not.
	Notice bool
}

// Receipt tells what a successful Send did.
type Receipt struct {
	Handle  Handle
	Refused []Refusal // people of Outgoing.To whom the platform left out; the others did receive it
	// Ask is how long after now a Tracker can tell what became of the message, and costs no more than it is worth; 0: never.
	Ask time.Duration
}

// Refusal names one person whom the platform left out, and why.
type Refusal struct {
	To     string `json:"to"`
	Reason string `json:"reason"`
	Fate   Fate   `json:"fate,omitempty"`
}

// Handle is what a platform needs to change a sent message later. It is stored with the delivery.
type Handle struct {
	Message string   `json:"message,omitempty" bson:"message,omitempty"` // the platform's id of the message
	Codes   []string `json:"codes,omitempty" bson:"codes,omitempty"`     // one-use permissions to update, newest last (WeCom response_code)
}

// Incoming is one thing that the platform tells; exactly one of Message, Click and Event is set.
type Incoming struct {
	// ID is the same for every redelivery of the same thing and different for different things; at most 128 characters.
	ID       string   `json:"id"`
	Platform Platform `json:"platform"`
	Message  *Message `json:"message,omitempty"`
	Click    *Click   `json:"click,omitempty"`
	Event    *Event   `json:"event,omitempty"`
}

// Event is something that happened on the platform besides what people say to the bot: an approval ended, a customer became somebody's contact, a member of
// staff left.
type Event struct {
	Type   string            `json:"type"`   // in the platform's words: "bpms_instance_change", "change_external_contact"
	Fields map[string]string `json:"fields"` // the event's own values by the platform's names; numbers as they are written, a list joined with commas, what is nested left out
	At     time.Time         `json:"at"`     // UTC
}

// Message is text that a person wrote to the bot, or a file that they sent to it.
type Message struct {
	From         string    `json:"from"`                   // the platform's user id inside the organisation; "" for outsiders
	Conversation string    `json:"conversation,omitempty"` // the platform's conversation id, where it has one
	Group        bool      `json:"group,omitempty"`
	Text         string    `json:"text"` // trimmed, without the bot's @-name; empty beside a File
	File         *File     `json:"file,omitempty"`
	At           time.Time `json:"at"` // when it was written, UTC, milliseconds
	ReplyURL     string    `json:"reply_url,omitempty"`
	ReplyUntil   time.Time `json:"reply_until,omitzero"`
}

// Click is a pressed button of a card.
type Click struct {
	From   string            `json:"from"`             // the platform's user id of the person who clicked
	Card   string            `json:"card"`             // Outgoing.ID of the clicked card
	Action string            `json:"action"`           // Action.ID
	Inputs map[string]string `json:"inputs,omitempty"` // Input.ID → what the person chose or typed
	At     time.Time         `json:"at"`               // UTC
	Code   string            `json:"code,omitempty"`   // a fresh one-use permission to update, for Handle.Codes
}
