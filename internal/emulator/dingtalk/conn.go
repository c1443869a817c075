package dingtalk

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/coder/websocket"
)

// writeIn is how long a client may take to accept a frame before its connection is dropped.
const writeIn = 5 * time.Second

// errGone says that a connection ended before the acknowledgement came.
var errGone = errors.New("the stream connection is gone")

// conn is one stream connection of the app.
type conn struct {
	id     string
	topics map[string]bool
	base   string // the emulator's address as the client knows it
	socket *websocket.Conn
	done   chan struct{} // closed when nothing can be read any more

	once sync.Once
	mu   sync.Mutex
	wait map[string]chan ack // messageId → who waits for its acknowledgement
}

func newConn(socket *websocket.Conn, topics map[string]bool, base string) *conn {
	return &conn{
		id: serial(), topics: topics, base: base, socket: socket,
		done: make(chan struct{}), wait: map[string]chan ack{},
	}
}

// read takes acknowledgements until the connection ends.
func (c *conn) read() {
	defer c.cut()
	defer close(c.done)
	for {
		_, text, err := c.socket.Read(context.Background())
		if err != nil {
			return
		}
		if a, err := parseAck(text); err == nil {
			c.accept(a)
		}
	}
}

func (c *conn) accept(a ack) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if waiting, ok := c.wait[a.messageID()]; ok {
		waiting <- a // has room for one
		delete(c.wait, a.messageID())
	}
}

// write sends a frame; a client that does not take it loses its connection.
func (c *conn) write(f frame) error {
	text, err := json.Marshal(f)
	if err != nil {
		return fmt.Errorf("frame: %w", err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), writeIn)
	defer cancel()
	if err := c.socket.Write(ctx, websocket.MessageText, text); err != nil {
		c.cut()
		return fmt.Errorf("write frame: %w", errGone)
	}
	return nil
}

// send writes a frame and returns where its acknowledgement will come.
func (c *conn) send(f frame) (<-chan ack, error) {
	waiting := make(chan ack, 1)
	id := f.Headers["messageId"]
	c.mu.Lock()
	c.wait[id] = waiting
	c.mu.Unlock()
	if err := c.write(f); err != nil {
		c.forget(id)
		return nil, err
	}
	return waiting, nil
}

func (c *conn) forget(messageID string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.wait, messageID)
}

// await returns the acknowledgement of a frame, or errGone, or the context's error.
func (c *conn) await(ctx context.Context, f frame, waiting <-chan ack) (ack, error) {
	defer c.forget(f.Headers["messageId"])
	select {
	case a := <-waiting:
		return a, nil
	case <-c.done:
		return ack{}, errGone
	case <-ctx.Done():
		return ack{}, ctx.Err()
	}
}

// pingData is the data of a ping frame and of its answer.
type pingData struct {
	Opaque string `json:"opaque"`
}

// echoedBy tells whether an acknowledgement carries the same data. The official Python client decodes and encodes it again,
// so the text may differ.
func (p pingData) echoedBy(a ack) bool {
	var got pingData
	return json.Unmarshal([]byte(a.Data), &got) == nil && got == p
}

// keepAlive sends ping frames and drops the connection when one stays unanswered for a whole period.
func (c *conn) keepAlive(every time.Duration) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		sent := pingData{Opaque: serial()}
		data, _ := json.Marshal(sent)
		f := system("ping", serial(), string(data))
		waiting, err := c.send(f)
		if err != nil {
			return
		}
		select {
		case <-tick.C:
		case <-c.done:
			return
		}
		select {
		case a := <-waiting:
			if sent.echoedBy(a) {
				continue
			}
		default:
		}
		c.forget(f.Headers["messageId"])
		c.cut()
		return
	}
}

// cut drops the connection without a word.
func (c *conn) cut() { c.once.Do(func() { _ = c.socket.CloseNow() }) }

// closeAfter drops the connection after some time, or when ctx or the connection ends before.
func (c *conn) closeAfter(ctx context.Context, wait time.Duration) {
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	case <-c.done:
	}
	c.cut()
}
