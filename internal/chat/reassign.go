package chat

import (
	"context"
	"strings"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/cards"
	"lingke/internal/lang"
)

// wishAssign is the kind of approvals that ask for another owner.
const wishAssign = "assign"

// personIn reads a person at the start of a text; the reason follows.
func (s *Service) personIn(l lang.Language, text string) (found access.Person, reason, no string) {
	if found, no = s.person(l, text); no == "" {
		return found, "", ""
	}
	name, rest := firstWord(text)
	if found, short := s.person(l, name); short == "" {
		return found, reasonOf(rest), ""
	}
	return found, "", no
}

// askAssign has a manager confirm that somebody loses a customer by it, and a rep that managers are asked.
func (s *Service) askAssign(_ context.Context, q question) (what, no string, err error) {
	to, reason, no := s.personIn(q.who.Language, q.rest)
	owner := q.customer.Owner
	switch {
	case no != "":
		return "", no, nil
	case owner == to.ID && owner != "":
		return "", q.sayf("%s 已经由 %s 负责。", "%s is %s's already.", cards.Name(q.customer), to.Name), nil
	case q.who.May(access.Manage) && owner == "":
		return "", "", nil
	case q.who.May(access.Manage):
		return q.sayf("把 %s 从 %s 改派给 %s。", "Give %s, now %s's, to %s.", cards.Name(q.customer), s.name(owner), to.Name), "", nil
	case reason == "":
		return "", q.say("分配要由主管同意，请写上理由：分配 <客户> <姓名> <理由>", "A manager has to approve; please write a reason: assign <customer> <person> <reason>"), nil
	}
	return q.sayf("请主管同意把 %s 从 %s 改派给 %s。理由：%s", "Ask a manager to give %s, now %s's, to %s. Reason: %s", cards.Name(q.customer), s.ownerName(q.who.Language, owner), to.Name, reason), "", nil
}

func (s *Service) ownerName(l lang.Language, id string) string {
	if id == "" {
		return l.Say("无人", "nobody")
	}
	return s.name(id)
}

// assignTo gives a customer to somebody, or asks the managers to.
func (s *Service) assignTo(ctx context.Context, q question) (reply, error) {
	to, reason, no := s.personIn(q.who.Language, q.rest)
	if no != "" {
		return said(no), nil
	}
	if !q.who.May(access.Manage) {
		return s.wishOwner(ctx, q, to, bots.Cut(reason, 300))
	}
	c, err := s.Claims.Assign(ctx, q.customer.ID, to, q.who, string(q.from.platform))
	if err != nil {
		return s.cannotGo(q.who, q.customer, to, err)
	}
	if err := s.Outgoing.Carry(ctx, c.ID); err != nil {
		return reply{}, err
	}
	return said(q.sayf("%s 已分配给 %s。", "%s is now %s's.", cards.Name(c), to.Name)), nil
}

// wishOwner asks the managers for another owner.
func (s *Service) wishOwner(ctx context.Context, q question, to access.Person, reason string) (reply, error) {
	from := q.customer.Owner
	a := approval{Kind: wishAssign, Wish: map[string]string{"to": to.ID, "from": from, "reason": reason}}
	err := s.request(ctx, q, a, func(p *cards.Printer) bots.Card {
		l := p.Language()
		return p.Approval(q.customer, cards.Request{Asker: q.who.Name, Reason: reason, Change: l.Sayf("负责人 %s → %s", "owner %s → %s", s.ownerName(l, from), to.Name)})
	})
	if err != nil {
		return reply{}, err
	}
	return said(q.sayf("已提交主管审批：%s 改派给 %s。", "Sent to the managers: %s to %s.", cards.Name(q.customer), to.Name)), nil
}

// carryAssign gives the customer of an approval to whom it was asked for, unless somebody else has it by now than when it was asked.
func (s *Service) carryAssign(ctx context.Context, a approval, manager access.Person) (lang.Text, error) {
	c, err := s.Records.Customer(ctx, a.Customer)
	if err != nil {
		return lang.Text{}, err
	}
	to, known := s.People.ByID(a.Wish["to"])
	switch {
	case !known:
		return lang.Both("没有改派：%s 已不在人员名单", "Not assigned: %s is not among the people any more", a.Wish["to"]), nil
	case c.Owner != a.Wish["from"] && c.Owner != to.ID:
		return lang.Text{
			ZH: lang.Chinese.Sayf("没有改派：负责人已变为 %s", "Not assigned: the owner is %s by now", s.ownerName(lang.Chinese, c.Owner)),
			EN: lang.English.Sayf("没有改派：负责人已变为 %s", "Not assigned: the owner is %s by now", s.ownerName(lang.English, c.Owner)),
		}, nil
	}
	if c.Owner != to.ID {
		if c, err = s.Claims.Assign(ctx, a.Customer, to, manager, a.Via); err != nil {
			return s.notAssigned(ctx, manager, a, to, err)
		}
	}
	if err := s.Outgoing.Carry(ctx, c.ID); err != nil {
		return lang.Text{}, err
	}
	return lang.Both("已同意（%s）：%s 已分配给 %s", "Approved (%s): %s is now %s's", manager.Name, cards.Name(c), to.Name), nil
}

// notAssigned says why an approved change could not be made; other errors stay errors.
func (s *Service) notAssigned(ctx context.Context, manager access.Person, a approval, to access.Person, cause error) (text lang.Text, err error) {
	c, err := s.Records.Customer(ctx, a.Customer)
	if err != nil {
		return text, err
	}
	for l, into := range map[lang.Language]*string{lang.Chinese: &text.ZH, lang.English: &text.EN} {
		manager.Language = l
		r, err := s.cannotGo(manager, c, to, cause)
		if err != nil {
			return text, err
		}
		*into = strings.TrimSpace(r.text)
	}
	return text, nil
}
