package bots

import "context"

// Examiner is a Bot that can tell in detail what is wrong with its app, and where in which console it is mended.
type Examiner interface {
	// Examine tries what the app needs, one after the other, and shows nobody anything. address is the gateway's public address, "" where nothing outside reaches it;
	// callbacks are tried there as the platform would call them.
	Examine(ctx context.Context, address string) []Symptom
}

// Symptom is what one look at the app found.
type Symptom struct {
	Part string // "token", "permission.card", "callback", …
	What string // in a sentence: what is well, or what is wrong
	Fix  string // what to do in which console page; empty where all is well
	Err  error  // why it is wrong; nil where it is well or only doubtful
}

// Well reports whether nothing need be done.
func (s Symptom) Well() bool { return s.Err == nil && s.Fix == "" }
