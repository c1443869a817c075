package e2e_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"lingke/internal/customer"
	"lingke/internal/store/sqlite"
)

const publishedModel = `name: base
cap: 100
dimensions:
  - id: all
    indicators:
      - {id: size, name: 规模, value: 员工人数, weight: %d, linear: {from: 0, to: 1000}}
`

// TestAPublicationOutlivesAKilledGateway publishes with the real program beside a real gateway, kills that in the midst of scoring everybody, and lets the next one finish.
func TestAPublicationOutlivesAKilledGateway(t *testing.T) {
	t.Parallel()
	n := 4000
	if underRace {
		n = 1000
	}
	dir := t.TempDir()
	write := func(name, text string) string {
		file := filepath.Join(dir, name)
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return file
	}
	config := write("lingke.yaml", "store: {uri: \"sqlite://lingke.db\"}\nserver: {addr: \""+freeAddr(t)+"\"}\nmodel: model.yaml\n")
	write("model.yaml", fmt.Sprintf(publishedModel, 40))
	next := write("next.yaml", fmt.Sprintf(publishedModel, 90))
	command := func(args ...string) string {
		t.Helper()
		out, err := exec.CommandContext(t.Context(), lingke(t), append(args, "-c", config)...).CombinedOutput() //nolint:gosec // the program under test
		if err != nil {
			t.Fatalf("lingke %v: %v\n%s", args, err, out)
		}
		return string(out)
	}
	s, err := sqlite.Open(t.Context(), filepath.Join(dir, "lingke.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	many := make([]customer.Customer, n)
	at := time.Now().UTC().Truncate(time.Millisecond)
	for i := range many {
		id := fmt.Sprintf("c%05d", i)
		size := fmt.Sprint(i % 1000)
		many[i] = customer.Customer{
			ID: id, Name: "客户" + id, Stage: customer.Lead, Since: at, Updated: at,
			Fields:  map[string]customer.Field{"headcount": {Value: size, Source: "erp", At: at}},
			Records: []customer.Record{{Ref: customer.NewRef("erp", id), Since: at, At: at, Values: map[string]customer.Value{"headcount": {Text: size, At: at}}}},
		}
	}
	if conflicts, err := s.PutCustomers(t.Context(), many); err != nil || len(conflicts) > 0 {
		t.Fatal(conflicts, err)
	}
	command("score")

	serve := func() *exec.Cmd {
		t.Helper()
		cmd := exec.Command(lingke(t), "serve", "-c", config) //nolint:gosec // the program under test
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
		return cmd
	}
	gateway := serve()
	command("model", "publish", next, "--by", "wangfang")
	var version string
	eventually(t, 60*time.Second, "the first customers scored by the published model", func() error {
		p, err := s.Publications(t.Context(), 1)
		if err != nil {
			return err
		}
		version = p[0].Models[0]
		c, err := s.Customer(t.Context(), "c00000")
		if err == nil && c.Score.Model != version {
			err = errors.New("not yet")
		}
		return err
	})
	_ = gateway.Process.Kill()
	_ = gateway.Wait()
	killed := scoredBy(t, s, version)
	serve()
	eventually(t, 60*time.Second, "everybody scored by the published model", func() error {
		if done := scoredBy(t, s, version); done != n {
			return fmt.Errorf("%d of %d", done, n)
		}
		return nil
	})
	t.Logf("%d of %d customers were scored when the gateway was killed", killed, n)
	if list := command("model", "list"); !strings.Contains(list, version) || !strings.Contains(list, "wangfang") {
		t.Error(list)
	}
}

func scoredBy(t *testing.T, s *sqlite.Store, version string) int {
	t.Helper()
	n := 0
	err := s.EachCustomer(context.WithoutCancel(t.Context()), func(c customer.Customer) error {
		if c.Score.Model == version {
			n++
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}
