package dingtalk

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"lingke/bots"
	"lingke/configs"
)

// shipped is the template file, as far as its variables go.
func shipped(t *testing.T) (editor string, declared map[string]bool) {
	t.Helper()
	text, err := configs.FS.ReadFile("cards/dingtalk.json")
	if err != nil {
		t.Fatal(err)
	}
	var file struct{ EditorData, WidgetInfo, Type, Mode string }
	if err := json.Unmarshal(text, &file); err != nil || file.Type != "im" || file.Mode != "card" || !strings.HasPrefix(file.WidgetInfo, "<LinearLayout") {
		t.Fatalf("%v: type %q, mode %q", err, file.Type, file.Mode)
	}
	var data struct {
		VariableList []struct {
			Name    string
			Private bool
		}
		MockData struct{ CardData map[string]any }
	}
	if err := json.Unmarshal([]byte(file.EditorData), &data); err != nil {
		t.Fatal(err)
	}
	declared = map[string]bool{} // private or not
	for _, v := range data.VariableList {
		declared[v.Name] = v.Private
		if _, ok := data.MockData.CardData[v.Name]; !ok {
			t.Errorf("the preview has no %q", v.Name)
		}
	}
	return file.EditorData, declared
}

// The template binds exactly the variables that the bot fills: one that is missing on either side would stay blank on every card.
func TestTheShippedTemplateBindsWhatTheBotFills(t *testing.T) {
	t.Parallel()
	editor, declared := shipped(t)
	filled := cardParams(leadCard())
	for name := range filled {
		if _, ok := declared[name]; !ok {
			t.Errorf("the bot fills %q, which the template does not declare", name)
		}
	}
	card := leadCard()
	asked := response(bots.Answer{Ask: &card.Actions[1], Card: &card, Toast: "x"}).Private.Params
	for name, private := range declared {
		_, public := filled[name]
		if _, ok := asked[name]; ok != private || !public && !private {
			t.Errorf("%q is declared as private %v, filled for all %v, for one %v", name, private, public, ok)
		}
	}
	used := regexp.MustCompile(`\$\{([a-z_]+)\}|"variable":"([A-Za-z_]+)`).FindAllStringSubmatch(editor, -1)
	var names []string
	for _, m := range used {
		names = append(names, m[1]+m[2])
	}
	for name := range declared {
		if !slices.Contains(names, name) {
			t.Errorf("no component shows %q", name)
		}
	}
	for _, name := range names {
		if _, ok := declared[name]; !ok {
			t.Errorf("a component shows %q, which is not declared", name)
		}
	}
}
