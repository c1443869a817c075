package chat

import (
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"lingke/bots"
	"lingke/bots/botstest"
	"lingke/internal/access"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/lang"
	"lingke/scoring"
)

// TestAnEnglishReaderReadsNoChineseButNames asks every command as people who read English: nothing of the answer is Chinese but what customers, people, teams and pools
// are called, and what was typed.
func TestAnEnglishReaderReadsNoChineseButNames(t *testing.T) {
	t.Parallel()
	for _, c := range commands() {
		for _, user := range []string{"boss", "lina", "root"} {
			t.Run(c.id+" by "+user, func(t *testing.T) {
				t.Parallel()
				w := matrixWorld(t)
				people := slices.Clone(w.chat.People.All())
				for i := range people {
					people[i].Language = lang.English
				}
				must(t, w.chat.People.Replace(people))
				in := w.say(bots.DingTalk, user, matrix[c.id].say, false)
				text := everything(w.answer(in)) + "\n" + w.aside(in)
				if left := withoutNames(text, people, matrix[c.id].say); strings.ContainsFunc(left, han) {
					t.Errorf("%s is answered %q, of which is left %q", matrix[c.id].say, text, onlyHan(left))
				}
			})
		}
	}
}

// everything is all that is shown, or can be, of a delivery.
func everything(d delivery.Delivery) string {
	all := []string{d.Text}
	if d.File != nil {
		all = append(all, d.File.Alt)
	}
	if d.Card != nil {
		all = append(all, cardTexts(*d.Card)...)
	}
	return strings.Join(all, "\n")
}

// cardTexts are the texts of a card; Say is what pressing is answered by where nothing can be pressed.
func cardTexts(c bots.Card) []string {
	all := []string{c.Title, c.State, c.Body}
	for _, f := range c.Fields {
		all = append(all, f.Name, f.Value)
	}
	for _, a := range c.Actions {
		all = append(all, a.Label, a.Say)
		for _, i := range a.Inputs {
			all = append(all, i.Label)
		}
	}
	return all
}

// withoutNames is a text without what people and things are called, and without what somebody typed.
func withoutNames(text string, people []access.Person, typed string) string {
	names := []string{"华星机械", "苏州华星", "陈志强", "高价值线索"}
	for _, p := range people {
		names = append(names, p.Name, p.Team)
	}
	all := append(names, strings.Fields(typed)...)
	slices.SortFunc(all, func(a, b string) int { return len(b) - len(a) }) // 管理员 before 管理
	for _, word := range all {
		if word != "" {
			text = strings.ReplaceAll(text, word, "")
		}
	}
	return text
}

func onlyHan(text string) string {
	return strings.Join(strings.FieldsFunc(text, func(r rune) bool { return !unicode.Is(unicode.Han, r) }), " ")
}

// TestEnglishCardsAreLabelledInEnglish reads the golden English cards of every kind: what fields, buttons and inputs are called, but for the customer that a button is about, and
// what else stands in them of the cards' own. Their bodies are made of what customers, rules and people are called and have typed; the commands' answers, above, hold them to names.
func TestEnglishCardsAreLabelledInEnglish(t *testing.T) {
	t.Parallel()
	kinds := map[string]bool{}
	for _, k := range botstest.Kinds(t, "../cards/testdata") {
		if !strings.HasSuffix(k.Name, ".en") && !strings.HasSuffix(k.Name, "_english") && !strings.HasSuffix(k.Name, "_en") {
			continue
		}
		kinds[k.Card.Kind] = true
		var labels []string
		for _, f := range k.Card.Fields {
			labels = append(labels, f.Name)
		}
		for _, a := range k.Card.Actions {
			labels = append(labels, a.Label)
			for _, i := range a.Inputs {
				labels = append(labels, i.Label)
			}
		}
		left := withoutNames(strings.Join(append(labels, k.Card.Title), "\n"), staff(), "苏州华星精密机械有限公司 厦门金龙物流有限公司 未命名 沈阳机床厂 退回 跟进 放弃跟进 客户名单（A 级） 3月2日 客户请求绿色通道 客户请求 绿色通道")
		if strings.ContainsFunc(left, han) {
			t.Errorf("%s: %q", k.Name, onlyHan(left))
		}
	}
	if len(kinds) < 12 {
		t.Errorf("only %d kinds have a golden card in English: %v", len(kinds), kinds)
	}
}

// TestATierIsShownAndAskedForByItsEnglishName, where the scheme has one.
func TestATierIsShownAndAskedForByItsEnglishName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.shelf(3)
	scheme := scoring.Points()
	scheme.English = map[string]string{"A": "Key account"}
	w.chat.Cards = cards.New(scheme, time.UTC, func(c customer.Customer) scoring.Result { return c.Score })
	people := slices.Clone(w.chat.People.All())
	for i := range people {
		people[i].Language = lang.English
	}
	must(t, w.chat.People.Replace(people))
	for _, typed := range []string{"list key account", "list A", "名单 高价值"} {
		got := everything(w.answer(w.say(bots.DingTalk, "boss", typed, false)))
		if !strings.Contains(got, "tier A") || !strings.Contains(got, "公司01 · Key account") {
			t.Errorf("%s: %s", typed, got)
		}
	}
	if p := w.chat.Cards.In(lang.English); p.Tier("A") != "Key account" || p.Tier("B") != "B" || w.chat.Cards.Tier("A") != "高价值" {
		t.Errorf("tiers are called %q, %q", p.Tier("A"), p.Tier("B"))
	}
}
