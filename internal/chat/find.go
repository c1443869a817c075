package chat

import (
	"context"
	"fmt"
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"lingke/bots"
	"lingke/internal/customer"
)

// shownChoices is how many customers a choice offers: as many as both platforms have buttons for.
const shownChoices = 5

// findFor fills in the customer that a command is about. Where it cannot, the reply says why or asks which one.
func (s *Service) findFor(ctx context.Context, c command, q *question) (reply, error) {
	name, rest := c.about.part(q.rest)
	name, q.rest = strings.TrimFunc(name, around), rest
	if name == "" {
		return said(q.sayf("是哪个客户？请在后面写上客户名称：%s", "Which customer? Write the name behind it: %s", c.usage.In(q.who.Language))), nil
	}
	found, err := s.Records.SearchCustomers(ctx, name, shownChoices+1)
	if err != nil {
		return reply{}, fmt.Errorf("search %q: %w", name, err)
	}
	switch {
	case len(found) == 0:
		return said(q.sayf("没有找到名称含“%s”的客户。", "No customer's name contains “%s”.", bots.CutRunes(name, 30))), nil
	case len(found) == 1 || sameName(found[0], name) && !sameName(found[1], name):
		q.customer = found[0]
		return reply{}, nil
	}
	return s.choose(c, *q, found), nil
}

// part splits what stood behind a command's word into the customer's name and the rest.
func (a about) part(text string) (name, rest string) {
	switch a {
	case aboutFirstWord:
		return firstWord(text)
	case aboutAllButLast:
		text = strings.TrimSpace(text)
		if cut := strings.LastIndexFunc(text, unicode.IsSpace); cut >= 0 {
			return text[:cut], strings.TrimSpace(text[cut:])
		}
	}
	return text, ""
}

// firstWord parts a text at its first blank.
func firstWord(text string) (word, rest string) {
	if end := strings.IndexFunc(text, unicode.IsSpace); end >= 0 {
		return text[:end], strings.TrimSpace(text[end:])
	}
	return text, ""
}

func sameName(c customer.Customer, name string) bool {
	return strings.EqualFold(width.Fold.String(c.Name), width.Fold.String(name))
}
