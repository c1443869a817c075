package validate

import (
	"math"
	"testing"
)

func scored(t testing.TB, name string) []Case {
	t.Helper()
	rows := table(t, name, ',')
	out := make([]Case, len(rows["y"]))
	for i := range out {
		out[i] = Case{Score: number(t, rows["score"][i]), Won: rows["y"][i] == "1"}
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

func TestRFMOfThePublishedOrders(t *testing.T) {
	t.Parallel()
	rows := table(t, "rfm/rfm_orders_expected.csv", ',')
	recency, orders, amount := numbers(t, rows["recency_days"]), numbers(t, rows["transaction_count"]), numbers(t, rows["amount"])
	cuts := RFMCuts{QuintileCuts(recency).Raised(), QuintileCuts(orders).Raised(), QuintileCuts(amount).Raised()}
	for i, want := range rows["rfm_score"] {
		if got := cuts.Score(recency[i], orders[i], amount[i]).Number(); float64(got) != number(t, want) {
			t.Errorf("%s: %d, want %s", rows["customer_id"][i], got, want)
		}
	}
}

func TestRFMOfTheShops(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"cn_superstore/reference_rfm_dev.csv", "online_retail/reference_rfm_dev.csv"} {
		rows := table(t, name, ',')
		recency, orders, amount := numbers(t, rows["recency_days"]), numbers(t, rows["orders"]), numbers(t, rows["amount"])
		cuts := RFMCuts{QuintileCuts(recency), QuintileCuts(orders), QuintileCuts(amount)}
		for i := range recency {
			want := RFM{int(number(t, rows["R"][i])), int(number(t, rows["F"][i])), int(number(t, rows["M"][i]))}
			if got := cuts.Score(recency[i], orders[i], amount[i]); got != want {
				t.Errorf("%s, row %d: %v, want %v", name, i+1, got, want)
			}
		}
	}
}
