package chat

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"lingke/bots"
)

// mostOffered is how many meanings a text is asked about.
const mostOffered = 4

// offers are the commands that a text may mean which is none, as they are typed: 领取 沈阳机床厂. They follow from the words that it has in common with what people say for a
// command, and from the customer and the colleague whom it names. A text that asks or that says 不要 is offered nothing that changes something.
func (s *Service) offers(ctx context.Context, q question, text string) ([]string, error) {
	t := s.addressed(newTyped(text))
	if len(t.as) > longestChat {
		return nil, nil
	}
	ids, rest := stemsIn(t.text())
	name, err := s.nameIn(ctx, t)
	if err != nil {
		return nil, err
	}
	if name != "" && len(ids) == 0 && !asked(t.text()) {
		if ids = []string{"look", "why"}; !strings.HasSuffix(strings.TrimRightFunc(t.String(), around), name) { // something is said of it
			ids = []string{"note", "look"}
		}
	}
	var all []string
	for _, id := range ids {
		c, _ := commandByID(id)
		changes := c.about != aboutNothing && !c.reads
		if !q.who.May(c.may) || c.about == aboutNothing && c.id != "log" && name != "" || c.about != aboutNothing && name == "" || changes && asked(rest) || (changes || c.about == aboutNothing) && denied(rest) {
			continue
		}
		all = append(all, s.offer(c, t, name))
	}
	return slices.Compact(all[:min(len(all), mostOffered)]), nil
}

// offer is a command about a customer as it is typed, with what the text has for it.
func (s *Service) offer(c command, t typed, name string) string {
	text := c.words[0]
	if c.about == aboutNothing && c.id != "log" {
		return text
	}
	text += " " + name
	switch {
	case c.about == aboutAllButLast:
		for _, p := range s.People.All() {
			if strings.Contains(t.text(), newTyped(p.Name).text()) {
				return text + " " + p.Name
			}
		}
	case c.id == "note" || c.id == "finish":
		if _, behind, ok := strings.Cut(t.String(), name); ok {
			text += " " + strings.TrimFunc(behind, around)
		}
	}
	return strings.TrimSpace(text)
}

// stemsIn are the commands that a text has words of, in their order, and the text without these words.
func stemsIn(text string) (ids []string, rest string) {
	type hit struct {
		at int
		id string
	}
	var hits []hit
	rest = text
	for _, stem := range stems {
		for _, word := range stem.words {
			if at := strings.Index(text, word); at >= 0 && strings.Contains(rest, word) {
				hits = append(hits, hit{at, stem.id})
				rest = strings.ReplaceAll(rest, word, " ")
			}
		}
	}
	slices.SortStableFunc(hits, func(a, b hit) int { return cmp.Compare(a.at, b.at) })
	for _, h := range hits {
		if !slices.Contains(ids, h.id) {
			ids = append(ids, h.id)
		}
	}
	return ids, rest
}

// nameIn is a customer whom a text names somewhere, as it is typed there; "" for none.
func (s *Service) nameIn(ctx context.Context, t typed) (string, error) {
	text := t.String()
	for _, stem := range stems {
		for _, word := range stem.words {
			text = strings.ReplaceAll(text, word, "，")
		}
	}
	for _, p := range s.People.All() {
		text = strings.ReplaceAll(text, p.Name, "，")
	}
	_, left := sorted(newTyped(text))
	for _, piece := range left {
		piece = strings.Join(strings.Fields(piece), " ")
		if len([]rune(piece)) < shortestName {
			continue
		}
		for n := len([]rune(piece)); n >= shortestName; n-- { // the customer stands before what is said of it
			name := string([]rune(piece)[:n])
			if found, err := s.Records.SearchCustomers(ctx, newTyped(name).text(), 1); err != nil || len(found) > 0 {
				return name, err
			}
		}
	}
	return "", nil
}

// denied reports whether a text says that something is not to be done.
func denied(text string) bool {
	return slices.ContainsFunc(denials, func(w string) bool { return strings.Contains(text, w) })
}

// meaning asks which of some commands was meant; picking one is as if it had been typed, so what cannot be taken back is still confirmed.
func (s *Service) meaning(q question, texts []string) reply {
	card := s.cards(q).Meaning(texts)
	return reply{card: &card, private: true, dialog: &dialog{Asks: asksMeaning, Question: q.id, At: q.at, Texts: texts, Until: q.at.Add(confirmFor)}}
}

// followMeaning does the command that was picked.
func (s *Service) followMeaning(ctx context.Context, in bots.Incoming, q question, d dialog, a response) (r reply, outcome string, err error) {
	text := d.Texts[a.choice-1]
	q.id, q.at = d.Question, d.At
	r, err = s.ask(ctx, q, text)
	if r.dialog != nil {
		r.dialog.Until = actedAt(in, s.Now()).Add(confirmFor)
	}
	return r, q.sayf("已选择：%s", "Chosen: %s", text), err
}
