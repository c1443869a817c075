package h5

import (
	"cmp"
	"context"
	"encoding/json"
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
	"lingke/internal/followup"
)

// How much of a customer's past one page shows.
const (
	shownEvents = 30
	shownReads  = 10
	pastFor     = 2 * 365 * 24 * time.Hour
)

// named is one name and value.
type named struct{ Name, Value string }

// event is one line of a list: when, what, and a word behind it.
type event struct{ When, Text, More, Href string }

// point is one bar of a chart.
type point struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
}

func chart(points []point) string {
	text, _ := json.Marshal(points) // names and finite numbers always encode
	return string(text)
}

// customerPage shows a customer as far as the reader may know it.
func (s *server) customerPage(w http.ResponseWriter, r *http.Request, v visit) error {
	c, err := s.Records.Customer(r.Context(), r.PathValue("id"))
	if err != nil {
		return err
	}
	sight := s.Sees(v.who, c)
	if !sight.Tier {
		s.sorry(w, r, http.StatusForbidden, "没有权限", "你不能查看客户资料。")
		return nil
	}
	if no, err := s.viewed(r.Context(), v.who, sight, c); no != "" || err != nil {
		if no != "" {
			s.sorry(w, r, http.StatusTooManyRequests, "今天已达查看上限", no)
		}
		return err
	}
	if err := s.saw(r, v.who, sight, "客户页", c.ID); err != nil {
		return err
	}
	data := s.head(v, cards.Name(c))
	s.standing(data, v, c, sight)
	if sight.Basis {
		s.basis(data, c, sight)
		if err := s.past(r.Context(), data, v, c); err != nil {
			return err
		}
	}
	if sight.Money {
		if err := s.money(r.Context(), data, c); err != nil {
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
	data["Tier"], data["TierID"] = s.Cards.Tier(c.Tier), c.Tier
	data["Owner"] = s.name(c.Owner)
	data["Pool"] = c.Pool
	if c.Owner == "" && c.Pool != "" && v.who.May(access.Claim) && sight.Basis { // of a pool of the reader's team
		data["Claim"] = "/h5/customers/" + url.PathEscape(c.ID) + "/claim"
	}
}

// basis is the score with its reasons, and whom to speak to.
func (s *server) basis(data map[string]any, c customer.Customer, sight access.Sight) {
	result := s.Explain(c)
	data["Basis"], data["Score"] = true, fmt.Sprintf("%.1f", result.Total)
	_, why, _ := strings.Cut(s.Cards.For(sight).Why(c), "\n")
	data["Why"] = lines(why)
	var parts []point
	for _, d := range result.Dimensions {
		parts = append(parts, point{d.Name, d.Points})
	}
	if len(parts) > 1 {
		data["Dimensions"] = chart(parts)
	}
	data["Facts"] = s.facts(c)
	data["Waiting"] = s.Cards.Waiting(c)
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
func (s *server) facts(c customer.Customer) []named {
	out := []named{{"联系人", strings.TrimSpace(c.Text(connectors.FieldContact) + " " + c.Text("contact_role"))}, {"电话", cards.Phone(c).String()}}
	for _, f := range []struct{ name, field string }{{"行业", "industry"}, {"人数", "headcount"}, {"地区", "region"}, {"地址", "address"}, {"来源", "source"}} {
		out = append(out, named{f.name, mask(c.Text(f.field))})
	}
	out = append(out, named{"信用代码", c.CreditCode}, named{"标记", strings.Join(c.Tags, "、")})
	return slices.DeleteFunc(out, func(n named) bool { return n.Value == "" })
}

// past is what was done and is to be done, how the tier changed, and who looked.
func (s *server) past(ctx context.Context, data map[string]any, v visit, c customer.Customer) error {
	todo, _, err := s.Records.Tasks(ctx, followup.Query{Customer: c.ID, Limit: 100})
	if err != nil {
		return fmt.Errorf("tasks of %s: %w", c.ID, err)
	}
	slices.SortFunc(todo, func(a, b followup.Task) int {
		return cmp.Or(cmp.Compare(rank(a.State), rank(b.State)), b.Due.Compare(a.Due))
	})
	var tasks []event
	for _, t := range todo[:min(len(todo), shownEvents)] {
		tasks = append(tasks, event{
			When: s.Cards.When(t.Due), Text: t.Title, More: s.name(t.Owner) + "　" + stateNames[t.State] + after("：", mask(t.Result)), Href: s.path(v, "/h5/tasks/"+url.PathEscape(t.ID)),
		})
	}
	data["Tasks"] = tasks
	done, err := s.Records.Activities(ctx, c.Refs(), s.Now().Add(-pastFor))
	if err != nil {
		return fmt.Errorf("activities of %s: %w", c.ID, err)
	}
	var activities []event
	for _, a := range slices.Backward(done) {
		if len(activities) < shownEvents {
			activities = append(activities, event{When: s.Cards.When(a.At), Text: activityName(a.Type), More: strings.TrimSpace(s.name(a.By) + " " + mask(a.Text))})
		}
	}
	data["Activities"] = activities
	var changes []event
	for _, x := range slices.Backward(c.Changes) {
		changes = append(changes, event{When: s.Cards.When(x.At), Text: s.tier(x.From) + " → " + s.tier(x.To)})
	}
	data["Changes"] = changes
	return s.looked(ctx, data, v, c)
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
		seen = append(seen, event{When: s.Cards.When(r.At), Text: cmp.Or(s.name(r.Person), r.Account), More: r.Command})
	}
	data["Seen"] = seen
	return nil
}

// money is what the customer bought.
func (s *server) money(ctx context.Context, data map[string]any, c customer.Customer) error {
	all, err := s.Records.Orders(ctx, c.Refs())
	if err != nil {
		return fmt.Errorf("orders of %s: %w", c.ID, err)
	}
	data["Money"] = true
	var orders []event
	sum, months := customer.Money(0), map[string]float64{}
	for _, o := range slices.Backward(all) {
		if o.Status == connectors.StatusWon {
			sum += o.Amount
			months[o.Date.In(s.Zone).Format("2006-01")] += o.Amount.Yuan()
		}
		if len(orders) < shownEvents {
			orders = append(orders, event{When: o.Date.In(s.Zone).Format(time.DateOnly), Text: yuan(o.Amount) + " 元", More: orderNames[o.Status] + after("　", o.Product)})
		}
	}
	data["Orders"], data["Sum"] = orders, yuan(sum)
	data["Months"] = s.months(months)
	return nil
}

// months is a chart of the last twelve months with their zeros; "" where nothing was bought.
func (s *server) months(sums map[string]float64) string {
	now := s.Now().In(s.Zone)
	var points []point
	any := false
	for back := 11; back >= 0; back-- {
		month := time.Date(now.Year(), now.Month()-time.Month(back), 1, 0, 0, 0, 0, s.Zone).Format("2006-01")
		points = append(points, point{month[2:], sums[month]})
		any = any || sums[month] != 0
	}
	if !any {
		return ""
	}
	return chart(points)
}

func (s *server) claim(w http.ResponseWriter, r *http.Request, who access.Person) error {
	c, err := s.Claim(r.Context(), r.PathValue("id"), who)
	if err != nil {
		return err
	}
	http.Redirect(w, r, s.path(visit{who: who}, "/h5/customers/"+url.PathEscape(c.ID)), http.StatusSeeOther)
	return nil
}

func (s *server) name(id string) string {
	if p, ok := s.People.ByID(id); ok {
		return p.Name
	}
	return id
}

func (s *server) tier(id string) string {
	if id == "" {
		return "无"
	}
	return s.Cards.Tier(id)
}

var (
	stateNames = map[followup.State]string{followup.Open: "待办", followup.Done: "已完成", followup.Cancelled: "已取消"}
	orderNames = map[string]string{connectors.StatusOpen: "未成交", connectors.StatusWon: "成交", connectors.StatusLost: "丢单", connectors.StatusCancelled: "取消"}
	activities = map[string]string{"note": "跟进", "visit": "访问", "trial": "试用", "download": "下载", "event": "活动", "ticket": "工单", "complaint": "投诉", "opened": "打开消息", "login": "登录", "unfollow": "删除好友"}
)

func activityName(kind string) string {
	if name, known := activities[kind]; known {
		return name
	}
	return kind
}

// rank puts open tasks first.
func rank(state followup.State) int {
	if state == followup.Open {
		return 0
	}
	return 1
}

func after(separator, text string) string {
	if text == "" {
		return ""
	}
	return separator + text
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
