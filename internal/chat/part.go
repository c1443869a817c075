package chat

import (
	"context"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"lingke/internal/lang"
)

// partName splits what stood behind a command's word into the customer's name and the rest.
func (s *Service) partName(ctx context.Context, c command, text string) (name, rest string, err error) {
	switch c.about {
	case aboutFirstWord:
		return s.firstName(ctx, text)
	case aboutAllButLast:
		name, rest = s.beforePerson(text)
		return name, rest, nil
	}
	words := strings.Fields(text)
	if len(words) > 1 { // 查 @张伟 大唐能源
		text = strings.Join(slices.DeleteFunc(words, func(w string) bool { return strings.HasPrefix(w, "@") || strings.HasPrefix(w, "＠") }), " ")
	}
	return strings.TrimFunc(text, around), "", nil
}

// shortestName is how many characters a part of a text must have to be taken for a name.
const shortestName = 2

// firstName parts a text behind the customer's name: at the first blank or comma, where that finds somebody; behind two words of which a name may consist; before a word that
// joins a name with what follows, as in 苏宁到下周一.
func (s *Service) firstName(ctx context.Context, text string) (name, rest string, err error) {
	first, more := firstWord(text)
	if second, after := firstWord(more); second != "" && !strings.ContainsFunc(first, parts) {
		if found, err := s.Records.SearchCustomers(ctx, first+" "+second, 1); err != nil || len(found) > 0 {
			return first + " " + second, after, err
		}
	}
	if cut := strings.IndexFunc(first, parts); cut > 0 {
		_, size := utf8.DecodeRuneInString(first[cut:])
		return strings.TrimFunc(first[:cut], around), strings.TrimSpace(first[cut+size:] + text[len(first):]), nil
	}
	first = strings.TrimFunc(first, around)
	found, err := s.search(ctx, first, false)
	if err != nil || len(found) > 0 {
		return first, more, err
	}
	t := newTyped(first)
	for n := len(t.as) - 1; n >= shortestName; n-- {
		behind, joined := t.from(n).cutPrefix(joints)
		if !joined {
			continue
		}
		if found, err := s.Records.SearchCustomers(ctx, t.to(n).text(), 1); err != nil || len(found) > 0 {
			if slices.Contains(toldJoints, t.from(n).to(len(t.as)-n-len(behind.as)).text()) {
				behind = t.from(n)
			}
			return t.to(n).String(), strings.TrimSpace(behind.String() + " " + more), err
		}
	}
	return first, more, nil
}

// parts reports whether a character ends a name.
func parts(r rune) bool { return strings.ContainsRune("，,：:；;。、！!", r) }

// beforePerson parts a text before the person whom it ends with: behind the last blank, or before somebody's name or id.
func (s *Service) beforePerson(text string) (name, person string) {
	t := newTyped(text).trimmed().without(personTails)
	longest := 0
	for _, p := range s.People.All() {
		for _, called := range []string{p.Name, p.ID} {
			called = newTyped(called).text()
			before, ends := strings.CutSuffix(t.text(), called)
			if n := len([]rune(called)); ends && n > longest && before != "" && (!latinNext(called) || !strings.HasSuffix(before, "-") && !latinLast(before)) {
				longest = n
			}
		}
	}
	if longest == 0 {
		if name, person, ok := s.aroundPerson(t); ok { // 分配 华星 李娜 客户指定
			return name, person
		}
		whole := strings.TrimSpace(t.String())
		cut := strings.LastIndexFunc(whole, unicode.IsSpace)
		if cut < 0 {
			return strings.TrimFunc(whole, around), ""
		}
		name, person = whole[:cut], strings.TrimSpace(whole[cut:])
	} else {
		name, person = t.to(len(t.as)-longest).String(), t.from(len(t.as)-longest).String()
	}
	name = strings.TrimRight(strings.TrimFunc(name, around), "@＠")
	return strings.TrimFunc(newTyped(name).without(toWords).String(), around), person
}

// aroundPerson parts a text before a word that is somebody's name; a reason follows it.
func (s *Service) aroundPerson(t typed) (name, rest string, ok bool) {
	words := strings.Fields(t.String())
	for i := len(words) - 1; i > 0; i-- {
		bare, _ := newTyped(words[i]).cutPrefix(toWords)
		called := strings.TrimPrefix(bare.text(), "@")
		if _, no := s.person(lang.Chinese, called); no == "" {
			name = newTyped(strings.Join(words[:i], " ")).without(toWords).String()
			return strings.TrimFunc(name, around), strings.Join(append([]string{called}, words[i+1:]...), " "), true
		}
	}
	return "", "", false
}

func latinLast(text string) bool {
	r, _ := utf8.DecodeLastRuneInString(text)
	return letter(r)
}
