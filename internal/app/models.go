package app

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"time"

	"lingke/configs"
	"lingke/internal/ingest"
	"lingke/internal/models"
	"lingke/schedules"
	"lingke/scoring"
)

// versionsOf are the models of files, under the names by which they are kept.
func versionsOf(cfg *configs.Config, files []configs.File) ([]models.Version, error) {
	schema, err := schemaOf(cfg)
	if err != nil {
		return nil, err
	}
	out := make([]models.Version, len(files))
	for i, f := range files {
		m, err := scoring.ParseModel(f.Name, f.Text, schema)
		if err != nil {
			return nil, err
		}
		out[i] = models.Version{ID: m.Version(), Name: m.Name(), File: f.Name, Text: string(f.Text)}
	}
	return out, nil
}

// told are the models that the config names.
func told(cfg *configs.Config) ([]models.Version, error) {
	files, err := cfg.ReadModels()
	if err != nil {
		return nil, err
	}
	return versionsOf(cfg, files)
}

// filesOf are versions as files; their problems then name the version.
func filesOf(versions []models.Version) []configs.File {
	out := make([]configs.File, len(versions))
	for i, v := range versions {
		out[i] = configs.File{Name: v.ID, Text: []byte(v.Text)}
	}
	return out
}

// pastModels is how many models that are not in force any more are kept at hand.
const pastModels = 20

// rulesOf compiles the rules of a publication under a config.
func (a *App) rulesOf(ctx context.Context, cfg *configs.Config, p models.Publication) (*ingest.Rules, error) {
	versions, err := a.models.Texts(ctx, p)
	if err != nil {
		return nil, err
	}
	rules, err := compileRules(cfg, filesOf(versions))
	if err != nil {
		return nil, fmt.Errorf("publication %d: %w", p.N, err)
	}
	rules.Past, err = a.past(ctx, cfg, p)
	return rules, err
}

// past are the latest models that were in force before p. One that cannot be compiled under today's fields is left out: its scores keep what is stored of them.
func (a *App) past(ctx context.Context, cfg *configs.Config, p models.Publication) ([]*scoring.Model, error) {
	schema, err := schemaOf(cfg)
	if err != nil {
		return nil, err
	}
	log, err := a.models.Log(ctx)
	if err != nil {
		return nil, err
	}
	seen := slices.Clone(p.Models)
	var out []*scoring.Model
	for _, before := range log {
		for _, id := range before.Models {
			if slices.Contains(seen, id) || len(out) == pastModels {
				continue
			}
			seen = append(seen, id)
			v, err := a.store.Model(ctx, id)
			if err != nil {
				return nil, err
			}
			if m, err := scoring.ParseModel(id, []byte(v.Text), schema); err == nil {
				out = append(out, m)
			}
		}
	}
	return out, nil
}

// loadModels loads the rules that the store says are in force. Only the very first start takes the config's models up here: a command that looks at
// something must not publish a model file that somebody is editing; Run and reload do.
func (a *App) loadModels(ctx context.Context) error {
	p, err := a.models.Latest(ctx)
	if err != nil {
		return err
	}
	if p.N == 0 {
		return a.adopt(ctx, a.cfg)
	}
	return a.enforce(ctx, a.cfg, p)
}

// adopt puts the models that the config names in force, as far as they are new, and loads what is in force then.
func (a *App) adopt(ctx context.Context, cfg *configs.Config) error {
	versions, err := told(cfg)
	if err != nil {
		return err
	}
	if held, err := a.hold(ctx, cfg, versions); held || err != nil {
		return err
	}
	p, err := a.models.Adopt(ctx, versions)
	if err != nil {
		return err
	}
	return a.enforce(ctx, cfg, p)
}

// enforce replaces the rules by those of a publication.
func (a *App) enforce(ctx context.Context, cfg *configs.Config, p models.Publication) error {
	rules, err := a.rulesOf(ctx, cfg, p)
	if err != nil {
		return err
	}
	var cuts ingest.Cuts
	if a.ingest != nil { // New reads them once there is one
		if cuts, err = a.cutsFor(ctx, rules); err != nil {
			return err
		}
		if err := a.ingest.KeepCuts(ctx, cuts); err != nil {
			return err
		}
	}
	a.setRules(rules, cuts)
	a.ruleConfig.Store(cfg)
	a.publication.Store(&p)
	return nil
}

// follow loads a publication that another process made. Its error leaves the rules as they are.
func (a *App) follow(ctx context.Context) error {
	p, err := a.models.Latest(ctx)
	if err != nil || p.N == a.publication.Load().N {
		return err
	}
	return a.enforce(ctx, a.ruleConfig.Load(), p)
}

// rescoreJob is the name of the run that scores everybody by a publication; it is due when that was made.
const rescoreJob = "publish"

// scoredCursor is the name under which is noted which publication everybody has been scored by.
const scoredCursor = "publication scored"

// rescoreAgain is how long after a rescoring failed it is tried again.
const rescoreAgain = time.Minute

// rescorePublication scores everybody by the publication in force, unless some gateway has done so. A run that was killed is taken up by whoever comes next,
// once its lease has ended; one that failed is made again, as a run of its own, until one succeeds.
func (a *App) rescorePublication(ctx context.Context) {
	p := *a.publication.Load()
	number := strconv.FormatInt(int64(p.N), 10)
	if done, err := a.store.Cursor(ctx, scoredCursor); err != nil || done == number {
		return // what cannot be read now is asked again
	}
	due := p.At
	if last, err := a.store.LastRun(ctx, rescoreJob); err == nil && !last.Due.Before(p.At) {
		if due = last.Due; !last.Ended.IsZero() {
			if due = last.Ended.Add(rescoreAgain); due.After(a.now()) { // the same for all gateways, of which one gets it
				return
			}
		}
	}
	job := schedules.Rescore(schedules.Spec{}, func(ctx context.Context) (int, error) {
		n, err := a.ingest.RescoreAll(ctx, nil)
		if err == nil {
			err = a.store.SetCursor(ctx, scoredCursor, number)
		}
		return n, err
	})
	job.Name = rescoreJob
	a.table.Once(ctx, job, due)
}

// Model is the model that a file holds, or that a version's name names (see models.Service.Find): one that compiles under the company's fields and has a place
// among those in force. The error names file, line and column.
func (a *App) Model(ctx context.Context, name string) (models.Version, error) {
	v, err := a.named(ctx, name)
	if err != nil {
		return v, err
	}
	_, err = a.rulesWith(ctx, v)
	return v, err
}

// named is a file where there is one of that name, else a version that is kept.
func (a *App) named(ctx context.Context, name string) (models.Version, error) {
	f, err := a.cfg.ReadModelFile(name)
	if errors.Is(err, os.ErrNotExist) {
		v, unknown := a.models.Find(ctx, name)
		if unknown != nil {
			return v, fmt.Errorf("%w; and no such file", unknown)
		}
		return v, nil
	}
	if err != nil {
		return models.Version{}, err
	}
	return a.ParseModel(f.Name, f.Text)
}

// ParseModel is the model of a text; file is its name in messages.
func (a *App) ParseModel(file string, text []byte) (models.Version, error) {
	versions, err := versionsOf(a.ruleConfig.Load(), []configs.File{{Name: file, Text: text}})
	if err != nil {
		return models.Version{}, err
	}
	return versions[0], nil
}

// FindModel is the version that is kept under a name; see models.Service.Find.
func (a *App) FindModel(ctx context.Context, version string) (models.Version, error) {
	return a.models.Find(ctx, version)
}

// ModelLog returns all versions, the oldest first, and all publications, the latest first.
func (a *App) ModelLog(ctx context.Context) ([]models.Listed, []models.Publication, error) {
	all, err := a.models.List(ctx)
	if err != nil {
		return nil, nil, err
	}
	log, err := a.models.Log(ctx)
	return all, log, err
}

// DiffModels compares two models, each named as in Model, by their texts.
func (a *App) DiffModels(ctx context.Context, one, other string) (string, error) {
	left, err := a.named(ctx, one)
	if err != nil {
		return "", err
	}
	right, err := a.named(ctx, other)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("--- %s %s\n+++ %s %s\n%s", left.ID, left.File, right.ID, right.File, models.Diff(left.Text, right.Text)), nil
}

// Rollback goes back to a version, or undoes the last publication where name is empty; see models.Service.Rollback. A version that today's fields do not
// allow any more is refused.
func (a *App) Rollback(ctx context.Context, name, by, note string) (models.Publication, error) {
	if name == "" {
		return a.models.Rollback(ctx, "", by, note)
	}
	v, err := a.models.Find(ctx, name)
	if err != nil {
		return models.Publication{}, err
	}
	if _, err := a.rulesWith(ctx, v); err != nil {
		return models.Publication{}, err
	}
	return a.models.Rollback(ctx, v.ID, by, note)
}

// rulesWith are the rules as they would be with a version in its place.
func (a *App) rulesWith(ctx context.Context, v models.Version) (*ingest.Rules, error) {
	p, err := a.models.Latest(ctx)
	if err != nil {
		return nil, err
	}
	ids, err := models.Placed(p.Models, v.ID)
	if err != nil {
		return nil, err
	}
	next := p
	next.Models = slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return id == v.ID })
	texts, err := a.models.Texts(ctx, next)
	if err != nil {
		return nil, err
	}
	return compileRules(a.ruleConfig.Load(), filesOf(slices.Insert(texts, slices.Index(ids, v.ID), v)))
}

// DryRun tells what publishing a version would change, and calls each with every customer concerned. Nothing is stored.
func (a *App) DryRun(ctx context.Context, v models.Version, each func(ingest.Move) error) (ingest.DryRun, error) {
	rules, err := a.rulesWith(ctx, v)
	if err != nil {
		return ingest.DryRun{}, err
	}
	cuts, err := a.cutsFor(ctx, rules)
	if err != nil {
		return ingest.DryRun{}, err
	}
	return a.ingest.DryRun(ctx, rules.WithCuts(cuts), each)
}
