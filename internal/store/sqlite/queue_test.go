package sqlite

import (
	"slices"
	"strings"
	"testing"
)

// TestEventsGoFirstAndOthersAreNotForgotten: of what waits at once, the pressing ones are committed alone, then others go along however many pressing ones come.
func TestEventsGoFirstAndOthersAreNotForgotten(t *testing.T) {
	t.Parallel()
	q, names := newQueue(3), map[*request]string{}
	add := func(all string) { // capitals are pressing
		for _, name := range strings.Split(all, "") {
			r := &request{press: name == strings.ToUpper(name)}
			names[r] = name
			if err := q.add(r); err != nil {
				t.Fatal(err)
			}
		}
	}
	next := func() string {
		batch, _ := q.next()
		var all string
		for _, r := range batch {
			all += names[r]
		}
		return all
	}
	add("abABcde")
	got := []string{next()}
	add("C")
	got = append(got, next())
	add("DE")
	got = append(got, next(), next())
	add("F")
	got = append(got, next())
	if want := []string{"AB", "Cab", "DE", "cde", "F"}; !slices.Equal(got, want) || q.waiting() != 0 {
		t.Errorf("batches %q and %d left, want %q", got, q.waiting(), want)
	}

	add("aB")
	for r, name := range names {
		if name == "B" {
			r.taken.Store(true) // its caller gave up
		}
	}
	q.close()
	if got := next() + "|" + next(); got != "|a" {
		t.Errorf("after closing came %q, want the one that nobody gave up", got)
	}
	if batch, ok := q.next(); ok {
		t.Errorf("a closed queue still has %v", batch)
	}
}
