package chat

import (
	"context"
	"strings"
	"unicode"

	"lingke/internal/access"
	"lingke/internal/cards"
)

// phone answers 电话: the whole number of a customer, which stands masked everywhere else, for its owner and for managers who say why. The name ends at
// the first blank.
func (s *Service) phone(ctx context.Context, q question) (string, error) {
	name, reason := q.rest, ""
	if end := strings.IndexFunc(q.rest, unicode.IsSpace); end >= 0 {
		name, reason = q.rest[:end], strings.TrimSpace(q.rest[end:])
	}
	if name == "" || reason == "" {
		return "请写成：电话 <客户> <原因>，例如：电话 华星机械 回访。查看会留下记录。", nil
	}
	c, problem, err := s.find(ctx, name)
	if err != nil || problem != "" {
		return problem, err
	}
	if c.Owner != q.who.ID && !q.who.May(access.Manage) {
		return "只有负责人或主管可以查看 " + cards.Name(c) + " 的电话。", nil
	}
	number := cards.Phone(c).Reveal()
	if number == "" {
		return cards.Name(c) + " 没有登记电话。", nil
	}
	return cards.Name(c) + " 的电话：" + number + "（已记录查看原因：" + reason + "）", nil
}
