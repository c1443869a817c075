package kingdee

import (
	"encoding/json"
	"sync"
)

// The states of an asynchronous call that the emulator tells.
const (
	taskRunning  = 1
	taskComplete = 2
)

// keepTasks is how many answers wait to be fetched; of more, the oldest is forgotten.
const keepTasks = 1000

// tasks are the answers of asynchronous calls. The official SDKs ask for one by the member beginmethod beside an
// operation's own parameters, and fetch the answer from QueryAsyncResult. The emulator works at once, but says "running"
// first, so that a client has to ask again.
type tasks struct {
	mu      sync.Mutex
	answers map[string]any
	order   []string // the ids of answers, oldest first
}

// progress is the answer to both calls. Result is what the operation would have answered by itself.
type progress struct {
	Status   int
	TaskID   string `json:"TaskId"`
	Result   any
	Progress int
	Message  string
}

// asynchronous tells whether the caller wants to fetch the answer later.
func (c call) asynchronous() bool {
	return c.named != nil && c.text(0, "beginmethod") == "BeginQueryImpl"
}

// begin keeps an answer and says that it is being worked on.
func (t *tasks) begin(answer any) progress {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.answers == nil {
		t.answers = map[string]any{}
	}
	if len(t.order) == keepTasks {
		delete(t.answers, t.order[0])
		t.order = t.order[1:]
	}
	id := randomID()
	t.answers[id] = answer
	t.order = append(t.order, id)
	return progress{Status: taskRunning, TaskID: id}
}

// fetch gives the answer of a task as often as it is asked for.
func (t *tasks) fetch(id string) (progress, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	answer, ok := t.answers[id]
	return progress{Status: taskComplete, TaskID: id, Result: answer, Progress: 100}, ok
}

// asyncResult is QueryAsyncResult; queryInfo is {"TaskId","Cancelled"} as JSON text.
func (s *Server) asyncResult(c call) (any, error) {
	raw := c.raw(0, "queryinfo")
	if len(raw) == 0 {
		raw = json.RawMessage("{}")
	}
	info, err := object(raw)
	if err != nil {
		return nil, err
	}
	done, ok := s.tasks.fetch(members(info).text("taskid"))
	if !ok {
		return nil, refuse(codeParameter, "任务不存在")
	}
	return done, nil
}
