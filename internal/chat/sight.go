package chat

import (
	"context"

	"lingke/bots"
	"lingke/internal/access"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/lang"
)

// readers are who reads what is answered to a message.
func (s *Service) readers(ctx context.Context, in bots.Incoming, who access.Person) ([]access.Person, error) {
	if !in.Message.Group {
		return []access.Person{who}, nil
	}
	return s.Rooms.Readers(ctx, in.Platform, in.Message.Conversation, in.Message.From)
}

// sees is what people may read of a customer together.
func (s *Service) sees(people []access.Person, c customer.Customer) access.Sight {
	return s.People.AllSee(people, s.Pools().Concern(c))
}

// notConcerned answers somebody who asks for the basis of another team's customer.
func notConcerned(l lang.Language, c customer.Customer) string {
	return l.Sayf("%s 不归你的团队，评分依据只对相关团队和主管开放。", "%s is not your team's; the reasons of its score are for the team concerned and managers.", cards.Name(c))
}
