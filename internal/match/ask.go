package match

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"lingke/internal/access"
	"lingke/internal/customer"
	"lingke/internal/store"
)

// mostOpen is how many questions managers have at once; the others wait until one is answered.
const mostOpen = 5

// putOff is how long 稍后 puts a question off.
const putOff = 24 * time.Hour

// Ask shows the questions that are due, while few are open, and settles those that have settled themselves. It may be called at any time.
func (s *Service) Ask(ctx context.Context) error {
	open, _, err := s.Store.Questions(ctx, customer.QuestionOpen, "", mostOpen+1)
	if err != nil {
		return fmt.Errorf("open questions: %w", err)
	}
	room := mostOpen - len(open)
	for _, q := range open {
		shown, err := s.show(ctx, q) // again: after a crash in between its cards may be missing
		if err != nil {
			return err
		}
		if !shown {
			room++
		}
	}
	return s.askWaiting(ctx, room)
}

func (s *Service) askWaiting(ctx context.Context, room int) error {
	for after := ""; room > 0; {
		page, next, err := s.Store.Questions(ctx, customer.QuestionWaiting, after, room)
		if err != nil {
			return fmt.Errorf("waiting questions: %w", err)
		}
		for _, q := range page {
			if q.Due.After(s.Now()) {
				return nil
			}
			shown, err := s.show(ctx, q)
			if err != nil {
				return err
			}
			if shown {
				room--
			}
		}
		if after = next; after == "" {
			return nil
		}
	}
	return nil
}

// show brings a question to the managers, unless it has settled itself, and reports whether it did. Somebody who changes the question at the same moment does the rest.
func (s *Service) show(ctx context.Context, q customer.Question) (bool, error) {
	a, b, settled, err := s.sides(ctx, q)
	if err != nil {
		return false, err
	}
	if settled {
		return false, s.end(ctx, q, customer.AnswerMoot, "")
	}
	if q.State == customer.QuestionOpen && len(q.Cards) > 0 {
		return true, nil
	}
	if q.State == customer.QuestionWaiting {
		q.State, q.Times = customer.QuestionOpen, q.Times+1
	}
	if q.Cards, err = s.Show.ShowQuestion(ctx, q, a, b); err != nil {
		return false, fmt.Errorf("show question %s: %w", q.ID, err)
	}
	err = s.Store.PutQuestion(ctx, q)
	if errors.Is(err, store.ErrConflict) {
		err = nil
	}
	return true, err
}

// sides are the customers that a question is about now; settled where they are one already, or never will be.
func (s *Service) sides(ctx context.Context, q customer.Question) (a, b customer.Customer, settled bool, err error) {
	if a, err = s.holder(ctx, q.A); err != nil {
		return a, b, false, err
	}
	if b, err = s.holder(ctx, q.B); err != nil {
		return a, b, false, err
	}
	if a.ID == b.ID || coded(a, b) {
		return a, b, true, nil
	}
	decided, err := s.Store.Decisions(ctx, a.Refs())
	return a, b, apart(b, decided), err
}

// Answer takes a manager's answer and carries it out. AnswerLater puts the question off for a day. Errors: ErrNotManager; ErrAnswered, with the question as it was answered, by
// whomever; store.ErrNotFound. Doing it again after a crash carries out what was left.
func (s *Service) Answer(ctx context.Context, id string, who access.Person, answer customer.Answer) (customer.Question, error) {
	if !who.May(access.Manage) {
		return customer.Question{}, ErrNotManager
	}
	for {
		q, err := s.Store.Question(ctx, id)
		if err != nil {
			return q, err
		}
		if q.State == customer.QuestionAnswered {
			if err := s.carryOut(ctx, q); err != nil {
				return q, err
			}
			return q, ErrAnswered
		}
		if _, _, settled, err := s.sides(ctx, q); err != nil {
			return q, err
		} else if settled {
			answer = customer.AnswerMoot
		}
		if answer == customer.AnswerLater {
			q, err = s.later(ctx, q, who)
		} else {
			q, err = s.answered(ctx, q, answer, who.ID)
		}
		if !errors.Is(err, store.ErrConflict) {
			return q, err
		}
	}
}

func (s *Service) later(ctx context.Context, q customer.Question, who access.Person) (customer.Question, error) {
	shown := q
	q.State, q.Due, q.Cards = customer.QuestionWaiting, s.stamp().Add(putOff), nil
	if err := s.Store.PutQuestion(ctx, q); err != nil {
		return q, err
	}
	shown.By = who.ID
	if err := s.Show.CloseQuestion(ctx, shown); err != nil {
		return q, err
	}
	return q, s.Ask(ctx)
}

// answered stores the answer first: of two managers who answer at once one does, and what follows can be carried out again.
func (s *Service) answered(ctx context.Context, q customer.Question, answer customer.Answer, by string) (customer.Question, error) {
	q.State, q.Answer, q.By, q.Answered = customer.QuestionAnswered, answer, by, s.stamp()
	if err := s.Store.PutQuestion(ctx, q); err != nil {
		return q, err
	}
	if err := s.carryOut(ctx, q); err != nil {
		return q, err
	}
	return q, s.Ask(ctx)
}

func (s *Service) end(ctx context.Context, q customer.Question, answer customer.Answer, by string) error {
	q.State, q.Answer, q.By, q.Answered = customer.QuestionAnswered, answer, by, s.stamp()
	err := s.Store.PutQuestion(ctx, q)
	if errors.Is(err, store.ErrConflict) {
		return nil
	}
	if err != nil {
		return err
	}
	return s.Show.CloseQuestion(ctx, q)
}

// carryOut puts an answer into effect, the same way at every attempt.
func (s *Service) carryOut(ctx context.Context, q customer.Question) error {
	if q.Answer == customer.AnswerSame || q.Answer == customer.AnswerApart {
		a, err := s.holder(ctx, q.A)
		if err != nil {
			return err
		}
		b, err := s.holder(ctx, q.B)
		if err != nil {
			return err
		}
		since, err := s.decided(ctx, q)
		if err != nil {
			return err
		}
		as, bs := a.Refs(), b.Refs()
		if a.ID == b.ID || since { // carried out already, or undone since
			as, bs = []customer.Ref{q.A}, []customer.Ref{q.B}
		}
		if err := s.Decide.Decide(ctx, between(as, bs, q.Answer == customer.AnswerSame, q.By, q.Answered)...); err != nil {
			return fmt.Errorf("question %s: %w", q.ID, err)
		}
	}
	return s.Show.CloseQuestion(ctx, q)
}

// decided reports whether somebody decided about the question's records when it was answered or later.
func (s *Service) decided(ctx context.Context, q customer.Question) (bool, error) {
	all, err := s.Store.Decisions(ctx, []customer.Ref{q.A})
	if err != nil {
		return false, fmt.Errorf("decisions about %s: %w", q.A, err)
	}
	return slices.ContainsFunc(all, func(d customer.Decision) bool { return d.ID == q.ID && !d.At.Before(q.Answered) }), nil
}

func (s *Service) stamp() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }
