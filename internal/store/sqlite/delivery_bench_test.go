package sqlite

import (
	"context"
	"fmt"
	"testing"
	"time"

	"lingke/bots"
	"lingke/internal/delivery"
)

// BenchmarkDelivery measures the way of one card through the store: shown, leased, finished.
func BenchmarkDelivery(b *testing.B) {
	b.Run("show", benchShow)
	b.Run("lease one and finish", benchLease)
	b.Run("lease none", benchLeaseNone)
}

func benchDelivery(i int) delivery.Delivery {
	card := &bots.Card{Kind: "lead", Title: "新线索", State: "待领取", Body: "**精密机械**\n- 行业：制造业"}
	for _, name := range []string{"得分", "层级", "行业", "员工人数", "城市", "来源", "预算", "需求"} {
		card.Fields = append(card.Fields, bots.Field{Name: name, Value: "某个不太长的值"})
	}
	return delivery.Delivery{
		ID: fmt.Sprintf("%x-%d", i*2654435761%(1<<32), i), Platform: bots.WeCom, Kind: "lead", Customer: fmt.Sprintf("c%07d", i), To: []string{"ZhangWei", "LiNa"},
		Card: card, Rev: 1, State: delivery.Due, Due: crashDay, Created: crashDay,
	}
}

func benchShow(b *testing.B) {
	s := openTest(b)
	concurrently(b, func(i int) error { return showOne(s, i) })
}

func showOne(s *Store, i int) error {
	_, err := s.Show(context.Background(), benchDelivery(i))
	return err
}

// benchLease leases and finishes from all goroutines, as many times as there are deliveries.
func benchLease(b *testing.B) {
	s := openTest(b)
	concurrently(b, func(i int) error { return showOne(s, i) })
	b.StartTimer() // which concurrently sets to zero
	concurrently(b, func(i int) error {
		token := fmt.Sprint("worker", i)
		all, err := s.LeaseDeliveries(context.Background(), string(bots.WeCom), crashDay, crashDay.Add(time.Minute), token, 1)
		if err != nil || len(all) != 1 {
			return fmt.Errorf("leased %d: %w", len(all), err)
		}
		d := all[0]
		d.Shown, d.State, d.Ended, d.Handle = d.Rev, delivery.Done, crashDay, bots.Handle{Message: "m", Codes: []string{"code"}}
		return s.FinishDelivery(context.Background(), d, token)
	})
}

func benchLeaseNone(b *testing.B) {
	s := openTest(b)
	for b.Loop() {
		if _, err := s.LeaseDeliveries(context.Background(), string(bots.WeCom), crashDay, crashDay.Add(time.Minute), "worker", 20); err != nil {
			b.Fatal(err)
		}
	}
}
