package scoring

import (
	"strings"
	"sync"
	"sync/atomic"
)

// dictionary gives each text a small number, so that rules compare numbers and a search inside a text is done once per
// different text, not once per customer. It only grows, up to maxTexts texts of at most maxTextBytes; what finds no room
// has no code, and is compared as text. Codes mean nothing outside the process.
type dictionary struct {
	mu    sync.RWMutex
	codes map[string]uint16
	texts []string // by code; texts[0] stands for a missing text
}

const (
	maxTexts     = 1<<15 - 1 // as many as a lane of a column can tell apart
	maxTextBytes = 128
	uncoded      = -1.0 // the cell of a text that is there and has no code
)

func newDictionary() *dictionary {
	return &dictionary{codes: map[string]uint16{}, texts: []string{""}}
}

// intern returns the text as the dictionary keeps it and its code, or uncoded.
func (d *dictionary) intern(text string) (kept string, code float64) {
	d.mu.RLock()
	c, ok := d.codes[text]
	if ok {
		text = d.texts[c]
	}
	d.mu.RUnlock()
	if ok {
		return text, float64(c)
	}
	if len(text) > maxTextBytes {
		return text, uncoded
	}
	return d.add(text)
}

func (d *dictionary) add(text string) (string, float64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if c, ok := d.codes[text]; ok {
		return d.texts[c], float64(c)
	}
	if len(d.texts) > maxTexts {
		return text, uncoded
	}
	text = strings.Clone(text) // not a part of some large document
	c := uint16(len(d.texts))
	d.codes[text], d.texts = c, append(d.texts, text)
	return text, float64(c)
}

// text returns the text of a code that intern gave.
func (d *dictionary) text(code int) string {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.texts[code]
}

func (d *dictionary) size() int {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return len(d.texts)
}

// byCode is a function of a text, computed once for each text and then looked up by code. It is safe for concurrent use.
type byCode struct {
	texts   *dictionary
	compute func(text string) int64
	table   atomic.Pointer[[]atomic.Int32]
	grow    sync.Mutex
}

const notComputed = -1 << 31

func newByCode(texts *dictionary, compute func(string) int64) *byCode {
	b := &byCode{texts: texts, compute: compute}
	b.table.Store(new([]atomic.Int32))
	return b
}

// at returns the function's value for a cell: 0 for a missing text.
func (b *byCode) at(cell float64) int64 {
	if !(cell > 0) {
		return 0
	}
	code, table := int(cell), *b.table.Load()
	if code < len(table) {
		if v := table[code].Load(); v != notComputed {
			return int64(v)
		}
	}
	return b.fill(code)
}

func (b *byCode) fill(code int) int64 {
	v := b.compute(b.texts.text(code))
	b.grow.Lock()
	defer b.grow.Unlock()
	b.room(code)[code].Store(int32(v))
	return v
}

// room returns a table that holds code; the caller has the lock.
func (b *byCode) room(code int) []atomic.Int32 {
	old := *b.table.Load()
	if code < len(old) {
		return old
	}
	wide := make([]atomic.Int32, max(b.texts.size(), code+1, 2*len(old)))
	for i := range wide {
		v := int32(notComputed)
		if i == 0 {
			v = 0
		} else if i < len(old) {
			v = old[i].Load()
		}
		wide[i].Store(v)
	}
	b.table.Store(&wide)
	return wide
}
