package app

import (
	"context"
	"errors"
	"testing"
	"time"

	"lingke/connectors"
	"lingke/internal/customer"
	"lingke/internal/lang"
	"lingke/internal/report"
)

// TestTheUsualReportsAreWhatIsMadeWhenAsked: what one pass made of all usual periods, and kept, is to the letter what is made of each period alone.
func TestTheUsualReportsAreWhatIsMadeWhenAsked(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	a := c.open()
	c.trade(a, 90)
	if n, err := a.keepFigures(t.Context()); n != 0 || err != nil {
		t.Fatalf("a small store: %d reports are kept, %v", n, err)
	}
	if n, err := a.makeUsual(t.Context()); n != len(report.Usual)+1 || err != nil {
		t.Fatal(n, err)
	}
	since, zone := c.Now().Add(-report.KeptFor), a.cfg.Location
	spent := false
	for _, period := range report.Usual {
		kept, found, err := a.effected.Kept(t.Context(), period, since)
		if !found || err != nil {
			t.Fatalf("%q is not kept: %v", period, err)
		}
		p, err := a.Period(period)
		if err != nil {
			t.Fatal(err)
		}
		made, err := a.Effects(t.Context(), p)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range []lang.Language{lang.Chinese, lang.English} {
			if kept, made := kept.Report.Brief(l, zone), made.Brief(l, zone); kept != made {
				t.Errorf("%q is kept as\n%s\nand made as\n%s", period, kept, made)
			}
		}
		if kept, made := kept.Report.Text(lang.Chinese, zone), made.Text(lang.Chinese, zone); kept != made {
			t.Errorf("%q is kept as\n%s\nand made as\n%s", period, kept, made)
		}
		spent = spent || made.Tiers[0].Spent > 0
	}
	kept, found, err := a.foreseen.Kept(t.Context(), "", since)
	if !found || err != nil {
		t.Fatalf("the forecast is not kept: %v", err)
	}
	made, err := a.Forecast(t.Context())
	if err != nil || kept.Report.Brief(lang.Chinese) != made.Brief(lang.Chinese) {
		t.Errorf("the forecast is kept as\n%s\nand made as\n%s, %v", kept.Report.Brief(lang.Chinese), made.Brief(lang.Chinese), err)
	}
	if !spent || made.TooFew {
		t.Error("nothing to compare")
	}
}

// TestKeptFiguresAreOfOnePeriodOneTimeAndOneSetOfRules.
func TestKeptFiguresAreOfOnePeriodOneTimeAndOneSetOfRules(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	a := c.open()
	c.trade(a, 9)
	if _, err := a.makeUsual(t.Context()); err != nil {
		t.Fatal(err)
	}
	found := func(period string, since time.Time) bool {
		t.Helper()
		_, found, err := a.effected.Kept(t.Context(), period, since)
		if err != nil {
			t.Fatal(err)
		}
		return found
	}
	at := c.Now()
	if !found("上月", at) || found("上月", at.Add(time.Second)) || found("2026-02", at.AddDate(0, 0, -1)) {
		t.Error("what was made just now is not found, or more than that")
	}
	c.take(a, []connectors.Record{{Kind: connectors.Order, ID: "late", Customer: "3", ModifiedAt: at, Fields: map[string]string{"amount": "1000.01", "date": at.Add(-time.Hour).Format(time.RFC3339)}}})
	sum := func(e report.Effects) (sum int64) {
		for _, x := range e.Tiers {
			sum += int64(x.Spent)
		}
		return sum
	}
	before, _, _ := a.effected.Kept(t.Context(), "今年", at)
	c.Pass(time.Minute)
	after, err := a.effected.Make(t.Context(), "今年")
	if err != nil || sum(after.Report)-sum(before.Report) != int64(customer.FromYuan(1000.01)) {
		t.Errorf("an order of 1,000.01 yuan after %v moves what is made anew by %d ten-thousandths, %v", before.At, sum(after.Report)-sum(before.Report), err)
	}
	if found("今年", c.Now()) {
		t.Error("what took no time is kept")
	}
	whole := a.effected.key
	a.effected.key = func(period string) (string, string, error) {
		name, _, err := whole(period)
		return name, "other rules", err
	}
	if found("上月", at) {
		t.Error("kept figures count although the rules changed")
	}
	a.effected.key = whole
	c.Pass(31 * 24 * time.Hour)
	if found("上月", at.AddDate(-1, 0, 0)) || !found("", at.AddDate(-1, 0, 0)) {
		t.Error("in the next month 上月 is another one, and the last 90 days are the same question")
	}
}

// TestFiguresAreMadeToTheEndAlsoWhereWhoAskedIsGone, and then they are kept for the next attempt.
func TestFiguresAreMadeToTheEndAlsoWhereWhoAskedIsGone(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	a := c.open()
	f := a.foreseen
	f.slow = 0
	asked, goOn := make(chan struct{}, 9), make(chan struct{})
	f.make = func(ctx context.Context, _ string) (report.Forecast, error) {
		asked <- struct{}{}
		select {
		case <-goOn:
		case <-ctx.Done():
		}
		return report.Forecast{Weeks: 13}, ctx.Err()
	}
	since := c.Now()
	ctx, gone := context.WithCancel(t.Context())
	first, second := make(chan error, 1), make(chan error, 1)
	go func() { _, err := f.Make(ctx, ""); first <- err }()
	<-asked
	go func() { _, err := f.Make(t.Context(), ""); second <- err }()
	gone()
	if err := <-first; !errors.Is(err, errMaking) || !errors.Is(err, context.Canceled) {
		t.Errorf("who asked first is gone: %v", err)
	}
	close(goOn)
	if err := <-second; err != nil {
		t.Error(err)
	}
	if m, found, err := f.Kept(t.Context(), "", since); !found || err != nil || m.Report.Weeks != 13 {
		t.Errorf("%+v, %v, %v", m, found, err)
	}
	a.making.stop()
	if _, err := f.Make(t.Context(), ""); !errors.Is(err, errMaking) {
		t.Errorf("the gateway stops: %v", err)
	}
}
