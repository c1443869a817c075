package demo

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"time"

	"lingke/connectors/webhook"
	"lingke/internal/emulator/sample"
)

// website is the company's site: visitors who leave their card there become leads by a signed webhook, with what they did on the pages.
type website struct {
	url string // of the gateway's hook
	rnd *rand.Rand
	now func() time.Time
	n   int
}

// item is one record of a push.
type item struct {
	Type string         `json:"type"`
	Data map[string]any `json:"data"`
}

// hot pushes the head of a large manufacturer who tried the product at length and wants to be called: a lead for the senior team.
func (w *website) hot(ctx context.Context) error {
	return w.lead(ctx, map[string]any{
		"industry": "制造业", "headcount": 800 + 100*w.rnd.IntN(20), "contact_role": w.oneOf("总经理", "董事长", "CEO"),
		"annual_revenue": 300_000_000 + 10_000_000*w.rnd.IntN(30), "potential_acv": 600_000 + 50_000*w.rnd.IntN(20), "nps": 9 + w.rnd.IntN(2),
	}, map[string]int{"visit": 6 + w.rnd.IntN(6), "trial": 4 + w.rnd.IntN(4), "event": 1 + w.rnd.IntN(3), "download": 2 + w.rnd.IntN(4), "login": 4 + w.rnd.IntN(8)})
}

// warm pushes somebody of a middle-sized manufacturer who is interested and not yet convinced: worth following up.
func (w *website) warm(ctx context.Context) error {
	return w.lead(ctx, map[string]any{
		"industry": "制造业", "headcount": 220 + 10*w.rnd.IntN(25), "contact_role": w.oneOf("采购总监", "生产总监", "副总经理"),
		"annual_revenue": 80_000_000 + 10_000_000*w.rnd.IntN(8), "potential_acv": 300_000 + 10_000*w.rnd.IntN(15), "nps": 7 + w.rnd.IntN(3),
	}, map[string]int{"visit": 4 + w.rnd.IntN(4), "trial": 3 + w.rnd.IntN(2), "event": 1, "download": 1 + w.rnd.IntN(3), "login": 1 + w.rnd.IntN(5)})
}

func (w *website) oneOf(texts ...string) string { return texts[w.rnd.IntN(len(texts))] }

// lead pushes one visitor with what is known of the company, and with so many activities of each kind.
func (w *website) lead(ctx context.Context, known map[string]any, did map[string]int) error {
	w.n++
	id := fmt.Sprintf("form-%d-%d", w.now().UnixMilli(), w.n)
	f := w.company(known["industry"])
	visitor := map[string]any{"id": id, "company": f["FName"], "mobile": f["FMobile"], "region": f["FPROVINCIAL"], "contact": f["F_LK_CONTACT"]}
	maps.Copy(visitor, known)
	return w.push(ctx, id, append([]item{{Type: "customer.upsert", Data: visitor}}, w.activities(id, did)...))
}

// company draws a company of that industry.
func (w *website) company(industry any) map[string]any {
	for {
		if f := sample.NewLead(w.rnd, w.now()); f["F_LK_INDUSTRY"] == industry {
			return f
		}
	}
}

// activities spreads what a visitor did over the last days, the latest of each kind an hour ago.
func (w *website) activities(id string, did map[string]int) []item {
	var out []item
	for kind, times := range did {
		for i := range times {
			at := w.now().Add(-time.Duration(i*9+1) * time.Hour)
			out = append(out, item{Type: "activity.created", Data: map[string]any{
				"id": fmt.Sprintf("%s-%s-%d", id, kind, i), "customer_id": id, "type": kind, "date": at.Format(time.RFC3339),
			}})
		}
	}
	return out
}

func (w *website) push(ctx context.Context, id string, items []item) error {
	body, err := json.Marshal(map[string]any{"type": "customer.upsert", "timestamp": w.now().Format(time.RFC3339), "data": items})
	if err != nil {
		return fmt.Errorf("encode push: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, w.url, bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("push: %w", err)
	}
	req.Header = webhook.Sign(websiteSecret, "msg_"+id, w.now(), body)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("push: %w", err)
	}
	defer func() { _ = resp.Body.Close() }()
	answer, _ := io.ReadAll(io.LimitReader(resp.Body, 4096))
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("push: %s: %s", resp.Status, answer)
	}
	return nil
}
