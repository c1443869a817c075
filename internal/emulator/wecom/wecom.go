// Package wecom emulates the WeCom (企业微信) open platform for one self-built app of one enterprise: tokens, application
// messages with all card types, card updates, the address book, app group chats, a group robot, and the encrypted callbacks.
//
// Two ways meet here. The app calls /cgi-bin/…: token check → the call → errcode in an HTTP 200; what it sends is kept, and
// each receiving person gets an own view of it in the world. A person types or clicks (Say, Click): the callback is
// encrypted and posted to the app's URL, again after a time-out or a status other than 200, and a passive reply may change
// the card for the one who clicked. Everybody else's card changes through update_template_card with a one-use code.
//
// It shares no code with the client that it tests. Where the public facts end, an Option decides.
package wecom

import (
	"context"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"lingke/internal/emulator/world"
)

// Platform is the name under which this platform's messages stand in the world.
const Platform = "wecom"

// Options are the app's credentials and the platform's switches. The zero value of each switch is the usual behaviour; a
// negative limit turns it off.
type Options struct {
	CorpID      string
	AgentID     int
	Secret      string
	Token       string // of the callback settings
	AESKey      string // EncodingAESKey, 43 characters
	CallbackURL string // see also SetCallbackURL; empty: the app has no callback, so it can send no card with buttons
	// TrustedDomain is the host (with its port) of pages that may ask who opens them; empty: any.
	TrustedDomain string
	RobotKey      string // the group robot's key; empty: no robot
	RobotChat     string // the group in the world that the robot writes to

	TokenLife     time.Duration // two hours if zero
	NewTokens     bool          // each gettoken gives a new token and the old ones stay valid; otherwise the same until it expires
	TrustedIPs    []string      // empty: any address may call
	BadSecrets    int           // wrong secrets after which an address is blocked for an hour; 20 if zero
	CallsPerMin   int           // calls of one API a minute, sending excepted; 10,000 if zero
	PerMemberMin  int           // messages to one member a minute, more are dropped silently; 30 if zero
	PerMemberHour int           // the same for an hour; 1,000 if zero
	AccountCap    int           // the enterprise's account cap: 200 times as many person-times of sending a day; zero: no limit

	Deliveries       int           // how often a callback is tried in all; 3 if zero
	Gap              time.Duration // between two tries; 5 s if zero
	AnswerWithin     time.Duration // after which a try has failed; 5 s if zero
	OnlyTimeouts     bool          // a status other than 200 is not tried again
	RepeatTaskIDs    bool          // a used task_id is taken again; otherwise 42014
	NoContacts       bool          // the app is not among those that may call customer contact (客户联系): 48002
	PassiveTakesCode bool          // a passive card update uses up the click's response_code

	Client *http.Client                         // carries the callbacks; a plain one if nil
	After  func(time.Duration) <-chan time.Time // the timer between tries; time.After if nil
	Log    *slog.Logger                         // silent if nil
}

// Server is the emulated platform. Its methods may be called from several goroutines.
type Server struct {
	opts  Options
	world *world.World
	crypt *crypt
	depts departments

	mu       sync.Mutex
	callback string
	tokens   tokens
	store    store
	limits   limits
	chats    map[string]*chat
	media    map[string]medium
	menu     []menuEntry
	serial   int64
	external externals
	stats    Stats
	codes    world.Codes // of logins

	ctx    context.Context // ends with Close; redeliveries live in it
	cancel context.CancelFunc
	work   sync.WaitGroup
}

// Stats counts what cannot be seen in any answer.
type Stats struct {
	Shown      int `json:"shown"`      // messages that reached a person
	Dropped    int `json:"dropped"`    // silently, over the limits of one member
	Duplicates int `json:"duplicates"` // suppressed by the duplicate check
	Callbacks  int `json:"callbacks"`  // tries of a callback
	Again      int `json:"again"`      // of these, repeated ones
	Lost       int `json:"lost"`       // callbacks given up
	BadReplies int `json:"bad_replies"`
	Limited    int `json:"limited"` // calls that were refused for a limit
}

// New makes the platform for the people of w who have a WeCom id.
func New(opts Options, w *world.World) *Server {
	opts.defaults()
	s := &Server{opts: opts, world: w, callback: opts.CallbackURL, crypt: newCrypt(opts.Token, opts.AESKey, opts.CorpID)}
	s.depts = newDepartments(w.People())
	s.store = newStore()
	s.limits = newLimits()
	s.chats = map[string]*chat{}
	s.media = map[string]medium{}
	s.external.contacts = map[string]*contact{}
	s.serial = 7300000000000000000
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

func (o *Options) defaults() {
	o.TokenLife = orDuration(o.TokenLife, 2*time.Hour)
	o.Gap = orDuration(o.Gap, 5*time.Second)
	o.AnswerWithin = orDuration(o.AnswerWithin, 5*time.Second)
	for limit, usual := range map[*int]int{&o.BadSecrets: 20, &o.CallsPerMin: 10000, &o.PerMemberMin: 30, &o.PerMemberHour: 1000, &o.Deliveries: 3} {
		if *limit == 0 {
			*limit = usual
		}
	}
	if o.Client == nil {
		o.Client = &http.Client{}
	}
	if o.After == nil {
		o.After = time.After
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
}

func orDuration(d, otherwise time.Duration) time.Duration {
	if d <= 0 {
		return otherwise
	}
	return d
}

// Name is the platform's name in the control API.
func (s *Server) Name() string { return Platform }

// Close ends redeliveries and waits for them.
func (s *Server) Close() {
	s.mu.Lock()
	s.cancel()
	s.mu.Unlock()
	s.work.Wait()
}

// SetCallbackURL sets where callbacks go from now on.
func (s *Server) SetCallbackURL(url string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.callback = url
}

// Stats tells what happened so far.
func (s *Server) Stats() Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.stats
}

// next gives the following number of ids that the platform hands out.
func (s *Server) next() int64 {
	s.serial++
	return s.serial
}
