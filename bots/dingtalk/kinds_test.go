package dingtalk

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"lingke/bots"
)

// TestEveryKindOfCardAsItIsShown renders all golden cards of internal/cards, in both languages: as the template's variables and as text.
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
		shown[name] = map[string]any{"card": cardParams(c), "text": strings.Split(plainCard(c), "\n")}
	}
	got, err := encode(shown)
	if err != nil {
		t.Fatal(err)
	}
	var indented strings.Builder
	enc := json.NewEncoder(&indented)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(json.RawMessage(got)); err != nil {
		t.Fatal(err)
	}
	golden(t, "kinds.golden.json", []byte(indented.String()))
}
