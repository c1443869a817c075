package e2e_test

import (
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"lingke/internal/app"
	"lingke/internal/customer"
	"lingke/internal/emulator/world"
)

// TestEditedFilesAreTriedDryTakenUpAndChangeTheNextCard goes the way of somebody who edits a play, a cadence and a pool beside a running gateway: the files as the real program
// writes them, a slip that it names and that the gateway refuses, the dry run, and the cards that follow.
func TestEditedFilesAreTriedDryTakenUpAndChangeTheNextCard(t *testing.T) {
	for name, value := range secrets() {
		t.Setenv(name, value) // the config is read again from its file
	}
	s := newSite(t, plan{people: []world.Person{
		{ID: "rep000", Name: "张伟", Role: "rep", Team: team, DingTalk: "ding000"}, {ID: "boss", Name: "王主管", Role: "manager", Team: team, DingTalk: "boss1"},
	}})
	rep := s.people[0]
	file := s.configFile(freeAddr(t))
	edit := func(name, from, to string) {
		t.Helper()
		path := filepath.Join(s.dir, name)
		text, err := os.ReadFile(path)
		if err != nil || strings.Count(string(text), from) != 1 {
			t.Fatalf("%s holds %q %d times: %v", name, from, strings.Count(string(text), from), err)
		}
		if err := os.WriteFile(path, []byte(strings.Replace(string(text), from, to, 1)), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	command := func(args ...string) (string, error) {
		cmd := exec.CommandContext(t.Context(), lingke(t), args...) //nolint:gosec // the program under test
		cmd.Dir = s.dir
		out, err := cmd.CombinedOutput()
		return string(out), err
	}
	expect := func(fails bool, want string, args ...string) {
		t.Helper()
		if out, err := command(args...); (err != nil) != fails || !strings.Contains(out, want) {
			t.Fatalf("lingke %v says %v, and not %q:\n%s", args, err, want, out)
		}
	}
	cfg, err := app.LoadConfig(file)
	if err != nil {
		t.Fatal(err)
	}
	l, logged := loopback(t), new(heard)
	a, err := app.New(t.Context(), cfg, app.WithClock(s.now), app.ByHand(), app.WithReload(file), app.WithLogger(slog.New(slog.NewTextHandler(logged, nil))))
	if err != nil {
		t.Fatal(err)
	}
	g := s.started(a, l)
	s.told(g, "new", item{"customer.upsert", map[string]any{"id": "c1", "name": "华星机械", "contact": "陈总"}})
	if _, err := s.say(t.Context(), "dingtalk", rep, "领取 华星机械"); err != nil {
		t.Fatal(err)
	}
	eventually(t, 20*time.Second, "the customer has its owner", func() error { // before it buys: who buys is no lead any more
		c, err := g.app.Store().Customer(t.Context(), customer.IDOf(customer.NewRef("website", "c1")))
		if err == nil && c.Owner != rep.ID {
			err = fmt.Errorf("owner %q", c.Owner)
		}
		return err
	})
	s.told(g, "order", item{"order.upsert", map[string]any{
		"id": "o1", "customer_id": "c1", "amount": "3000", "status": "won", "product": "入门版车床", "date": s.now().AddDate(0, 0, -40).Format(time.RFC3339), "modified_at": s.now().Format(time.RFC3339),
	}})
	s.toWorkday(14)
	expect(false, "as it ships", "check", "-c", file)
	expect(false, "plays.yaml is written", "template", "--shipped", "plays.yaml")
	expect(true, "is there already", "template", "--shipped", "plays.yaml")
	expect(false, "13 plays, 2 signals, cadence A 30d B 90d C 30d D 180d", "check", "-c", file)

	reads := func(job string) string {
		t.Helper()
		var out strings.Builder
		if err := g.app.DryRunJob(t.Context(), job, &out); err != nil {
			t.Fatal(err)
		}
		return out.String()
	}
	follows := func(job, want string) {
		t.Helper()
		eventually(t, 20*time.Second, "the gateway follows the files", func() error {
			if got := reads(job); !strings.Contains(got, want) {
				return fmt.Errorf("%s says %q", job, got)
			}
			return nil
		})
	}
	follows("plays", "现在升级享 8 折")
	edit("plays.yaml", "现在升级享 8 折", "现在升级享 7 折")
	edit("plays.yaml", "{tier: C, title: {zh: 月度跟进, en: Monthly follow-up}, every: 30", "{tier: C, title: 每周跟进, evry: 7")
	expect(true, `unknown key "evry"; did you mean "every"?`, "check", "-c", file)
	eventually(t, 20*time.Second, "the gateway names the mistake", func() error {
		if text := logged.text(); !strings.Contains(text, "the old config stays in force") || !strings.Contains(text, "evry") {
			return fmt.Errorf("the log says %q", text)
		}
		return nil
	})
	if got := reads("plays"); !strings.Contains(got, "现在升级享 8 折") {
		t.Errorf("a file with a mistake came into force: %s", got)
	}
	edit("plays.yaml", "evry: 7", "every: 7")
	expect(false, "cadence A 30d B 90d C 7d D 180d", "check", "-c", file)
	follows("plays", "现在升级享 7 折")
	follows("cadence", "每周跟进")
	for _, job := range []string{"plays", "cadence"} {
		if err := g.app.RunJob(t.Context(), job, io.Discard); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, 20*time.Second, "the next cards", func() error {
		offer, contact := s.cardsOf(rep, "代发消息：华星机械"), s.cardsOf(rep, "每周跟进：华星机械")
		edited := slices.ContainsFunc(offer, func(c *world.Card) bool { return strings.Contains(fmt.Sprintf("%+v", *c), "现在升级享 7 折") })
		if !edited || len(contact) != 1 { // the offers of several plays come in any order
			return fmt.Errorf("%d and %d cards, the edited one among them: %t", len(offer), len(contact), edited)
		}
		return nil
	})

	edit(filepath.Base(file), "strategy: claim, task: {title: 首次联系, due: 2h}", "strategy: equal, task: {title: 今日首呼, due: 1h}")
	expect(false, "线索池: true → 销售, equal", "check", "-c", file)
	n := 0
	eventually(t, 20*time.Second, "a lead by the pool's new rule", func() error {
		n++ // until the gateway has looked, leads wait to be claimed
		s.told(g, fmt.Sprint("lead", n), item{"customer.upsert", map[string]any{"id": fmt.Sprint("n", n), "name": fmt.Sprintf("第%04d号客户", n)}})
		if cards := s.cardsOf(rep, fmt.Sprintf("今日首呼：第%04d号客户", n)); len(cards) != 1 || !strings.Contains(fmt.Sprintf("%+v", *cards[0]), "平均轮转") {
			return fmt.Errorf("%d cards of lead %d", len(cards), n)
		}
		return nil
	})
	noneDead(t, g.app.Store())
}
