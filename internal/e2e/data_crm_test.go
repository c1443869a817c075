package e2e_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"lingke/connectors"
	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/store"
	"lingke/internal/testdata"
	"lingke/scoring"
)

// crmAsOf is the reference's day, at noon in the company's zone.
var crmAsOf = time.Date(2017, 12, 31, 12, 0, 0, 0, time.FixedZone("CST", 8*60*60))

// crmReference is the part of reference_dev.json that what is stored can be compared with.
type crmReference struct {
	Rows         int                `json:"rows"`
	Stages       map[string]int     `json:"stages"`
	BlankAccount int                `json:"blank_account"`
	WonValue     float64            `json:"won_value"`
	Accounts     int                `json:"accounts"`
	WinRate      map[string]float64 `json:"win_rate_by_agent"`
	RFM          struct {
		Top [][]any `json:"top5_by_value"` // account, deals, value, days since the last
	} `json:"account_rfm"`
}

// crmAccount is an account as a push tells it. Revenue comes in millions.
func crmAccount(t *testing.T, row map[string]string) dataItem {
	t.Helper()
	millions, err := strconv.ParseFloat(row["revenue"], 64)
	if err != nil {
		t.Fatal(err)
	}
	return dataItem{Type: "customer.upsert", Data: map[string]any{
		"id": row["account"], "name": row["account"], "industry": row["sector"], "headcount": row["employees"],
		"annual_revenue": strconv.FormatFloat(millions*1e6, 'f', 0, 64), "region": row["office_location"],
		"year_established": row["year_established"], "parent": row["subsidiary_of"], "modified_at": "2016-10-01T00:00:00+08:00",
	}}
}

// crmStatus are the pipeline's stages in our words.
var crmStatus = map[string]string{
	"Won": connectors.StatusWon, "Lost": connectors.StatusLost, "Engaging": connectors.StatusOpen, "Prospecting": connectors.StatusOpen,
}

// crmDeal is a deal as a push tells it. What is not filled in is not told: a deal without account has no customer_id and is refused.
func crmDeal(row map[string]string) dataItem {
	data := map[string]any{"id": row["opportunity_id"], "product": row["product"], "rep": row["sales_agent"], "status": crmStatus[row["deal_stage"]]}
	if row["account"] != "" {
		data["customer_id"] = row["account"]
	}
	if row["close_value"] != "" {
		data["amount"] = row["close_value"]
	}
	data["modified_at"] = crmAsOf.Format(time.RFC3339) // what has no date yet is as of the file
	if date := cmp.Or(row["close_date"], row["engage_date"]); date != "" {
		data["date"], data["modified_at"] = date, date+"T00:00:00+08:00"
	}
	return dataItem{Type: "order.upsert", Data: data}
}

// TestRealDealsThroughTheWebhookGiveTheReferenceFigures posts the accounts and deals of a real pipeline as signed webhooks to a running gateway. The 707 deals
// without account belong to nobody, so they are refused, each by its place, as the reference counts them apart (blank_account).
func TestRealDealsThroughTheWebhookGiveTheReferenceFigures(t *testing.T) {
	accounts, deals := testdata.Rows(t, "crm_sales/accounts.csv", ','), testdata.Rows(t, "crm_sales/sales_pipeline_dev.csv", ',')
	var want crmReference
	text, err := os.ReadFile(testdata.File(t, "crm_sales/reference_dev.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &want); err != nil {
		t.Fatal(err)
	}
	g := newDataGateway(t, crmAsOf, nil, nil)
	began := time.Now()
	refused := crmPost(t, g, "first", accounts, deals)
	t.Logf("%d accounts and %d deals taken in within %.1f s", len(accounts), len(deals), time.Since(began).Seconds())
	if refused != want.BlankAccount || len(deals) != want.Rows {
		t.Errorf("%d of %d deals refused, want %d of %d", refused, len(deals), want.BlankAccount, want.Rows)
	}
	got := crmStored(t, g.app.Store())
	crmAgainstReference(t, got, want)
	crmAgainstCSV(t, got, deals)
	crmLook(t, got)
	crmCards(t, g, got)
	if underRace {
		return // once is slow enough
	}
	crmPost(t, g, "first", accounts, deals)  // a redelivery
	crmPost(t, g, "second", accounts, deals) // the same records under new ids
	if again := crmStored(t, g.app.Store()); !slices.EqualFunc(got, again, crmEqual) {
		t.Error("repeated pushes changed something")
	}
}

// crmPost pushes everything and waits until it is worked on; it returns how many records were refused.
func crmPost(t *testing.T, g *dataGateway, id string, accounts, deals []map[string]string) (refused int) {
	t.Helper()
	var items []dataItem
	for _, row := range accounts {
		items = append(items, crmAccount(t, row))
	}
	for _, row := range deals {
		items = append(items, crmDeal(row))
	}
	n := 0
	for part := range slices.Chunk(items, 500) {
		n++
		answer := g.push(t, fmt.Sprintf("%s-%d", id, n), part)
		refused += len(part) - answer.Accepted
		if bad := len(part) - answer.Accepted; bad > 0 && (len(answer.Refused) == 0 || !strings.Contains(answer.Refused[0], "data.customer_id: is missing")) {
			t.Errorf("push %d: %d refused without the place: %q", n, bad, answer.Refused)
		}
	}
	g.settle(t)
	return refused
}

// crmCustomer is what is stored of an account.
type crmCustomer struct {
	customer.Customer
	orders []customer.Order
}

func crmEqual(a, b crmCustomer) bool {
	was, _ := json.Marshal([]any{a.Fields, a.Records, a.Tier, a.Pool, a.Score.Total, a.orders})
	is, _ := json.Marshal([]any{b.Fields, b.Records, b.Tier, b.Pool, b.Score.Total, b.orders})
	return string(was) == string(is)
}

// crmStored returns all customers, those that bought most first.
func crmStored(t *testing.T, s store.Store) []crmCustomer {
	t.Helper()
	var out []crmCustomer
	err := s.EachCustomer(t.Context(), func(c customer.Customer) error {
		orders, err := s.Orders(t.Context(), c.Refs())
		out = append(out, crmCustomer{c, orders})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(out, func(a, b crmCustomer) int {
		return cmp.Or(cmp.Compare(b.bought(), a.bought()), cmp.Compare(a.ID, b.ID))
	})
	return out
}

// bought is the sum of the deals won.
func (c crmCustomer) bought() (sum customer.Money) {
	for _, o := range c.orders {
		if o.Status == connectors.StatusWon {
			sum += o.Amount
		}
	}
	return sum
}

func (c crmCustomer) count(status string) (n int) {
	for _, o := range c.orders {
		if o.Status == status {
			n++
		}
	}
	return n
}

// fact is a fact as of the reference's day; NaN where it is unknown.
func (c crmCustomer) fact(name string) float64 {
	v, known := customer.Derive(scoring.BuiltIn(), c.Customer, c.orders, nil, crmAsOf).Get(name)
	if !known {
		return math.NaN()
	}
	return v.Number
}

// crmAgainstReference compares with figures that somebody else computed.
func crmAgainstReference(t *testing.T, got []crmCustomer, want crmReference) {
	t.Helper()
	status, value := map[string]int{}, customer.Money(0)
	won, closed := map[string]float64{}, map[string]float64{}
	for _, c := range got {
		value += c.bought()
		for _, o := range c.orders {
			status[o.Status]++
			if o.Status == connectors.StatusOpen {
				continue
			}
			closed[o.Rep]++
			if o.Status == connectors.StatusWon {
				won[o.Rep]++
			}
		}
	}
	open := want.Stages["Engaging"] + want.Stages["Prospecting"] - want.BlankAccount // only open deals lack the account
	if len(got) != want.Accounts || status["won"] != want.Stages["Won"] || status["lost"] != want.Stages["Lost"] || status["open"] != open {
		t.Errorf("%d accounts, deals %v; want %d, %v", len(got), status, want.Accounts, want.Stages)
	}
	if value.Yuan() != want.WonValue {
		t.Errorf("won %s, want %.2f", value, want.WonValue)
	}
	for agent, rate := range want.WinRate {
		if got := math.Round(won[agent]/closed[agent]*1e4) / 1e4; got != rate {
			t.Errorf("%s wins %.4f, want %.4f", agent, got, rate)
		}
	}
	for i, top := range want.RFM.Top {
		c := got[i]
		facts := []any{c.Name, c.fact("order_count_total"), c.fact("order_amount_total"), c.fact("days_since_order")}
		if !slices.Equal(facts, top) {
			t.Errorf("the account with the value no. %d: %v, want %v", i+1, facts, top)
		}
	}
}

// crmAgainstCSV recomputes counts and sums of every account from the file.
func crmAgainstCSV(t *testing.T, got []crmCustomer, deals []map[string]string) {
	t.Helper()
	for _, c := range got {
		count, value := map[string]int{}, 0
		for _, row := range deals {
			if row["account"] != c.Name {
				continue
			}
			count[crmStatus[row["deal_stage"]]]++
			if n, err := strconv.Atoi(row["close_value"]); err == nil && row["deal_stage"] == "Won" {
				value += n
			}
		}
		for status, n := range count {
			if c.count(status) != n {
				t.Errorf("%s: %d deals %s, want %d", c.Name, c.count(status), status, n)
			}
		}
		if c.bought() != customer.FromYuan(float64(value)) {
			t.Errorf("%s: won %s, want %d", c.Name, c.bought(), value)
		}
	}
}

// crmLook prints what follows, so that people can judge it, and checks what must hold of any score.
func crmLook(t *testing.T, got []crmCustomer) {
	t.Helper()
	groups, missing := map[string]int{}, map[string]int{}
	for _, c := range got {
		groups[fmt.Sprintf("%s tier %s pool %q", c.Stage, c.Tier, c.Pool)]++
		for _, m := range c.Score.Missing {
			missing[m.Name]++
		}
		if sum := c.Score.Sum(); sum != c.Score.Total {
			t.Errorf("%s: contributions add up to %v, not %v", c.Name, sum, c.Score.Total)
		}
	}
	t.Log(groups)
	t.Log("not known:", missing)
	slices.SortFunc(got, func(a, b crmCustomer) int { return cmp.Compare(b.Score.Total, a.Score.Total) })
	for i, c := range got {
		if i < 8 || i >= len(got)-5 || i == len(got)/2 {
			t.Logf("%2d %6.3f %s %-28s won %3d, %10s; %5.0f people, %s: %s", i+1, c.Score.Total, c.Tier, c.Name, c.count("won"), c.bought(),
				c.fact("headcount"), c.Text("industry"), crmReasons(c))
		}
	}
	slices.SortFunc(got, func(a, b crmCustomer) int {
		return cmp.Or(cmp.Compare(b.bought(), a.bought()), cmp.Compare(a.ID, b.ID))
	})
}

func crmReasons(c crmCustomer) string {
	var out []string
	for _, x := range c.Score.Contributions {
		if x.Points != 0 {
			out = append(out, fmt.Sprintf("%s %.1f", x.Name, x.Points))
		}
	}
	return strings.Join(out, ", ")
}

// crmCards checks that no lead card of a customer that buys already can still be pressed.
func crmCards(t *testing.T, g *dataGateway, got []crmCustomer) {
	t.Helper()
	page, _, err := g.app.Store().Deliveries(t.Context(), delivery.Query{Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	live := 0
	for _, d := range page {
		i := slices.IndexFunc(got, func(c crmCustomer) bool { return c.ID == d.Customer })
		if d.Card.Live() {
			live++
			if i < 0 || got[i].Stage != customer.Lead {
				t.Errorf("delivery %s can still be pressed", d.ID)
			}
		}
	}
	t.Logf("%d deliveries, %d of them can be pressed", len(page), live)
}
