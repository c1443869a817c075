package app_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// listed is what `go list` tells of a package.
type listed struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

// allowed are the packages of ours that a package may import directly, besides its own subfolders' parents named here. "..." ends a prefix. What is
// not listed may import nothing of ours.
var allowed = map[string][]string{
	"lingke/cmd/lingke": {"lingke/bots", "lingke/configs", "lingke/internal/access", "lingke/connectors/sheet", "lingke/internal/customer", "lingke/internal/exports", "lingke/internal/imports", "lingke/internal/app", "lingke/internal/demo"},

	"lingke/bots":                        {},
	"lingke/connectors":                  {},
	"lingke/scoring":                     {},
	"lingke/scoring/lifetime/likelihood": {},
	"lingke/scoring/lifetime":            {"lingke/scoring/lifetime/likelihood"},
	"lingke/scoring/risk":                {"lingke/scoring", "lingke/scoring/lifetime/likelihood"},
	"lingke/scoring/validate":            {},
	"lingke/configs":                     {},
	"lingke/bots/dingtalk":               {"lingke/bots"},
	"lingke/bots/wecom":                  {"lingke/bots"},
	"lingke/connectors/budget":           {"lingke/connectors/egress"},
	"lingke/connectors/token":            {},
	"lingke/connectors/jsondoc":          {},
	"lingke/internal/clocktest":          {},
	"lingke/internal/numerals":           {},
	"lingke/connectors/mapping":          {"lingke/connectors", "lingke/connectors/jsondoc"},
	"lingke/connectors/kingdee":          {"lingke/connectors", "lingke/connectors/budget", "lingke/connectors/egress", "lingke/connectors/mapping"},
	"lingke/connectors/xingchen":         {"lingke/connectors", "lingke/connectors/egress", "lingke/connectors/jsondoc", "lingke/connectors/mapping"},
	"lingke/connectors/egress":           {"lingke/connectors"},
	"lingke/connectors/rest":             {"lingke/connectors", "lingke/connectors/egress", "lingke/connectors/jsondoc", "lingke/connectors/mapping"},
	"lingke/connectors/webhook":          {"lingke/connectors", "lingke/connectors/jsondoc", "lingke/connectors/mapping"},
	"lingke/connectors/sheet":            {"lingke/connectors", "lingke/connectors/mapping"},
	"lingke/connectors/approval":         {"lingke/connectors", "lingke/connectors/budget", "lingke/connectors/egress", "lingke/connectors/mapping", "lingke/connectors/token"},
	"lingke/connectors/contact":          {"lingke/connectors", "lingke/connectors/budget", "lingke/connectors/egress", "lingke/connectors/token"},
	"lingke/connectors/yonyou":           {"lingke/connectors", "lingke/connectors/budget", "lingke/connectors/egress", "lingke/connectors/mapping"},
	"lingke/bots/botstest":               {"lingke/bots"},
	"lingke/connectors/connectortest":    {"lingke/connectors"},
	"lingke/schedules":                   {},
	"lingke/internal/lang/langtest":      {},
	"lingke/internal/lang":               {},
	"lingke/internal/access":             {"lingke/internal/lang"},
	"lingke/internal/customer":           {"lingke/connectors", "lingke/internal/lang", "lingke/internal/customer/names", "lingke/internal/customer/phone", "lingke/internal/customer/sound", "lingke/scoring", "lingke/scoring/risk"},
	"lingke/internal/customer/names":     {},
	"lingke/internal/customer/phone":     {},
	"lingke/internal/customer/sound":     {},
	"lingke/internal/testdata":           {},
	"lingke/internal/calendar":           {"lingke/internal/numerals"},
	"lingke/internal/leave":              {"lingke/internal/calendar", "lingke/internal/store"},
	"lingke/internal/followup":           {"lingke/connectors", "lingke/internal/access", "lingke/internal/calendar", "lingke/internal/customer", "lingke/internal/lang", "lingke/scoring", "lingke/scoring/risk"},
	"lingke/internal/delivery":           {"lingke/bots", "lingke/internal/delivery/budget"},
	"lingke/internal/delivery/budget":    {"lingke/bots"},
	"lingke/internal/inbox":              {},
	"lingke/internal/connections":        {},
	"lingke/internal/outbound":           {"lingke/connectors", "lingke/connectors/egress", "lingke/connectors/webhook", "lingke/internal/customer"},
	"lingke/internal/store":              {"lingke/internal/access", "lingke/connectors", "lingke/internal/batch", "lingke/internal/customer", "lingke/internal/delivery", "lingke/internal/followup", "lingke/internal/inbox", "lingke/internal/models", "lingke/internal/outbound", "lingke/internal/raw", "lingke/schedules", "lingke/bots", "lingke/internal/delivery/budget"},
	"lingke/internal/raw":                {"lingke/connectors"},
	"lingke/internal/batch":              {"lingke/connectors", "lingke/internal/customer"},
	"lingke/internal/assign":             {"lingke/internal/access", "lingke/internal/calendar", "lingke/internal/customer", "lingke/internal/lang", "lingke/internal/store", "lingke/scoring"},
	"lingke/internal/ingest":             {"lingke/connectors", "lingke/internal/batch", "lingke/internal/assign", "lingke/internal/customer", "lingke/internal/raw", "lingke/internal/store", "lingke/scoring"},
	"lingke/internal/exports":            {"lingke/connectors", "lingke/connectors/sheet", "lingke/internal/access", "lingke/internal/customer", "lingke/internal/delivery", "lingke/internal/followup", "lingke/internal/store", "lingke/scoring"},
	"lingke/internal/imports":            {"lingke/connectors", "lingke/connectors/sheet", "lingke/internal/batch", "lingke/internal/customer", "lingke/internal/ingest"},
	"lingke/internal/cards":              {"lingke/bots", "lingke/connectors", "lingke/internal/access", "lingke/internal/customer", "lingke/internal/followup", "lingke/internal/lang", "lingke/scoring", "lingke/scoring/risk"},
	"lingke/internal/dispatch":           {"lingke/bots", "lingke/internal/access", "lingke/internal/assign", "lingke/internal/cards", "lingke/internal/customer", "lingke/internal/delivery", "lingke/internal/followup", "lingke/internal/lang", "lingke/internal/store"},
	"lingke/internal/chat":               {"lingke/bots", "lingke/connectors", "lingke/connectors/sheet", "lingke/internal/batch", "lingke/internal/imports", "lingke/internal/access", "lingke/internal/assign", "lingke/internal/cards", "lingke/internal/connections", "lingke/internal/customer", "lingke/internal/delivery", "lingke/internal/dispatch", "lingke/internal/followup", "lingke/internal/lang", "lingke/internal/inbox", "lingke/internal/leave", "lingke/internal/match", "lingke/internal/numerals", "lingke/internal/report", "lingke/internal/store", "lingke/internal/calendar", "lingke/internal/delivery/budget", "lingke/internal/customer/names", "lingke/internal/customer/sound", "lingke/scoring/risk", "lingke/scoring"},
	"lingke/internal/staff":              {"lingke/bots", "lingke/internal/access", "lingke/internal/store"},
	"lingke/internal/match":              {"lingke/connectors", "lingke/internal/access", "lingke/internal/customer", "lingke/internal/customer/names", "lingke/internal/store"},
	"lingke/internal/app":                {"..."},
	"lingke/internal/e2e":                {},
	"lingke/internal/models":             {},
	"lingke/internal/report":             {"lingke/connectors", "lingke/internal/access", "lingke/internal/customer", "lingke/internal/followup", "lingke/internal/lang", "lingke/internal/numerals", "lingke/internal/store", "lingke/scoring", "lingke/scoring/lifetime", "lingke/scoring/validate"},
	"lingke/internal/report/recount":     {"lingke/internal/exports", "lingke/internal/report"},
	"lingke/internal/demo":               {"lingke/configs", "lingke/connectors/webhook", "lingke/internal/app", "lingke/internal/emulator..."},
	"lingke/internal/emulator...":        {"lingke/internal/emulator..."},
	"lingke/internal/store/sqlite":       {"lingke/internal/access", "lingke/bots", "lingke/connectors", "lingke/internal/batch", "lingke/internal/customer", "lingke/internal/delivery", "lingke/internal/followup", "lingke/internal/inbox", "lingke/internal/models", "lingke/internal/outbound", "lingke/internal/raw", "lingke/internal/store", "lingke/schedules", "lingke/internal/delivery/budget"},
	"lingke/internal/store/mongo":        {"lingke/internal/access", "lingke/bots", "lingke/connectors", "lingke/internal/batch", "lingke/internal/customer", "lingke/internal/delivery", "lingke/internal/followup", "lingke/internal/inbox", "lingke/internal/models", "lingke/internal/outbound", "lingke/internal/raw", "lingke/internal/store", "lingke/schedules", "lingke/internal/delivery/budget"},
	"lingke/internal/store/storetest":    {"lingke/internal/access", "lingke/bots", "lingke/connectors", "lingke/internal/batch", "lingke/internal/customer", "lingke/internal/delivery", "lingke/internal/followup", "lingke/internal/inbox", "lingke/internal/models", "lingke/internal/outbound", "lingke/internal/raw", "lingke/internal/store", "lingke/schedules", "lingke/scoring", "lingke/scoring/risk", "lingke/internal/delivery/budget"},
	"lingke/internal/httpapi/h5":         {"lingke/bots", "lingke/connectors", "lingke/internal/access", "lingke/internal/batch", "lingke/internal/cards", "lingke/internal/customer", "lingke/internal/followup", "lingke/internal/lang", "lingke/internal/store", "lingke/scoring"},
	"lingke/internal/httpapi":            {"lingke/configs", "lingke/connectors", "lingke/connectors/sheet", "lingke/internal/access", "lingke/internal/assign", "lingke/internal/batch", "lingke/internal/cards", "lingke/internal/connections", "lingke/internal/customer", "lingke/internal/delivery", "lingke/internal/exports", "lingke/internal/followup", "lingke/internal/imports", "lingke/internal/ingest", "lingke/internal/lang", "lingke/internal/match", "lingke/internal/models", "lingke/internal/outbound", "lingke/internal/raw", "lingke/internal/report", "lingke/internal/store", "lingke/scoring", "lingke/internal/delivery/budget", "lingke/internal/leave"},
}

// drivers may be linked only where named: the deciding packages know no platform and no database.
var drivers = map[string][]string{
	"go.mongodb.org/mongo-driver/v2/mongo":                   {"lingke/internal/store/mongo"},
	"github.com/ncruces/go-sqlite3/driver":                   {"lingke/internal/store/sqlite"},
	"modernc.org/sqlite":                                     {"lingke/internal/store/sqlite"},
	"github.com/open-dingtalk/dingtalk-stream-sdk-go/client": {"lingke/bots/dingtalk"},
	"github.com/silenceper/wechat/v2/work":                   {"lingke/bots/wecom"},
	"github.com/gin-gonic/gin":                               {"lingke/internal/httpapi"},
	"github.com/robfig/cron/v3":                              {"lingke/schedules", "lingke/configs"},
}

func TestImportsKeepTheirDirections(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		may, known := lookup(p.ImportPath)
		if !known {
			t.Errorf("%s is in no line of the table: say what it may import", p.ImportPath)
			continue
		}
		for _, imported := range p.Imports {
			if strings.HasPrefix(imported, "lingke/") && !matches(may, imported) {
				t.Errorf("%s imports %s", p.ImportPath, imported)
			}
			if only, ok := drivers[imported]; ok && !slices.Contains(only, p.ImportPath) {
				t.Errorf("%s imports the driver %s", p.ImportPath, imported)
			}
		}
	}
}

// TestRootsStandAlone looks at everything that a root brings along, not only at what it names.
func TestRootsStandAlone(t *testing.T) {
	t.Parallel()
	for _, p := range packages(t) {
		switch p.ImportPath {
		case "lingke/bots", "lingke/connectors", "lingke/scoring", "lingke/configs", "lingke/internal/access":
			for _, dep := range p.Deps {
				if strings.HasPrefix(dep, "lingke/") && !matches(allowed[p.ImportPath], dep) {
					t.Errorf("%s depends on %s", p.ImportPath, dep)
				}
			}
		}
	}
}

func packages(t *testing.T) []listed {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports,Deps", "lingke/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	for d := json.NewDecoder(bytes.NewReader(out)); ; {
		var p listed
		err := d.Decode(&p)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func lookup(path string) ([]string, bool) {
	if may, ok := allowed[path]; ok {
		return may, true
	}
	for pattern, may := range allowed {
		if prefix, ok := strings.CutSuffix(pattern, "..."); ok && strings.HasPrefix(path, prefix) {
			return may, true
		}
	}
	return nil, false
}

func matches(may []string, path string) bool {
	return slices.ContainsFunc(may, func(pattern string) bool {
		prefix, open := strings.CutSuffix(pattern, "...")
		return path == pattern || open && strings.HasPrefix(path, prefix)
	})
}
