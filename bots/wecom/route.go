package wecom

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/silenceper/wechat/v2/util"
)

// silenceper/wechat has its host written in, takes no context for its work calls and sends everything through the
// package variable util.DefaultHTTPClient. A process may hold several bots (two enterprises, the real platform and an
// emulator, parallel tests), so neither a global URL prefix nor a global client can serve them.
//
// The one thing that each call carries from us to that client is the access token in its URL. So the library never gets
// the token: it gets a ticket, valid for one call, and the transport installed here exchanges the ticket for the call's
// own context, base URL, HTTP client and query. Errors that the library builds from its URL thereby hold no secret.
// Requests without a ticket go the way they went before. The variable has no lock: who uses the library for other things
// too has to open its bots first.

// maxAnswer bounds what is read of one answer of the platform; real ones have a few hundred bytes.
const maxAnswer = 1 << 20

// platformURL is the prefix that calls of our own carry too, so that every call takes the same way.
const platformURL = DefaultBaseURL

// route is what a ticket stands for. It holds the context because the library's calls have no parameter for it; it lives
// for that one call.
type route struct {
	ctx   context.Context
	bot   *Bot
	query url.Values // the real query
}

var (
	routes  sync.Map // ticket → *route
	tickets atomic.Uint64
)

// ticket is an access token handle for the library; it also serves as work/context.Context's handle.
type ticket string

// GetAccessToken returns the ticket itself.
func (t ticket) GetAccessToken() (string, error) { return string(t), nil }

// through runs call with a ticket for ctx and query.
func (b *Bot) through(ctx context.Context, query url.Values, call func(ticket) error) error {
	t := ticket("lingke-ticket-" + strconv.FormatUint(tickets.Add(1), 10))
	routes.Store(string(t), &route{ctx: ctx, bot: b, query: query})
	defer routes.Delete(string(t))
	return bare(call(t))
}

// shareHTTPClient puts our transport in front of the library's client, once per process.
var shareHTTPClient = sync.OnceFunc(func() {
	shared := *util.DefaultHTTPClient
	next := shared.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	shared.Transport = exchange{next: next}
	util.DefaultHTTPClient = &shared
})

// exchange is the transport that honours tickets.
type exchange struct{ next http.RoundTripper }

// RoundTrip sends a request with a ticket as its bot would, any other one unchanged.
func (e exchange) RoundTrip(req *http.Request) (*http.Response, error) {
	found, ok := routes.Load(req.URL.Query().Get("access_token"))
	if !ok {
		return e.next.RoundTrip(req)
	}
	r := found.(*route)
	out, err := r.request(req)
	if err != nil {
		return nil, err
	}
	resp, err := r.bot.http.Do(out) //nolint:gosec // G704: the host is the configured one, see request
	if err != nil {
		return nil, bare(err)
	}
	if resp.StatusCode != http.StatusOK {
		_ = resp.Body.Close()
		return nil, fmt.Errorf("the platform answered HTTP %d", resp.StatusCode)
	}
	resp.Body = limited{io.LimitReader(resp.Body, maxAnswer), resp.Body}
	return resp, nil
}

// request is req as it really leaves.
func (r *route) request(req *http.Request) (*http.Request, error) {
	target := *r.bot.base
	target.Path += req.URL.Path
	query := req.URL.Query() // of the call itself, such as type=image
	query.Del("access_token")
	maps.Copy(query, r.query)
	target.RawQuery = query.Encode()
	var body []byte
	if req.Body != nil {
		var err error
		if body, err = io.ReadAll(req.Body); err != nil {
			return nil, fmt.Errorf("read the request: %w", err)
		}
		_ = req.Body.Close()
	}
	kind := req.Header.Get("Content-Type")
	if !strings.HasPrefix(kind, "multipart/") {
		kind, body = "application/json; charset=utf-8", plainJSON(body)
	}
	//nolint:gosec // G704: host and scheme are the bot's own, the path is written into the library
	out, err := http.NewRequestWithContext(r.ctx, req.Method, target.String(), bytes.NewReader(body))
	if err != nil {
		return nil, errors.New("cannot build the request")
	}
	if len(body) > 0 {
		out.Header.Set("Content-Type", kind)
	}
	return out, nil
}

type limited struct {
	io.Reader
	io.Closer
}

// bare strips what net/http wraps around an error, because that repeats the URL and with it the token.
func bare(err error) error {
	for {
		var u *url.Error
		if !errors.As(err, &u) {
			return err
		}
		err = u.Err
	}
}

// plainJSON undoes the HTML escaping of encoding/json, which the library cannot switch off: it is valid JSON, but the
// platform counts markdown in bytes and has an error code of its own (40033) for \u sequences it does not like.
func plainJSON(b []byte) []byte {
	if !bytes.Contains(b, []byte(`\u00`)) {
		return b
	}
	out := make([]byte, 0, len(b))
	for len(b) > 0 {
		n, c := escape(b)
		out = append(out, c...)
		b = b[n:]
	}
	return out
}

// escape returns how long the first character or escape sequence of b is, and what it becomes.
func escape(b []byte) (int, string) {
	if b[0] != '\\' || len(b) < 2 {
		return 1, string(b[:1])
	}
	if len(b) >= 6 && b[1] == 'u' {
		if i := strings.Index("003c003e0026", string(b[2:6])); i >= 0 && i%4 == 0 {
			return 6, "<>&"[i/4 : i/4+1]
		}
	}
	return 2, string(b[:2])
}
