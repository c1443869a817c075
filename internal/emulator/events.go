package emulator

import (
	"net/http"
	"time"
)

// Rhythm of the event stream: changes in quick succession are told once, and silence is broken so that a dead
// connection is noticed.
const (
	eventGap  = 50 * time.Millisecond
	eventBeat = 20 * time.Second
)

// events tells the chat page, as server-sent events, that something changed.
func (e *Emulator) events(w http.ResponseWriter, r *http.Request) {
	changed, end := e.world.Subscribe()
	defer end()
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	out := http.NewResponseController(w)
	if !tell(w, out, "event: ready\ndata: {}\n\n") {
		return
	}
	beat := time.NewTicker(eventBeat)
	defer beat.Stop()
	for {
		text := "event: change\ndata: {}\n\n"
		select {
		case <-changed:
		case <-beat.C:
			text = ": still here\n\n"
		case <-r.Context().Done():
			return
		case <-e.done:
			return
		}
		if !tell(w, out, text) || !e.wait(r, eventGap) {
			return
		}
	}
}

func tell(w http.ResponseWriter, out *http.ResponseController, text string) bool {
	_, err := w.Write([]byte(text))
	return err == nil && out.Flush() == nil
}
