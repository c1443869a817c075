// Package botstest has what the tests of every platform show: the golden cards of all kinds.
package botstest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lingke/bots"
)

// Kind is a golden card and its name, such as "task_done.en".
type Kind struct {
	Name string
	Card bots.Card
}

// Kinds reads the golden cards of a folder, in the order of their names. Other golden files in it, which hold texts, are left out.
func Kinds(tb testing.TB, folder string) (all []Kind) {
	tb.Helper()
	const suffix = ".golden.json"
	files, err := filepath.Glob(filepath.Join(folder, "*"+suffix))
	if err != nil {
		tb.Fatal(err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file) //nolint:gosec // a golden file
		if err != nil {
			tb.Fatal(err)
		}
		k := Kind{Name: strings.TrimSuffix(filepath.Base(file), suffix)}
		if json.Unmarshal(text, &k.Card) == nil && k.Card.Kind != "" {
			all = append(all, k)
		}
	}
	if len(all) == 0 {
		tb.Fatalf("no cards in %s", folder)
	}
	return all
}
