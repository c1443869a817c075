package e2e_test

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"lingke/configs"
	"lingke/internal/app"
	"lingke/internal/customer"
	"lingke/internal/emulator"
	"lingke/internal/emulator/sample"
	"lingke/internal/emulator/xingchen"
)

// syncWorld is an emulated Kingdee and the program that pulls from it, each run a process of its own.
type syncWorld struct {
	*site
	file string
	name string // of the connector
}

const syncConfig = `
timezone: Asia/Shanghai
store: {uri: "sqlite://%[1]s/lingke.db"}
bots:
  dingtalk: {client_id: dinge2e000001, client_secret: e2e, base_url: "%[2]s", oapi_url: "%[2]s"}
connectors:
  xingchen: {type: xingchen, base_url: "%[2]s", client_id: "205022", client_secret: e2e-xingchen, outer_instance_id: "90001"}
  kingdee: {type: kingdee, base_url: "%[2]s/k3cloud/", acct_id: %[3]s, username: %[4]s, app_id: %[5]s, app_secret: %[6]q, auth: app_secret, page_size: %[7]d}
people:
  - {id: zhangwei, name: 张伟, team: 销售, dingtalk: manager4220}
pools:
  - {name: 线索池, when: "true", team: 销售, strategy: hold}
model: models/default.yaml
delivery: {quiet: off}
`

// newSyncWorld holds so many customers and twice as many orders.
func newSyncWorld(t *testing.T, customers, page int) *syncWorld {
	t.Helper()
	s := newSite(t, plan{people: crowd(1), tune: func(o *emulator.Options) {
		o.XingChen = xingchen.Options{ClientID: "205022", ClientSecret: "e2e-xingchen", OuterInstanceID: "90001"}
		o.Seed = func(erp emulator.Records) error {
			return sample.Fill(erp.PutRecord, time.Now().Add(-48*time.Hour), customers, 2*customers, 5)
		}
	}})
	w := &syncWorld{site: s, file: filepath.Join(s.dir, "sync.yaml"), name: "kingdee"}
	text := fmt.Sprintf(syncConfig, s.dir, s.url, erpAcct, erpUser, erpApp, erpSecret, page)
	if err := os.WriteFile(w.file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return w
}

// synced is how a run of the program ended.
type synced struct {
	out    string
	taken  int
	killed bool
	rss    int64 // the most bytes that it had at a line of progress
	took   time.Duration
	cpu    time.Duration
}

var takenIn = regexp.MustCompile(`(\d+) records taken in, (\d+) refused`)

var progressLine = regexp.MustCompile(`^(\d+) records, \d+ a second`)

// sync runs the program. during, where it is not nil, is called at each line of progress, with how many records it tells of, and may kill it by saying so.
func (w *syncWorld) sync(during func(taken int) (kill bool), args ...string) synced {
	w.t.Helper()
	cmd := exec.Command(lingke(w.t), append([]string{"sync", w.name, "-c", w.file}, args...)...) //nolint:gosec // our own program
	var out bytes.Buffer
	cmd.Stdout = &out
	stderr, err := cmd.StderrPipe()
	if err != nil {
		w.t.Fatal(err)
	}
	began := time.Now()
	if err := cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	var said strings.Builder
	var peak int64
	for lines := bufio.NewScanner(stderr); lines.Scan(); {
		said.WriteString(lines.Text() + "\n")
		peak = max(peak, highWater(cmd.Process.Pid))
		m := progressLine.FindStringSubmatch(lines.Text())
		if during == nil || m == nil {
			continue
		}
		if taken, _ := strconv.Atoi(m[1]); during(taken) {
			if err := cmd.Process.Kill(); err != nil {
				w.t.Error(err)
			}
		}
	}
	err = cmd.Wait()
	s := synced{out: out.String(), took: time.Since(began), killed: !cmd.ProcessState.Exited(), rss: peak, cpu: cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()}
	if err != nil && !s.killed {
		w.t.Fatalf("sync: %v\n%s", err, said.String())
	}
	if m := takenIn.FindStringSubmatch(s.out); m != nil {
		s.taken, _ = strconv.Atoi(m[1])
		if m[2] != "0" {
			w.t.Errorf("%s", s.out)
		}
	}
	return s
}

// highWater is the most memory that a process had until now, 0 where the system does not say. What the system tells of an ended process would count the memory of
// this one, from which it was started.
func highWater(pid int) int64 {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(text), "VmHWM:")
	fields := strings.Fields(after)
	if len(fields) == 0 {
		return 0
	}
	kb, _ := strconv.ParseInt(fields[0], 10, 64)
	return kb << 10
}

// slow lets the ERP take so many milliseconds for each page.
func (w *syncWorld) slow(ms int) {
	w.fault(emulator.Fault{Match: "POST *ExecuteBillQuery*", DelayMS: ms})
}

// open builds the gateway of the config here, to look into its store.
func (w *syncWorld) open() *app.App {
	w.t.Helper()
	cfg, err := configs.Load(w.file, os.LookupEnv, app.Checks()...)
	if err != nil {
		w.t.Fatal(err)
	}
	a, err := app.New(w.t.Context(), cfg)
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

// count reads what is stored.
func (w *syncWorld) count() (customers, orders int) {
	w.t.Helper()
	a := w.open()
	defer func() { _ = a.Close() }()
	err := a.Store().EachCustomer(w.t.Context(), func(c customer.Customer) error {
		customers++
		found, err := a.Store().Orders(w.t.Context(), c.Refs())
		orders += len(found)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return customers, orders
}

func TestASyncThatIsKilledGoesOnFromThere(t *testing.T) {
	const customers, page = 1500, 100
	w := newSyncWorld(t, customers, page)
	w.slow(30)
	lines := 0
	first := w.sync(func(int) bool {
		lines++
		return lines == 2 // a second after the first
	}, "--full")
	if !first.killed {
		t.Fatal("the sync ended before it could be killed")
	}
	second := w.sync(nil)
	t.Logf("killed after %s; the next took in %d of %d records", first.took.Round(time.Millisecond), second.taken, 3*customers)
	if second.taken >= 3*customers || second.taken == 0 {
		t.Errorf("the second sync took in %d records: it started over", second.taken)
	}
	if c, o := w.count(); c != customers || o != 2*customers {
		t.Errorf("%d customers and %d orders are stored, want %d and %d", c, o, customers, 2*customers)
	}
	if again := w.sync(nil); again.taken > 3*page {
		t.Errorf("an idle site gave %d records", again.taken)
	}
}

func TestASyncSurvivesTheEndOfItsSessions(t *testing.T) {
	const customers = 600
	w := newSyncWorld(t, customers, 50)
	w.slow(30)
	ended := 0
	got := w.sync(func(int) bool {
		w.em.Kingdee().EndSessions()
		ended++
		return false
	}, "--full")
	if ended < 2 {
		t.Errorf("the sessions were ended %d times only", ended)
	}
	if c, o := w.count(); got.taken != 3*customers || c != customers || o != 2*customers {
		t.Errorf("%d taken in; %d customers and %d orders are stored", got.taken, c, o)
	}
}

func TestXingChenBecomesCustomersWithOrders(t *testing.T) {
	w := newSyncWorld(t, 1, 100)
	w.name = "xingchen"
	if err := sample.XingChen(w.em.XingChen().PutRecord, time.Now().Add(-time.Hour), 30, 120, 1); err != nil {
		t.Fatal(err)
	}
	got := w.sync(nil)
	if c, o := w.count(); got.taken != 150 || c != 30 || o != 120 {
		t.Errorf("%d taken in; %d customers and %d orders are stored", got.taken, c, o)
	}
}

func TestADryRunWritesNothing(t *testing.T) {
	w := newSyncWorld(t, 60, 50)
	got := w.sync(nil, "--dry-run")
	for _, want := range []string{"customer 60 read: 60 new", "order    120 read: 120 new", "nothing was written", "e.g. customer"} {
		if !strings.Contains(got.out, want) {
			t.Errorf("the dry run does not say %q:\n%s", want, got.out)
		}
	}
	if c, o := w.count(); c+o > 0 {
		t.Errorf("%d customers and %d orders are stored", c, o)
	}
	if got := w.sync(nil); got.taken != 180 {
		t.Errorf("%d taken in afterwards", got.taken)
	}
}
