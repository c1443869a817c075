package app

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"lingke/configs"
)

// pageOf reads the page of a connector's type.
func pageOf(t *testing.T, kind string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", filepath.FromSlash(connectorPage(kind)))) //nolint:gosec // a file of the repository
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// examples are the blocks of a page with connectors that an operator copies into lingke.yaml, without what indents them.
func examples(page string) (all []string) {
	for {
		before, after, ok := strings.Cut(page, "```yaml\n")
		if !ok {
			return all
		}
		indent := before[strings.LastIndexByte(before, '\n')+1:]
		block, rest, _ := strings.Cut(after, indent+"```")
		if strings.Contains("\n"+block, "\n"+indent+"connectors:\n") {
			all = append(all, strings.ReplaceAll("\n"+block, "\n"+indent, "\n"))
		}
		page = rest
	}
}

func TestEveryTypeOfConnectorHasAPageWhoseExamplesLoad(t *testing.T) {
	t.Parallel()
	a := &App{}
	for _, kind := range slices.Sorted(maps.Keys(a.connectorTypes())) {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			shown := false
			for _, text := range examples(pageOf(t, kind)) {
				cfg, err := configs.Parse("lingke.yaml", []byte(text), func(string) (string, bool) { return "sixteen-letters!", true }, Checks()...)
				if err != nil {
					t.Errorf("%s\n%v", text, err)
					continue
				}
				for _, c := range cfg.Connectors {
					shown = shown || c.Type == kind
				}
			}
			if !shown {
				t.Errorf("%s shows no connector of type %s", connectorPage(kind), kind)
			}
		})
	}
}

// TestTheSamplesPassTheCheck looks at what the config alone cannot: conditions, schemes and the settings of every connector.
func TestTheSamplesPassTheCheck(t *testing.T) {
	t.Parallel()
	secret := func(name string) (string, bool) {
		if name == "WECOM_ENCODING_AES_KEY" {
			return strings.Repeat("a", 42) + "A", true // of 43 characters, as the console shows it
		}
		return "sixteen-letters!", true
	}
	for _, name := range []string{"samples/minimal.yaml", "samples/full.yaml"} {
		text, err := configs.FS.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := configs.Parse(name, text, secret, Checks()...); err != nil {
			t.Errorf("%s:\n%v", name, err)
		}
	}
}
