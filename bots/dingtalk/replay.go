package dingtalk

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"lingke/bots"
)

// ErrReplayed: a signature that belongs to another body was used again.
var ErrReplayed = errors.New("dingtalk: the callback's signature was used before")

// Seen remembers a key for at least an hour and reports whether it is new. Where several gateways share the load, they share its memory.
type Seen func(ctx context.Context, key string) (fresh bool, err error)

// WithSeen gives HTTP callbacks a memory that outlives the process; without it they have one of their own.
func WithSeen(seen Seen) Option { return func(b *Bot) { b.seen = seen } }

// WithPrivileged tells whose messages are worth forging: over HTTP such a sender is looked up before the message is believed.
func WithPrivileged(privileged func(userID string) bool) Option {
	return func(b *Bot) { b.privileged = privileged }
}

// sameInstant is for how long after its timestamp a signature may come with a second body: the platform may sign two messages of one millisecond alike, and both are
// here within seconds. Who noted the signature down comes later.
const sameInstant = 10 * time.Second

// sameClick is sameInstant of cards: a click names nobody who could be looked up, and its platform is answered within a second or two.
const sameClick = 2 * time.Second

// replayed refuses a signature that was seen with another body, but for the instant given. The platform's signature covers the time alone, so whoever saw one could send
// anything with it for an hour. The same body again is a redelivery, which is known by its id. shared reports a second body within the instant: it may be the platform's.
func (c *callback) replayed(ctx context.Context, timestamp, signature string, body []byte, instant time.Duration) (shared bool, err error) {
	sum := sha256.Sum256(body)
	pair := "dingtalk:sign:" + digest(timestamp, signature)
	fresh, err := c.bot.seen(ctx, pair+":"+hex.EncodeToString(sum[:8]))
	if err != nil || !fresh {
		return false, err
	}
	first, err := c.bot.seen(ctx, pair)
	if err != nil || first {
		return false, err
	}
	if at, ok := stamp(timestamp); ok && c.bot.now().Sub(at) <= instant {
		return true, nil
	}
	return false, ErrReplayed
}

// genuine looks up a sender whom it is worth to forge, and everybody whose message came under a signature that another one had: the message names a union id, which is no secret of the platform but is told to nobody, and the address book must
// know the sender by it. Over the stream this is not needed, since nobody else can write there.
func (c *callback) genuine(ctx context.Context, in bots.Incoming, unionID string, shared bool) error {
	worth := c.bot.privileged != nil && c.bot.privileged(in.Message.From)
	if in.Message.From == "" || !worth && !shared {
		return nil
	}
	known, err := c.bot.unionID(ctx, in.Message.From)
	if err != nil {
		return fmt.Errorf("look up the sender: %w", err)
	}
	if known == "" || !hmac.Equal([]byte(known), []byte(unionID)) {
		return fmt.Errorf("%w: the sender is not who the message says", ErrSignature)
	}
	return nil
}

// unionID is the union id of a member, remembered for an hour.
func (b *Bot) unionID(ctx context.Context, user string) (string, error) {
	if id, ok := b.unions.get(user, b.now()); ok {
		return id, nil
	}
	var out struct {
		Result struct {
			UnionID string `json:"unionid"`
		} `json:"result"`
	}
	if err := b.api.oapi(ctx, "look up sender", "/topapi/v2/user/get", map[string]any{"userid": user}, &out); err != nil {
		return "", err
	}
	b.unions.put(user, out.Result.UnionID, b.now())
	return out.Result.UnionID, nil
}

// maxMemory bounds what is remembered in the process.
const maxMemory = 100_000

// memory keeps texts for an hour.
type memory struct {
	mu   sync.Mutex
	list map[string]remembered
}

type remembered struct {
	text  string
	until time.Time
}

func (m *memory) get(key string, now time.Time) (string, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	r, ok := m.list[key]
	return r.text, ok && now.Before(r.until)
}

// put remembers text under key and reports whether the key was new.
func (m *memory) put(key, text string, now time.Time) (fresh bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.list == nil || len(m.list) >= maxMemory {
		kept := map[string]remembered{}
		for k, r := range m.list {
			if now.Before(r.until) && len(kept) < maxMemory/2 {
				kept[k] = r
			}
		}
		m.list = kept
	}
	old, known := m.list[key]
	m.list[key] = remembered{text, now.Add(2 * robotWindow)} // a signature may be an hour ahead of this clock
	return !known || !now.Before(old.until)
}

// ownMemory is a Seen that forgets with the process.
func (b *Bot) ownMemory() Seen {
	m := new(memory)
	return func(_ context.Context, key string) (bool, error) { return m.put(key, "", b.now()), nil }
}

// RegisterCards tells the platform where clicks go in HTTP mode: to address, signed with Config.CardSecret, for the cards of Config.CardRouteKey. Doing it again changes
// nothing but the address.
func (b *Bot) RegisterCards(ctx context.Context, address string) error {
	if b.cfg.CardRouteKey == "" || b.cfg.CardSecret == "" {
		return fmt.Errorf("dingtalk: register card callback: %w: no route key or secret", bots.ErrMisconfigured)
	}
	req := map[string]any{"callbackRouteKey": b.cfg.CardRouteKey, "callbackUrl": address, "apiSecret": b.cfg.CardSecret, "forceUpdate": true}
	return b.api.call(ctx, "register card callback", http.MethodPost, "/v1.0/card/callbacks/register", req, nil)
}

// CardSecretOf derives the secret of card callbacks from the app's own, so that it need not be thought up, and changes with it.
func CardSecretOf(clientSecret string) string {
	mac := hmac.New(sha256.New, []byte(clientSecret))
	mac.Write([]byte("lingke card callback"))
	return hex.EncodeToString(mac.Sum(nil))
}
