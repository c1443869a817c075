package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"slices"
	"strings"
	"time"

	"lingke/configs"
	"lingke/internal/access"
	"lingke/internal/assign"
	"lingke/internal/calendar"
	"lingke/internal/customer"
	"lingke/internal/followup"
	"lingke/internal/ingest"
	"lingke/internal/lang"
	"lingke/internal/store"
	"lingke/internal/store/mongo"
	"lingke/internal/store/sqlite"
	"lingke/scoring"
)

// Checks are what only the gateway's parts know about a config: the pools' conditions, the schemes and the connectors' settings.
func Checks() []configs.Option {
	unused := &App{log: slog.New(slog.DiscardHandler), now: time.Now}
	return []configs.Option{
		configs.WithCondition(func(cfg *configs.Config, text string) error {
			schema, err := schemaOf(cfg)
			if err != nil {
				return err
			}
			_, err = scoring.ParseCondition(text, schema)
			return err
		}),
		configs.WithScheme(func(cfg *configs.Config, s configs.Scheme) error {
			schema, err := schemaOf(cfg)
			if err != nil {
				return err
			}
			_, err = schemeOf(s, schema)
			return err
		}),
		configs.WithSpan(func(text string) error {
			_, err := calendar.ParseSpan(text)
			return err
		}),
		configs.WithLadder(func(l configs.Ladder) error {
			_, err := ladderOf(l)
			return err
		}),
		configs.WithHours(func(text string) error {
			_, err := calendar.ParseHours(text)
			return err
		}),
		configs.WithLeave(func(text string) error {
			_, err := calendar.ParseLeave(text, time.UTC)
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
		configs.WithDoubts(func(cfg *configs.Config, name string, c configs.Connector) configs.Problems {
			schema, err := schemaOf(cfg)
			if err != nil {
				return nil //nolint:nilerr // what is wrong with the fields is reported by itself
			}
			return unused.unknownTargets(schema, c)
		}),
	}
}

// LoadConfig reads and checks a config file with everything the gateway knows. Secrets come from the process's environment.
func LoadConfig(path string) (*configs.Config, error) {
	return configs.Load(path, os.LookupEnv, Checks()...)
}

// checkRules reports what is wrong with the models, schemes and pools that the config names.
func checkRules(cfg *configs.Config) error {
	files, err := cfg.ReadModels()
	if err != nil {
		return err
	}
	_, err = compileRules(cfg, files)
	return err
}

// compileRules makes rules of a config and of these models' texts. Facts are kept of those fields only that models, schemes or pools read, so that the
// rest costs nothing.
func compileRules(cfg *configs.Config, files []configs.File) (*ingest.Rules, error) {
	all, err := schemaOf(cfg)
	if err != nil {
		return nil, err
	}
	wide, err := compileFor(cfg, files, all)
	if err != nil {
		return nil, err
	}
	narrow, err := all.Only(fieldsRead(wide, all)...)
	if err != nil {
		return nil, err
	}
	rules, err := compileFor(cfg, files, narrow)
	if err != nil {
		return nil, err
	}
	return rules, forEverybody(rules)
}

// schemaOf returns the built-in fields and the company's own ones.
func schemaOf(cfg *configs.Config) (*scoring.Schema, error) {
	file, text, err := cfg.ReadFields()
	if err != nil || file == "" {
		return scoring.BuiltIn(), err
	}
	own, err := scoring.ParseFields(file, text)
	if err != nil {
		return nil, err
	}
	return scoring.BuiltIn().Extend(own...)
}

func compileFor(cfg *configs.Config, files []configs.File, schema *scoring.Schema) (*ingest.Rules, error) {
	rules := &ingest.Rules{
		Ranks: cfg.Sources, Settle: time.Duration(cfg.Settle), Teams: make(map[string]string, len(cfg.People)),
		Names: make(map[string]string, len(cfg.People)), Owners: ownersOf(cfg.People),
		Big:   ingest.Big{Order: customer.FromYuan(cfg.BigEvents.Order), Complaint: cfg.BigEvents.Complaint},
		Signs: customer.Signs{Types: cfg.Ownership.Counts},
	}
	for _, p := range cfg.People {
		rules.Teams[p.ID], rules.Names[p.ID] = p.Team, p.Name
	}
	var problems []error
	for _, f := range files {
		model, err := scoring.ParseModel(f.Name, f.Text, schema)
		rules.Models, problems = append(rules.Models, model), append(problems, err)
	}
	var err error
	rules.Pools, err = poolsOf(cfg, schema)
	problems = append(problems, err)
	rules.Schemes, err = schemesOf(cfg, schema)
	problems = append(problems, err)
	follow, err := playRules(cfg, schema)
	if follow != nil {
		rules.Follow = follow
	}
	return rules, errors.Join(append(problems, err)...)
}

// ownersOf are the people who can have customers by what sources may call them: their id, or a name that nobody else has. Who is about to leave is not among them.
func ownersOf(people []configs.Person) map[string]string {
	out, called := make(map[string]string, 2*len(people)), make(map[string]int, len(people))
	for _, p := range people {
		called[p.Name]++
	}
	able := slices.DeleteFunc(slices.Clone(people), func(p configs.Person) bool {
		return p.Left != "" || p.Role != string(access.RoleRep) && p.Role != string(access.RoleManager)
	})
	for _, p := range able {
		if called[p.Name] == 1 {
			out[p.Name] = p.ID
		}
	}
	for _, p := range able {
		out[p.ID] = p.ID
	}
	return out
}

// fieldsRead lists the fields that the rules read, in the order of the schema.
func fieldsRead(r *ingest.Rules, schema *scoring.Schema) []string {
	read := map[string]bool{}
	note := func(names []string) {
		for _, name := range names {
			field, _, _ := schema.Lookup(name)
			read[field.Name] = true
		}
	}
	for _, m := range r.Models {
		note(m.Fields())
	}
	for _, p := range r.Pools {
		note(p.When.Fields())
		for _, m := range p.Match {
			if m.When != nil {
				note(m.When.Fields())
			}
		}
	}
	for _, s := range r.Schemes.All {
		if s.By != "" {
			note([]string{s.By})
		}
		for _, cut := range s.Cuts {
			if cut.When != nil {
				note(cut.When.Fields())
			}
		}
	}
	if follow, ok := r.Follow.(*followup.Rules); ok {
		note(follow.Fields())
	}
	var out []string
	for _, f := range schema.Fields() {
		if read[f.Name] {
			out = append(out, f.Name)
		}
	}
	return out
}

// forEverybody checks that somebody of whom nothing is known has a model, and that no two models share a name.
func forEverybody(r *ingest.Rules) error {
	names := map[string]bool{}
	for _, m := range r.Models {
		if names[m.Name()] {
			return fmt.Errorf("%w: models: two of them are called %q", errConfig, m.Name())
		}
		names[m.Name()] = true
	}
	if last := r.Models[len(r.Models)-1]; !last.Covers(nil, time.Time{}) {
		return fmt.Errorf("%w: models: the last one, %q, has a scope; put one for all behind it", errConfig, last.Name())
	}
	return nil
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
			pool.TaskTitle = lang.Text(p.Task.Title)
			if pool.TaskDue, err = calendar.ParseSpan(p.Task.Due); err != nil {
				return nil, fmt.Errorf("pool %q: task: %w", p.Name, err)
			}
		}
		if err := handOut(&pool, p, schema); err != nil {
			return nil, fmt.Errorf("pool %q: %w", p.Name, err)
		}
		pools = append(pools, pool)
	}
	return pools, nil
}

// openStore opens the backend that the URI names.
func openStore(ctx context.Context, cfg *configs.Config) (store.Store, error) {
	uri := cfg.Store.URI.Reveal()
	if path, ok := strings.CutPrefix(uri, "sqlite://"); ok {
		s, err := sqlite.Open(ctx, path)
		if err != nil {
			return nil, fmt.Errorf("%w; check store.uri, the folder's permissions and the disk", err)
		}
		return s, nil
	}
	if strings.HasPrefix(uri, "mongodb://") || strings.HasPrefix(uri, "mongodb+srv://") {
		s, err := mongo.Open(ctx, uri)
		if err != nil {
			return nil, fmt.Errorf("%w; check store.uri, the database's address and user, and whether it runs", err)
		}
		return s, nil
	}
	scheme := "(none)"
	if u, err := url.Parse(uri); err == nil {
		scheme = u.Scheme
	}
	return nil, fmt.Errorf("%w: store.uri: unknown scheme %q", errConfig, scheme)
}

var errConfig = errors.New("config")
