package app

import (
	"fmt"
	"time"

	"lingke/configs"
	"lingke/internal/access"
	"lingke/internal/assign"
	"lingke/internal/calendar"
	"lingke/internal/lang"
	"lingke/scoring"
)

// directory are the config's people.
func directory(cfg *configs.Config) (*access.Directory, error) {
	people, err := configured(cfg)
	if err != nil {
		return nil, err
	}
	return access.NewDirectory(people)
}

// configured are the people as the config has them, before the address books are asked.
func configured(cfg *configs.Config) ([]access.Person, error) {
	people := make([]access.Person, 0, len(cfg.People))
	for _, p := range cfg.People {
		person := access.Person{
			ID: p.ID, Name: p.Name, Role: access.Role(p.Role), Team: p.Team, DingTalk: p.DingTalk, WeCom: p.WeCom, Home: p.Platform, Daily: p.Daily, Holding: p.Holding, Views: p.Views,
			Monthly: p.Monthly, Weight: p.Weight, Attributes: p.Attributes, Deputy: p.Deputy,
		}
		var err error
		if person.Language, err = lang.Parse(p.Language); err != nil {
			return nil, fmt.Errorf("%w: people: %s: language: %w", errConfig, p.ID, err)
		}
		if p.Joined != "" {
			joined, err := time.ParseInLocation(time.DateOnly, p.Joined, cfg.Location)
			if err != nil {
				return nil, fmt.Errorf("%w: people: %s: joined: %w", errConfig, p.ID, err)
			}
			person.Joined = joined
		}
		if p.Left != "" {
			left, err := time.ParseInLocation(time.DateOnly, p.Left, cfg.Location)
			if err != nil {
				return nil, fmt.Errorf("%w: people: %s: left: %w", errConfig, p.ID, err)
			}
			person.Left = left
		}
		people = append(people, person)
	}
	return people, nil
}

// handOut fills in who gets a pool's customers, and when.
func handOut(pool *assign.Pool, p configs.Pool, schema *scoring.Schema) (err error) {
	if p.Wait != "" {
		if pool.Wait, err = calendar.ParseSpan(p.Wait); err != nil {
			return fmt.Errorf("wait: %w", err)
		}
	}
	if p.Lock != "" {
		if pool.Lock, err = calendar.ParseSpan(p.Lock); err != nil {
			return fmt.Errorf("lock: %w", err)
		}
	}
	for _, m := range p.Match {
		match := assign.Match{Same: m.Same, People: m.People}
		if m.When != "" {
			if match.When, err = scoring.ParseCondition(m.When, schema); err != nil {
				return fmt.Errorf("match: %w", err)
			}
		}
		pool.Match = append(pool.Match, match)
	}
	return nil
}
