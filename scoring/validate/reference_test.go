package validate

import (
	"math"
	"strconv"
	"strings"
	"testing"
	"time"

	"lingke/internal/testdata"
)

func scored(t testing.TB, name string) []Case {
	t.Helper()
	rows := table(t, name, ',')
	out := make([]Case, len(rows["y"]))
	for i := range out {
		out[i] = Case{Score: testdata.Number(t, rows["score"][i]), Won: rows["y"][i] == "1"}
	}
	return out
}

// TestFiguresOfTheReferenceScores feeds the scores that the references were computed from: all digits must agree.
func TestFiguresOfTheReferenceScores(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ scores, file, set string }{
		{"leads/reference_scores_dev.csv", "leads/reference_dev.json", "logistic_B_plus_last_activity"},
		{"bank/reference_scores.csv", "bank/reference.json", "logistic_without_duration"},
	} {
		want := reference(t, c.file)
		r, err := Measure(scored(t, c.scores), Options{Probabilities: true, Resamples: 100, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		for name, got := range map[string]Estimate{
			"auc": r.AUC, "ks": r.KS, "brier": *r.Brier, "log_loss": *r.LogLoss, "top_decile_lift": r.LiftTop10, "top_quintile_lift": r.LiftTop20,
			"top_half_capture": r.CaptureHalf, "base_rate": r.BaseRate, "accuracy_at_0.5": *r.Accuracy,
		} {
			near(t, c.set+" "+name, got.Value, want(c.set, name), 5.001e-7) // the references have six digits
			if !(got.Low <= got.Value && got.Value <= got.High) || got.TooFew {
				t.Errorf("%s %s: %+v", c.set, name, got)
			}
		}
		t.Logf("%s: AUC %v, KS %v, lift %v, Brier %v", c.set, r.AUC, r.KS, r.LiftTop10, *r.Brier)
	}
}

func TestDecilesAreThoseOfTheReference(t *testing.T) {
	t.Parallel()
	r, err := Measure(scored(t, "leads/reference_scores_dev.csv"), Options{Resamples: 1})
	if err != nil {
		t.Fatal(err)
	}
	hits, n := []int{118, 110, 90, 68, 52, 26, 17, 15, 6, 2}, []int{139, 138, 139, 138, 139, 139, 138, 139, 138, 139}
	for i, d := range r.Deciles {
		if d.Conversion.Positives != hits[i] || d.Conversion.N != n[i] {
			t.Errorf("decile %d: %d of %d, want %d of %d", i+1, d.Conversion.Positives, d.Conversion.N, hits[i], n[i])
		}
	}
	near(t, "gain of all", r.Deciles[9].Gain, 1, 1e-12)
}

// leads are the columns of the reference models; "Select" and "" are missing.
func leads(t testing.TB, more ...string) (Table, []bool) {
	t.Helper()
	rows := table(t, "leads/x_education_leads_dev.csv", ',')
	var out Table
	for _, name := range []string{"TotalVisits", "Total Time Spent on Website", "Page Views Per Visit"} {
		out.Numbers = append(out.Numbers, NumberColumn{name, numbers(t, rows[name])})
	}
	for _, name := range append([]string{
		"Lead Origin", "Lead Source", "Do Not Email", "Specialization", "What is your current occupation", "City",
		"A free copy of Mastering The Interview", "How did you hear about X Education",
	}, more...) {
		values := rows[name]
		for i, v := range values {
			if v == "Select" {
				values[i] = ""
			}
		}
		out.Categories = append(out.Categories, CategoryColumn{name, values})
	}
	won := make([]bool, len(rows["Converted"]))
	for i, v := range rows["Converted"] {
		won[i] = v == "1"
	}
	return out, won
}

func bank(t testing.TB, more ...string) (Table, []bool) {
	t.Helper()
	rows := table(t, "bank/bank-additional.csv", ';')
	var out Table
	for _, name := range append([]string{"age", "campaign", "pdays", "previous", "emp.var.rate", "cons.price.idx", "cons.conf.idx", "euribor3m", "nr.employed"}, more...) {
		out.Numbers = append(out.Numbers, NumberColumn{name, numbers(t, rows[name])})
	}
	for _, name := range []string{"job", "marital", "education", "default", "housing", "loan", "contact", "month", "day_of_week", "poutcome"} {
		out.Categories = append(out.Categories, CategoryColumn{name, rows[name]})
	}
	won := make([]bool, len(rows["y"]))
	for i, v := range rows["y"] {
		won[i] = v == "yes"
	}
	return out, won
}

// tested fits to the first 70 % of the rows and scores the rest, as the references split.
func tested(t testing.TB, all Table, won []bool) []Case {
	t.Helper()
	n := int(math.Floor(0.7 * float64(len(won))))
	e := NewEncoder(all.Rows(0, n))
	l, err := FitLogistic(e.Encode(all.Rows(0, n)), won[:n], 1)
	if err != nil {
		t.Fatal(err)
	}
	var out []Case
	for i, row := range e.Encode(all.Rows(n, len(won))) {
		out = append(out, Case{Score: l.Probability(row), Won: won[n+i]})
	}
	return out
}

func TestRegressionReachesTheReferences(t *testing.T) {
	t.Parallel()
	leadsA, wonA := leads(t)
	leadsB, wonB := leads(t, "Last Activity")
	bankA, wonC := bank(t)
	bankB, wonD := bank(t, "duration")
	for _, c := range []struct {
		file, set string
		all       Table
		won       []bool
	}{
		{"leads/reference_dev.json", "logistic_A_source_and_web_behaviour", leadsA, wonA},
		{"leads/reference_dev.json", "logistic_B_plus_last_activity", leadsB, wonB},
		{"bank/reference.json", "logistic_without_duration", bankA, wonC},
		{"bank/reference.json", "logistic_with_duration_leaky", bankB, wonD},
	} {
		got, want := AUC(tested(t, c.all, c.won)), reference(t, c.file)(c.set, "auc")
		t.Logf("%s: AUC %.6f, reference %.6f", c.set, got.Value, want)
		near(t, c.set, got.Value, want, 0.0005)
	}
}

// TestProbabilitiesAreThoseOfTheReference compares each test row's probability with the reference's.
func TestProbabilitiesAreThoseOfTheReference(t *testing.T) {
	t.Parallel()
	all, won := leads(t, "Last Activity")
	got, want := tested(t, all, won), scored(t, "leads/reference_scores_dev.csv")
	worst := 0.0
	for i := range want {
		worst = max(worst, math.Abs(got[i].Score-want[i].Score))
	}
	t.Logf("largest difference of %d probabilities: %.2g", len(want), worst)
	near(t, "largest difference", worst, 0, 2e-3)
}

// TestDealsWithoutSignalAreSaidToHaveNone: no honest feature of the CRM set predicts the outcome.
func TestDealsWithoutSignalAreSaidToHaveNone(t *testing.T) {
	t.Parallel()
	rows := table(t, "crm_sales/sales_pipeline_dev.csv", ',')
	var agents CategoryColumn
	var products CategoryColumn
	var won []bool
	for i, stage := range rows["deal_stage"] {
		if stage == "Won" || stage == "Lost" {
			agents.Values, products.Values = append(agents.Values, rows["sales_agent"][i]), append(products.Values, rows["product"][i])
			won = append(won, stage == "Won")
		}
	}
	auc := AUC(tested(t, Table{Categories: []CategoryColumn{agents, products}}, won))
	t.Logf("AUC %v", auc)
	if auc.Low > 0.5 || auc.High < 0.5 {
		t.Errorf("the interval of %v does not hold 0.5", auc)
	}
}

// bought is what RFM asks of one customer.
type bought struct {
	last   time.Time
	orders map[string]bool
	amount float64
}

// scoresFrom adds up orders and scores every customer, as of a day. raised takes the cuts of the R package rfm.
func scoresFrom(t *testing.T, of map[string]*bought, asOf time.Time, raised bool) map[string]RFM {
	t.Helper()
	var recency, orders, amount []float64
	days := func(b *bought) float64 { return math.Round(asOf.Sub(b.last).Hours() / 24) }
	for _, b := range of {
		recency, orders, amount = append(recency, days(b)), append(orders, float64(len(b.orders))), append(amount, b.amount)
	}
	cuts := RFMCuts{QuintileCuts(recency), QuintileCuts(orders), QuintileCuts(amount)}
	if raised {
		cuts = RFMCuts{cuts.Recency.Raised(), cuts.Frequency.Raised(), cuts.Monetary.Raised()}
	}
	out := map[string]RFM{}
	for id, b := range of {
		out[id] = cuts.Score(days(b), float64(len(b.orders)), b.amount)
	}
	return out
}

func add(t *testing.T, of map[string]*bought, id, order, day string, amount float64) {
	t.Helper()
	at, err := time.Parse(time.DateOnly, day[:10])
	if err != nil {
		t.Fatal(err)
	}
	if of[id] == nil {
		of[id] = &bought{orders: map[string]bool{}}
	}
	b := of[id]
	b.orders[order], b.amount = true, math.Round((b.amount+amount)*1000)/1000
	if at.After(b.last) {
		b.last = at
	}
}

func TestRFMFromOrders(t *testing.T) {
	t.Parallel()
	published, chinese, british := map[string]*bought{}, map[string]*bought{}, map[string]*bought{}
	rows := table(t, "rfm/rfm_data_orders.csv", ',')
	for i, id := range rows["customer_id"] {
		add(t, published, id, strconv.Itoa(i), rows["order_date"][i], testdata.Number(t, rows["revenue"][i]))
	}
	rows = table(t, "cn_superstore/cn_orders_dev_utf8bom_iso.csv", ',')
	for i, id := range rows["客户 ID"] {
		add(t, chinese, id, rows["订单 ID"][i], rows["订单日期"][i], testdata.Number(t, rows["销售额"][i]))
	}
	rows = table(t, "online_retail/online_retail_dev.csv", ',')
	for i, id := range rows["CustomerID"] {
		quantity, price := testdata.Number(t, rows["Quantity"][i]), testdata.Number(t, rows["UnitPrice"][i])
		if id != "" && !strings.HasPrefix(rows["InvoiceNo"][i], "C") && quantity > 0 && price > 0 {
			add(t, british, id, rows["InvoiceNo"][i], rows["InvoiceDate"][i], quantity*price)
		}
	}
	for _, c := range []struct {
		file, id string
		of       map[string]*bought
		asOf     time.Time
		raised   bool
		columns  [3]string
	}{
		{"rfm/rfm_orders_expected.csv", "customer_id", published, time.Date(2006, 12, 31, 0, 0, 0, 0, time.UTC), true, [3]string{"recency_score", "frequency_score", "monetary_score"}},
		{"cn_superstore/reference_rfm_dev.csv", "客户ID", chinese, time.Date(2017, 12, 31, 0, 0, 0, 0, time.UTC), false, [3]string{"R", "F", "M"}},
		{"online_retail/reference_rfm_dev.csv", "CustomerID", british, time.Date(2011, 12, 10, 0, 0, 0, 0, time.UTC), false, [3]string{"R", "F", "M"}},
	} {
		got, want := scoresFrom(t, c.of, c.asOf, c.raised), table(t, c.file, ',')
		if len(got) != len(want[c.id]) {
			t.Errorf("%s: %d customers, want %d", c.file, len(got), len(want[c.id]))
		}
		for i, id := range want[c.id] {
			ref := RFM{int(testdata.Number(t, want[c.columns[0]][i])), int(testdata.Number(t, want[c.columns[1]][i])), int(testdata.Number(t, want[c.columns[2]][i]))}
			if got[id] != ref {
				t.Errorf("%s, %s: %v, want %v", c.file, id, got[id], ref)
			}
		}
	}
}
