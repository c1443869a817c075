package dispatch_test

import (
	"context"
	"errors"
	"testing"

	"lingke/bots"
	"lingke/internal/customer"
	"lingke/internal/delivery"
	"lingke/internal/dispatch"
	"lingke/internal/lang"
)

func TestAGroupReadsOnlyWhatItWantsToKnowAndOnce(t *testing.T) {
	t.Parallel()
	known := &customer.Announced{Tier: "C", Score: 40, Owner: "lina"}
	for _, tt := range []struct {
		name  string
		group dispatch.Group
		was   *customer.Announced
		is    customer.Announced
		want  string
	}{
		{"tier and score", dispatch.Group{Tier: true, Score: true}, known, customer.Announced{Tier: "A", Score: 85, Owner: "lina"}, "公司1：层级 培育 → 高价值，得分 40 → 85"},
		{"only the tier", dispatch.Group{Tier: true}, known, customer.Announced{Tier: "A", Score: 85, Owner: "zhangwei"}, "公司1：层级 培育 → 高价值"},
		{"owners by name", dispatch.Group{Owner: true}, known, customer.Announced{Tier: "C", Score: 40}, "公司1：负责人 李娜 → 无"},
		{"in English", dispatch.Group{Tier: true, Score: true, Owner: true, Language: lang.English}, known, customer.Announced{Tier: "A", Score: 85}, "公司1: tier C → A, score 40 → 85, owner 李娜 → nobody"},
		{"nothing that it wants", dispatch.Group{Tier: true}, known, customer.Announced{Tier: "C", Score: 85}, ""},
		{"a customer that was not known", dispatch.Group{Tier: true}, nil, customer.Announced{Tier: "A"}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			tt.group.Platform, tt.group.Conversation = bots.WeCom, "chat-1"
			w.dispatch.Groups = []dispatch.Group{tt.group}
			w.tell("1", 5)
			c := w.customer("1")
			c.Require(customer.Effect{Kind: customer.EffectAnnounce, At: w.Now(), Was: tt.was, Is: &tt.is})
			must(t, w.store.PutCustomer(t.Context(), c))
			fails := true
			w.dispatch.Announce = func(context.Context, customer.Customer, customer.Effect) error {
				if fails {
					fails = false
					return errors.New("the store is away")
				}
				return nil
			}
			if _, err := w.dispatch.Sweep(t.Context()); err == nil {
				t.Error("a failed announcement counts as carried out")
			}
			w.settle("1")
			var got []delivery.Delivery
			for _, d := range w.deliveries(c, "text") {
				if d.Conversation == "chat-1" && d.Platform == bots.WeCom {
					got = append(got, d)
				}
			}
			if tt.want == "" && len(got) != 0 || tt.want != "" && (len(got) != 1 || got[0].Text != tt.want) {
				t.Errorf("%+v, want %q", got, tt.want)
			}
		})
	}
}

func TestManagersAreToldOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for range 2 {
		must(t, w.dispatch.TellManagers(t.Context(), "webhook:bi", "已停用"))
	}
	if got := w.deliveries(customer.Customer{}, "text"); len(got) != 1 || got[0].To[0] != "boss" {
		t.Errorf("%+v", got)
	}
}
