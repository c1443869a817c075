// Package dingtalk is the emulated DingTalk open platform for one in-house app of one organisation.
//
// What the app asks for comes over HTTP (Mount): tokens, robot messages, cards, contacts. Each call passes the gate,
// which knows tokens, permissions and limits, and ends in the world, where people see it. What people do (Say, Click)
// goes the other way: it becomes a frame for one of the app's stream connections, chosen at random, and the answer in
// the acknowledgement changes the card.
//
// Protocol facts follow DingTalk's documents and the observed behaviour of its official SDKs. Where the platform's
// behaviour is not known, an option of Options chooses.
package dingtalk

import (
	"cmp"
	"context"
	"crypto/rand"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"

	"lingke/internal/emulator/world"
)

// platform is this platform's name in the world.
const platform = "dingtalk"

// Options describes the app and the switches of the emulation. The zero value of a switch is the documented behaviour.
type Options struct {
	ClientID, ClientSecret string
	RobotCode              string // the bot's code; ClientID where empty
	CorpID                 string
	AgentID                int64  // of the app, for work notices; 0: any
	CardTemplate           string // id of the one generic card template; empty: no template exists
	// Template is that template as the card platform exports it; empty: one that shows the same variables.
	Template    []byte
	TrustedIPs  []string // addresses that may call; empty: any
	Unpublished bool     // the card template is there and not published
	Denied      []string // permissions that the app lacks, for example "Card.Instance.Write"
	Webhooks    []Webhook
	Limits      Limits

	AnswerIn  time.Duration // how long a card click waits for its answer; 0 is 2 s
	PingEvery time.Duration // period of the ping frames; 0 is 30 s, negative is never
	Retire    time.Duration // from the disconnect frame to the close of the connection; 0 is 10 s
	// Redeliver is after how long a bot message that was not acknowledged with code 200 comes again, with a new
	// messageId and the same msgId. 0 is never, as the documents say; about 60 s was seen in the field.
	Redeliver time.Duration
	// FileLife is how long a file that somebody sent can be fetched, by its downloadCode and by the address that this gives; 0 is an hour. The documents name no time.
	FileLife time.Duration
	// SilentRepeat answers a repeated outTrackId with success and the old card in place of param.cardAlreadyExist.
	SilentRepeat bool
	// OncePerDay keeps a robot's message from a person who got the same words today, without a word, as is documented of work notices.
	OncePerDay bool
	// Trouble is asked before each push ("message", "card") what shall go wrong with it.
	Trouble func(push string) Trouble

	// HTTP mode: where the console sends bot messages and events; empty: over the stream.
	RobotURL             string
	EventURL             string
	EventToken, EventKey string
	// EventGaps are the waits before an event that was not taken comes again in HTTP mode; nil: 10 s and 30 s.
	EventGaps []time.Duration
	Client    *http.Client // carries what is sent in HTTP mode; a plain one where nil

	Log *slog.Logger
}

// Trouble is what goes wrong with one push to the app.
type Trouble struct {
	Twice bool          // delivered a second time
	Cut   bool          // the connection is cut in its place
	Lost  bool          // it never arrives
	Delay time.Duration // it arrives late
}

// Server is the emulated platform. Its methods may be called from several goroutines.
type Server struct {
	opt   Options
	world *world.World
	log   *slog.Logger

	tokens    tokens
	limits    *limiter
	stream    *stream
	sessions  sessions
	cards     *cards
	template  part
	hooks     callbacks
	media     media
	notices   notices
	failed    failed
	sends     sends
	files     files
	robots    *robots
	approvals approvals
	logins    world.Codes // of the login page
	users     world.Codes // the users' own tokens
	inApp     world.Codes // of pages inside the client

	lifeMu sync.Mutex // orders begin and Close
	work   sync.WaitGroup
	stop   context.CancelFunc
	live   context.Context //nolint:containedctx // the server's own life, ended by Close
}

// New returns the platform of the people in w. Close it to end its connections.
func New(opt Options, w *world.World) *Server {
	opt.RobotCode = cmp.Or(opt.RobotCode, opt.ClientID)
	opt.AnswerIn = cmp.Or(opt.AnswerIn, 2*time.Second)
	opt.PingEvery = cmp.Or(opt.PingEvery, 30*time.Second)
	opt.Retire = cmp.Or(opt.Retire, 10*time.Second)
	opt.FileLife = cmp.Or(opt.FileLife, time.Hour)
	if opt.Trouble == nil {
		opt.Trouble = func(string) Trouble { return Trouble{} }
	}
	if opt.EventGaps == nil {
		opt.EventGaps = []time.Duration{10 * time.Second, 30 * time.Second}
	}
	if opt.Client == nil {
		opt.Client = &http.Client{}
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{opt: opt, world: w, log: opt.Log}
	s.live, s.stop = context.WithCancel(context.Background())
	s.limits = newLimiter(opt.Limits)
	s.stream = newStream()
	s.sessions.list = map[string]session{}
	s.cards = newCards()
	s.sends.list = map[string]*sent{}
	s.robots = newRobots(opt.Webhooks)
	s.files.list = map[string]sentFile{}
	s.approvals.list = map[string]approval{}
	s.hooks.routes = map[string]route{}
	s.media.list = map[string]medium{}
	s.notices.list = map[int64]*notice{}
	s.template = standIn()
	if len(opt.Template) > 0 {
		t, err := parseTemplate(opt.Template)
		if err != nil {
			panic(err) // emulator.New has checked it
		}
		s.template = t
	}
	return s
}

// CheckTemplate reports whether New takes a template.
func CheckTemplate(text []byte) error {
	if len(text) == 0 {
		return nil
	}
	_, err := parseTemplate(text)
	return err
}

// Name returns "dingtalk".
func (s *Server) Name() string { return platform }

// Close cuts all connections and waits until nothing of the server runs any more.
func (s *Server) Close() {
	s.lifeMu.Lock()
	s.stop()
	s.lifeMu.Unlock()
	s.stream.cut()
	s.work.Wait()
}

// begin registers work that Close waits for; false once the server is closed. The work ends with s.work.Done.
func (s *Server) begin() bool {
	s.lifeMu.Lock()
	defer s.lifeMu.Unlock()
	if s.live.Err() != nil {
		return false
	}
	s.work.Add(1)
	return true
}

// spawn runs f beside the caller unless the server is closed.
func (s *Server) spawn(f func()) {
	if !s.begin() {
		return
	}
	go func() {
		defer s.work.Done()
		f()
	}()
}

// Mount adds the platform's endpoints, of both hosts, to mux.
func (s *Server) Mount(mux *http.ServeMux) {
	mux.HandleFunc("POST /v1.0/oauth2/accessToken", s.accessToken)
	mux.HandleFunc("GET /gettoken", s.getToken)
	mux.HandleFunc("GET /oauth2/auth", s.authorize)
	mux.HandleFunc("POST /v1.0/oauth2/userAccessToken", s.userToken)
	mux.HandleFunc("GET /v1.0/contact/users/me", s.me)
	mux.HandleFunc("POST /v1.0/gateway/connections/open", s.open)
	mux.HandleFunc("GET /connect", s.connect)
	mux.HandleFunc("POST /robot/sendBySession", s.sendBySession)
	mux.HandleFunc("POST /robot/send", s.robotSend)
	mux.HandleFunc("POST /media/upload", s.upload)
	mux.HandleFunc("GET "+mediaPath+"{id}", s.showMedium)
	mux.HandleFunc("GET /call_back/get_call_back_failed_result", s.failedEvents)
	mux.HandleFunc("GET "+filePath+"{key}", s.serveFile)
	for pattern, call := range s.apiCalls() {
		mux.HandleFunc(pattern, s.gate(pattern, call))
	}
	for path, call := range s.oapiCalls() {
		mux.HandleFunc("POST "+path, s.oapiGate(path, call))
	}
	mux.HandleFunc("/v1.0/", func(w http.ResponseWriter, _ *http.Request) {
		writeFailure(w, &failure{status: http.StatusNotFound, code: "InvalidAction.NotFound", text: "Specified api is not found."})
	})
	mux.HandleFunc("/topapi/", func(w http.ResponseWriter, _ *http.Request) {
		writeOapi(w, nil, &failure{errcode: 22, text: "不合法的请求方法"})
	})
}

// Stats is what the app has used so far this month, for the control API.
type Stats struct {
	Connections int `json:"connections"`
	Calls       int `json:"calls"`
	Pushes      int `json:"pushes"`
	CallBudget  int `json:"call_budget,omitempty"`
	PushBudget  int `json:"push_budget,omitempty"`
	Refused     int `json:"refused"` // calls beyond a limit
}

// Stats returns the present use.
func (s *Server) Stats() Stats {
	calls, pushes := s.limits.used(s.world.Now())
	return Stats{s.stream.count(), calls, pushes, s.opt.Limits.MonthCalls, s.opt.Limits.MonthPushes, s.limits.refused()}
}

// serial returns a new id that is safe in a URL.
func serial() string { return strings.ToLower(rand.Text()) }
