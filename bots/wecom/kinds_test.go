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
		shown[name] = render("card_1", c)
	}
	golden(t, "kinds.golden.json", shown)
}
