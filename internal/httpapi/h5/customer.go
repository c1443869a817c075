package h5

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"

	"lingke/bots"
	"lingke/connectors"
	"lingke/internal/access"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/lang"
)

// How much of a customer's past one page shows.
const (
	shownEvents = 30
	shownFirst  = 8
	shownReads  = 10
	pastFor     = 2 * 365 * 24 * time.Hour
)

// named is one name and value.
type named struct{ Name, Value string }

// event is one line of a list: when, what, and a word behind it.
type event struct{ When, Text, More, Href string }

// folded is a list of which a phone shows the beginning, and the rest when it is asked for.
type folded struct{ First, Rest []event }

func fold(all []event) folded {
	n := min(len(all), shownFirst)
	if len(all)-n < 3 { // not worth a tap
		n = len(all)
	}
	return folded{all[:n], all[n:]}
}

// customerPage shows a customer as far as the reader may know it.
func (s *server) customerPage(w http.ResponseWriter, r *http.Request, v visit) error {
	c, err := s.Records.Customer(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	sight := s.Sees(v.who, c)
	if !sight.Tier {
		s.sorry(w, r, http.StatusForbidden, notAllowed, lang.Text{ZH: "你不能查看客户资料。", EN: "You may not see customers."})
		return nil
	}
	if no, err := s.viewed(r.Context(), v.who, sight, c); no != "" || err != nil {
		if no != "" {
			s.sorry(w, r, http.StatusTooManyRequests, lang.Text{ZH: "今天已达查看上限", EN: "Enough customers for today"}, lang.Text{ZH: no, EN: no}) // in the reader's language
		}
		return err
	}
	if err := s.saw(r, v.who, sight, cards.LoggedCustomerPage, c.ID); err != nil {
		return err
	}
	v.cards = v.cards.For(sight)
	data := s.head(v, cards.Name(c))
	data["Risk"], data["Seen"] = folded{}, folded{}
	s.standing(data, v, c, sight)
	if sight.Basis {
		s.basis(data, v, c)
		if err := s.past(r.Context(), data, v, c); err != nil {
			return err
		}
	}
	if sight.Money {
		if err := s.money(r.Context(), data, v, c); err != nil {
			return err
		}
	}
	s.render(w, r, http.StatusOK, "customer.html", data)
	return nil
}

// viewed spends a look at a customer of a pool whose basis is shown, and says why there is none left.
func (s *server) viewed(ctx context.Context, who access.Person, sight access.Sight, c customer.Customer) (no string, err error) {
	if s.View == nil || !sight.Basis {
		return "", nil
	}
	if err = s.View(ctx, c, who); err == nil {
		return "", nil
	}
	if text, is := s.Refused(err, who); is {
		return text, nil
	}
	return "", err
}

// standing is what everybody sees, and what can be done.
func (s *server) standing(data map[string]any, v visit, c customer.Customer, sight access.Sight) {
	data["Tier"], data["TierID"] = v.cards.Tier(c.Tier), c.Tier
	data["Owner"] = s.name(c.Owner)
	data["Pool"] = c.Pool
	if c.Owner == "" && c.Pool != "" && v.who.May(access.Claim) && sight.Basis { // of a pool of the reader's team
		data["Claim"] = "/h5/customers/" + url.PathEscape(c.ID) + "/claim"
	}
}

// basis is the score with its reasons, what warns, and whom to speak to.
func (s *server) basis(data map[string]any, v visit, c customer.Customer) {
	result := s.Explain(c)
	data["Basis"], data["Score"] = true, fmt.Sprintf("%.1f", result.Total)
	_, why, _ := strings.Cut(v.cards.Why(c), "\n")
	data["Why"] = lines(why)
	var parts []point
	for _, d := range result.Dimensions {
		parts = append(parts, point{Name: d.Called(string(v.l)), Value: d.Points})
	}
	if len(parts) > 1 {
		data["Dimensions"] = chart(v.l.Say("各维度得分", "Points of each dimension"), parts)
	}
	data["Facts"] = s.facts(v, c)
	if c.Owner == "" {
		data["Waiting"] = v.cards.Waiting(c)
	}
	data["Risk"] = fold(warnings(v, c))
}

// warnings are why a customer may be lost, the gravest first; none where it is not at risk.
func warnings(v visit, c customer.Customer) (out []event) {
	if c.Risk == nil || c.AtRisk.IsZero() {
		return nil
	}
	for _, signal := range c.Risk.Signals {
		out = append(out, event{When: v.cards.Day(c.Risk.Opened), Text: lang.Text{ZH: signal.Text.ZH, EN: signal.Text.EN}.In(v.l)})
	}
	return out
}

// line is one line of an explanation: a heading, an item of a list, or plain.
type line struct {
	Head, Item bool
	Text       string
}

// lines takes the marks away with which a chat would show the lines.
func lines(text string) []line {
	var out []line
	for raw := range strings.SplitSeq(text, "\n") {
		item := strings.HasPrefix(raw, "- ")
		plain := bots.Unmarked(strings.TrimPrefix(raw, "- "))
		if plain != "" {
			out = append(out, line{Head: strings.HasPrefix(raw, "**"), Item: item, Text: plain})
		}
	}
	return out
}

// facts are what the sources say of who the customer is.
func (s *server) facts(v visit, c customer.Customer) []named {
	out := []named{
		{v.l.Say("联系人", "Contact"), strings.TrimSpace(c.Text(connectors.FieldContact) + " " + c.Text("contact_role"))},
		{v.l.Say("电话", "Phone"), cards.Phone(c).String()},
	}
	for _, f := range []struct{ name, field string }{
		{v.l.Say("行业", "Trade"), "industry"}, {v.l.Say("人数", "Staff"), "headcount"}, {v.l.Say("地区", "Area"), "region"}, {v.l.Say("地址", "Address"), "address"}, {v.l.Say("来源", "Came by"), "source"},
	} {
		out = append(out, named{f.name, mask(c.Text(f.field))})
	}
	out = append(out, named{v.l.Say("信用代码", "Credit code"), c.CreditCode}, named{v.l.Say("标记", "Marks"), strings.Join(c.Tags, v.l.Say("、", ", "))})
	return slices.DeleteFunc(out, func(n named) bool { return n.Value == "" })
}

func (s *server) claim(w http.ResponseWriter, r *http.Request, who access.Person) error {
	c, err := s.Claim(r.Context(), r.PathValue("id"), who)
	if err != nil {
		return err
	}
	http.Redirect(w, r, s.path(who, "/h5/customers/"+url.PathEscape(c.ID)), http.StatusSeeOther) //nolint:gosec // one of our own pages
	return nil
}

func (s *server) name(id string) string {
	if p, ok := s.People.ByID(id); ok {
		return p.Name
	}
	return id
}

func after(separator, text string) string {
	if text == "" {
		return ""
	}
	return separator + text
}

func mask(text string) string { return access.MaskText(text) }
