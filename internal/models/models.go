// Package models keeps every scoring model that was ever put forward, and decides which of them are in force.
//
//	config file ──Adopt──┐
//	a file, a draft ─Publish─┼──▶ Publication n ──▶ every gateway loads it within seconds and scores everybody anew
//	an earlier version ─Rollback┘
//
// A Version is a model's text under its name@hash; it is never changed or removed, so that an old score can always be explained. A Publication
// is one step of an append-only log: the versions that are in force from then on, and who decided so. The last one counts. Going back is a step
// forward, too.
package models

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// Version is a model as it was put forward.
type Version struct {
	ID   string    `json:"id" bson:"_id"` // name@hash, see scoring.Model.Version
	Name string    `json:"name" bson:"name"`
	File string    `json:"file" bson:"file"` // where the text came from
	Text string    `json:"text,omitempty" bson:"text,omitempty"`
	By   string    `json:"by" bson:"by"`
	Note string    `json:"note,omitempty" bson:"note,omitempty"`
	At   time.Time `json:"at" bson:"at"` // when it was first seen; UTC, milliseconds
}

// How tells what made a publication.
type How string

// The ways.
const (
	ByConfig   How = "config"   // the config file named a text that was never in force
	ByPublish  How = "publish"  // a person published a version
	ByRollback How = "rollback" // a person went back to one
)

// Publication puts versions in force.
type Publication struct {
	N      int       `json:"n" bson:"_id"`         // from 1, without gaps
	Models []string  `json:"models" bson:"models"` // versions in order: the first that covers a customer leads for it
	How    How       `json:"how" bson:"how"`
	By     string    `json:"by" bson:"by"`
	Note   string    `json:"note,omitempty" bson:"note,omitempty"`
	At     time.Time `json:"at" bson:"at"` // UTC, milliseconds
}

// State is how far a version has come.
type State string

// The states.
const (
	Draft  State = "draft"  // never in force
	Live   State = "live"   // in force
	Former State = "former" // was in force
)

// The kinds of refusal; test with errors.Is.
var (
	ErrUnknown   = errors.New("no such model version")
	ErrPlace     = errors.New("which model it replaces is not clear")
	ErrInForce   = errors.New("in force already")
	ErrNothing   = errors.New("nothing to go back to")
	ErrUnsigned  = errors.New("say who decides")
	ErrAwaiting  = errors.New("it waits for a manager to agree on the card in chat")
	errContended = errors.New("others keep publishing at the same moment")
)

// nameOf is the part of name@hash before the hash.
func nameOf(id string) string {
	name, _, _ := strings.Cut(id, "@")
	return name
}

// Placed returns the versions live with v in the place of the one of its name, or of the only one. ErrPlace where neither is there.
func Placed(live []string, v string) ([]string, error) {
	out := make([]string, len(live))
	copy(out, live)
	for i, id := range live {
		if nameOf(id) == nameOf(v) {
			out[i] = v
			return out, nil
		}
	}
	if len(live) == 1 {
		return []string{v}, nil
	}
	return nil, fmt.Errorf("%w: %s is none of the models in force: %s", ErrPlace, nameOf(v), strings.Join(live, ", "))
}

// adopted returns the models that are to be in force when a config names told: a text that was never in force counts, since somebody has just written
// it; for one that was, what was published since in its place counts on.
func adopted(live, told []string, everLive map[string]bool) []string {
	out := make([]string, len(told))
	for i, id := range told {
		out[i] = id
		if !everLive[id] {
			continue
		}
		for _, l := range live {
			if nameOf(l) == nameOf(id) {
				out[i] = l
			}
		}
		if len(told) == 1 && len(live) == 1 {
			out[i] = live[0]
		}
	}
	return out
}
