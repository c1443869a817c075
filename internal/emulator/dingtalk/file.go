package dingtalk

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"lingke/internal/emulator/world"
)

// ErrGroupFile says that a bot hears of no file that is sent in a group.
var ErrGroupFile = errors.New("a bot is not told of files in a group")

// filePath is where files are fetched, on a host of the storage service in reality.
const filePath = "/emulated-storage/"

// files are those that people sent to the bot, by downloadCode and by the key of an address.
type files struct {
	mu   sync.Mutex
	list map[string]sentFile
}

type sentFile struct {
	content []byte
	until   time.Time
}

// add keeps a file under a new key, and forgets those that are over.
func (f *files) add(one sentFile, now time.Time) (key string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for k, old := range f.list {
		if !old.until.After(now) {
			delete(f.list, k)
		}
	}
	key = serial()
	f.list[key] = one
	return key
}

func (f *files) get(key string, now time.Time) (sentFile, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	one, ok := f.list[key]
	return one, ok && one.until.After(now)
}

// SendFile is a person sending a file to the bot in the single chat; in a group the others see it and the bot does not: ErrGroupFile. ErrOffline as in Say.
func (s *Server) SendFile(_ context.Context, person world.Person, conversation, name string, content []byte) error {
	user := person.DingTalk
	if user == "" {
		return fmt.Errorf("%s has no DingTalk account", person.Name)
	}
	if conversation != "" && !s.member(user, conversation) {
		return fmt.Errorf("%s is in no conversation %q", person.Name, conversation)
	}
	now := s.world.Now()
	s.sends.active(user, now)
	s.world.Post(platform, user, conversation, world.Message{From: person.ID, Text: "[文件] " + name})
	if conversation != "" {
		return ErrGroupFile
	}
	m := s.message(person, "", "")
	delete(m, "text")
	code := s.files.add(sentFile{content, now.Add(s.opt.FileLife)}, now)
	m["msgtype"] = "file"
	m["content"] = map[string]string{"fileName": name, "downloadCode": code, "spaceId": "24000000", "fileId": serial()}
	return s.pushMessage(m)
}

// fileAddress answers where a file of a message can be fetched. That the address lives as long as the code is a guess: no document says how long either does.
func (s *Server) fileAddress(r *http.Request) (any, *failure) {
	var req struct {
		Code      string `json:"downloadCode"`
		RobotCode string `json:"robotCode"`
	}
	if f := decode(r, &req); f != nil {
		return nil, f
	}
	now := s.world.Now()
	one, ok := s.files.get(req.Code, now)
	switch {
	case req.RobotCode == "":
		return nil, bad("invalidParameter.robotCode.empty")
	case req.RobotCode != s.opt.RobotCode:
		return nil, bad("invalidParameter.robotCode.notExsit")
	case !ok:
		return nil, bad("invalidParameter.downloadCode.invalid")
	}
	return map[string]string{"downloadUrl": scheme(r, "http") + "://" + r.Host + filePath + s.files.add(one, now)}, nil
}

// serveFile hands a file out; who has the address needs no token.
func (s *Server) serveFile(w http.ResponseWriter, r *http.Request) {
	one, ok := s.files.get(r.PathValue("key"), s.world.Now())
	if !ok {
		http.Error(w, "<Error><Code>AccessDenied</Code><Message>Request has expired.</Message></Error>", http.StatusForbidden)
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = w.Write(one.content) // a client that has gone needs no answer
}
