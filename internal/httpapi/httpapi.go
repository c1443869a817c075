// Package httpapi is the gateway's HTTP side: one Gin router for everything that comes over the network.
//
// The way of a request: facts (request id, one log line, metrics; middleware.go) → recovery → headers → the route:
//
//	/callbacks/…            the platforms' own handlers, which limit and verify themselves
//	/hooks/{connector}      signed pushes of records (hooks.go): durable before the 200
//	/api/v1/…               bearer token (auth.go) → limits (files.go) → Huma, which decodes, validates and documents (api.go) → handler
//	/healthz /readyz /metrics
//
// Handlers decide nothing about customers: they call the services in Deps and report errors. Every error becomes an answer in one
// place, problemOf (problem.go), as RFC 9457 problem JSON with a stable code; what an unknown error says stays in the log.
// The OpenAPI document at /api/v1/openapi.json is made from the same operations that serve the requests (openapi.go). Phone numbers
// leave masked: the types of the answers mask themselves (mask.go).
package httpapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/gin-gonic/gin"

	"lingke/configs"
	"lingke/connectors"
	"lingke/connectors/sheet"
	"lingke/internal/access"
	"lingke/internal/batch"
	"lingke/internal/connections"
	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/delivery/budget"
	"lingke/internal/followup"
	"lingke/internal/outbound"
	"lingke/internal/raw"
	"lingke/internal/store"
	"lingke/scoring"
)

// records is the part of the store that the API reads, and replays deliveries in.
type records interface {
	Customer(ctx context.Context, id string) (customer.Customer, error)
	CustomersByKey(ctx context.Context, refs []customer.Ref, codes []string) ([]customer.Customer, error)
	Customers(ctx context.Context, q store.CustomerQuery) (page []customer.Customer, next string, err error)
	SearchCustomers(ctx context.Context, text string, limit int) ([]customer.Customer, error)
	Questions(ctx context.Context, state customer.QuestionState, after string, limit int) (page []customer.Question, next string, err error)
	Tasks(ctx context.Context, q followup.Query) (page []followup.Task, next string, err error)
	Delivery(ctx context.Context, id string) (delivery.Delivery, error)
	Deliveries(ctx context.Context, q delivery.Query) (page []delivery.Delivery, next string, err error)
	Replay(ctx context.Context, id string, now time.Time) error
	Depths(ctx context.Context, now time.Time) ([]delivery.Depth, error)
	Posts(ctx context.Context, q outbound.Query) (page []outbound.Post, next string, err error)
	Batch(ctx context.Context, id string) (batch.Batch, error)
	Batches(ctx context.Context, after string, limit int) (page []batch.Batch, next string, err error)
	Attachment(ctx context.Context, batchID, name string) ([]byte, error)
	Refused(ctx context.Context, source, after string, limit int) (page []raw.Refused, next string, err error)
	ReplayPost(ctx context.Context, id string, now time.Time) error
	Ping(ctx context.Context) error
}

// ingest takes records in, and people's changes of scores; see ingest.Service.
type ingest interface {
	Apply(ctx context.Context, source string, r connectors.Record) error
	Adjust(ctx context.Context, id string, a scoring.Adjustment) (customer.Customer, error)
	Outcome(ctx context.Context, o customer.Order) error
	Note(ctx context.Context, a customer.Activity) error
	Withdraw(ctx context.Context, id, adjustment, by string) (customer.Customer, error)
}

// claims makes people owners; see assign.Service.
type claims interface {
	Claim(ctx context.Context, id string, who access.Person, via string) (customer.Customer, error)
	Release(ctx context.Context, id string, who access.Person, via string) (customer.Customer, error)
}

// merges says who is the same customer; see match.Service.
type merges interface {
	Answer(ctx context.Context, question string, who access.Person, answer customer.Answer) (customer.Question, error)
	Merge(ctx context.Context, one, other string, who access.Person) (customer.Customer, error)
	Part(ctx context.Context, id string, refs []customer.Ref, who access.Person) (rest, part customer.Customer, err error)
}

// tasks ends tasks; see followup.Service.
type tasks interface {
	Complete(ctx context.Context, id string, who access.Person, result string) (followup.Task, error)
}

// outgoing brings cards in step with what a request changed; see dispatch.Dispatcher.
type outgoing interface {
	Carry(ctx context.Context, customerID string) error
	ShowTask(ctx context.Context, t followup.Task) error
}

// people finds staff; see access.Directory.
type people interface {
	ByID(id string) (access.Person, bool)
	ByPlatform(platform, userID string) (access.Person, bool)
	All() []access.Person
}

// ErrNoHook is the error of Deps.Push for a name under which nothing is pushed.
var ErrNoHook = errors.New("no such hook")

// Pushed tells what became of a push.
type Pushed struct {
	Fresh    bool     // false for a redelivery
	Accepted int      // records that are stored and will be taken in
	Refused  []string // what is wrong with the others, each with its place
	// What the source wants to hear in place of a PushAnswer, where it has words of its own; else empty.
	ContentType string
	Answer      []byte
}

// Deps is what the handlers work with. Everything is needed but Models, Imports, Export, Callbacks, Tokens, Checks, Connections,
// Targets and the limits.
type Deps struct {
	Records  records
	Ingest   ingest
	Claims   claims
	Merges   merges
	Tasks    tasks
	Outgoing outgoing
	People   people
	// Reads is the log of who was shown what.
	Reads readLog
	// Explain returns a customer's score with everything that can be said about it; see ingest.Rules.
	Explain func(customer.Customer) scoring.Result
	// Ranks are how much the sources count, the first the most.
	Ranks func() customer.Ranks

	// Reports are the figures; without it the API has no operations on them.
	Reports reports

	// Zone is the company's; UTC without it.
	Zone *time.Location

	// Models are the model versions; without it the API has no operations on them.
	Models modelVersions

	// Leave is when people do not work; without it the API has no operations on it.
	Leave leaves

	// Waiting says why nobody owns a customer; see cards.Printer.
	Waiting func(customer.Customer) string

	// Imports takes files in, and Export writes lists; without them the API has no operations for that.
	Imports importing
	Export  exporting
	// FileLimit is the most bytes of one uploaded file; 0 means what package sheet reads.
	FileLimit int64

	// Push verifies a push, stores it durably and returns. Errors: ErrNoHook, connectors.ErrUnauthorized, ErrStale and ErrBadRecord; any
	// other means that the push was not stored, and the sender is told to come again.
	Push func(ctx context.Context, name string, h http.Header, body []byte) (Pushed, error)
	// Callbacks are the platforms' handlers by path ("/callbacks/wecom"); they get GET and POST as they came.
	Callbacks map[string]http.Handler
	// Pages serves everything below /h5/; nil where there are no pages. See package h5.
	Pages http.Handler
	// Tokens open /api/v1; without any, every request there is refused.
	Tokens []configs.Secret
	// Checks say what else than the store must work for the gateway to be ready, by a name that anybody may read.
	Checks map[string]func(context.Context) error
	// Budgets tells how the platforms' budgets stand.
	Budgets func(ctx context.Context) ([]budget.Standing, error)

	// Connections tells how the connectors do.
	Connections func(ctx context.Context) ([]connections.Status, error)
	// Targets are whom Lingke tells what changes of customers, by name.
	Targets map[string]Target
	// BodyLimit is the most bytes of one hook's or API request's body; 0 means 1 MiB.
	BodyLimit int64

	Metrics *Metrics
	Now     func() time.Time
	Log     *slog.Logger
}

// defaultBodyLimit holds where Deps says nothing.
const defaultBodyLimit = 1 << 20

// ErrDeps says which of the Deps is missing.
var ErrDeps = errors.New("httpapi: something to work with is missing")

func (d *Deps) check() error {
	var missing []error
	for name, absent := range map[string]bool{
		"Records": d.Records == nil, "Ingest": d.Ingest == nil, "Claims": d.Claims == nil, "Merges": d.Merges == nil, "Ranks": d.Ranks == nil, "Tasks": d.Tasks == nil,
		"Outgoing": d.Outgoing == nil, "People": d.People == nil, "Reads": d.Reads == nil, "Explain": d.Explain == nil, "Waiting": d.Waiting == nil, "Push": d.Push == nil,
		"Metrics": d.Metrics == nil, "Now": d.Now == nil, "Log": d.Log == nil,
	} {
		if absent {
			missing = append(missing, fmt.Errorf("%w: %s", ErrDeps, name))
		}
	}
	return errors.Join(missing...)
}

// server is what the handlers share.
type server struct {
	Deps
	spec []byte // the OpenAPI document
}

// New returns the gateway's HTTP handler, or ErrDeps. It may be used by several goroutines. Server-wide limits (header size, read and write
// timeouts) are for the http.Server that runs it.
func New(d Deps) (http.Handler, error) {
	s, err := newServer(d)
	if err != nil {
		return nil, err
	}
	router, err := s.router()
	if err != nil {
		return nil, err
	}
	return router, nil
}

func newServer(d Deps) (*server, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	if d.BodyLimit <= 0 {
		d.BodyLimit = defaultBodyLimit
	}
	if d.FileLimit <= 0 {
		d.FileLimit = sheet.DefaultLimits().Bytes
	}
	return &server{Deps: d}, nil
}

// router mounts everything.
func (s *server) router() (*gin.Engine, error) {
	gin.SetMode(gin.ReleaseMode)
	r := gin.New()
	if err := r.SetTrustedProxies(nil); err != nil {
		return nil, fmt.Errorf("httpapi: %w", err)
	}
	r.RedirectTrailingSlash, r.RedirectFixedPath = false, false
	r.HandleMethodNotAllowed = true
	r.UseEscapedPath, r.UnescapePathValues = true, false // ids may hold slashes; see pathText
	r.Use(s.observe, s.recover, secure)
	r.NoRoute(func(c *gin.Context) { s.refuse(c, errNoRoute) })
	r.NoMethod(func(c *gin.Context) { s.refuse(c, errNoMethod) })

	s.mountHealth(r)
	s.mountCallbacks(r)
	r.POST("/hooks/:connector", s.push)
	if s.Pages != nil {
		r.GET("/h5/*page", gin.WrapH(s.Pages))
		r.POST("/h5/*page", gin.WrapH(s.Pages))
	}
	return r, s.mountAPI(r)
}

func (s *server) mountCallbacks(r gin.IRoutes) {
	for path, h := range s.Callbacks {
		r.GET(path, gin.WrapH(h))
		r.POST(path, gin.WrapH(h))
	}
}
