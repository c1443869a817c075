package app

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"lingke/bots"
	"lingke/configs"
	"lingke/internal/inbox"
	"lingke/internal/staff"
	"lingke/schedules"
)

// staffSource is the inbox source of what the address books tell.
const staffSource = "staff"

// peopleEvery is how often a gateway looks at what others of the same store learned about people.
const peopleEvery = 3 * time.Second

// bookTexts are the books that the present directory was made of.
type bookTexts struct {
	mu   sync.Mutex
	last map[bots.Platform][]byte
}

// openStaff prepares reading the address books, where the config wants it.
func (a *App) openStaff() {
	if a.cfg.AddressBook.Use == configs.BookConfig {
		return
	}
	books := map[bots.Platform]bots.AddressBook{}
	for _, b := range a.bots {
		if book, ok := b.(bots.AddressBook); ok {
			books[b.Platform()] = book
		}
	}
	a.staff = staff.New(a.store, books, a.now)
}

func bookOf(cfg *configs.Config) [2]string {
	return [2]string{cfg.AddressBook.Use, cfg.AddressBook.Every}
}

// bookJobs are the readings of the address books.
func (a *App) bookJobs() ([]schedules.Job, error) {
	if a.staff == nil {
		return nil, nil
	}
	spec, err := schedules.ParseSpec(a.cfg.AddressBook.Every, a.cfg.Location)
	if err != nil {
		return nil, fmt.Errorf("address_book.every: %w", err)
	}
	var jobs []schedules.Job
	for _, b := range a.bots {
		p := b.Platform()
		jobs = append(jobs, schedules.AddressBook(string(p), spec, func(ctx context.Context) (int, error) {
			n, err := a.staff.Pull(ctx, p)
			if errors.Is(err, staff.ErrDoubtful) {
				a.log.LogAttrs(ctx, slog.LevelError, "address book not believed", slog.String("platform", string(p)), slog.Any("err", err))
			}
			return n, errors.Join(err, a.loadPeople(ctx))
		}))
	}
	return jobs, nil
}

// workStaff takes in a stored event of an address book. Who left has lost access when it returns, on this gateway at once and on others within peopleEvery.
func (a *App) workStaff(ctx context.Context, e inbox.Event) error {
	var in bots.Incoming
	if err := json.Unmarshal(e.Body, &in); err != nil || in.Event == nil {
		return inbox.Permanent(fmt.Errorf("event %s: not of an address book: %w", e.ID, err))
	}
	if err := a.staff.Apply(ctx, in.Platform, *in.Event); err != nil {
		return err
	}
	return a.loadPeople(ctx)
}

// followPeople takes over what other gateways learn, until ctx ends.
func (a *App) followPeople(ctx context.Context) {
	if a.staff == nil {
		return
	}
	tick := time.NewTicker(peopleEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		if err := a.loadPeople(ctx); err != nil && ctx.Err() == nil {
			a.log.LogAttrs(ctx, slog.LevelWarn, "people of the address books", slog.Any("err", err))
		}
	}
}

// loadPeople makes the directory anew where a book has changed.
func (a *App) loadPeople(ctx context.Context) error {
	if a.staff == nil {
		return nil
	}
	books, texts, err := a.readBooks(ctx)
	if err != nil {
		return err
	}
	a.books.mu.Lock()
	defer a.books.mu.Unlock()
	same := a.books.last != nil
	for p, text := range texts {
		same = same && bytes.Equal(a.books.last[p], text)
	}
	if same {
		return nil
	}
	if err := a.putPeople(a.ruleConfig.Load(), books); err != nil {
		return err
	}
	a.books.last = texts
	return nil
}

// replacePeople makes the directory anew for a config that was just read.
func (a *App) replacePeople(ctx context.Context, cfg *configs.Config) error {
	books := map[bots.Platform]staff.Book{}
	if a.staff != nil {
		var err error
		if books, _, err = a.readBooks(ctx); err != nil {
			return err
		}
	}
	a.books.mu.Lock()
	defer a.books.mu.Unlock()
	return a.putPeople(cfg, books)
}

func (a *App) readBooks(ctx context.Context) (map[bots.Platform]staff.Book, map[bots.Platform][]byte, error) {
	books, texts := map[bots.Platform]staff.Book{}, map[bots.Platform][]byte{}
	for _, b := range a.bots {
		book, text, err := a.staff.Book(ctx, b.Platform())
		if err != nil {
			return nil, nil, err
		}
		books[b.Platform()], texts[b.Platform()] = book, text
	}
	return books, texts, nil
}

func (a *App) putPeople(cfg *configs.Config, books map[bots.Platform]staff.Book) error {
	people, err := configured(cfg)
	if err != nil {
		return err
	}
	return a.people.Replace(staff.People(people, books, rulesOf(cfg)))
}

func rulesOf(cfg *configs.Config) staff.Rules {
	return staff.Rules{Use: staff.Use(cfg.AddressBook.Use), Teams: cfg.AddressBook.Teams, Daily: cfg.Limits.Daily, Holding: cfg.Limits.Holding, Views: cfg.Limits.Views}
}
