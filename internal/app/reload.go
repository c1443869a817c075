package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"reflect"
	"slices"
	"sync"
	"time"

	"lingke/configs"
	"lingke/internal/access"
	"lingke/internal/calendar"
)

// watchEvery is how often the gateway looks whether its files have changed, or another process has published. Looking at modification times, rather than
// being told by the system, works for every file system and for editors and mounts that put a new file in the old one's place; a look costs microseconds.
const watchEvery = 2 * time.Second

// WithReload lets the running gateway take up changes of its config file and of the files that it names.
func WithReload(file string) Option {
	return func(a *App) { a.load = func() (*configs.Config, error) { return LoadConfig(file) } }
}

// Reload makes the running gateway read its config again soon. It never blocks.
func (a *App) Reload() {
	select {
	case a.reloading <- struct{}{}:
	default: // one is on its way
	}
}

// watch takes up changed files and publications until ctx ends.
func (a *App) watch(ctx context.Context) {
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	seen, adopted := stampsOf(a.cfg.Files()), false
	var rescoring sync.WaitGroup
	defer rescoring.Wait()
	busy := make(chan struct{}, 1)
	for {
		if !adopted {
			adopted = a.start(ctx)
		}
		a.look(ctx, &seen)
		select {
		case busy <- struct{}{}:
			rescoring.Go(func() { a.rescorePublication(ctx); <-busy })
		default:
		}
		select {
		case <-ctx.Done():
			return
		case <-a.reloading:
			seen = nil
		case <-ticker.C:
		}
	}
}

// start takes up what the config names, as far as it is new, and reports whether it could. It may take a while with many customers; until then the models
// that were in force before stay.
func (a *App) start(ctx context.Context) bool {
	err := a.adopt(ctx, a.ruleConfig.Load())
	if err != nil && ctx.Err() == nil {
		a.log.LogAttrs(ctx, slog.LevelError, "take up the config's models", slog.Any("err", err))
	}
	return err == nil
}

// look reloads where a file differs from seen, and follows the store.
func (a *App) look(ctx context.Context, seen *[]stamp) {
	cfg := a.ruleConfig.Load()
	if now := stampsOf(cfg.Files()); a.load != nil && !slices.Equal(now, *seen) {
		if err := a.reload(ctx); err != nil && ctx.Err() == nil {
			a.log.LogAttrs(ctx, slog.LevelError, "reload: the old config stays in force", slog.Any("err", err))
		}
		*seen = stampsOf(a.ruleConfig.Load().Files())
	}
	if err := a.leave.Refresh(ctx); err != nil && ctx.Err() == nil {
		a.log.LogAttrs(ctx, slog.LevelWarn, "read who is on leave", slog.Any("err", err))
	}
	before := a.publication.Load().N
	if err := a.follow(ctx); err != nil && ctx.Err() == nil {
		a.log.LogAttrs(ctx, slog.LevelError, "load the published models", slog.Any("err", err))
	}
	if p := a.publication.Load(); p.N != before {
		a.log.LogAttrs(ctx, slog.LevelInfo, "models in force", slog.Any("models", p.Models), slog.String("how", string(p.How)), slog.String("by", p.By))
	}
}

// stamp is what tells that a file has changed.
type stamp struct {
	name string
	at   time.Time
	size int64
}

func stampsOf(files []string) []stamp {
	out := make([]stamp, len(files))
	for i, name := range files {
		out[i].name = name
		if info, err := os.Stat(name); err == nil {
			out[i].at, out[i].size = info.ModTime(), info.Size()
		}
	}
	return out
}

// reload reads the config again and takes up its models, pools, people and calendar, all of it or none. What a running gateway cannot change is named in
// the log.
func (a *App) reload(ctx context.Context) error {
	read, err := a.load()
	if err != nil {
		return err
	}
	cfg, later := reloadable(a.cfg, read)
	people, peopleErr := peopleOf(cfg)
	working, hoursErr := loadWorkingTime(cfg, a.leave.All())
	ownership, clockErr := ownershipOf(cfg)
	if err := errors.Join(peopleErr, hoursErr, clockErr, checkRules(cfg)); err != nil {
		return err
	}
	if err := a.adopt(ctx, cfg); err != nil {
		return err
	}
	if err := a.replacePeople(ctx, cfg); err != nil {
		return err
	}
	a.working.Store(working)
	a.ownership.Store(&ownership)
	a.rewind.Store(true)
	a.log.LogAttrs(ctx, slog.LevelInfo, "config reloaded", slog.Any("models", a.publication.Load().Models), slog.Int("people", len(people)), slog.Int("pools", len(cfg.Pools)))
	if len(later) > 0 {
		a.log.LogAttrs(ctx, slog.LevelWarn, "these changes of the config take effect at the next start", slog.Any("keys", later))
	}
	return nil
}

// reloadable is the running config with what can change while it runs taken from the one that was read, and the keys that differ otherwise.
func reloadable(running, read *configs.Config) (*configs.Config, []string) {
	next := *running
	next.Model, next.Models, next.Fields, next.Plays, next.Approvals = read.Model, read.Models, read.Fields, read.Plays, read.Approvals
	next.Pools, next.People, next.Sources, next.Limits = read.Pools, read.People, read.Sources, read.Limits
	next.AddressBook.Teams = read.AddressBook.Teams
	next.Calendar, next.BigEvents, next.Settle, next.Ownership = read.Calendar, read.BigEvents, read.Settle, read.Ownership
	var later []string
	for name, pair := range map[string][2]any{
		"timezone": {running.Timezone, read.Timezone}, "store": {running.Store, read.Store}, "server": {running.Server, read.Server},
		"bots": {running.Bots, read.Bots}, "connectors": {connectorsOf(running), connectorsOf(read)}, "address_book": {bookOf(running), bookOf(read)}, "delivery": {running.Delivery, read.Delivery},
		"schemes": {running.Schemes, read.Schemes}, "leading": {running.Leading, read.Leading}, "jobs": {running.JobSpecs(), read.JobSpecs()},
	} {
		if !reflect.DeepEqual(pair[0], pair[1]) {
			later = append(later, name)
		}
	}
	slices.Sort(later)
	return &next, later
}

// connectorsOf are what can be compared of connectors: their settings remember their places in the file.
func connectorsOf(cfg *configs.Config) map[string][3]string {
	out := make(map[string][3]string, len(cfg.Connectors))
	for name, c := range cfg.Connectors {
		out[name] = [3]string{c.Type, c.Every, c.Scan}
	}
	return out
}

// hours is when a person works.
func (a *App) hours(person string) calendar.Working { return a.working.Load().of(person) }

// applyLeave puts in force who is on leave.
func (a *App) applyLeave() {
	cfg := a.ruleConfig.Load()
	working, err := loadWorkingTime(cfg, a.leave.All())
	if err != nil { // the config was checked
		a.log.LogAttrs(context.Background(), slog.LevelError, "leave is not in force", slog.Any("err", err))
		return
	}
	a.working.Store(working)
	a.rewind.Store(true)
}

// peopleOf are the people of a config, told apart.
func peopleOf(cfg *configs.Config) ([]access.Person, error) {
	d, err := directory(cfg)
	if err != nil {
		return nil, fmt.Errorf("people: %w", err)
	}
	return d.All(), nil
}
