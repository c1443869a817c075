package world

import (
	"crypto/rand"
	"encoding/hex"
	"html/template"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// codeLife is how long both platforms' login codes count.
const codeLife = 5 * time.Minute

// Codes are login codes: each stands for a user once, for five minutes. The zero value is ready.
type Codes struct {
	mu  sync.Mutex
	all map[string]code
}

type code struct {
	user  string
	until time.Time
}

// Issue makes a code for a user.
func (c *Codes) Issue(user string, now time.Time) string {
	var raw [16]byte
	_, _ = rand.Read(raw[:]) // never fails
	text := hex.EncodeToString(raw[:])
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.all == nil {
		c.all = map[string]code{}
	}
	c.all[text] = code{user, now.Add(codeLife)}
	return text
}

// Take spends a code.
func (c *Codes) Take(text string, now time.Time) (user string, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	found, ok := c.all[text]
	delete(c.all, text)
	return found.user, ok && now.Before(found.until)
}

var loginPage = template.Must(template.New("login").Parse(`<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<link rel="icon" href="data:,"><title>{{.Title}}</title><body style="font:16px sans-serif;margin:2em"><h1>{{.Title}}</h1><p>模拟登录：你是谁？</p><ul>
{{range .People}}<li><p><a data-person="{{.ID}}" href="{{.Href}}">{{.Name}}</a></p></li>{{end}}</ul></body></html>`))

// Login stands for a platform's login page: nobody's phone tells here who opens it, so it asks, or takes the person id in the query's "as". It sends the browser back to
// redirect_uri with a code, under the name that the platform gives it, and the state.
func (w *World) Login(rw http.ResponseWriter, r *http.Request, title string, user func(Person) string, issue func(user string) string, codeName string) {
	q := r.URL.Query()
	back, err := url.Parse(q.Get("redirect_uri"))
	if err != nil || back.Host == "" {
		http.Error(rw, "redirect_uri", http.StatusBadRequest)
		return
	}
	if p, ok := w.ByID(q.Get("as")); ok && user(p) != "" {
		answer := back.Query()
		answer.Set(codeName, issue(user(p)))
		answer.Set("state", q.Get("state"))
		back.RawQuery = answer.Encode()
		http.Redirect(rw, r, back.String(), http.StatusFound)
		return
	}
	type choice struct{ ID, Name, Href string }
	var people []choice
	for _, p := range w.People() {
		if user(p) != "" {
			again := *r.URL
			q.Set("as", p.ID)
			again.RawQuery = q.Encode()
			people = append(people, choice{p.ID, p.Name, again.String()})
		}
	}
	rw.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = loginPage.Execute(rw, map[string]any{"Title": title, "People": people}) // the browser went away
}
