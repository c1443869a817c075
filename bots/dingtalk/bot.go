package dingtalk

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"sync/atomic"
	"time"

	"lingke/bots"
)

// Limits of one send, from the parameter tables of batchSend and createAndDeliver.
const (
	maxPeople      = 20
	maxOpenSpaceID = 1000 // characters
)

var (
	_ bots.Bot      = (*Bot)(nil)
	_ bots.Updater  = (*Bot)(nil)
	_ bots.Listener = (*Bot)(nil)
	_ bots.Receiver = (*Bot)(nil)
)

// Bot is one in-house app. Its methods may be called from several goroutines.
type Bot struct {
	cfg    Config
	now    func() time.Time
	http   *http.Client
	log    *slog.Logger
	stream StreamConfig
	api    *api
	meter  bots.Meter
	pace   bots.RobotPace
	links  atomic.Int64 // stream connections that are up

	seen       Seen
	privileged func(userID string) bool // nil: nobody
	unions     memory                   // union ids by user id
}

// Open returns the bot of cfg. It makes no call: wrong credentials show at the first Send.
func Open(cfg Config, opts ...Option) (*Bot, error) {
	if err := cfg.Validate(); err != nil {
		return nil, fmt.Errorf("dingtalk: %w: %w", bots.ErrMisconfigured, err)
	}
	b := &Bot{cfg: cfg.withDefaults(), now: time.Now, log: slog.New(slog.DiscardHandler), meter: bots.Unmetered{},
		http: &http.Client{Timeout: 15 * time.Second}}
	for _, o := range opts {
		o(b)
	}
	b.log = b.log.With("bot", string(bots.DingTalk))
	b.stream = b.stream.withDefaults()
	b.api = newAPI(b.cfg, b.http, b.now)
	b.api.meter = b.meter
	if b.seen == nil {
		b.seen = b.ownMemory()
	}
	return b, nil
}

// Platform returns bots.DingTalk.
func (b *Bot) Platform() bots.Platform { return bots.DingTalk }

// Check tries the app's credentials.
func (b *Bot) Check(ctx context.Context) error {
	if _, err := b.api.tokens.get(ctx); err != nil {
		return fmt.Errorf("dingtalk: access token: %w", err)
	}
	return nil
}

// Connected reports whether a stream connection is up now.
func (b *Bot) Connected() bool { return b.links.Load() > 0 }

// Send shows m, as bots.Bot says. A card under an ID that exists already is not shown again: its content becomes m's.
// People whom the platform left out are in Receipt.Refused; where it left out everybody, Send fails.
func (b *Bot) Send(ctx context.Context, m bots.Outgoing) (bots.Receipt, error) {
	if err := checkOutgoing(m); err != nil {
		return bots.Receipt{}, err
	}
	if name, ok := bots.RobotName(m.Conversation); ok && len(m.To) == 0 {
		return b.sendByGroupRobot(ctx, name, m)
	}
	switch {
	case m.File != nil:
		return b.sendFile(ctx, m)
	case m.Notice && b.cfg.AgentID != 0 && len(m.To) > 0 && m.ReplyURL == "":
		if m.Card != nil {
			m.Text, m.Card = plainCard(*m.Card), nil
		}
		return b.SendNotice(ctx, m)
	case m.Card == nil:
		return b.sendText(ctx, m)
	case b.cfg.CardTemplate == "":
		m.Text, m.Card = plainCard(*m.Card), nil
		return b.sendText(ctx, m)
	default:
		return b.sendCard(ctx, m)
	}
}

var outgoingID = regexp.MustCompile(`^[0-9A-Za-z_-]{1,64}$`)

// checkOutgoing refuses what no attempt could ever send.
func checkOutgoing(m bots.Outgoing) error {
	switch {
	case !outgoingID.MatchString(m.ID):
		return refuse("bad id", fmt.Sprintf("%q is not 1-64 characters of [0-9A-Za-z_-]", m.ID))
	case contents(m) != 1:
		return refuse("bad content", "exactly one of text, card and file must be set")
	case m.File != nil && (len(m.File.Data) == 0 || len(m.File.Data) > bots.MaxAttachment):
		return refuse("bad file", fmt.Sprintf("a file has 1 to %d bytes", bots.MaxAttachment))
	case len(m.To) > maxPeople:
		return refuse("too many people", fmt.Sprintf("%d people, at most %d", len(m.To), maxPeople))
	case len(m.To) == 0 && m.Conversation == "" && (m.ReplyURL == "" || m.Text == ""):
		return refuse("no receiver", "neither people nor a conversation")
	}
	for _, id := range append([]string{m.Conversation}, m.To...) {
		// A ";" would add receivers to openSpaceId.
		if strings.ContainsAny(id, "; \t\r\n") {
			return refuse("bad receiver", fmt.Sprintf("%q is not a DingTalk id", id))
		}
	}
	for _, id := range m.To {
		if id == "" {
			return refuse("bad receiver", "an empty user id")
		}
	}
	return nil
}

func contents(m bots.Outgoing) int {
	n := 0
	for _, set := range []bool{m.Text != "", m.Card != nil, m.File != nil} {
		if set {
			n++
		}
	}
	return n
}

// refuse is the error of a message that cannot be sent as it is.
func refuse(code, text string) error {
	return failed("send", code, text)
}
