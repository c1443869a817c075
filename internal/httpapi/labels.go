package httpapi

import (
	"strings"
	"sync"
)

// maxValues is how many values one label may have; each value is a time series that the process and its monitoring keep for ever.
const maxValues = 50

// other stands for every value beyond maxValues.
const other = "other"

// labels keeps the values of labels in bounds. Its methods may be called from several goroutines.
type labels struct {
	mu   sync.Mutex
	seen map[string]map[string]bool // label → its values
}

func newLabels() *labels { return &labels{seen: make(map[string]map[string]bool)} }

// bound returns value while the label has not too many of them, else other. Values that Prometheus would refuse are made valid.
func (l *labels) bound(label, value string) string {
	value = strings.ToValidUTF8(value, "?")
	l.mu.Lock()
	defer l.mu.Unlock()
	values := l.seen[label]
	if values == nil {
		values = make(map[string]bool)
		l.seen[label] = values
	}
	if values[value] {
		return value
	}
	if len(values) >= maxValues {
		return other
	}
	values[value] = true
	return value
}
