package chat

import (
	"context"
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/width"

	"lingke/bots"
	"lingke/internal/customer"
	"lingke/internal/customer/names"
	"lingke/internal/customer/sound"
)

// shownChoices is how many customers a choice offers: as many as both platforms have buttons for.
const shownChoices = 5

// findFor fills in the customer that a command is about. Where it cannot, the reply says why or asks which one.
func (s *Service) findFor(ctx context.Context, c command, q *question) (reply, error) {
	name := q.name
	if name == "" {
		var err error
		if name, q.rest, err = s.partName(ctx, c, q.rest); err != nil {
			return reply{}, err
		}
	}
	if name == "" {
		if r, known, err := s.unnamed(ctx, c, q); err != nil || known {
			return r, err
		}
		return said(q.sayf("是哪个客户？请在后面写上客户名称：%s", "Which customer? Write the name behind it: %s", c.usage.In(q.who.Language))), nil
	}
	found, err := s.search(ctx, name, c.ask != nil)
	if err != nil {
		return reply{}, err
	}
	switch {
	case len(found) == 0:
		return said(q.sayf("没有找到名称含“%s”的客户。", "No customer's name contains “%s”.", bots.CutRunes(name, 30))), nil
	case len(found) == 1 && (c.reads || c.ask != nil || named(found[0], name)):
		q.customer = found[0]
		return reply{}, nil
	case len(found) > 1 && sameName(found[0], name) && !sameName(found[1], name):
		q.customer = found[0]
		return reply{}, nil
	}
	return s.choose(c, *q, found), nil
}

// search finds customers by a name as people type it: a part of it, or how it sounds, or its initials; with something around it unless whole is set.
func (s *Service) search(ctx context.Context, name string, whole bool) ([]customer.Customer, error) {
	all := candidates(name, whole)
	for _, candidate := range all {
		if found, err := s.Records.SearchCustomers(ctx, candidate, shownChoices+1); err != nil || len(found) > 0 {
			return found, err
		}
	}
	for _, candidate := range all {
		if found, err := s.Records.SoundingCustomers(ctx, sounding(candidate), shownChoices+1); err != nil || len(found) > 0 {
			return found, err
		}
	}
	if found, err := s.placed(ctx, name); err != nil || len(found) > 0 || whole {
		return found, err
	}
	if found, err := s.spelledAtStart(ctx, name); err != nil || len(found) > 0 {
		return found, err
	}
	return s.nearlyNamed(ctx, name)
}

// spelledAtStart finds a customer by the first words of a text in pinyin: baiyun zheme di.
func (s *Service) spelledAtStart(ctx context.Context, name string) ([]customer.Customer, error) {
	words := strings.Fields(newTyped(name).trimmed().text())
	if strings.ContainsFunc(name, han) {
		return nil, nil
	}
	for n := len(words) - 1; n > 0; n-- {
		typed := strings.Join(words[:n], "")
		if len(typed) < shortestSpelled {
			break
		}
		if found, err := s.Records.SoundingCustomers(ctx, sounding(typed), shownChoices+1); err != nil || len(found) > 0 {
			return found, err
		}
	}
	return nil, nil
}

// shortestSpelled is how many letters of pinyin are taken for a name that more stands behind.
const shortestSpelled = 4

// nearlyNamed finds the one customer whose name has all but one or two characters at the start or the end of what was typed, as 沉阳机床 has of 沈阳机床厂.
func (s *Service) nearlyNamed(ctx context.Context, name string) ([]customer.Customer, error) {
	const shortest = 3 // a shorter part may be of any other name
	runes := []rune(newTyped(name).trimmed().text())
	for _, cut := range [][2]int{{1, 0}, {0, 1}} {
		if len(runes)-1 < shortest || !han(runes[0]) {
			continue
		}
		found, err := s.Records.SearchCustomers(ctx, string(runes[cut[0]:len(runes)-cut[1]]), 2)
		if err != nil || len(found) == 1 {
			return found, err
		}
	}
	return nil, nil
}

// placed finds a customer by the place and the sound of its trade name, where the name has more between them: 深圳鼎胜科技 is 深圳市鼎盛科技有限公司.
func (s *Service) placed(ctx context.Context, name string) ([]customer.Customer, error) {
	n := names.Parse(newTyped(name).text())
	if len(n.Places) == 0 || len([]rune(n.Trade)) < shortestName {
		return nil, nil
	}
	found, err := s.Records.SoundingCustomers(ctx, sounding(n.Trade), shownChoices+1)
	return slices.DeleteFunc(found, func(c customer.Customer) bool {
		return slices.ContainsFunc(n.Places, func(place string) bool { return !strings.Contains(c.Name, place) })
	}), err
}

// candidates are what a text may name: itself in simplified characters, and without what people say around a name.
func candidates(name string, whole bool) []string {
	t := newTyped(name).trimmed()
	all := []string{t.String()}
	if text := t.text(); text != strings.ToLower(t.String()) {
		all = append(all, text)
	}
	if spaced := betweenScripts(t.folded); spaced != "" {
		all = append(all, spaced)
	}
	tails := nameTails
	if whole {
		tails = links
	}
	if less := t.without(tails).trimmed(); len(less.as) >= 2 && len(less.as) < len(t.as) {
		all = append(all, less.String(), less.text())
	}
	return slices.Compact(all)
}

// sounding is how a name is spelled; "" for one character, which sounds like too many.
func sounding(name string) string {
	if len([]rune(strings.TrimSpace(name))) < 2 {
		return ""
	}
	return sound.Spell(name)
}

// named reports whether a customer was found by its characters, or was typed as it sounds; not if others were typed that sound the same.
func named(c customer.Customer, name string) bool {
	for _, candidate := range candidates(name, false) {
		if strings.Contains(newTyped(c.Name).text(), newTyped(candidate).text()) || !strings.ContainsFunc(candidate, han) {
			return true
		}
	}
	return false
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
