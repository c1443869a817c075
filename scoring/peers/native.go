package peers

import (
	"math/rand/v2"
	"strings"
	"time"
)

var noon = time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC)

// native is the floor: the rules as a person would write them in Go, over a struct.
func native(r *Row) int64 {
	t := yes(r.Industry == "制造业" && r.Headcount > 500, 20) + yes(r.LastVisit <= 10, 15) + yes(r.Total > 100000, 30)
	t += yes(r.Region == "华东" || r.Region == "华南", 4) + yes(r.Role == "CEO", 8) + yes(r.Revenue >= 1e7 && r.Revenue < 1e9, 3)
	t += yes(r.Visits > 3 || r.Logins > 5, 4) + yes(r.Trial >= 3, 4) + yes(r.Events > 0, 2) + yes(r.Content > 2, 2)
	t += yes(r.Orders >= 2, 3) + yes(r.Since > 180, -5) + yes(r.Largest > 50000, 3) + yes(r.Complaints > 1, -4)
	t += yes(r.Referrals > 0, 2) + yes(r.Stage != "lost", 1) + yes(strings.Contains(r.Role, "总"), 3)
	t += share(r.ACV, 10, 500000) + share(r.NPS, 4, 10) + share(r.Repurchase, 6, 4)
	return capped(t)
}

// Scores are whole thousandths of a point.
func yes(b bool, add int64) int64 {
	if b {
		return add * 1000
	}
	return 0
}

func share(v, weight, full float64) int64 {
	return int64(min(max(v/full, 0), 1)*(weight*1000) + 0.5)
}

func capped(t int64) int64 { return min(max(t, 0), 100000) }

// draw makes a random customer; branches over many of them cannot be predicted.
func draw(g *rand.Rand) Row {
	pick := func(options ...string) string { return options[g.IntN(len(options))] }
	upTo := func(n int) float64 { return float64(g.IntN(n)) }
	return Row{
		Industry: pick("制造业", "零售业", "物流业"), Region: pick("华东", "华南", "华北", "西南"),
		Role: pick("CEO", "总经理", "采购经理", "副总裁"), Stage: pick("lead", "active", "lost"), Headcount: upTo(1000), Revenue: upTo(2e9),
		Visits: upTo(8), Logins: upTo(10), LastVisit: upTo(20), Trial: upTo(6), Events: upTo(3), Content: upTo(6), Total: upTo(200000),
		Year: upTo(1e5), Orders: upTo(5), Repurchase: upTo(5), Since: upTo(360), Largest: upTo(1e5), ACV: upTo(6e5), NPS: upTo(11),
		Referrals: upTo(3), Complaints: upTo(4),
	}
}

func customers(n int) []Row {
	g := rand.New(rand.NewPCG(1, 2))
	out := make([]Row, n)
	for i := range out {
		out[i] = draw(g)
	}
	return out
}
