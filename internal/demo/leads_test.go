package demo

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestLeadsReachTheTeamsTheyAreFor lets many leads appear and reads everybody's chats.
func TestLeadsReachTheTeamsTheyAreFor(t *testing.T) {
	t.Parallel()
	r := start(t, Options{Customers: 30, Orders: 90, LeadEvery: 40 * time.Millisecond})
	until(t, "both sales teams have five cards", func() bool {
		return len(cardsOf(t, r.page, "dingtalk", "zhangwei")) >= 5 && len(cardsOf(t, r.page, "wecom", "chenjing")) >= 5
	})
	for _, c := range []struct{ platform, person, tier string }{
		{"dingtalk", "wangfang", "（高价值）"},
		{"wecom", "wangfang", "（高价值）"},
		{"dingtalk", "zhangwei", "（高价值）"},
		{"wecom", "zhangwei", "（高价值）"},
		{"dingtalk", "lina", "（高价值）"},
		{"dingtalk", "liuyang", "（重点）"},
		{"wecom", "liuyang", "（重点）"},
		{"wecom", "chenjing", "（重点）"},
		{"dingtalk", "zhaolei", "nobody is asked about the rest"},
		{"wecom", "sunyue", "nobody is asked about the rest"},
	} {
		for _, m := range cardsOf(t, r.page, c.platform, c.person) {
			if got := m.Card.Fields[0].Value; !strings.Contains(got, c.tier) {
				t.Errorf("%s's %s shows %s with %s, want %s", c.person, c.platform, m.Card.Title, got, c.tier)
			}
		}
	}
	if text := r.log.String(); text != "" {
		t.Errorf("something went wrong:\n%s", text)
	}
}

func TestAFolderThatCannotKeepDataIsNamedAtOnce(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	locked := filepath.Join(t.TempDir(), "locked")
	if err := os.Mkdir(locked, 0o500); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ name, dir, named string }{
		{"a file stands there", file, file},
		{"a file stands above it", filepath.Join(file, "data"), file},
		{"the folder above it is locked", filepath.Join(locked, "data"), locked},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.named == locked && os.Geteuid() == 0 {
				t.Skip("root may write anywhere")
			}
			err := Run(t.Context(), Options{Addr: "127.0.0.1:0", EmulatorAddr: "127.0.0.1:0", Dir: c.dir, Out: newTranscript()})
			if err == nil || !strings.Contains(err.Error(), c.named) {
				t.Errorf("Run = %v, want an error that names %s", err, c.named)
			}
		})
	}
}
