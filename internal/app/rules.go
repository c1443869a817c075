package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"strings"
	"time"

	"lingke/configs"
	"lingke/internal/access"
	"lingke/internal/assign"
	"lingke/internal/calendar"
	"lingke/internal/ingest"
	"lingke/internal/store"
	"lingke/internal/store/mongo"
	"lingke/internal/store/sqlite"
	"lingke/scoring"
)

// Checks are what only the gateway's parts know about a config: the pools' conditions and the connectors' settings.
func Checks() []configs.Option {
	schema := scoring.BuiltIn()
	unused := &App{log: slog.New(slog.DiscardHandler), now: time.Now}
	return []configs.Option{
		configs.WithCondition(func(text string) error {
			_, err := scoring.ParseCondition(text, schema)
			return err
		}),
		configs.WithSpan(func(text string) error {
			_, err := calendar.ParseSpan(text)
			return err
		}),
		configs.WithHours(func(text string) error {
			_, err := calendar.ParseHours(text)
			return err
		}),
		configs.WithHolidays(func(file string, text []byte) error {
			_, err := calendar.ParseYears(file, text)
			return err
		}),
		configs.WithConnector(func(name string, c configs.Connector) error {
			_, err := unused.openConnector(name, c)
			return err
		}),
	}
}

// LoadConfig reads and checks a config file with everything the gateway knows. Secrets come from the process's environment.
func LoadConfig(path string) (*configs.Config, error) {
	return configs.Load(path, os.LookupEnv, Checks()...)
}

// loadRules compiles the model and the pools.
func loadRules(cfg *configs.Config) (*ingest.Rules, error) {
	file, text, err := cfg.ReadModel()
	if err != nil {
		return nil, fmt.Errorf("read model: %w", err)
	}
	schema := scoring.BuiltIn()
	model, err := scoring.ParseModel(file, text, schema)
	if err != nil {
		return nil, err
	}
	pools, err := poolsOf(cfg, schema)
	if err != nil {
		return nil, err
	}
	return &ingest.Rules{Model: model, Scheme: scoring.Points(), Pools: pools, Ranks: cfg.Sources}, nil
}

func poolsOf(cfg *configs.Config, schema *scoring.Schema) (assign.Pools, error) {
	var pools assign.Pools
	for _, p := range cfg.Pools {
		when, err := scoring.ParseCondition(p.When, schema)
		if err != nil {
			return nil, fmt.Errorf("pool %q: %w", p.Name, err)
		}
		pool := assign.Pool{Name: p.Name, When: when, Team: p.Team, Strategy: assign.Strategy(p.Strategy), Notify: p.Notify}
		if p.Task != nil {
			pool.TaskTitle = p.Task.Title
			if pool.TaskDue, err = calendar.ParseSpan(p.Task.Due); err != nil {
				return nil, fmt.Errorf("pool %q: task: %w", p.Name, err)
			}
		}
		pools = append(pools, pool)
	}
	return pools, nil
}

func directory(cfg *configs.Config) (*access.Directory, error) {
	people := make([]access.Person, 0, len(cfg.People))
	for _, p := range cfg.People {
		people = append(people, access.Person{
			ID: p.ID, Name: p.Name, Role: access.Role(p.Role), Team: p.Team, DingTalk: p.DingTalk, WeCom: p.WeCom, Daily: p.Daily, Holding: p.Holding, Monthly: p.Monthly,
		})
	}
	return access.NewDirectory(people)
}

// openStore opens the backend that the URI names.
func openStore(ctx context.Context, cfg *configs.Config) (store.Store, error) {
	uri := cfg.Store.URI.Reveal()
	if path, ok := strings.CutPrefix(uri, "sqlite://"); ok {
		return sqlite.Open(ctx, path)
	}
	if strings.HasPrefix(uri, "mongodb://") || strings.HasPrefix(uri, "mongodb+srv://") {
		return mongo.Open(ctx, uri)
	}
	scheme := "(none)"
	if u, err := url.Parse(uri); err == nil {
		scheme = u.Scheme
	}
	return nil, fmt.Errorf("%w: store.uri: unknown scheme %q", errConfig, scheme)
}

var errConfig = errors.New("config")
