// Package page is the emulator's chat page: each person's DingTalk and WeCom as a column, with live cards and a box to
// type in. It is drawn in the browser from the control API, and a stream of server-sent events tells it when to look
// again; nothing is loaded from elsewhere.
//
// For browser tests: a column is [data-platform][data-person], a message [data-message], a card [data-card], its
// buttons [data-action]; the box is [data-box], its send button [data-send], the line after a click [data-toast],
// what leads to new messages below [data-more].
package page

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"

	"lingke/internal/emulator/world"
)

//go:embed index.html style.css app.js text.js card.js
var files embed.FS

// Handler serves the page and its files under prefix, which ends in a slash.
func Handler(prefix string, people []world.Person) http.Handler {
	index := template.Must(template.ParseFS(files, "index.html"))
	static := http.StripPrefix(prefix, http.FileServerFS(files))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-cache")
		w.Header().Set("Content-Security-Policy", "default-src 'self'; img-src * data:; base-uri 'none'; form-action 'self'")
		switch r.URL.Path {
		case prefix:
			var out bytes.Buffer
			if err := index.Execute(&out, people); err != nil {
				http.Error(w, "the page cannot be drawn", http.StatusInternalServerError)
				return
			}
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			_, _ = out.WriteTo(w)
		case prefix + "index.html":
			http.NotFound(w, r) // the template itself
		default:
			static.ServeHTTP(w, r)
		}
	})
}
