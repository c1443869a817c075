package h5

import (
	"cmp"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"lingke/connectors"
	"lingke/internal/access"
	"lingke/internal/customer"
	"lingke/internal/followup"
)

// past is what was done and is to be done, what became of the customer, and who looked.
func (s *server) past(ctx context.Context, data map[string]any, v visit, c customer.Customer) error {
	todo, _, err := s.Records.Tasks(ctx, followup.Query{Customer: c.ID, Limit: 100})
	if err != nil {
		return fmt.Errorf("tasks of %s: %w", c.ID, err)
	}
	data["Tasks"] = fold(s.todo(v, todo))
	done, err := s.Records.Activities(ctx, c.Refs(), s.Now().Add(-pastFor))
	if err != nil {
		return fmt.Errorf("activities of %s: %w", c.ID, err)
	}
	var activities []event
	for _, a := range slices.Backward(done) {
		if len(activities) < shownEvents && !a.Deleted {
			what, text := v.cards.Happened(a)
			activities = append(activities, event{When: v.cards.When(a.At), Text: what, More: strings.TrimSpace(s.name(a.By) + " " + mask(text))})
		}
	}
	data["Activities"] = fold(activities)
	data["History"] = fold(s.history(v, c))
	return s.looked(ctx, data, v, c)
}

// todo lists tasks, the open ones first.
func (s *server) todo(v visit, tasks []followup.Task) (out []event) {
	slices.SortFunc(tasks, func(a, b followup.Task) int {
		return cmp.Or(cmp.Compare(rank(a.State), rank(b.State)), b.Due.Compare(a.Due))
	})
	for _, t := range tasks[:min(len(tasks), shownEvents)] {
		t = t.In(v.l)
		more := s.name(t.Owner) + v.l.Say("　", " · ") + stateNames[t.State].In(v.l) + after(v.l.Say("：", ": "), mask(t.Result))
		out = append(out, event{When: v.cards.When(t.Due), Text: t.Title, More: more, Href: s.path(v.who, "/h5/tasks/"+url.PathEscape(t.ID))})
	}
	return out
}

// history is how the customer came, changed tier and changed hands, the latest first.
func (s *server) history(v visit, c customer.Customer) []event {
	type moment struct {
		at time.Time
		event
	}
	var all []moment
	add := func(at time.Time, text, more string) {
		if !at.IsZero() {
			all = append(all, moment{at, event{When: v.cards.Date(at), Text: text, More: more}})
		}
	}
	add(c.Since, v.l.Say("第一次出现在来源中", "First told of by a source"), "")
	for _, x := range c.Changes {
		add(x.At, v.l.Sayf("层级 %s → %s", "Tier %s → %s", s.tier(v, x.From), s.tier(v, x.To)), "")
	}
	for _, x := range c.Returns {
		if x.Lost {
			add(x.At, v.l.Sayf("%s 未跟进，已移出", "Taken from %s, who did nothing", s.name(x.Person)), "")
		} else {
			add(x.At, v.l.Sayf("%s 不再负责", "%s gave it back", s.name(x.Person)), "")
		}
	}
	if c.Owner != "" {
		add(c.OwnedAt, v.l.Sayf("由 %s 负责", "%s became the owner", s.name(c.Owner)), "")
	}
	for _, x := range c.Adjustments {
		add(x.At, v.l.Sayf("%s 调整得分 %+.1f", "%s adjusted the score by %+.1f", s.name(x.By), x.Points), mask(x.Reason))
	}
	slices.SortStableFunc(all, func(a, b moment) int { return b.at.Compare(a.at) })
	var out []event
	for _, m := range all[:min(len(all), shownEvents)] {
		out = append(out, m.event)
	}
	return out
}

// looked tells owner and managers who was shown the customer.
func (s *server) looked(ctx context.Context, data map[string]any, v visit, c customer.Customer) error {
	if c.Owner != v.who.ID && !v.who.May(access.Manage) {
		return nil
	}
	reads, _, err := s.Reads.Find(ctx, access.ReadQuery{Customer: c.ID, Limit: shownReads})
	if err != nil {
		return fmt.Errorf("who saw %s: %w", c.ID, err)
	}
	var seen []event
	for _, r := range reads {
		seen = append(seen, event{When: v.cards.When(r.At), Text: cmp.Or(s.name(r.Person), r.Account), More: v.cards.Logged(r.Command)})
	}
	data["Seen"] = fold(seen)
	return nil
}

// money is what the customer bought.
func (s *server) money(ctx context.Context, data map[string]any, v visit, c customer.Customer) error {
	all, err := s.Records.Orders(ctx, c.Refs())
	if err != nil {
		return fmt.Errorf("orders of %s: %w", c.ID, err)
	}
	var orders []event
	sum, months := customer.Money(0), map[string]float64{}
	for _, o := range slices.Backward(all) {
		if o.Status == connectors.StatusWon {
			sum += o.Amount
			months[o.Date.In(s.Zone).Format("2006-01")] += o.Amount.Yuan()
		}
		if len(orders) < shownEvents {
			orders = append(orders, event{
				When: o.Date.In(s.Zone).Format(time.DateOnly), Text: v.l.Sayf("%s 元", "¥%s", yuan(o.Amount)), More: orderNames[o.Status].In(v.l) + after(v.l.Say("　", " · "), o.Product),
			})
		}
	}
	data["Money"], data["Orders"] = true, fold(orders)
	if len(orders) > 0 {
		data["Sum"] = v.l.Sayf("累计 %s 元", "¥%s in all", yuan(sum))
	}
	data["Months"] = s.months(v, months)
	return nil
}

// months is a chart of the last twelve months with their zeros; nil where nothing was bought.
func (s *server) months(v visit, sums map[string]float64) any {
	now := s.Now().In(s.Zone)
	var points []point
	any := false
	for back := 11; back >= 0; back-- {
		month := time.Date(now.Year(), now.Month()-time.Month(back), 1, 0, 0, 0, 0, s.Zone).Format("2006-01")
		points = append(points, point{Name: month[2:], Value: sums[month]})
		any = any || sums[month] != 0
	}
	if !any {
		return nil
	}
	return chart(v.l.Say("近十二个月成交额（元）", "Bought in the last twelve months (¥)"), points)
}

func (s *server) tier(v visit, id string) string {
	if id == "" {
		return v.l.Say("无", "none")
	}
	return v.cards.Tier(id)
}

// rank puts open tasks first.
func rank(state followup.State) int {
	if state == followup.Open {
		return 0
	}
	return 1
}

// yuan writes an amount with thousands parted.
func yuan(m customer.Money) string {
	whole, cents, _ := strings.Cut(fmt.Sprintf("%.2f", m.Yuan()), ".")
	sign := ""
	if strings.HasPrefix(whole, "-") {
		sign, whole = "-", whole[1:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if cents == "00" {
		return sign + whole
	}
	return sign + whole + "." + cents
}
