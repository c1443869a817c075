package outbound

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"lingke/internal/customer"
)

// The events of webhooks.
const (
	TierChanged  = "customer.tier_changed"
	ScoreChanged = "customer.score_changed"
	OwnerChanged = "customer.owner_changed"
)

// Events are all of them.
func Events() []string { return []string{TierChanged, ScoreChanged, OwnerChanged} }

// The beginnings of targets' names.
const (
	hookPrefix   = "webhook:"
	sourcePrefix = "source:"
)

// HookTarget and SourceTarget name targets.
func HookTarget(name string) string { return hookPrefix + name }

// SourceTarget names the source of a connector as a target.
func SourceTarget(connector string) string { return sourcePrefix + connector }

// adder is the part of the store that takes posts.
type adder interface {
	AddPosts(ctx context.Context, all []Post) (int, error)
}

// Carrier turns announcements into posts.
type Carrier struct {
	Posts   adder
	Hooks   map[string][]string // a webhook's name → the events that it wants
	Sources map[string]bool     // the connectors whose sources are told
	Now     func() time.Time
	Wake    func(target string)
}

// Data is what a webhook's message says of a customer.
type Data struct {
	ID    string   `json:"id"`
	Refs  []string `json:"refs"` // connector/id
	Name  string   `json:"name"`
	Tier  Change   `json:"tier"`
	Score Change   `json:"score"`
	Owner Change   `json:"owner"`
}

// Change is a value before and after; equal where it did not change.
type Change struct {
	From any `json:"from"`
	To   any `json:"to"`
}

// Message is a webhook's body, as Standard Webhooks recommends.
type Message struct {
	Type      string    `json:"type"`
	Timestamp time.Time `json:"timestamp"`
	Data      Data      `json:"data"`
}

// Carry makes the posts of an announcement. Doing it again makes none more: their ids follow from the effect.
func (k *Carrier) Carry(ctx context.Context, c customer.Customer, e customer.Effect) error {
	var all []Post
	var err error
	switch {
	case e.Kind == customer.EffectTell && e.Work != nil:
		all, err = k.playPosts(c, e)
	case e.Is != nil:
		all, err = k.hookPosts(c, e)
		all = append(all, k.sourcePosts(c, e)...)
	}
	if err != nil {
		return err
	}
	if len(all) == 0 {
		return nil
	}
	if _, err := k.Posts.AddPosts(ctx, all); err != nil {
		return fmt.Errorf("announce %s: %w", c.ID, err)
	}
	for _, p := range all {
		k.Wake(p.Target)
	}
	return nil
}

func (k *Carrier) hookPosts(c customer.Customer, e customer.Effect) ([]Post, error) {
	data := dataOf(c, e)
	var all []Post
	for name, wanted := range k.Hooks {
		for _, event := range happened(e) {
			if !slices.Contains(wanted, event) {
				continue
			}
			body, err := json.Marshal(Message{Type: event, Timestamp: e.At, Data: data})
			if err != nil {
				return nil, fmt.Errorf("announce %s: %w", c.ID, err)
			}
			all = append(all, k.post(c, e, HookTarget(name), event, body))
		}
	}
	return all, nil
}

// PlayMessage is a webhook's body for a step of a play.
type PlayMessage struct {
	Type      string    `json:"type"` // "play." and the event that the step names
	Timestamp time.Time `json:"timestamp"`
	Data      PlayData  `json:"data"`
}

// PlayData is about whom, and why.
type PlayData struct {
	ID    string   `json:"id"`
	Refs  []string `json:"refs"` // connector/id
	Name  string   `json:"name"`
	Play  string   `json:"play"`
	Tier  string   `json:"tier"`
	Owner string   `json:"owner"`
	Tags  []string `json:"tags"`
}

// playPosts tell every webhook of a step of a play.
func (k *Carrier) playPosts(c customer.Customer, e customer.Effect) ([]Post, error) {
	data := PlayData{ID: c.ID, Refs: []string{}, Name: c.Name, Play: e.Work.Play, Tier: c.Tier, Owner: c.Owner, Tags: append([]string{}, c.Tags...)}
	for _, ref := range c.Refs() {
		data.Refs = append(data.Refs, string(ref))
	}
	event := "play." + e.Work.Kind
	body, err := json.Marshal(PlayMessage{Type: event, Timestamp: e.At, Data: data})
	if err != nil {
		return nil, fmt.Errorf("tell of %s: %w", c.ID, err)
	}
	var all []Post
	for name := range k.Hooks {
		all = append(all, k.post(c, e, HookTarget(name), event, body))
	}
	return all, nil
}

func (k *Carrier) sourcePosts(c customer.Customer, e customer.Effect) (all []Post) {
	for _, r := range c.Records {
		if k.Sources[r.Ref.Source()] && !r.Deleted {
			all = append(all, k.post(c, e, SourceTarget(r.Ref.Source()), writeBack, []byte(r.Ref)))
		}
	}
	return all
}

func (k *Carrier) post(c customer.Customer, e customer.Effect, target, event string, body []byte) Post {
	now := k.Now().UTC().Truncate(time.Millisecond)
	about := body
	if event != writeBack {
		about = nil
	}
	sum := sha256.Sum256([]byte(c.ID + "\x00" + e.ID + "\x00" + e.At.Format(time.RFC3339Nano) + "\x00" + target + "\x00" + event + "\x00" + string(about)))
	return Post{ID: "out_" + hex.EncodeToString(sum[:16]), Target: target, Customer: c.ID, Event: event, Body: body, Created: now, State: Due, Due: now}
}

const writeBack = "write_back"

// happened are the events that an announcement stands for.
func happened(e customer.Effect) (all []string) {
	was := customer.Announced{}
	if e.Was != nil {
		was = *e.Was
	}
	if was.Tier != e.Is.Tier {
		all = append(all, TierChanged)
	}
	if was.Score != e.Is.Score {
		all = append(all, ScoreChanged)
	}
	if was.Owner != e.Is.Owner {
		all = append(all, OwnerChanged)
	}
	return all
}

func dataOf(c customer.Customer, e customer.Effect) Data {
	d := Data{ID: c.ID, Name: c.Name, Refs: []string{}, Tier: Change{To: e.Is.Tier}, Score: Change{To: e.Is.Score}, Owner: Change{To: e.Is.Owner}}
	if e.Was != nil {
		d.Tier.From, d.Score.From, d.Owner.From = e.Was.Tier, e.Was.Score, e.Was.Owner
	}
	for _, ref := range c.Refs() {
		d.Refs = append(d.Refs, string(ref))
	}
	return d
}
