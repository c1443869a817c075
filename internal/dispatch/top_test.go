package dispatch_test

import (
	"fmt"
	"strings"
	"testing"

	"lingke/bots"
	"lingke/internal/cards"
	"lingke/internal/customer"
	"lingke/internal/delivery"
)

func TestTheDaysBestAreShownOnceADay(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var best []customer.Customer
	for i := range 10 {
		best = append(best, w.tell(fmt.Sprint(i), 100-i))
	}
	for range 2 { // the job runs again after a crash
		must(t, w.dispatch.Top(t.Context(), "zhangwei", start, best))
	}
	must(t, w.dispatch.Top(t.Context(), "zhangwei", start.AddDate(0, 0, 1), best[:1]))
	must(t, w.dispatch.Top(t.Context(), "lina", start, nil))
	must(t, w.dispatch.Top(t.Context(), "nobody", start, best))
	page, _, err := w.store.Deliveries(t.Context(), delivery.Query{Limit: 1000})
	must(t, err)
	var shown []string
	for _, d := range page {
		if d.Kind == cards.KindTop {
			shown = append(shown, fmt.Sprint(d.Platform, " ", d.To, " ", d.Card.Title, " ", len(d.Card.Fields)))
		}
	}
	want := fmt.Sprintf("%s [manager4220] 今日优先客户（3月3日） 1", bots.DingTalk)
	if len(shown) != 2 || !strings.Contains(strings.Join(shown, "\n"), want) || !strings.Contains(strings.Join(shown, "\n"), "今日优先客户（3月2日） 10") {
		t.Errorf("%q", shown)
	}
}
