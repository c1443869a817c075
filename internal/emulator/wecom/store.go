package wecom

import "time"

// How long the platform's promises last.
const (
	codeLife   = 72 * time.Hour
	recallLife = 24 * time.Hour
)

// remember is how many messages are kept; older ones can no longer be clicked, updated or recalled.
const remember = 100000

// sent is one message and what each of its readers sees.
type sent struct {
	id    string
	at    time.Time
	to    []string         // the WeCom ids of those who got it
	views map[string]*view // by WeCom id; empty unless it is a card
}

// code is a permission to update one card once.
type code struct {
	message *sent
	at      time.Time
	used    bool
}

type duplicate struct {
	id string
	at time.Time
}

// store is what the platform remembers about messages.
type store struct {
	messages map[string]*sent
	order    []string // ids, oldest first
	codes    map[string]*code
	byAge    []string         // codes, oldest first
	tasks    map[string]*sent // by task_id
	taskIDs  []string
	requests map[string]duplicate // by the hash of the request
	hashes   []string
}

func newStore() store {
	return store{messages: map[string]*sent{}, codes: map[string]*code{}, tasks: map[string]*sent{}, requests: map[string]duplicate{}}
}

func (st *store) add(m *sent) {
	st.messages[m.id] = m
	st.order = forget(append(st.order, m.id), st.messages)
}

func (st *store) task(id string, m *sent) {
	if _, known := st.tasks[id]; !known {
		st.taskIDs = forget(append(st.taskIDs, id), st.tasks)
	}
	st.tasks[id] = m
}

func (st *store) request(hash string, d duplicate) {
	if _, known := st.requests[hash]; !known {
		st.hashes = forget(append(st.hashes, hash), st.requests)
	}
	st.requests[hash] = d
}

// newCode hands out a fresh response_code.
func (st *store) newCode(m *sent, now time.Time) string {
	text := secretText()
	st.codes[text] = &code{message: m, at: now}
	st.byAge = forget(append(st.byAge, text), st.codes)
	return text
}

// valid finds a code that may still be used.
func (st *store) valid(text string, now time.Time) (*code, bool) {
	c, known := st.codes[text]
	if !known || c.used || now.Sub(c.at) >= codeLife {
		return nil, false
	}
	return c, true
}

// forget drops the oldest entries of a map beyond remember.
func forget[V any](order []string, from map[string]V) []string {
	for len(order) > remember {
		delete(from, order[0])
		order = order[1:]
	}
	return order
}
