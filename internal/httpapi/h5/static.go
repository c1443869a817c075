package h5

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"path"
	"strings"
)

// types are the files that pages load, by their ending.
var types = map[string]string{".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".txt": "text/plain; charset=utf-8"}

// static serves the scripts and the style. The libraries lie packed in the program and are sent so to whoever can unpack them, which is everybody but an old test tool.
func (s *server) static(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("file")
	kind := types[path.Ext(name)]
	plain, err := files.ReadFile("static/" + name)
	packed, packedErr := files.ReadFile("static/" + name + ".gz")
	if kind == "" || err != nil && packedErr != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", kind)
	w.Header().Set("Cache-Control", "public, max-age=86400")
	if err == nil {
		_, _ = w.Write(plain) //nolint:gosec // a file of our own
		return
	}
	w.Header().Set("Vary", "Accept-Encoding")
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		w.Header().Set("Content-Encoding", "gzip")
		_, _ = w.Write(packed) //nolint:gosec // a file of our own
		return
	}
	if z, err := gzip.NewReader(bytes.NewReader(packed)); err == nil {
		_, _ = io.Copy(w, z) //nolint:gosec // a file of our own
	}
}
