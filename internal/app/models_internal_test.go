package app

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"lingke/connectors"
	"lingke/internal/clocktest"
	"lingke/internal/customer"
	"lingke/internal/ingest"
	"lingke/internal/models"
	"lingke/scoring"
)

const firstModel = `name: base
cap: 100
dimensions:
  - id: all
    rules:
      - {id: big, name: 大单, when: 近一年消费额 > 100000, add: 40}
    indicators:
      - {id: size, name: 规模, value: 员工人数, weight: 45, linear: {from: 0, to: 1000}}
      - {id: nps, name: 推荐, value: nps, weight: 15, linear: {from: 0, to: 10}}
`

// secondModel weighs the same things otherwise, and reads one more field.
const secondModel = `name: base
cap: 100
dimensions:
  - id: all
    rules:
      - {id: big, name: 大单, when: 近一年消费额 > 60000, add: 30}
      - {id: east, name: 华东, when: 地区 == "华东", add: 25}
    indicators:
      - {id: size, name: 规模, value: 员工人数, weight: 45, log: {from: 10, to: 2000}}
`

const testConfig = `store: {uri: "sqlite://lingke.db"}
server: {addr: "127.0.0.1:0", tokens: [token]}
people:
  - {id: zhangwei, name: 张伟, team: 高级销售, monthly: 60}
  - {id: lina, name: 李娜, team: 普通销售}
pools:
  - {name: 高价值线索, when: "得分 > 80", team: 高级销售, strategy: claim}
  - {name: 重点跟进池, when: "得分 > 50", team: 普通销售, strategy: rotate}
  - {name: 市场培育池, when: "true", team: 普通销售, strategy: hold}
model: model.yaml
`

// company is a folder with a config and a model, and the clock of whoever works in it.
type company struct {
	t   *testing.T
	dir string
	*clocktest.Clock
}

func newCompany(t *testing.T) company {
	t.Helper()
	c := company{t: t, dir: t.TempDir(), Clock: clocktest.At(time.Date(2026, 3, 2, 4, 0, 0, 0, time.UTC))}
	c.write("lingke.yaml", testConfig)
	c.write("model.yaml", firstModel)
	return c
}

func (c company) write(name, text string) string {
	c.t.Helper()
	file := filepath.Join(c.dir, name)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		c.t.Fatal(err)
	}
	return file
}

// open builds a gateway; it is closed when the test ends.
func (c company) open(opts ...Option) *App {
	c.t.Helper()
	cfg, err := LoadConfig(filepath.Join(c.dir, "lingke.yaml"))
	if err != nil {
		c.t.Fatal(err)
	}
	a, err := New(c.t.Context(), cfg, append([]Option{WithClock(c.Now)}, opts...)...)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = a.Close() })
	return a
}

// fill takes n customers in, gives a fifth of them an owner, and lets some buy later on, so that bands and stays hold some in their tiers.
func (c company) fill(a *App, n int) {
	c.t.Helper()
	var first, later []connectors.Record
	for k := range n {
		i := k * max(1, 2000/n) // a smaller company is a sample of the large one
		id, at := fmt.Sprintf("%05d", i), c.Now().Add(-time.Duration(i%400)*24*time.Hour)
		first = append(first, connectors.Record{
			Kind: connectors.Customer, ID: id, ModifiedAt: at,
			Fields: map[string]string{"name": "客户" + id, "headcount": fmt.Sprint(i * 7 % 1200), "nps": fmt.Sprint(i % 11), "region": []string{"华东", "华北", "华南"}[i%3]},
		})
		if i%4 == 0 {
			first = append(first, orderOf(id, "a", i*137%160_000, at))
		}
		if i%5 == 0 {
			later = append(later, orderOf(id, "b", i*71%90_000, c.Now().Add(39*24*time.Hour)))
		}
	}
	c.take(a, first)
	c.own(a)
	c.Pass(40 * 24 * time.Hour)
	c.take(a, later)
	if _, err := a.Rescore(c.t.Context(), nil); err != nil { // as every night
		c.t.Fatal(err)
	}
}

func orderOf(customer, id string, amount int, at time.Time) connectors.Record {
	return connectors.Record{
		Kind: connectors.Order, ID: customer + id, Customer: customer, ModifiedAt: at,
		Fields: map[string]string{"amount": fmt.Sprint(amount), "date": at.Format(time.RFC3339), "status": connectors.StatusWon},
	}
}

func (c company) take(a *App, records []connectors.Record) {
	c.t.Helper()
	if err := a.ingest.ApplyAll(c.t.Context(), "erp", records); err != nil {
		c.t.Fatal(err)
	}
}

func (c company) own(a *App) {
	c.t.Helper()
	i := 0
	err := a.store.EachCustomer(c.t.Context(), func(one customer.Customer) error {
		if i++; i%5 != 0 {
			return nil
		}
		one.Owner, one.OwnedAt, one.Pool = "lina", c.Now(), ""
		return a.store.PutCustomer(c.t.Context(), one)
	})
	if err != nil {
		c.t.Fatal(err)
	}
}

// all are the customers as stored, by id.
func (c company) all(a *App) map[string]customer.Customer {
	c.t.Helper()
	out := make(map[string]customer.Customer)
	err := a.store.EachCustomer(c.t.Context(), func(one customer.Customer) error { out[one.ID] = one; return nil })
	if err != nil {
		c.t.Fatal(err)
	}
	return out
}

func (c company) model(a *App, text string) models.Version {
	c.t.Helper()
	v, err := a.ParseModel("next.yaml", []byte(text))
	if err != nil {
		c.t.Fatal(err)
	}
	return v
}

// publish puts a model in force and scores everybody by it, as a running gateway does.
func (c company) publish(a *App, text string) {
	c.t.Helper()
	if _, err := a.models.Publish(c.t.Context(), c.model(a, text), "wangli", ""); err != nil {
		c.t.Fatal(err)
	}
	c.follow(a)
}

func (c company) follow(a *App) {
	c.t.Helper()
	if err := a.follow(c.t.Context()); err != nil {
		c.t.Fatal(err)
	}
	a.rescorePublication(c.t.Context())
}

func (c company) dryRun(a *App, text string) ([]ingest.Move, ingest.DryRun) {
	c.t.Helper()
	var moves []ingest.Move
	sum, err := a.DryRun(c.t.Context(), c.model(a, text), func(m ingest.Move) error { moves = append(moves, m); return nil })
	if err != nil {
		c.t.Fatal(err)
	}
	return moves, sum
}

// moved are the customers that differ between two looks, as a dry run tells them.
func moved(before, after map[string]customer.Customer) map[string][2]string {
	out := make(map[string][2]string)
	for id, b := range before {
		a := after[id]
		if was, is := standing(b), standing(a); was != is {
			out[id] = [2]string{was, is}
		}
	}
	return out
}

func standing(c customer.Customer) string {
	tiers := make(map[string]string)
	for scheme, s := range c.Tiers {
		tiers[scheme] = s.Tier
	}
	return fmt.Sprint(c.Score.Total, tiers, c.Pool, c.Owner)
}

func TestADryRunTellsWhatPublishingDoesAndARollbackRestoresIt(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	a := c.open()
	n := 2000
	if underRace {
		n = 285 // the detector makes the store ten times as slow; every seventh has the same mix of what fill does
	}
	c.fill(a, n)
	before := c.all(a)
	if !slices.ContainsFunc(slices.Collect(maps.Values(before)), func(one customer.Customer) bool { return one.Tiers["points"].Waiting != "" }) {
		t.Fatal("nobody is held in a tier: a rollback would show nothing")
	}
	moves, sum := c.dryRun(a, secondModel)
	if after := c.all(a); !reflect.DeepEqual(before, after) {
		t.Fatal("the dry run stored something")
	}
	c.publish(a, secondModel)
	after := c.all(a)
	told, owned := make(map[string][2]string), 0
	for _, m := range moves {
		told[m.Customer] = [2]string{fmt.Sprint(m.Before.Score, m.Before.Tiers, m.Before.Pool, m.Owner), fmt.Sprint(m.After.Score, m.After.Tiers, m.After.Pool, m.Owner)}
		if m.Owner != "" {
			owned++
		}
	}
	actual := moved(before, after)
	if !reflect.DeepEqual(told, actual) {
		t.Errorf("%d customers told, %d moved", len(told), len(actual))
	}
	if sum.Customers != n || sum.Moved != len(moves) || sum.Owned != owned || owned == 0 || sum.HandOut == 0 || len(sum.Tiers["points"]) < 2 || len(sum.Pools) < 2 {
		t.Errorf("summary %+v", sum)
	}
	for id := range after {
		if after[id].Owner != before[id].Owner {
			t.Fatalf("%s changed owner", id)
		}
	}
	t.Logf("%s", summary(c.model(a, secondModel), sum))
	if _, err := a.Rollback(t.Context(), "", "wangli", "太多变化"); err != nil {
		t.Fatal(err)
	}
	c.follow(a)
	for id, one := range c.all(a) {
		if got, want := scored(t, one), scored(t, before[id]); got != want {
			t.Fatalf("after the rollback %s is\n%s, was\n%s", id, got, want)
		}
	}
}

// scored is what a rollback has to restore: all but the instant of scoring.
func scored(t *testing.T, c customer.Customer) string {
	t.Helper()
	c.Score.At = time.Time{}
	text, err := json.Marshal(map[string]any{"score": c.Score, "tier": c.Tier, "tiers": c.Tiers, "facts": c.Facts, "totals": c.Totals, "pool": c.Pool, "owner": c.Owner})
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestARollbackIsAsIfNothingHadBeen: days later too, customers stand where they would without the publication.
func TestARollbackIsAsIfNothingHadBeen(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	control, twin := c.open(), newCompany(t)
	twin.Clock = c.Clock
	a := twin.open()
	start := c.Now()
	c.fill(control, 60)
	c.Pass(start.Sub(c.Now()))
	twin.fill(a, 60)
	twin.publish(a, secondModel)
	c.Pass(3 * 24 * time.Hour)
	for _, one := range []*App{control, a} {
		c.take(one, []connectors.Record{orderOf("00007", "c", 200_000, c.Now().Add(-time.Hour))}) // a big event meanwhile
	}
	if _, err := a.Rollback(t.Context(), "", "wangli", ""); err != nil {
		t.Fatal(err)
	}
	twin.follow(a)
	if _, err := control.Rescore(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	want := make(map[string]string)
	for _, one := range c.all(control) {
		want[one.Name] = scored(t, one)
	}
	for _, one := range twin.all(a) {
		if got := scored(t, one); got != want[one.Name] {
			t.Errorf("%s is\n%s, without the publication\n%s", one.Name, got, want[one.Name])
		}
	}
}

// TestAnOldScoreIsExplainedByItsModel: between a publication and a customer's next score.
func TestAnOldScoreIsExplainedByItsModel(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	a := c.open()
	c.fill(a, 50)
	before := c.all(a)
	if _, err := a.models.Publish(t.Context(), c.model(a, secondModel), "wangli", ""); err != nil {
		t.Fatal(err)
	}
	if err := a.follow(t.Context()); err != nil { // nobody is scored anew yet
		t.Fatal(err)
	}
	again := c.open() // a later process, which never had the first model in force
	for _, one := range before {
		for _, gateway := range []*App{a, again} {
			r := gateway.rules.Load().Explain(one)
			if r.Model != one.Score.Model || r.Total != one.Score.Total || len(r.Dimensions) == 0 || !reflect.DeepEqual(totals(r), totals(one.Score)) {
				t.Fatalf("%s: explained as %+v, stored is %+v", one.ID, r, one.Score)
			}
		}
	}
}

func totals(r scoring.Result) map[string]float64 {
	out := make(map[string]float64)
	for _, c := range r.Contributions {
		out[c.Rule] = c.Points
	}
	return out
}

// TestAKilledRescoringIsTakenUp: whoever comes next finishes what a gateway left, once its lease has ended.
func TestAKilledRescoringIsTakenUp(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	a := c.open()
	c.fill(a, 150)
	second := c.model(a, secondModel)
	if _, err := a.models.Publish(t.Context(), second, "wangli", ""); err != nil {
		t.Fatal(err)
	}
	if err := a.follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	p := a.publication.Load()
	if started, err := a.store.StartRun(t.Context(), rescoreJob, p.At, c.Now(), c.Now().Add(time.Minute), "killed"); err != nil || !started {
		t.Fatal(started, err)
	}
	half, n := errors.New("killed"), 0
	err := a.store.EachCustomer(t.Context(), func(one customer.Customer) error {
		if n++; n > 50 {
			return half
		}
		return a.ingest.Rescore(t.Context(), one.ID)
	})
	if !errors.Is(err, half) {
		t.Fatal(err)
	}
	next := c.open()
	next.rescorePublication(t.Context()) // the lease still holds: somebody else may be alive
	if by := byModel(c.all(next)); by[second.ID] != 50 {
		t.Fatalf("%v are scored while another gateway may be at it", by)
	}
	c.Pass(2 * time.Minute)
	next.rescorePublication(t.Context())
	if by := byModel(c.all(next)); by[second.ID] != 150 {
		t.Errorf("after the second gateway: %v", by)
	}
}

// TestAFailedRescoringIsMadeAgain: a disk that was full at noon must not leave yesterday's scores until the night.
func TestAFailedRescoringIsMadeAgain(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	a := c.open()
	c.fill(a, 20)
	second := c.model(a, secondModel)
	if _, err := a.models.Publish(t.Context(), second, "wangli", ""); err != nil {
		t.Fatal(err)
	}
	if err := a.follow(t.Context()); err != nil {
		t.Fatal(err)
	}
	due := a.publication.Load().At
	for range 3 { // what a run leaves that failed
		if started, err := a.store.StartRun(t.Context(), rescoreJob, due, c.Now(), c.Now().Add(time.Minute), "failing"); err != nil || !started {
			t.Fatal(started, err)
		}
		if err := a.store.EndRun(t.Context(), rescoreJob, due, c.Now(), "failing", "disk full"); err != nil {
			t.Fatal(err)
		}
		a.rescorePublication(t.Context()) // too early
		if by := byModel(c.all(a)); by[second.ID] != 0 {
			t.Fatalf("%v are scored at once after a failure", by)
		}
		due = c.Now().Add(rescoreAgain)
		c.Pass(rescoreAgain)
	}
	a.rescorePublication(t.Context())
	if by := byModel(c.all(a)); by[second.ID] != 20 {
		t.Errorf("after a failure: %v", by)
	}
	c.Pass(time.Hour)
	a.rescorePublication(t.Context())
	if last, err := a.store.LastRun(t.Context(), rescoreJob); err != nil || !last.Due.Equal(due) {
		t.Errorf("what is done is done again at %v, %v", last.Due, err)
	}
}

func byModel(all map[string]customer.Customer) map[string]int {
	out := make(map[string]int)
	for _, c := range all {
		out[c.Score.Model]++
	}
	return out
}

func TestACommandDoesNotPublishTheFileThatSomebodyEdits(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	first := c.open().publication.Load()
	c.write("model.yaml", secondModel)
	a := c.open()
	if got := a.publication.Load(); !slices.Equal(got.Models, first.Models) {
		t.Errorf("in force are %v", got.Models)
	}
	if err := a.adopt(t.Context(), a.cfg); err != nil { // what Run does
		t.Fatal(err)
	}
	if got := a.publication.Load(); got.N != 2 || got.How != models.ByConfig || got.Models[0] != c.model(a, secondModel).ID {
		t.Errorf("the gateway's start: %+v", got)
	}
}

func TestWhatIsNoModelHereIsRefused(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	a := c.open()
	for name, want := range map[string]string{
		c.write("bad.yaml", strings.Replace(secondModel, "地区", "地址", 1)): "bad.yaml:7:",
		c.write("bomb.yaml", "a: &a [x,x]\nb: *a\n"):                     "bomb.yaml:1:",
		c.write("scope.yaml", secondModel+"scope: 地区 == \"华东\"\n"):       "has a scope",
		"base@ffffffff": "no such model version: \"base@ffffffff\"; there are base@",
	} {
		_, err := a.Model(t.Context(), name)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: error %v, want %q", filepath.Base(name), err, want)
		}
	}
	if p, err := a.models.Latest(t.Context()); err != nil || p.N != 1 {
		t.Errorf("%+v, %v", p, err)
	}
}

func TestThePrintedDryRun(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	a := c.open()
	c.fill(a, 60)
	c.take(a, []connectors.Record{{Kind: connectors.Customer, ID: "x", ModifiedAt: c.Now(), Fields: map[string]string{"name": "=HYPERLINK(1)", "region": "华东"}}})
	sheet := filepath.Join(c.dir, "moves.csv")
	var out strings.Builder
	if err := a.PrintDryRun(t.Context(), c.model(a, secondModel), DryRunOptions{Names: 2, CSV: sheet}, &out); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"共 61 个客户", "层级（points）：", "线索池：", "归属：", "→", "--all 全部列出"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("it does not say %q:\n%s", want, out.String())
		}
	}
	text, err := os.ReadFile(sheet)
	if err != nil || !strings.HasPrefix(string(text), "\ufeff客户编号,") || !strings.Contains(string(text), ",'=HYPERLINK(1),") {
		t.Errorf("%v; the sheet:\n%.600s", err, text)
	}
}

// running is a gateway at work in this process, with its log.
type running struct {
	*App
	log *logLines
}

// logLines collects what is logged.
type logLines struct {
	mu   sync.Mutex
	text strings.Builder
}

func (l *logLines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *logLines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

var _ io.Writer = (*logLines)(nil)

// reloading is a gateway that looks at its files, as watch does, when told to.
func (c company) reloading() (running, *[]stamp) {
	c.t.Helper()
	lines := new(logLines)
	a := c.open(WithReload(filepath.Join(c.dir, "lingke.yaml")), WithLogger(slog.New(slog.NewTextHandler(lines, nil))))
	seen := stampsOf(a.cfg.Files())
	return running{a, lines}, &seen
}

func TestChangedFilesAreTakenUp(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	a, seen := c.reloading()
	c.write("model.yaml", secondModel)
	c.write("lingke.yaml", strings.Replace(testConfig, "李娜", "李娜娜", 1)+"delivery: {workers: 3}\n")
	a.look(t.Context(), seen)
	if got := a.publication.Load(); got.N != 2 || got.Models[0] != c.model(a.App, secondModel).ID {
		t.Errorf("in force is %+v", got)
	}
	if p, _ := a.people.ByID("lina"); p.Name != "李娜娜" {
		t.Errorf("lina is called %q", p.Name)
	}
	for _, want := range []string{"config reloaded", "take effect at the next start", "keys=[delivery]"} {
		if !strings.Contains(a.log.String(), want) {
			t.Errorf("the log does not say %q:\n%s", want, a.log)
		}
	}
	before := a.log.String()
	a.look(t.Context(), seen)
	if a.log.String() != before {
		t.Errorf("an unchanged config was read again:\n%s", a.log)
	}
}

func TestAnInvalidFileKeepsTheOldConfig(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(c company) string{
		"a model": func(c company) string {
			c.write("model.yaml", strings.Replace(secondModel, "近一年消费额 > 60000", "近一年消费 > 60000", 1))
			return "model.yaml:6:"
		},
		"the config": func(c company) string { c.write("lingke.yaml", testConfig+"poools: []\n"); return "lingke.yaml:11:" },
		"two people of one id": func(c company) string {
			c.write("lingke.yaml", strings.Replace(testConfig, "id: lina", "id: zhangwei", 1))
			return "zhangwei"
		},
		"a file that is gone": func(c company) string {
			if err := os.Remove(filepath.Join(c.dir, "model.yaml")); err != nil {
				c.t.Fatal(err)
			}
			return "model.yaml"
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := newCompany(t)
			a, seen := c.reloading()
			rules, want := a.rules.Load(), change(c)
			a.look(t.Context(), seen)
			if a.rules.Load() != rules || a.publication.Load().N != 1 || len(a.people.All()) != 2 {
				t.Error("something was taken up")
			}
			if text := a.log.String(); !strings.Contains(text, "the old config stays in force") || !strings.Contains(text, want) {
				t.Errorf("the log does not say %q:\n%s", want, text)
			}
			c.write("lingke.yaml", testConfig) // mended
			c.write("model.yaml", secondModel)
			a.look(t.Context(), seen)
			if a.publication.Load().N != 2 {
				t.Errorf("the mended files were not taken up:\n%s", a.log)
			}
		})
	}
}

func TestAnotherProcessTakesAPublicationUp(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	a, seen := c.reloading()
	other := c.open()
	if _, err := other.models.Publish(t.Context(), c.model(other, secondModel), "wangli", ""); err != nil {
		t.Fatal(err)
	}
	a.look(t.Context(), seen)
	if got := a.rules.Load().Models[0].Version(); got != c.model(other, secondModel).ID {
		t.Errorf("the second process scores by %s", got)
	}
	if !strings.Contains(a.log.String(), "by=wangli") {
		t.Errorf("log:\n%s", a.log)
	}
}

// TestNoRecordIsLostWhileModelsAreReloaded takes records in while the models change and change back.
func TestNoRecordIsLostWhileModelsAreReloaded(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	a, _ := c.reloading()
	ctx, stop := context.WithCancel(t.Context())
	var switching sync.WaitGroup
	switching.Go(func() {
		for i := 0; ctx.Err() == nil; i++ {
			text := []string{secondModel, firstModel}[i%2]
			_, err := a.models.Publish(t.Context(), c.model(a.App, text), "wangli", "")
			if err := cmp.Or(err, a.follow(t.Context())); err != nil {
				t.Error(err)
				return
			}
		}
	})
	const n = 40
	for i := range n {
		c.take(a.App, []connectors.Record{{Kind: connectors.Customer, ID: fmt.Sprint(i), ModifiedAt: c.Now(), Fields: map[string]string{"name": "客户", "headcount": "500"}}})
	}
	stop()
	switching.Wait()
	if got := len(c.all(a.App)); got != n {
		t.Errorf("%d customers of %d", got, n)
	}
	a.rescorePublication(t.Context())
	live := a.publication.Load().Models[0]
	if by := byModel(c.all(a.App)); by[live] != n {
		t.Errorf("scored by %v, in force is %s", by, live)
	}
}

func TestModelsOverTheAPI(t *testing.T) {
	t.Parallel()
	c := newCompany(t)
	c.write("lingke.yaml", strings.Replace(testConfig, "people:", "people:\n  - {id: wangfang, name: 王芳, role: manager}", 1))
	a := c.open()
	c.fill(a, 60)
	call := func(method, path string, body any, status int) string {
		t.Helper()
		text, err := json.Marshal(body)
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequestWithContext(t.Context(), method, "/api/v1/models"+path, strings.NewReader(string(text)))
		r.Header.Set("Authorization", "Bearer token")
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		a.Handler().ServeHTTP(w, r)
		if w.Code != status {
			t.Fatalf("%s %s: %d %s", method, path, w.Code, w.Body)
		}
		return w.Body.String()
	}
	second := c.model(a, secondModel)
	steps := []struct {
		method, path string
		body         map[string]string
		status       int
		want         string
	}{
		{"POST", "/dry-run", map[string]string{"text": secondModel}, 200, `"customers":60`},
		{"POST", "/dry-run", map[string]string{"text": strings.Replace(secondModel, "地区", "地址", 1)}, 422, "text:7:"},
		{"POST", "/publish", map[string]string{"text": secondModel, "person": "lina"}, 403, "not_allowed"},
		{"POST", "/publish", map[string]string{"text": secondModel, "person": "wangfang", "note": "第二季度"}, 200, second.ID},
		{"POST", "/publish", map[string]string{"version": second.ID, "person": "wangfang"}, 409, "in_force"},
		{"GET", "", nil, 200, `"state":"live"`},
		{"GET", "/" + second.ID, nil, 200, "近一年消费额 > 60000"},
		{"GET", "/nothing", nil, 404, "base@"},
		{"POST", "/rollback", map[string]string{"person": "wangfang"}, 200, `"how":"rollback"`},
		{"POST", "/rollback", map[string]string{"version": "zzz", "person": "wangfang"}, 404, "no_version"},
	}
	for _, s := range steps {
		if got := call(s.method, s.path, s.body, s.status); !strings.Contains(got, s.want) {
			t.Errorf("%s %s does not say %q: %.700s", s.method, s.path, s.want, got)
		}
	}
}
