package app

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"lingke/bots"
	"lingke/configs"
	"lingke/connectors"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/followup"
	"lingke/internal/lang"
	"lingke/scoring"
)

var update = flag.Bool("update", false, "write the golden files anew")

// shop is a customer for whom the shipped rules ask for something. Its own words are English, so that whatever is Chinese on a card is the rules'.
type shop struct {
	t     *testing.T
	rules followup.Rules
	v     customer.View
}

func newShop(t *testing.T, change func(s *shop)) *shop {
	t.Helper()
	cfg := configs.Default()
	zone, err := time.LoadLocation(cfg.Timezone)
	must(t, err)
	cfg.Location = zone
	cfg.People = []configs.Person{{ID: "lina", Name: "Li Na"}}
	rules, err := playRules(&cfg, scoring.BuiltIn())
	must(t, err)
	now := time.Date(2026, 3, 2, 9, 0, 0, 0, zone)
	s := &shop{t: t, rules: *rules, v: customer.View{
		Now: now, Settled: true, Is: &customer.Customer{
			ID: "c1", Name: "Acme", Owner: "lina", OwnedAt: now.AddDate(0, 0, -400), Tier: "A", Stage: customer.Active,
			Fields: map[string]customer.Field{"contact": {Value: "Chen"}},
		},
	}}
	change(s)
	return s
}

func (s *shop) bought(daysAgo int, yuan float64) {
	s.v.Orders = append(s.v.Orders, customer.Order{
		ID: customer.NewRef("kingdee", fmt.Sprint(len(s.v.Orders))), Status: connectors.StatusWon, Date: s.v.Now.AddDate(0, 0, -daysAgo), Amount: customer.FromYuan(yuan), Product: "Lathe",
	})
}

func (s *shop) did(kind, text string, daysAgo int) {
	s.v.Activities = append(s.v.Activities, customer.Activity{
		ID: customer.NewRef("website", fmt.Sprint(len(s.v.Activities))), Type: kind, Text: text, At: s.v.Now.AddDate(0, 0, -daysAgo),
	})
}

// looks is what the rules ask for, and which of it they end, on an occasion.
func (s *shop) looks(o customer.Occasion) {
	s.v.Occasion = o
	s.rules.Look(s.v)
}

// asks are the occasions of every shipped rule.
func asks(t *testing.T) map[string]*shop {
	silent := func(s *shop) { s.bought(250, 5000) }
	on := func(o customer.Occasion, set ...func(s *shop)) func(s *shop) {
		return func(s *shop) {
			for _, one := range set {
				one(s)
			}
			s.looks(o)
		}
	}
	out := map[string]*shop{
		"1 signal complaint": newShop(t, on(customer.Arrival, func(s *shop) { s.did(connectors.ActivityComplaint, "too slow", 0) })),
		"1 signal request":   newShop(t, on(customer.Arrival, func(s *shop) { s.did(connectors.ActivityTicket, "", 0) })),
		"2 churn silence":    newShop(t, on(customer.Morning, silent)),
		"2 churn price":      newShop(t, on(customer.Morning, silent, func(s *shop) { s.did(connectors.ActivityNote, "太贵 they say", 5) })),
		"2 churn service":    newShop(t, on(customer.Morning, silent, func(s *shop) { s.did(connectors.ActivityEscalation, "", 5) })),
		"2 churn competitor": newShop(t, on(customer.Arrival, func(s *shop) { s.did(connectors.ActivityCompetitor, "Globex", 0) })),
		"2 churn left":       newShop(t, on(customer.Arrival, func(s *shop) { s.did(connectors.ActivityUnfollow, "", 0) })),
		"2 churn drop": newShop(t, on(customer.Morning, func(s *shop) {
			for _, days := range []int{170, 150, 120, 40} {
				s.bought(days, 3000)
			}
		})),
		"2 churn is over": newShop(t, on(customer.Arrival, on(customer.Morning, silent), func(s *shop) { s.did(connectors.ActivityOpened, "", -1) }, func(s *shop) { s.v.Now = s.v.Now.AddDate(0, 0, 2) })),
		"4 contact again": newShop(t, on(customer.Contacts, on(customer.Contacts), func(s *shop) { s.v.Now = s.v.Now.AddDate(0, 0, 40) })),
	}
	for i, field := range []string{"birthday", "first_order", "contract_date", "founded"} {
		out["3 anniversary "+field] = newShop(t, on(customer.Anniversaries, func(s *shop) {
			s.v.Is.Fields[field] = customer.Field{Value: []string{"农历正月十五", "", "2024-03-04", "1998-03-05"}[i], Source: "crm"}
			s.bought(363, 8000)
		}, func(s *shop) { s.rules.Anniversaries = s.rules.Anniversaries[i : i+1] }))
	}
	for _, tier := range []string{"A", "B", "C", "D"} {
		out["4 contact "+tier] = newShop(t, on(customer.Contacts, func(s *shop) {
			s.v.Is.Tier = tier
			for range 4 {
				s.did(connectors.ActivityVisit, "", 14)
			}
		}))
	}
	for i, p := range newShop(t, func(*shop) {}).rules.Plays {
		out["5 play "+p.ID] = newShop(t, on(customer.Plays, on(customer.Morning, silent), func(s *shop) {
			s.rules.Plays = []followup.Play{everyStep(s.rules.Plays[i])}
			s.v.Is.RiskCause, s.v.Is.Effects = p.Risk, nil
		}))
	}
	return out
}

// everyStep is a play of which everybody has a part, in all steps at once.
func everyStep(p followup.Play) followup.Play {
	p.When, p.Stop, p.Holdout, p.Steps = nil, nil, 0, slices.Clone(p.Steps)
	for i := range p.Steps {
		p.Steps[i].If, p.Steps[i].After = "", 0
	}
	return p
}

// TestTheShippedRulesSpeakBothLanguages draws the cards of whatever the shipped rules ask for. An English reader reads no Chinese on them, but for what is to be sent to the
// customer, the marks that customers get, and what somebody wrote.
func TestTheShippedRulesSpeakBothLanguages(t *testing.T) {
	t.Parallel()
	printer := cards.New(scoring.Points(), time.FixedZone("CST", 8*3600), func(c customer.Customer) scoring.Result { return c.Score })
	all := asks(t)
	for _, l := range []lang.Language{lang.Chinese, lang.English} {
		var page []string
		for _, name := range sortedNames(all) {
			shown := all[name].cards(printer.In(l))
			if len(shown) == 0 {
				t.Errorf("%s asks for nothing", name)
			}
			page = append(page, "# "+name)
			for _, card := range shown {
				text := card.Title + "\n" + card.State + "\n" + card.Body
				page = append(page, text)
				if left := withoutQuotes(text); l == lang.English && strings.ContainsFunc(left, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
					t.Errorf("%s: %s", name, text)
				}
			}
		}
		goldenText(t, "shipped_rules."+string(l), strings.Join(page, "\n\n")+"\n")
	}
}

// cards are those of the work that was asked for, the managers' card of it, and that of what ended.
func (s *shop) cards(p *cards.Printer) (out []bots.Card) {
	c := *s.v.Is
	var last followup.Task
	for _, e := range c.Effects {
		t := followup.Task{
			ID: "t", Customer: c.ID, Owner: "lina", Kind: e.Work.Kind, Title: e.Work.Title, Why: e.Work.Why, English: e.Work.English, Due: s.v.Now.Add(3 * time.Hour), State: followup.Open,
		}
		switch e.Kind {
		case customer.EffectWork:
			last = t
			card := p.Task(t, c)
			card.Body, _, _ = strings.Cut(card.Body, p.Language().Say("\n联系后点", "\nPress Done")) // every task's card ends so
			out = append(out, card)
			if e.Work.Urgent {
				out = append(out, bots.Card{Title: p.Unowned(c, *e.Work)})
			}
		case customer.EffectCalm:
			t.Title, t.English = last.Title, last.English
			t.State, t.Result, t.English.Result = followup.Cancelled, e.Work.Why, e.Work.English.Why
			out = append(out, p.Task(t, c))
		default:
		}
	}
	return out
}

// withoutQuotes is an English text without what was written by or for others: the message to a customer, which stands in bold behind the line that says so, and what a note says.
func withoutQuotes(text string) string {
	if before, message, found := strings.Cut(text, "in your own name:\n"); found {
		_, after, _ := strings.Cut(strings.TrimPrefix(message, "**"), "**")
		text = before + after
	}
	return strings.ReplaceAll(text, "太贵", "")
}

func sortedNames(all map[string]*shop) []string {
	var names []string
	for name := range all {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func goldenText(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".golden.txt")
	if *update {
		must(t, os.WriteFile(file, []byte(got), 0o600))
	}
	want, err := os.ReadFile(file) //nolint:gosec // a golden file
	must(t, err)
	if got != string(want) {
		t.Errorf("%s differs; go test -update shows how in the diff:\n%s", file, got)
	}
}

func TestASchemesTiersAreNamedInBothLanguages(t *testing.T) {
	t.Parallel()
	edge := 80.0
	compiled, err := schemeOf(configs.Scheme{
		Name: "points", Cuts: []configs.Cut{{Tier: "A", Title: configs.Text{ZH: "高价值", EN: "Key account"}, Above: &edge}}, Else: "C", ElseTitle: configs.Text{ZH: "培育"}, Bands: configs.ShippedBands(),
	}, scoring.BuiltIn())
	must(t, err)
	for _, s := range []scoring.Scheme{compiled.Scheme, renewed(t, compiled).Scheme} {
		if s.Title("A") != "高价值" || s.TitleEN("A") != "Key account" || s.TitleEN("C") != "C" || s.Title("C") != "培育" {
			t.Errorf("%+v", s)
		}
	}
}

// renewed is a scheme by ranks after customers were counted.
func renewed(t *testing.T, s scoring.TierScheme) scoring.TierScheme {
	t.Helper()
	s.Ranks = []scoring.RankCut{{Tier: "A", Title: "高价值", Top: 0.5}}
	h := scoring.NewHistogram()
	for score := range int32(10) {
		h.Add(score)
	}
	out, err := s.Renew(h)
	must(t, err)
	return out
}
