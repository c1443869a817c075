package wecom

import (
	"context"
	"net/http"
	"strconv"

	"lingke/internal/emulator/world"
)

// menuEntry is an entry of the app's menu.
type menuEntry struct {
	Type  string      `json:"type,omitempty"`
	Name  string      `json:"name"`
	Key   string      `json:"key,omitempty"`
	URL   string      `json:"url,omitempty"`
	Items []menuEntry `json:"sub_button"`
}

// MenuItem is an entry as the chat page shows it.
type MenuItem struct {
	Name  string     `json:"name"`
	Key   string     `json:"key,omitempty"`
	Items []MenuItem `json:"items,omitempty"`
}

func (s *Server) ownAgent(r *http.Request) answer {
	if r.URL.Query().Get("agentid") != strconv.Itoa(s.opts.AgentID) {
		return fail(301002, "not allow operate another agent with this accesstoken")
	}
	return answer{}
}

// menuCreate puts a menu below the app's chat: one to three entries, each with up to five below.
func (s *Server) menuCreate(r *http.Request, body []byte) answer {
	if a := s.ownAgent(r); a.code != 0 {
		return a
	}
	var req struct {
		Button []menuEntry `json:"button"`
	}
	if a, fine := decode(body, &req); !fine {
		return a
	}
	if n := len(req.Button); n < 1 || n > 3 {
		return fail(40016, "invalid button size")
	}
	for _, b := range req.Button {
		if a := checkEntry(b, 16); a.code != 0 {
			return a
		}
	}
	s.menu = req.Button
	return ok(nil)
}

func checkEntry(b menuEntry, length int) answer {
	switch {
	case b.Name == "" || len(b.Name) > length:
		return fail(40018, "invalid button name size")
	case len(b.Items) > 5:
		return fail(40023, "invalid sub button size")
	case len(b.Items) > 0 && length == 40:
		return fail(40022, "invalid sub menu level")
	case len(b.Items) == 0 && b.Type == "":
		return fail(40017, "invalid button type")
	case b.Type == "click" && (b.Key == "" || len(b.Key) > 128):
		return fail(40019, "invalid button key size")
	}
	for _, below := range b.Items {
		if a := checkEntry(below, 40); a.code != 0 {
			return a
		}
	}
	return answer{}
}

func (s *Server) menuGet(r *http.Request, _ []byte) answer {
	if a := s.ownAgent(r); a.code != 0 {
		return a
	}
	if len(s.menu) == 0 {
		return fail(46003, "menu no exist")
	}
	return ok(map[string]any{"button": s.menu})
}

func (s *Server) menuDelete(r *http.Request, _ []byte) answer {
	if a := s.ownAgent(r); a.code != 0 {
		return a
	}
	s.menu = nil
	return ok(nil)
}

// Menu is what stands below the app's chat now.
func (s *Server) Menu() []MenuItem {
	s.mu.Lock()
	defer s.mu.Unlock()
	return items(s.menu)
}

func items(entries []menuEntry) []MenuItem {
	out := make([]MenuItem, 0, len(entries))
	for _, e := range entries {
		out = append(out, MenuItem{e.Name, e.Key, items(e.Items)})
	}
	return out
}

// PressMenu is a person pressing an entry of the menu.
func (s *Server) PressMenu(ctx context.Context, person world.Person, key string) error {
	if person.WeCom == "" {
		return ErrNoAccount
	}
	return s.Event(ctx, person, "click", key)
}
