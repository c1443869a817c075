package wecom

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lingke/bots"
)

// TestEveryKindOfCardAsItIsShown renders all golden cards of internal/cards, in both languages.
func TestEveryKindOfCardAsItIsShown(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("../../internal/cards/testdata/*.golden.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cards: %v", err)
	}
	known := map[string]any{} // a card that is newer than the golden file is in it after -update
	if text, err := os.ReadFile("testdata/kinds.golden.json"); err == nil && json.Unmarshal(text, &known) != nil {
		t.Fatal("kinds.golden.json is no JSON")
	}
	shown := map[string]any{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var c bots.Card
		if json.Unmarshal(text, &c) != nil || c.Kind == "" {
			continue // texts
		}
		name := strings.TrimSuffix(filepath.Base(file), ".golden.json")
		if known[name] == nil && !*update {
			t.Logf("%s is not in the golden file yet", name)
			continue
		}
		shown[name] = render("card_1", c)
	}
	golden(t, "kinds.golden.json", shown)
}
