package dingtalk

import (
	"io"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
)

// mediaPath is where the chat page finds what was uploaded.
const mediaPath = "/emulated-media/"

// The platform's limits of uploads: 20 MB of pictures and documents, and of documents only the kinds it names.
const maxUpload = 20 << 20

var uploadKinds = map[string][]string{
	"image": {".jpg", ".jpeg", ".png", ".gif", ".bmp"},
	"file":  {".doc", ".docx", ".xls", ".xlsx", ".ppt", ".pptx", ".zip", ".pdf", ".rar"},
	"voice": {".amr", ".mp3", ".wav"}, "video": {".mp4"},
}

type medium struct {
	name string
	data []byte
}

// media are the uploaded files by media id.
type media struct {
	mu   sync.Mutex
	list map[string]medium
}

func (m *media) find(id string) (medium, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	x, ok := m.list[id]
	return x, ok
}

// upload takes a file in the multipart field media.
func (s *Server) upload(w http.ResponseWriter, r *http.Request) {
	if f := s.admit("media upload", call{free: true}, r.URL.Query().Get("access_token"), remoteIP(r)); f != nil {
		writeOapi(w, nil, f)
		return
	}
	id, kind, f := s.takeUpload(w, r)
	writeBeside(w, beside{"media_id": id, "type": kind, "created_at": s.world.Now().UnixMilli()}, f)
}

func (s *Server) takeUpload(w http.ResponseWriter, r *http.Request) (id, kind string, f *failure) {
	r.Body = http.MaxBytesReader(w, r.Body, maxUpload+1<<20)
	kind = r.FormValue("type")
	endings, known := uploadKinds[kind]
	if !known {
		return "", "", &failure{errcode: 40004, text: "不合法的媒体文件类型"}
	}
	part, header, err := r.FormFile("media")
	if err != nil {
		return "", "", &failure{errcode: 40035, text: "缺少参数 media"}
	}
	data, err := io.ReadAll(part)
	switch {
	case err != nil || len(data) == 0 || len(data) > maxUpload:
		return "", "", &failure{errcode: 40006, text: "不合法的文件大小"}
	case !slices.Contains(endings, strings.ToLower(path.Ext(header.Filename))):
		return "", "", &failure{errcode: 40005, text: "不合法的文件类型"}
	}
	id = "@" + serial()
	s.media.mu.Lock()
	s.media.list[id] = medium{header.Filename, data}
	s.media.mu.Unlock()
	return id, kind, nil
}

func (s *Server) showMedium(w http.ResponseWriter, r *http.Request) {
	m, ok := s.media.find(r.PathValue("id"))
	if !ok {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.Header().Set("Content-Type", http.DetectContentType(m.data))
	_, _ = w.Write(m.data)
}
