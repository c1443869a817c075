// Package kingdee emulates the WebAPI of Kingdee 云·星空 (K3Cloud) as a site of a customer shows it: three logins, the signed
// headers of the official SDKs, queries, and the life of a document.
//
// The way of one call: Handler → service name from the path, in any case → envelope (one of four body forms) →
// caller (signed headers, or a session; one request at a time per session) → throttle → the service → answer.
// A refusal is HTTP 200 with a ResponseStatus inside, as on the real system; for ExecuteBillQuery it is nested in two lists.
//
// The data are four forms, BD_Customer, SAL_SaleOrder, SAL_OUTSTOCK and AR_receivable (one row per entry where a field of the entries is asked for), kept in memory with an index by FModifyDate and
// one by id, so that a page out of 100,000 customers costs the page and not the form. Times are Asia/Shanghai without a zone.
//
// It shares no code with the connector that it tests. Where the public facts end, an Option decides.
package kingdee

import (
	"net/http"
	"strings"
	"sync"
	"time"
)

// Options are the credentials of the emulated site and its switches. The zero value of each switch is the usual behaviour.
type Options struct {
	AcctID    string // the data centre's id
	Username  string // the integration user
	Password  string // for ValidateUser
	AppID     string // "<client id>_<32 characters>"
	AppSecret string
	Path      string // where the API lies; "/k3cloud/" if empty; compared in any case

	MaxLimit       int           // a query's Limit is cut to it; 2000 if zero
	SessionIdle    time.Duration // a session ends after this long without a call; 20 minutes if zero
	LoginWindow    time.Duration // how old or early the timestamp of LoginBySign may be; 10 minutes if zero
	HeaderWindow   time.Duration // the same for the signed headers; zero: not checked
	ThrottleCalls  int           // calls allowed in each ThrottleWindow; zero: no limit
	ThrottleWindow time.Duration // one second if zero
	ThrottleStatus int           // HTTP status of a throttled call; 200 with MsgCode 14 if zero
	Gateway        bool          // refuse bad signed headers as Kingdee's gateway does: HTTP 519 and an errcode
	BareQueryError bool          // BillQuery reports an error as a bare object in place of a wrapped list
	Fractions      bool          // FModifyDate and FCreateDate keep and show milliseconds
	LockAudited    bool          // Save refuses a document whose FDocumentStatus is C
	Hide           []string      // fields that this site does not have, as "SAL_SaleOrder.FModifyDate"
	Custom         []CustomField // further fields of this site
}

// CustomField is a field that a site added to a form.
type CustomField struct {
	Form string // "BD_Customer"
	Key  string // starts with "F_"
	Name string // what people read
	Kind Kind
}

// Server is one emulated site. Its methods may be called from several goroutines.
type Server struct {
	opts Options
	now  func() time.Time

	mu    sync.Mutex // guards the forms, tables and the last sorted result
	forms map[string]*form
	refs  map[string]*table
	last  sorted

	sessions sessions
	throttle throttle
	tasks    tasks
}

// New makes an empty site whose clock is now.
func New(opts Options, now func() time.Time) *Server {
	opts.defaults()
	s := &Server{opts: opts, now: now, refs: newTables()}
	s.forms = s.newForms()
	s.sessions.idle = opts.SessionIdle
	s.throttle = throttle{calls: opts.ThrottleCalls, window: opts.ThrottleWindow}
	return s
}

func (o *Options) defaults() {
	if o.Path == "" {
		o.Path = "/k3cloud/"
	}
	o.Path = "/" + strings.Trim(o.Path, "/") + "/"
	if o.MaxLimit <= 0 {
		o.MaxLimit = 2000
	}
	o.SessionIdle = orDuration(o.SessionIdle, 20*time.Minute)
	o.LoginWindow = orDuration(o.LoginWindow, 10*time.Minute)
	o.ThrottleWindow = orDuration(o.ThrottleWindow, time.Second)
}

func orDuration(d, otherwise time.Duration) time.Duration {
	if d <= 0 {
		return otherwise
	}
	return d
}

// Handler serves the API below Options.Path; any other path is answered with 404. The signed headers cover the path as the
// client sent it, so it must not be rewritten on the way (http.StripPrefix is harmless: the request line is what counts).
func (s *Server) Handler() http.Handler { return http.HandlerFunc(s.serve) }

// zone is the time zone of the emulated server. China has had no summer time since 1991, so an offset says all.
var zone = time.FixedZone("Asia/Shanghai", 8*60*60)

// stamp is the emulated server's clock in the precision that it keeps.
func (s *Server) stamp() time.Time { return s.precise(s.now().In(zone)) }

func (s *Server) precise(t time.Time) time.Time {
	if s.opts.Fractions {
		return t.Truncate(time.Millisecond)
	}
	return t.Truncate(time.Second)
}
