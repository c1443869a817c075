package wecom

import (
	"testing"

	"lingke/bots/botstest"
)

// TestEveryKindOfCardAsItIsShown renders all golden cards of internal/cards, in both languages.
func TestEveryKindOfCardAsItIsShown(t *testing.T) {
	t.Parallel()
	shown := map[string]any{}
	for _, k := range botstest.Kinds(t, "../../internal/cards/testdata") {
		shown[k.Name] = render("card_1", k.Card)
	}
	golden(t, "kinds.golden.json", shown)
}
