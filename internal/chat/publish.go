package chat

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/cards"
	"lingke/internal/lang"
)

// wishPublish is the kind of approvals that ask for a scoring model to be put in force.
const wishPublish = "publish"

// ModelWish is a version of the scoring model that somebody wants in force.
type ModelWish struct {
	Version  string
	By, Note string // By is a person's id, or what they call themselves
	// Customers and Tiers are of how many there are and how many would get another tier; both 0 where nobody has looked.
	Customers, Tiers int
	// Again asks anew where managers have refused the version before.
	Again bool
}

// WishPublish shows the managers a card on which they put a version in force or refuse it. While they have not decided, asking again shows nothing more. Of those who may
// decide, who asks is left out if there is anybody else.
func (s *Service) WishPublish(ctx context.Context, w ModelWish) error {
	all, err := s.approvalsNow(ctx)
	if err != nil {
		return err
	}
	tries, open := 0, false
	for _, a := range all {
		if a.Kind == wishPublish && a.Wish["version"] == w.Version {
			tries++
			open = open || a.By == "" && !a.At.Add(approveFor).Before(s.Now())
		}
	}
	if open || tries > 0 && !w.Again {
		return nil
	}
	managers := s.People.Managers()
	if others := slices.DeleteFunc(slices.Clone(managers), func(p access.Person) bool { return p.ID == w.By }); len(others) > 0 {
		managers = others
	}
	a := approval{
		ID: fmt.Sprintf("approve-model-%s-%d", replyID(w.Version), tries), Kind: wishPublish, Asker: w.By, At: s.Now(),
		Wish: map[string]string{"version": w.Version, "note": w.Note},
	}
	a.Cards, err = s.Outgoing.Broadcast(ctx, a.ID, "", managers, func(p *cards.Printer) bots.Card {
		return p.PublishApproval(cards.ModelRequest{Asker: cmp.Or(s.name(w.By), w.By), Version: w.Version, Reason: w.Note, Customers: w.Customers, Tiers: w.Tiers})
	})
	if err != nil {
		return err
	}
	return s.keepApproval(ctx, a)
}

func (s *Service) approvalsNow(ctx context.Context) (all []approval, err error) {
	text, err := s.Records.Document(ctx, approvalsDoc)
	if err == nil && len(text) > 0 {
		err = json.Unmarshal(text, &all)
	}
	if err != nil {
		return nil, fmt.Errorf("approvals: %w", err)
	}
	return all, nil
}

// carryPublish puts the version of an approval in force.
func (s *Service) carryPublish(ctx context.Context, a approval, manager access.Person) (lang.Text, error) {
	if s.Publish == nil {
		return lang.Both("这里不能发布模型", "Models cannot be published here"), nil
	}
	no, err := s.Publish(ctx, a.Wish["version"], manager.ID, a.Wish["note"])
	if err != nil {
		return lang.Text{}, err
	}
	if no != "" {
		return lang.Both("没有发布：%s", "Not published: %s", no), nil
	}
	return lang.Both("已同意（%s）：模型 %s 生效，全部客户将重新评分", "Approved (%s): model %s is in force, everybody is scored anew", manager.Name, a.Wish["version"]), nil
}
