package chat

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/cards"
	"lingke/internal/store"
)

// dialog is what the bot has asked a person and waits for. It lies in the store, so that a restart or another replica can go on, and belongs to one person:
// nobody else's click or word answers it. It is answered once; who comes later reads the outcome.
type dialog struct {
	ID    string    `json:"id"` // also of the delivery that asks
	Asks  asks      `json:"asks"`
	Until time.Time `json:"until"` // when an answer comes too late
	// Platform and Group are where it was asked; Group is "" in private, where it can be answered always.
	Platform bots.Platform `json:"platform"`
	Group    string        `json:"group,omitempty"`

	// Command goes on with Rest and Customer, in which Choices are ids; What is the text to be confirmed.
	Command  string    `json:"command,omitempty"`
	Question string    `json:"question,omitempty"`
	Rest     string    `json:"rest,omitempty"`
	Customer string    `json:"customer,omitempty"`
	At       time.Time `json:"at,omitzero"`
	What     string    `json:"what,omitempty"`
	Choices  []string  `json:"choices,omitempty"`
	Texts    []string  `json:"texts,omitempty"` // commands, of which one is meant

	// Card, Action and Inputs are the click that goes on once Input is told.
	Card   string            `json:"card,omitempty"`
	Action string            `json:"action,omitempty"`
	Inputs map[string]string `json:"inputs,omitempty"`
	Input  string            `json:"input,omitempty"`

	// Cursor and Place are where the next page of a list begins; Pages are the cursors behind which the pages up to the one that is shown begin.
	Cursor string   `json:"cursor,omitempty"`
	Place  int      `json:"place,omitempty"`
	Pages  []string `json:"pages,omitempty"`

	// Listed are the customers that a list numbers, from 1; "" for a number that names none.
	Listed []string `json:"listed,omitempty"`

	By      string `json:"by,omitempty"`      // the message or click that answered
	Outcome string `json:"outcome,omitempty"` // what came of it
	// Sight is what Outcome shows of Customer, for the read log: who presses later reads it again.
	Sight access.Sight `json:"sight,omitzero"`
}

// asks is the kind of a dialog's question.
type asks string

const (
	asksConfirm asks = "confirm" // whether a command that cannot be taken back is meant
	asksChoice  asks = "choice"  // which customer is meant
	asksMeaning asks = "meaning" // which command is meant
	asksMore    asks = "more"    // whether a list goes on; it can be gone on with as often as wanted
	asksNothing asks = "nothing" // it numbers customers, and does not go on
	asksInput   asks = "input"   // what a button needs and the platform could not ask
	asksForm    asks = "form"    // what a button needs and its card asks for itself; see form.go
)

// How long an answer counts, and how many dialogs of a person are kept. A reason takes longer to type than a yes.
const (
	confirmFor  = 2 * time.Minute
	inputFor    = 10 * time.Minute
	keptDialogs = 8
)

// confirm asks whether the person means what was understood.
func (s *Service) confirm(c command, q question, what string) reply {
	card := s.cards(q).Confirm(what)
	return reply{card: &card, private: true, dialog: &dialog{
		Asks: asksConfirm, Command: c.id, Question: q.id, Rest: q.rest, Customer: q.customer.ID, At: q.at, What: what, Until: q.at.Add(confirmFor),
	}}
}

// documents is the part of the store in which dialogs lie, one document a person.
type documents interface {
	Document(ctx context.Context, name string) ([]byte, error)
	SwapDocument(ctx context.Context, name string, old, text []byte) error
}

// dialogs returns a person's dialogs, oldest first, and the text that they were read from.
func (s *Service) dialogs(ctx context.Context, person string) (all []dialog, text []byte, err error) {
	text, err = s.Records.Document(ctx, dialogsOf(person))
	if err == nil && len(text) > 0 {
		err = json.Unmarshal(text, &all)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("dialogs of %s: %w", person, err)
	}
	return all, text, nil
}

func dialogsOf(person string) string { return "dialogs/" + person }

// dialogTries bounds how often a change is tried again that others are faster with: a person presses few buttons at once.
const dialogTries = 20

// changeDialogs stores what change makes of a person's dialogs; change reports false where nothing is to be stored.
func (s *Service) changeDialogs(ctx context.Context, person string, change func(all []dialog) ([]dialog, bool)) error {
	for range dialogTries {
		all, old, err := s.dialogs(ctx, person)
		if err != nil {
			return err
		}
		next, changed := change(all)
		if !changed {
			return nil
		}
		text, err := json.Marshal(next)
		if err != nil {
			return fmt.Errorf("dialogs of %s: %w", person, err)
		}
		err = s.Records.SwapDocument(ctx, dialogsOf(person), old, text)
		if !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
	return fmt.Errorf("dialogs of %s: %w", person, store.ErrConflict)
}

// open keeps a new dialog. One that is there already stays as it is: the message is worked on again after a crash.
func (s *Service) open(ctx context.Context, person string, d dialog) error {
	return s.changeDialogs(ctx, person, func(all []dialog) ([]dialog, bool) {
		if slices.ContainsFunc(all, func(have dialog) bool { return have.ID == d.ID }) {
			return nil, false
		}
		all = append(all, d)
		return all[max(0, len(all)-keptDialogs):], true
	})
}

// take makes by the answer of a dialog unless something else was, and returns the dialog as it stands then; false where it is not kept any more.
func (s *Service) take(ctx context.Context, person, id, by string) (taken dialog, known bool, err error) {
	err = s.changeDialogs(ctx, person, func(all []dialog) ([]dialog, bool) {
		i := slices.IndexFunc(all, func(d dialog) bool { return d.ID == id })
		if known = i >= 0; !known {
			return nil, false
		}
		fresh := all[i].By == ""
		if fresh {
			all[i].By = by
		}
		taken = all[i]
		return all, fresh
	})
	return taken, known, err
}

// end notes what came of a dialog and closes its card with that.
func (s *Service) end(ctx context.Context, person string, d dialog, outcome string) error {
	err := s.changeDialogs(ctx, person, func(all []dialog) ([]dialog, bool) {
		i := slices.IndexFunc(all, func(have dialog) bool { return have.ID == d.ID })
		if i < 0 || all[i].Outcome == outcome {
			return nil, false
		}
		all[i].Outcome, all[i].Sight = outcome, d.Sight
		return all, true
	})
	if err != nil || d.Asks == asksInput {
		return err
	}
	return s.closeCard(ctx, d.ID, outcome)
}

// closeCard shows an outcome in place of the buttons of a delivered card. One that is closed, or was never sent, stays as it is.
func (s *Service) closeCard(ctx context.Context, id, outcome string) error {
	x, err := s.Records.Delivery(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return nil
	}
	if err != nil || x.Card == nil || !x.Card.Live() {
		return err
	}
	card := cards.Closed(*x.Card, outcome)
	x.Card, x.Rev = &card, x.Rev+1
	return s.Outgoing.Change(ctx, x)
}
