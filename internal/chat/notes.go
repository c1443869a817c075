package chat

import (
	"context"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/lang"
)

// notings record what people tell of customers.
func notings() []command {
	return []command{{id: "note", words: []string{"跟进", "跟进记录", "记录", "记一下", "记下", "记一笔", "跟", "note"}, may: access.Claim, about: aboutFirstWord, run: (*Service).note,
		usage: lang.Text{ZH: "跟进 <客户> <内容>：记录一次跟进", EN: "note <customer> <text>: record a contact"}}}
}

// note records what a rep tells of a customer. The name ends at the first blank.
func (s *Service) note(ctx context.Context, q question) (reply, error) {
	c, text := q.customer, q.rest
	if text == "" {
		return said(q.say("请写成：跟进 <客户> <内容>，例如：跟进 华星机械 已约周三拜访", "Please write: note <customer> <text>, for example: note Huaxing visit on Wednesday")), nil
	}
	if c.Owner != q.who.ID && !q.who.May(access.Manage) {
		return said(q.sayf("只有负责人或主管可以记录 %s 的跟进。", "Only the owner or a manager can record contacts of %s.", cards.Name(c))), nil
	}
	err := s.Notes.Note(ctx, customer.Activity{
		ID: customer.NewRef("chat", q.id), Customer: c.Records[0].Ref, Type: "note", Text: bots.Cut(text, 2000), By: q.who.ID, At: q.at, ModifiedAt: q.at,
	})
	if err != nil {
		return reply{}, err
	}
	if err := s.noteProgress(ctx, c, q, text); err != nil {
		return reply{}, err
	}
	if !s.sees(q.readers, c).Basis {
		return said(q.sayf("已记录 %s 的跟进。", "Recorded for %s.", cards.Name(c))), nil
	}
	return said(q.sayf("已记录 %s 的跟进：%s", "Recorded for %s: %s", cards.Name(c), text)).saw(access.Sight{Tier: true, Basis: true}, c), nil
}
