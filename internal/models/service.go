package models

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// records is the part of the store that keeps models.
type records interface {
	AddModel(ctx context.Context, v Version) (bool, error)
	Model(ctx context.Context, id string) (Version, error)
	Models(ctx context.Context) ([]Version, error)
	Publish(ctx context.Context, p Publication) (bool, error)
	Publications(ctx context.Context, limit int) ([]Publication, error)
}

// Service decides which models are in force. Its methods may be called from any number of goroutines and processes.
type Service struct {
	store records
	now   func() time.Time
}

// New returns a Service.
func New(store records, now func() time.Time) *Service { return &Service{store: store, now: now} }

// attempts bounds the optimistic writes; each failed one means that somebody else published.
const attempts = 20

// Latest returns the publication in force; N is 0 before the first.
func (s *Service) Latest(ctx context.Context) (Publication, error) {
	last, err := s.store.Publications(ctx, 1)
	if err != nil || len(last) == 0 {
		return Publication{}, err
	}
	return last[0], nil
}

// Texts returns the versions of a publication with their texts, in its order.
func (s *Service) Texts(ctx context.Context, p Publication) ([]Version, error) {
	out := make([]Version, len(p.Models))
	for i, id := range p.Models {
		var err error
		if out[i], err = s.store.Model(ctx, id); err != nil {
			return nil, fmt.Errorf("model of publication %d: %w", p.N, err)
		}
	}
	return out, nil
}

// Adopt puts the models that the config names in force where that follows from the log (see the package comment), and returns the publication that
// is in force then. Texts that were in force before change nothing, so that a publication and a rollback outlive a restart.
func (s *Service) Adopt(ctx context.Context, told []Version) (Publication, error) {
	for _, v := range told {
		if err := s.keep(ctx, v, "config file", ""); err != nil {
			return Publication{}, err
		}
	}
	return s.step(ctx, func(log []Publication) (Publication, error) {
		live := liveOf(log)
		next := adopted(live, versionIDs(told), everLive(log))
		return Publication{Models: next, How: ByConfig, By: "config file"}, nil
	})
}

// Draft keeps a version without putting it in force.
func (s *Service) Draft(ctx context.Context, v Version, by, note string) error {
	if by == "" {
		return ErrUnsigned
	}
	return s.keep(ctx, v, by, note)
}

// Publish puts a version in force in the place of the one of its name, or of the only one. Errors: ErrPlace, ErrInForce, ErrUnsigned.
func (s *Service) Publish(ctx context.Context, v Version, by, note string) (Publication, error) {
	if by == "" {
		return Publication{}, ErrUnsigned
	}
	if err := s.keep(ctx, v, by, note); err != nil {
		return Publication{}, err
	}
	return s.decide(ctx, v.ID, Publication{How: ByPublish, By: by, Note: note})
}

// Rollback puts a version that was in force before in force again; an empty id undoes the last publication. Errors: ErrUnknown, ErrNothing, ErrPlace,
// ErrInForce, ErrUnsigned.
func (s *Service) Rollback(ctx context.Context, id, by, note string) (Publication, error) {
	if by == "" {
		return Publication{}, ErrUnsigned
	}
	p := Publication{How: ByRollback, By: by, Note: note}
	if id != "" {
		v, err := s.Find(ctx, id)
		if err != nil {
			return p, err
		}
		return s.decide(ctx, v.ID, p)
	}
	return s.step(ctx, func(log []Publication) (Publication, error) {
		if len(log) < 2 {
			return p, ErrNothing
		}
		p.Models = log[1].Models
		return p, nil
	})
}

// decide puts one version in its place.
func (s *Service) decide(ctx context.Context, id string, p Publication) (Publication, error) {
	return s.step(ctx, func(log []Publication) (Publication, error) {
		live := liveOf(log)
		if slices.Contains(live, id) {
			return p, fmt.Errorf("%s is %w", id, ErrInForce)
		}
		if p.How == ByRollback && !everLive(log)[id] {
			return p, fmt.Errorf("%w: %s was never in force; publish it", ErrNothing, id)
		}
		var err error
		p.Models, err = Placed(live, id)
		return p, err
	})
}

// step appends what decide makes of the log, newest first, unless it puts the same models in force; decide is asked again where somebody else was faster.
func (s *Service) step(ctx context.Context, decide func(log []Publication) (Publication, error)) (Publication, error) {
	for range attempts {
		log, err := s.store.Publications(ctx, 0)
		if err != nil {
			return Publication{}, fmt.Errorf("publications: %w", err)
		}
		p, err := decide(log)
		if err != nil {
			return p, err
		}
		if len(log) > 0 && slices.Equal(log[0].Models, p.Models) {
			return log[0], nil
		}
		p.N, p.At = len(log)+1, s.stamp()
		if len(log) > 0 && !p.At.After(log[0].At) {
			p.At = log[0].At.Add(time.Millisecond) // the instant names the publication's rescoring
		}
		done, err := s.store.Publish(ctx, p)
		if err != nil {
			return p, fmt.Errorf("publish: %w", err)
		}
		if done {
			return p, nil
		}
	}
	return Publication{}, errContended
}

func (s *Service) keep(ctx context.Context, v Version, by, note string) error {
	v.By, v.Note, v.At = by, note, s.stamp()
	if _, err := s.store.AddModel(ctx, v); err != nil {
		return fmt.Errorf("keep model %s: %w", v.ID, err)
	}
	return nil
}

// Listed is a version with how far it has come.
type Listed struct {
	Version

	State State     `json:"state"`
	Since time.Time `json:"since,omitzero"` // when it was put in force, the last time
	// LastBy and LastNote are of that publication.
	LastBy   string `json:"last_by,omitempty"`
	LastNote string `json:"last_note,omitempty"`
}

// List returns all versions without their texts, the oldest first.
func (s *Service) List(ctx context.Context) ([]Listed, error) {
	all, err := s.store.Models(ctx)
	if err != nil {
		return nil, fmt.Errorf("models: %w", err)
	}
	log, err := s.store.Publications(ctx, 0)
	if err != nil {
		return nil, fmt.Errorf("publications: %w", err)
	}
	out := make([]Listed, len(all))
	for i, v := range all {
		out[i] = listed(v, log)
	}
	return out, nil
}

func listed(v Version, log []Publication) Listed {
	l := Listed{Version: v, State: Draft}
	for i, p := range log {
		if !slices.Contains(p.Models, v.ID) {
			continue
		}
		if l.State != Draft && !slices.Contains(log[i-1].Models, v.ID) {
			break // an earlier time
		}
		if l.State == Draft {
			l.State = Former
		}
		if i == 0 {
			l.State = Live
		}
		l.Since, l.LastBy, l.LastNote = p.At, p.By, p.Note
	}
	return l
}

// Log returns all publications, the newest first.
func (s *Service) Log(ctx context.Context) ([]Publication, error) {
	return s.store.Publications(ctx, 0)
}

// Find returns the version that an id, the start of one, or a hash names, with its text. ErrUnknown lists those that there are.
func (s *Service) Find(ctx context.Context, name string) (Version, error) {
	all, err := s.store.Models(ctx)
	if err != nil {
		return Version{}, fmt.Errorf("models: %w", err)
	}
	var found []string
	for _, v := range all {
		_, hash, _ := strings.Cut(v.ID, "@")
		switch {
		case v.ID == name:
			return s.store.Model(ctx, v.ID)
		case name != "" && (strings.HasPrefix(v.ID, name) || strings.HasPrefix(hash, name)):
			found = append(found, v.ID)
		}
	}
	if len(found) == 1 {
		return s.store.Model(ctx, found[0])
	}
	if len(found) == 0 {
		found = versionIDs(all)
	}
	return Version{}, fmt.Errorf("%w: %q; there are %s", ErrUnknown, name, strings.Join(found, ", "))
}

func versionIDs(all []Version) []string {
	out := make([]string, len(all))
	for i, v := range all {
		out[i] = v.ID
	}
	return out
}

// liveOf are the versions in force; log is newest first.
func liveOf(log []Publication) []string {
	if len(log) == 0 {
		return nil
	}
	return log[0].Models
}

func everLive(log []Publication) map[string]bool {
	out := make(map[string]bool)
	for _, p := range log {
		for _, id := range p.Models {
			out[id] = true
		}
	}
	return out
}

func (s *Service) stamp() time.Time { return s.now().UTC().Truncate(time.Millisecond) }
