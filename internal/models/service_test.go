package models_test

import (
	"context"
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"lingke/internal/models"
	"lingke/internal/store/sqlite"
)

// open returns a service over a real store and a clock that goes on by a second with each look.
func open(t *testing.T) *models.Service {
	t.Helper()
	s, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "lingke.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	now := time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)
	return models.New(s, func() time.Time { now = now.Add(time.Second); return now })
}

func version(id string) models.Version {
	name, _, _ := strings.Cut(id, "@")
	return models.Version{ID: id, Name: name, File: name + ".yaml", Text: "name: " + name + " # " + id}
}

func versions(ids ...string) []models.Version {
	out := make([]models.Version, len(ids))
	for i, id := range ids {
		out[i] = version(id)
	}
	return out
}

// step is one act; the state after it is compared with want, the models in force.
type step struct {
	do   string // "config a@1 b@1", "publish a@2", "rollback", "rollback a@1"
	want string
	err  error
}

func run(ctx context.Context, s *models.Service, do string) error {
	words := strings.Fields(do)
	var err error
	switch words[0] {
	case "config":
		_, err = s.Adopt(ctx, versions(words[1:]...))
	case "draft":
		err = s.Draft(ctx, version(words[1]), "wangli", "")
	case "publish":
		_, err = s.Publish(ctx, version(words[1]), "wangli", "试")
	case "rollback":
		_, err = s.Rollback(ctx, strings.Join(words[1:], ""), "wangli", "")
	}
	return err
}

func TestWhichModelsAreInForce(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		steps []step
	}{
		{"a new text in the config is published", []step{{"config a@1", "a@1", nil}, {"config a@2", "a@2", nil}}},
		{"a text that was in force before changes nothing", []step{{"config a@1", "a@1", nil}, {"config a@2", "a@2", nil}, {"config a@1", "a@2", nil}}},
		{"what was published outlives a restart", []step{{"config a@1", "a@1", nil}, {"publish a@2", "a@2", nil}, {"config a@1", "a@2", nil}}},
		{"a rollback outlives a restart with the file that it went back from", []step{{"config a@1", "a@1", nil}, {"config a@2", "a@2", nil}, {"rollback", "a@1", nil}, {"config a@2", "a@1", nil}}},
		{"a draft is not in force, and counts as new when the config names it", []step{{"config a@1", "a@1", nil}, {"draft a@2", "a@1", nil}, {"config a@2", "a@2", nil}}},
		{"the only model is replaced by one of another name, also over a restart", []step{{"config a@1", "a@1", nil}, {"publish b@1", "b@1", nil}, {"config a@1", "b@1", nil}}},
		{"of several models the one of the same name is replaced", []step{{"config p@1 a@1", "p@1 a@1", nil}, {"publish a@2", "p@1 a@2", nil}, {"config p@1 a@1", "p@1 a@2", nil}}},
		{"another name among several is refused", []step{{"config p@1 a@1", "p@1 a@1", nil}, {"publish b@1", "p@1 a@1", models.ErrPlace}}},
		{"a changed pilot in the config leaves the published one beside it", []step{{"config p@1 a@1", "p@1 a@1", nil}, {"publish a@2", "p@1 a@2", nil}, {"config p@2 a@1", "p@2 a@2", nil}}},
		{"a model that the config drops is gone, one that it adds is there", []step{{"config p@1 a@1", "p@1 a@1", nil}, {"config a@1", "a@1", nil}, {"config q@1 a@1", "q@1 a@1", nil}}},
		{"a rollback undoes the last publication, and another one that", []step{{"config a@1", "a@1", nil}, {"publish a@2", "a@2", nil}, {"rollback", "a@1", nil}, {"rollback", "a@2", nil}}},
		{"back to any version that was in force", []step{{"config a@1", "a@1", nil}, {"publish a@2", "a@2", nil}, {"publish a@3", "a@3", nil}, {"rollback a@1", "a@1", nil}}},
		{"a draft is nothing to go back to", []step{{"config a@1", "a@1", nil}, {"draft a@2", "a@1", nil}, {"rollback a@2", "a@1", models.ErrNothing}}},
		{"the first publication cannot be undone", []step{{"config a@1", "a@1", nil}, {"rollback", "a@1", models.ErrNothing}}},
		{"what is in force is not published again", []step{{"config a@1", "a@1", nil}, {"publish a@1", "a@1", models.ErrInForce}}},
		{"an unknown version", []step{{"config a@1", "a@1", nil}, {"rollback zzz", "a@1", models.ErrUnknown}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := open(t)
			for i, step := range c.steps {
				if err := run(t.Context(), s, step.do); !errors.Is(err, step.err) {
					t.Fatalf("step %d, %s: error %v, want %v", i, step.do, err, step.err)
				}
				p, err := s.Latest(t.Context())
				if err != nil || !slices.Equal(p.Models, strings.Fields(step.want)) {
					t.Fatalf("step %d, %s: in force are %v (%v), want %s", i, step.do, p.Models, err, step.want)
				}
			}
		})
	}
}

func TestTheListTellsStatesAndWho(t *testing.T) {
	t.Parallel()
	s := open(t)
	for _, do := range []string{"config a@11", "publish a@22", "rollback", "draft a@33"} {
		if err := run(t.Context(), s, do); err != nil {
			t.Fatal(do, err)
		}
	}
	all, err := s.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range all {
		got = append(got, strings.TrimSpace(l.ID+" "+string(l.State)+" "+l.LastBy))
		if l.Text != "" || (l.State == models.Draft) != l.Since.IsZero() {
			t.Errorf("%+v", l)
		}
	}
	if want := []string{"a@11 live wangli", "a@22 former wangli", "a@33 draft"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	log, err := s.Log(t.Context())
	if err != nil || len(log) != 3 || log[0].How != models.ByRollback || log[2].How != models.ByConfig || log[1].Note != "试" {
		t.Errorf("log %+v, %v", log, err)
	}
}

func TestVersionsAreFoundByWhatPeopleType(t *testing.T) {
	t.Parallel()
	s := open(t)
	if err := run(t.Context(), s, "config a@1f00 b@1f11"); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"a@1f00": "a@1f00", "1f1": "b@1f11", "b": "b@1f11", "a@": "a@1f00"} {
		if v, err := s.Find(t.Context(), name); err != nil || v.ID != want || v.Text == "" {
			t.Errorf("Find(%q) = %+v, %v; want %s", name, v, err, want)
		}
	}
	for name, list := range map[string]string{"1f": "a@1f00, b@1f11", "c": "a@1f00, b@1f11", "": "a@1f00, b@1f11"} {
		if _, err := s.Find(t.Context(), name); !errors.Is(err, models.ErrUnknown) || !strings.Contains(err.Error(), list) {
			t.Errorf("Find(%q): %v", name, err)
		}
	}
}

func TestNobodyDecidesUnsigned(t *testing.T) {
	t.Parallel()
	s := open(t)
	_, publish := s.Publish(t.Context(), version("a@1"), "", "")
	_, back := s.Rollback(t.Context(), "", "", "")
	for _, err := range []error{publish, back, s.Draft(t.Context(), version("a@1"), "", "")} {
		if !errors.Is(err, models.ErrUnsigned) {
			t.Errorf("error %v", err)
		}
	}
	if all, err := s.List(t.Context()); err != nil || len(all) != 0 {
		t.Errorf("%v, %v", all, err)
	}
}
