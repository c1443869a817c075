// Package h5 serves the pages behind links in cards: a customer with everything that the reader may know, a task, lists. They are made for a phone.
//
// The way of a request: the link's signature says that Lingke made it for this path, and until when (access.Links) → the session says who opens it; without one the
// platform is asked (login.go) → the person's role and team, looked up now, say which layers are shown, whoever the link was made for → one line in the read log → the page.
// Everything is embedded, nothing is loaded from elsewhere, and no script runs that is not a file of this package.
package h5

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"time"

	"github.com/google/uuid"

	"lingke/internal/access"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/followup"
	"lingke/internal/lang"
	"lingke/internal/store"
	"lingke/scoring"
)

// records is the part of the store that pages read.
type records interface {
	Customer(ctx context.Context, id string) (customer.Customer, error)
	Customers(ctx context.Context, q store.CustomerQuery) (page []customer.Customer, next string, err error)
	Orders(ctx context.Context, refs []customer.Ref) ([]customer.Order, error)
	Activities(ctx context.Context, refs []customer.Ref, since time.Time) ([]customer.Activity, error)
	Task(ctx context.Context, id string) (followup.Task, error)
	Attachment(ctx context.Context, batchID, name string) ([]byte, error)
	Tasks(ctx context.Context, q followup.Query) (page []followup.Task, next string, err error)
}

// readLog keeps who was shown what; see access.Log.
type readLog interface {
	Add(ctx context.Context, r access.Read) error
	Find(ctx context.Context, q access.ReadQuery) (page []access.Read, next string, err error)
}

// people finds staff; see access.Directory.
type people interface {
	ByID(id string) (access.Person, bool)
	ByPlatform(platform, userID string) (access.Person, bool)
}

// Login lets a platform tell who opens a page; see bots.Identifier.
type Login interface {
	LoginURL(redirect, state string, inApp bool) string
	Identify(ctx context.Context, code string, inApp bool) (user string, err error)
}

// Deps is what the pages work with. Everything is needed but Logins: without one nobody can open a page.
type Deps struct {
	Records records
	Reads   readLog
	People  people
	Links   *access.Links
	Keys    access.Keys // of sessions
	Cards   *cards.Printer
	Explain func(customer.Customer) scoring.Result
	Sees    func(who access.Person, c customer.Customer) access.Sight
	// View spends a look at a customer of a pool; see assign.Service.
	View   func(ctx context.Context, c customer.Customer, who access.Person) error
	Logins map[string]Login // by platform
	// CorpID and ClientID are of the DingTalk organisation and app, for pages inside its client; CorpID is "" where it is not configured.
	CorpID, ClientID string
	// Claim makes who the owner; Complete ends a task. Both bring the cards in step. Refused says in words why one of them was refused; false for errors that are none.
	Claim    func(ctx context.Context, id string, who access.Person) (customer.Customer, error)
	Complete func(ctx context.Context, id string, who access.Person, result string) (followup.Task, error)
	Refused  func(err error, who access.Person) (text string, refused bool)
	Zone     *time.Location
	Now      func() time.Time
	Log      *slog.Logger
}

// linkFor is how long links inside pages count.
const linkFor = 7 * 24 * time.Hour

//go:embed static pages
var files embed.FS

var pages = template.Must(template.New("").Funcs(template.FuncMap{"inc": func(i int) int { return i + 1 }}).ParseFS(files, "pages/*.html"))

type server struct{ Deps }

// New returns the handler of everything below /h5/.
func New(d Deps) http.Handler {
	s := &server{d}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /h5/static/{file}", s.static)
	mux.HandleFunc("GET /h5/login", s.loginPage)
	mux.HandleFunc("GET /h5/login/{platform}", s.returned)
	mux.HandleFunc("POST /h5/login/inapp", s.inApp)
	mux.HandleFunc("POST /h5/logout", s.logout)
	mux.HandleFunc("GET /h5/customers/{id}", s.page(s.customerPage))
	mux.HandleFunc("GET /h5/tasks/{id}", s.page(s.taskPage))
	mux.HandleFunc("GET /h5/lists/{list}", s.page(s.listPage))
	mux.HandleFunc("GET /h5/imports/{id}/problems.xlsx", s.page(s.corrected))
	mux.HandleFunc("POST /h5/customers/{id}/claim", s.act(s.claim))
	mux.HandleFunc("POST /h5/tasks/{id}/complete", s.act(s.complete))
	mux.HandleFunc("/h5/", func(w http.ResponseWriter, r *http.Request) {
		s.sorry(w, r, http.StatusNotFound, lang.Text{ZH: "没有这个页面", EN: "No such page"}, reopen)
	})
	return secured(mux)
}

// secured sets the headers of every page: scripts and styles come from this package only, nobody frames a page, no address leaks to elsewhere.
func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cache-Control", "no-store")
		r.Body = http.MaxBytesReader(w, r.Body, 16<<10)
		next.ServeHTTP(w, r)
	})
}

// visit is somebody opening a page.
type visit struct {
	who   access.Person
	link  string         // for whom the link was made; "" for nobody in particular
	l     lang.Language  // what the reader reads
	cards *cards.Printer // in that language
}

func (s *server) visit(who access.Person, link string) visit {
	return visit{who: who, link: link, l: who.Language, cards: s.Cards.In(who.Language)}
}

// page opens a page for whoever is logged in, by a link that Lingke made for this path.
func (s *server) page(show func(w http.ResponseWriter, r *http.Request, v visit) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		made, err := s.Links.Check(r.URL.Path, r.URL.Query().Get(access.LinkKey), s.Now())
		switch {
		case errors.Is(err, access.ErrLinkExpired):
			s.sorry(w, r, http.StatusGone, lang.Text{ZH: "链接已过期", EN: "The link has expired"},
				lang.Text{ZH: "请在聊天里重新打开最新的卡片，或发“查 客户名”。", EN: "Open the newest card in the chat, or send: find <customer>."})
			return
		case err != nil:
			s.sorry(w, r, http.StatusForbidden, badLink, reopen)
			return
		}
		who, ok := s.session(r)
		if !ok {
			s.toLogin(w, r)
			return
		}
		if err := show(w, r, s.visit(who, made)); err != nil {
			s.failed(w, r, err)
		}
	}
}

// failed answers an error: what is not there is told, all else stays in the log.
func (s *server) failed(w http.ResponseWriter, r *http.Request, err error) {
	if errors.Is(err, store.ErrNotFound) {
		s.sorry(w, r, http.StatusNotFound, lang.Text{ZH: "找不到了", EN: "Not found"}, lang.Text{ZH: "它可能已被合并或删除。", EN: "It may have been merged or deleted."})
		return
	}
	if errors.Is(err, store.ErrCursor) {
		s.sorry(w, r, http.StatusBadRequest, badLink, reopen)
		return
	}
	s.Log.LogAttrs(r.Context(), slog.LevelError, "page", slog.String("path", r.URL.Path), slog.Any("err", err))
	s.sorry(w, r, http.StatusInternalServerError, lang.Text{ZH: "暂时打不开", EN: "Not available now"}, lang.Text{ZH: "请稍后再试。", EN: "Please try again later."})
}

// sorry is a page that says what did not work, and what to do.
func (s *server) sorry(w http.ResponseWriter, r *http.Request, status int, title, text lang.Text) {
	s.sorryBack(w, r, status, title, text, "")
}

// sorryBack is sorry with a way back.
func (s *server) sorryBack(w http.ResponseWriter, r *http.Request, status int, title, text lang.Text, back string) {
	l := s.language(r)
	s.render(w, r, status, "sorry.html", map[string]any{"L": l, "Title": title.In(l), "Text": text.In(l), "Back": back})
}

func (s *server) render(w http.ResponseWriter, r *http.Request, status int, name string, data any) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if err := pages.ExecuteTemplate(w, name, data); err != nil && r.Context().Err() == nil {
		s.Log.LogAttrs(r.Context(), slog.LevelError, "draw page", slog.String("page", name), slog.Any("err", err))
	}
}

// saw adds the line about a page before it is shown: what cannot be logged is not shown.
func (s *server) saw(r *http.Request, who access.Person, sight access.Sight, command string, ids ...string) error {
	line := access.Read{ID: "h5-" + uuid.NewString(), Person: who.ID, Platform: "h5", Place: r.URL.Path, Command: command, Layers: sight.String()}
	if err := s.Reads.Add(r.Context(), line.Saw(ids...)); err != nil {
		return fmt.Errorf("log what is shown: %w", err)
	}
	return nil
}

// path is a link inside a page, for the reader.
func (s *server) path(who access.Person, path string) string {
	return s.Links.Path(path, who.ID, s.Now().Add(linkFor))
}

// head is what every page has.
func (s *server) head(v visit, title string) map[string]any {
	data := map[string]any{"L": v.l, "Title": title, "Who": v.who.Name, "CSRF": s.csrf(v.who), "Mine": s.path(v.who, "/h5/lists/mine")}
	if v.link != "" && v.link != v.who.ID {
		data["Foreign"] = true
	}
	return data
}
