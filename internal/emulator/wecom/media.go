package wecom

import (
	"bytes"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"
)

// mediaPath is where the chat page finds what was uploaded.
const mediaPath = "/emulated-media-wecom/"

// mediaLife is how long an uploaded file can be sent.
const mediaLife = 3 * 24 * time.Hour

// mediaRef names an uploaded file.
type mediaRef struct {
	ID string `json:"media_id"`
}

type medium struct {
	kind, name string
	data       []byte
	at         time.Time
	robot      bool // uploaded by the group robot, which shares nothing with the app
}

// mediaLimits are the largest files by type, and the endings that are taken; nil takes any.
var mediaLimits = map[string]struct {
	most    int
	endings []string
}{
	"image": {10 << 20, []string{".jpg", ".jpeg", ".png"}}, "voice": {2 << 20, []string{".amr"}}, "video": {10 << 20, []string{".mp4"}}, "file": {20 << 20, nil},
}

// mediaUpload takes a file in the multipart field media.
func (s *Server) mediaUpload(r *http.Request, body []byte) answer {
	kind := r.URL.Query().Get("type")
	limit, known := mediaLimits[kind]
	if !known {
		return fail(40004, "invalid media type")
	}
	name, data, err := readMedia(r.Header.Get("Content-Type"), body)
	switch {
	case err != nil || len(data) == 0:
		return fail(44001, "empty media data")
	case len(data) > limit.most:
		return fail(45001, "media size out of limit")
	case len(data) <= 5, limit.endings != nil && !slices.Contains(limit.endings, strings.ToLower(path.Ext(name))):
		return fail(40006, "invalid media size or type")
	}
	return s.keepMedia(medium{kind: kind, name: name, data: data, at: s.world.Now()})
}

// robotUpload is the group robot's own upload: an empty one is told before the key is looked at.
func (s *Server) robotUpload(r *http.Request, body []byte) answer {
	name, data, err := readMedia(r.Header.Get("Content-Type"), body)
	kind := r.URL.Query().Get("type")
	switch {
	case err != nil || len(data) == 0:
		return fail(44001, "empty media data")
	case s.opts.RobotKey == "" || r.URL.Query().Get("key") != s.opts.RobotKey:
		return fail(93000, "invalid webhook url")
	case kind != "file" && kind != "voice":
		return fail(40004, "invalid media type")
	case len(data) > mediaLimits[kind].most:
		return fail(45001, "media size out of limit")
	case len(data) <= 5:
		return fail(40006, "invalid media size")
	}
	return s.keepMedia(medium{kind: kind, name: name, data: data, at: s.world.Now(), robot: true})
}

func (s *Server) keepMedia(m medium) answer {
	id := secretText()
	s.media[id] = m
	return ok(map[string]any{"type": m.kind, "media_id": id, "created_at": strconv.FormatInt(m.at.Unix(), 10)})
}

// readMedia returns the part named media.
func readMedia(contentType string, body []byte) (name string, data []byte, err error) {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return "", nil, err
	}
	for parts := multipart.NewReader(bytes.NewReader(body), params["boundary"]); ; {
		part, err := parts.NextPart()
		if err != nil {
			return "", nil, err
		}
		if part.FormName() == "media" {
			data, err = io.ReadAll(part)
			return part.FileName(), data, err
		}
	}
}

// mediaMessage shows an uploaded picture or document.
func (s *Server) mediaMessage(kind string, c content) (drawn, answer) {
	id := c.File.ID
	if kind == "image" {
		id = c.Image.ID
	}
	m, known := s.media[id]
	if !known || m.kind != kind || m.robot || s.world.Now().Sub(m.at) > mediaLife {
		return drawn{}, fail(40007, "invalid media_id")
	}
	if kind == "image" {
		return drawn{image: mediaPath + id}, answer{}
	}
	return drawn{file: m.name, link: mediaPath + id}, answer{}
}

func (s *Server) showMedium(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	m, known := s.media[r.PathValue("id")]
	s.mu.Unlock()
	if !known {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Type", http.DetectContentType(m.data))
	_, _ = w.Write(m.data)
}
