package chat

import (
	"context"
	"errors"
	"slices"

	"lingke/internal/customer"
	"lingke/internal/numerals"
	"lingke/internal/store"
)

// Lists number their customers, and people name them by these numbers afterwards: 3, 查 3, 认领第二家, 把第3个分给李娜. The number is replaced by the name before the text is read, so that
// everything else, and what is asked back before it is done, goes by the name.

// numbersOf keeps which customers a list numbers from first on; one that is listed again has its first number only.
func numbersOf(first int, page []customer.Customer) []string {
	ids := make([]string, first-1, first-1+len(page))
	for _, c := range page {
		id := c.ID
		if slices.Contains(ids, id) {
			id = ""
		}
		ids = append(ids, id)
	}
	return ids
}

// withPagesBefore adds the numbers of pages that were shown before.
func withPagesBefore(ids, before []string) []string {
	for i := range ids {
		if ids[i] == "" && i < len(before) {
			ids[i] = before[i]
		}
	}
	return ids
}

// byNumber is a text with the name of the customer in place of its number in the newest list that has it; the text as it was where it names none.
func (s *Service) byNumber(ctx context.Context, q question, text string) (string, error) {
	t := newTyped(withoutMention(text)).trimmed()
	from, to, n, alone := numberIn(t)
	if n == 0 {
		return text, nil
	}
	all, _, err := s.dialogs(ctx, q.who.ID)
	if err != nil {
		return text, err
	}
	for _, d := range slices.Backward(all) {
		if n > len(d.Listed) || d.Until.Before(q.at) || !d.heardAt(q.from) { // a number that the newest list has not is of the one before
			continue
		}
		if d.Listed[n-1] == "" {
			return text, nil
		}
		c, err := s.Records.Customer(ctx, d.Listed[n-1])
		if errors.Is(err, store.ErrNotFound) { // it has become part of another since
			return text, nil
		}
		if err != nil {
			return text, err
		}
		if alone {
			look, _ := commandByID("look")
			return look.words[0] + " " + c.Name, nil
		}
		return t.to(from).String() + " " + c.Name + " " + t.from(to).String(), nil
	}
	return text, nil
}

// numberIn finds the number of a list in a text, in characters; n is 0 where there is none.
func numberIn(t typed) (from, to, n int, alone bool) {
	text := t.text()
	at := func(i int) int { return len([]rune(text[:i])) }
	if m := numberAlone.FindStringSubmatch(text); m != nil {
		return 0, len(t.as), numerals.Count(m[1]), true
	}
	if m := ordinal.FindStringSubmatchIndex(text); m != nil && !periodBehind.MatchString(text[m[1]:]) {
		return at(m[0]), at(m[1]), numerals.Count(text[m[2]:m[3]]), false
	}
	w, length := words().first(t)
	if length == 0 || w.command.about == aboutNothing && w.command.id != "log" {
		return 0, 0, 0, false
	}
	if m := behindCommand.FindStringSubmatchIndex(t.from(length).text()); m != nil {
		rest := t.from(length).text()
		start := length + len([]rune(rest[:m[2]]))
		return start, start + len([]rune(rest[m[2]:m[5]])), numerals.Count(rest[m[2]:m[3]]), false
	}
	return 0, 0, 0, false
}
