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
	"lingke/internal/lang"
	"lingke/internal/store"
)

// approval is a change that somebody wishes for and a manager decides on. The first decision counts, is carried out once, and everybody else reads it.
type approval struct {
	ID       string            `json:"id"`
	Kind     string            `json:"kind"` // of the change; see approvals
	Asker    string            `json:"asker"`
	Customer string            `json:"customer"`
	Wish     map[string]string `json:"wish"`
	At       time.Time         `json:"at"`
	Via      string            `json:"via,omitempty"` // platform on which it was asked for
	Cards    []string          `json:"cards,omitempty"`

	By       string    `json:"by,omitempty"`      // the click that decided
	Manager  string    `json:"manager,omitempty"` // who that was
	Agreed   bool      `json:"agreed,omitempty"`  // as they decided
	Reason   string    `json:"reason,omitempty"`  // why not
	Outcome  lang.Text `json:"outcome,omitzero"`  // what came of it
	Answered time.Time `json:"answered,omitzero"`
}

// carrier makes the change of an approval, once however often it is called, and says what came of it.
type carrier func(s *Service, ctx context.Context, a approval, manager access.Person) (lang.Text, error)

// approvals are the changes that can be asked for, by their kinds.
func approvals() map[string]carrier {
	return map[string]carrier{wishAdjust: (*Service).carryAdjust, wishAssign: (*Service).carryAssign, wishPublish: (*Service).carryPublish}
}

// keptApprovals is how many are kept; the oldest decided ones go first. How long one can be decided on: approveFor.
const (
	keptApprovals = 200
	approveFor    = 7 * 24 * time.Hour
	approvalsDoc  = "approvals"
)

func (s *Service) changeApprovals(ctx context.Context, change func(all []approval) ([]approval, bool)) error {
	for range dialogTries {
		old, err := s.Records.Document(ctx, approvalsDoc)
		if err != nil {
			return fmt.Errorf("approvals: %w", err)
		}
		var all []approval
		if len(old) > 0 {
			if err := json.Unmarshal(old, &all); err != nil {
				return fmt.Errorf("approvals: %w", err)
			}
		}
		next, changed := change(all)
		if !changed {
			return nil
		}
		text, err := json.Marshal(next)
		if err != nil {
			return fmt.Errorf("approvals: %w", err)
		}
		if err = s.Records.SwapDocument(ctx, approvalsDoc, old, text); !errors.Is(err, store.ErrConflict) {
			return err
		}
	}
	return fmt.Errorf("approvals: %w", store.ErrConflict)
}

// request keeps a wish and shows it to the asker's managers. It is safe to repeat.
func (s *Service) request(ctx context.Context, q question, a approval, print func(*cards.Printer) bots.Card) error {
	a.ID, a.Asker, a.Customer, a.At, a.Via = "approve-"+q.id, q.who.ID, q.customer.ID, q.at, string(q.from.platform)
	managers := slices.DeleteFunc(s.Outgoing.ManagersOf(q.who.ID), func(p access.Person) bool { return p.ID == q.who.ID })
	if err := s.logSent(ctx, a.ID, cards.LoggedApproval, access.Sight{Tier: true, Basis: true}, a.Customer, managers...); err != nil {
		return err
	}
	ids, err := s.Outgoing.Broadcast(ctx, a.ID, a.Customer, managers, print)
	if err != nil {
		return err
	}
	a.Cards = ids
	return s.keepApproval(ctx, a)
}

// keepApproval keeps a wish, once for its id.
func (s *Service) keepApproval(ctx context.Context, a approval) error {
	return s.changeApprovals(ctx, func(all []approval) ([]approval, bool) {
		if slices.ContainsFunc(all, func(have approval) bool { return have.ID == a.ID }) {
			return nil, false
		}
		all = append(all, a)
		if len(all) > keptApprovals {
			oldest := slices.IndexFunc(all, func(a approval) bool { return a.By != "" })
			all = slices.Delete(all, max(oldest, 0), max(oldest, 0)+1)
		}
		return all, true
	})
}

// decide takes a manager's click on an approval.
func (s *Service) decide(ctx context.Context, p press) (bots.Answer, error) {
	if !p.who.May(access.Manage) {
		return p.toast(p.say("只有主管可以审批", "Only managers can decide")), nil
	}
	at := actedAt(p.in, s.Now())
	var a approval
	known := false
	err := s.changeApprovals(ctx, func(all []approval) ([]approval, bool) {
		i := slices.IndexFunc(all, func(a approval) bool { return slices.Contains(a.Cards, p.delivery.ID) })
		if known = i >= 0; !known {
			return nil, false
		}
		fresh := all[i].By == "" && !all[i].At.Add(approveFor).Before(at)
		if fresh {
			all[i].By, all[i].Manager, all[i].Answered = p.in.ID, p.who.ID, at
			all[i].Agreed, all[i].Reason = p.click.Action == cards.ActionAgree, bots.Cut(p.input(cards.InputReason), 300)
		}
		a = all[i]
		return all, fresh
	})
	switch {
	case err != nil:
		return bots.Answer{}, err
	case !known:
		return p.toast(p.say("这份申请已不在了", "This request is no more")), nil
	case a.By == "":
		return s.decided(ctx, p, a, lang.Text{ZH: "已过期，没有执行", EN: "Too late, nothing was done"})
	case a.By != p.in.ID && a.Outcome == (lang.Text{}):
		return p.toast(p.say("正在处理", "Being done")), nil
	case a.By != p.in.ID:
		return s.decided(ctx, p, a, a.Outcome)
	}
	return s.carryOutDecision(ctx, p, a)
}

// carryOutDecision does what was decided. A crash on the way lets the click come again, and it does the same.
func (s *Service) carryOutDecision(ctx context.Context, p press, a approval) (bots.Answer, error) {
	manager := s.name(a.Manager)
	outcome := lang.Both("已驳回（%s：%s）", "Refused (%s: %s)", manager, a.Reason)
	if a.Agreed {
		carry, known := approvals()[a.Kind]
		if !known {
			return p.void(), nil
		}
		var err error
		if outcome, err = carry(s, ctx, a, p.who); err != nil {
			return bots.Answer{}, err
		}
	}
	err := s.changeApprovals(ctx, func(all []approval) ([]approval, bool) {
		i := slices.IndexFunc(all, func(have approval) bool { return have.ID == a.ID })
		if i < 0 || all[i].Outcome == outcome {
			return nil, false
		}
		all[i].Outcome = outcome
		return all, true
	})
	if err != nil {
		return bots.Answer{}, err
	}
	if err := s.tellAsker(ctx, a, outcome); err != nil {
		return bots.Answer{}, err
	}
	return s.decided(ctx, p, a, outcome)
}

// tellAsker tells who asked what came of it, once.
func (s *Service) tellAsker(ctx context.Context, a approval, outcome lang.Text) error {
	asker, known := s.People.ByID(a.Asker)
	if !known {
		return nil
	}
	if a.Customer == "" {
		return s.Outgoing.Tell(ctx, a.Asker, a.ID+"-told", func(l lang.Language) string { return l.Sayf("你的申请：%s", "Your request: %s", outcome.In(l)) })
	}
	c, err := s.Records.Customer(ctx, a.Customer)
	if err != nil {
		return err
	}
	id := a.ID + "-told"
	if err := s.logSent(ctx, id, cards.LoggedOutcome, access.Sight{Tier: true, Basis: a.Agreed && a.Kind == wishAdjust}, c.ID, asker); err != nil {
		return err
	}
	return s.Outgoing.Tell(ctx, a.Asker, id, func(l lang.Language) string {
		return l.Sayf("你对 %s 的申请：%s", "Your request for %s: %s", cards.Name(c), outcome.In(l))
	})
}

// decided closes every copy of the card with what came of it.
func (s *Service) decided(ctx context.Context, p press, a approval, outcome lang.Text) (bots.Answer, error) {
	if err := s.Outgoing.Close(ctx, a.Cards, outcome.In); err != nil {
		return bots.Answer{}, err
	}
	card := cards.Closed(*p.delivery.Card, outcome.In(p.who.Language))
	return bots.Answer{Card: &card, Toast: outcome.In(p.who.Language)}, nil
}
