package dingtalk

import (
	"strings"
	"testing"

	"lingke/bots/botstest"
)

// TestEveryKindOfCardAsItIsShown renders all golden cards of internal/cards, in both languages: as the template's variables and as text.
func TestEveryKindOfCardAsItIsShown(t *testing.T) {
	t.Parallel()
	shown := map[string]any{}
	for _, k := range botstest.Kinds(t, "../../internal/cards/testdata") {
		shown[k.Name] = map[string]any{"card": cardParams(k.Card), "text": strings.Split(plainCard(k.Card), "\n")}
	}
	goldenJSON(t, "kinds.golden.json", shown)
}
