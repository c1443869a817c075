package dingtalk

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"lingke/internal/emulator/world"
)

// part is one component of a card template, as the card platform exports it.
type part struct {
	Name     string                     `json:"componentName"`
	Props    map[string]json.RawMessage `json:"props"`
	Children []part                     `json:"children"`
}

// ErrTemplate: a text is no exported card template.
var ErrTemplate = errors.New("no card template")

// parseTemplate reads a template as the card platform exports it: {"editorData": "<JSON as text>", …}.
func parseTemplate(text []byte) (part, error) {
	var file struct{ EditorData, WidgetInfo, Type, Mode string }
	if err := json.Unmarshal(text, &file); err != nil {
		return part{}, fmt.Errorf("%w: %w", ErrTemplate, err)
	}
	var editor struct {
		Schema struct {
			Tree []part `json:"componentsTree"`
		} `json:"schema"`
	}
	if err := json.Unmarshal([]byte(file.EditorData), &editor); err != nil {
		return part{}, fmt.Errorf("%w: editorData: %w", ErrTemplate, err)
	}
	if len(editor.Schema.Tree) != 1 || editor.Schema.Tree[0].Name != "Card" || file.WidgetInfo == "" || file.Type != "im" {
		return part{}, fmt.Errorf("%w: it is not one card for chats", ErrTemplate)
	}
	return editor.Schema.Tree[0], nil
}

// documented stands in where no template is given. It binds the same variables: title, state, body, fields, closed, live, form, form_label, buttons and toast.
const documented = `{"componentName":"Card","children":[
{"componentName":"CardHeaderV2","props":{"title":{"content":"${title}"}}},
{"componentName":"Tag","props":{"text":{"content":"${state}"}}},
{"componentName":"Markdown","props":{"content":{"valueType":"variable","variable":"body"}}},
{"componentName":"Loop","props":{"listData":{"variable":"fields"}},"children":[{"componentName":"BaseText","props":{"text":{"content":"${loop.name}：${loop.value}"}}}]},
{"componentName":"BaseText","props":{"text":{"content":"${closed}"}}},
{"componentName":"Loop","props":{"listData":{"variable":"buttons"},"visible":{"valueType":"condition","condition":{"op":"and","conditions":[{"variable":"closed","op":"isEmpty"}]}}},
 "children":[{"componentName":"SingleButton","props":{"text":{"content":"${loop.text}"},"color":{"valueType":"variable","variable":"buttons[0].color"},"actionType":"dynamicEvent","dynamicEventVar":{"variable":"buttons[0].action"}}}]},
{"componentName":"Form","props":{"id":"form","submitText":{"content":"${form_label}"},"formSchema":{"variable":"form"},
 "visible":{"valueType":"condition","condition":{"op":"and","conditions":[{"variable":"form_label","op":"isNotEmpty"},{"variable":"closed","op":"isEmpty"}]}}}},
{"componentName":"BaseText","props":{"text":{"content":"${toast}"}}}]}`

func standIn() part {
	var c part
	if err := json.Unmarshal([]byte(documented), &c); err != nil {
		panic(err) // a constant of this file
	}
	return c
}

// pressable is what pressing one action sends: a button's own event, or a form.
type pressable struct {
	actionID string
	params   map[string]any
	form     []formField // nil: a button
	formID   string
	link     string // what a button only opens
}

// drawing is a card under way.
type drawing struct {
	card  world.Card
	vars  map[string]string
	press map[string]pressable // by the action's id in the world
	lines []string             // single texts outside of lists
}

// render fills a template for one person. What stands where follows the kind of component: a header is the title, a tag the state, Markdown the body, a list of texts the fields,
// buttons and forms the actions, and a single text the note, or the hint where something can be pressed.
func render(t part, track string, vars map[string]string) (world.Card, map[string]pressable) {
	d := &drawing{card: world.Card{ID: track}, vars: vars, press: map[string]pressable{}}
	d.draw(t, nil)
	for i, line := range d.lines {
		switch {
		case i == 0 && len(d.card.Actions) == 0:
			d.card.Note = line
		case d.card.Hint == "":
			d.card.Hint = line
		}
	}
	return d.card, d.press
}

// row is the present entry of the loop around a part.
type row map[string]json.RawMessage

func (d *drawing) draw(c part, in row) {
	if !d.visible(c.Props["visible"]) {
		return
	}
	switch c.Name {
	case "CardHeaderV2":
		d.card.Title = d.fill(content(c.Props["title"]), in)
	case "Tag":
		d.card.State = d.fill(content(c.Props["text"]), in)
	case "Markdown":
		d.card.Body = strings.TrimSpace(d.card.Body + "\n" + d.markdown(c.Props["content"], in))
	case "BaseText":
		d.text(d.fill(content(c.Props["text"]), in), in != nil)
	case "SingleButton":
		d.button(c, in)
	case "Form":
		d.form(c)
	case "Loop":
		for _, r := range d.rows(reference(c.Props["listData"])) {
			for _, child := range c.Children {
				d.draw(child, r)
			}
		}
	default:
		for _, child := range c.Children {
			d.draw(child, in)
		}
	}
}

// text is a line of its own, or a field where it stands in a list.
func (d *drawing) text(line string, listed bool) {
	name, value, pair := strings.Cut(line, "：")
	switch {
	case line == "":
	case listed && pair:
		d.card.Fields = append(d.card.Fields, world.Field{Name: name, Value: value})
	case listed:
		d.card.Fields = append(d.card.Fields, world.Field{Value: line})
	default:
		d.lines = append(d.lines, line)
	}
}

// styles of buttons by the colours of the templates.
var styles = map[string]string{"blue": "primary", "red": "danger"}

// button is one button of a list, whose event comes with its row.
func (d *drawing) button(c part, in row) {
	var event struct {
		Type   string `json:"type"`
		Params struct {
			URL      string         `json:"url"`
			ActionID string         `json:"actionId"`
			Params   map[string]any `json:"params"`
		} `json:"params"`
	}
	_ = json.Unmarshal(in[last(reference(c.Props["dynamicEventVar"]))], &event) // broken: a button without effect
	a := world.Action{ID: event.Params.ActionID, Label: d.fill(content(c.Props["text"]), in), Enabled: true}
	var color string
	_ = json.Unmarshal(in[last(reference(c.Props["color"]))], &color)
	a.Style = styles[color]
	switch event.Type {
	case "sendCardRequest":
		d.press[a.ID] = pressable{actionID: a.ID, params: event.Params.Params}
	case "openLink":
		a.ID = event.Params.URL
		d.press[a.ID] = pressable{link: a.ID}
	}
	d.card.Actions = append(d.card.Actions, a)
}

// rows are the entries of a list variable.
func (d *drawing) rows(variable string) []row {
	var out []row
	_ = json.Unmarshal([]byte(d.vars[variable]), &out) // broken: empty, as a template shows it
	return out
}

func (d *drawing) markdown(raw json.RawMessage, in row) string {
	var m struct{ ValueType, Value, Variable string }
	_ = json.Unmarshal(raw, &m)
	if m.ValueType == "variable" {
		return d.vars[m.Variable]
	}
	return d.fill(m.Value, in)
}

// visible decides a condition on variables; a part without one is always there.
func (d *drawing) visible(raw json.RawMessage) bool {
	var v struct {
		ValueType string
		Value     *bool
		Condition struct {
			Op         string
			Conditions []struct {
				Op, Variable string
				Value        any
			}
		}
	}
	if json.Unmarshal(raw, &v) != nil || v.ValueType != "condition" {
		return v.Value == nil || *v.Value
	}
	hold := func(i int) bool {
		c := v.Condition.Conditions[i]
		is := d.vars[c.Variable]
		switch c.Op {
		case "isEmpty":
			return is == ""
		case "isNotEmpty":
			return is != ""
		case "equal":
			return is == fmt.Sprint(c.Value)
		case "notEqual":
			return is != fmt.Sprint(c.Value)
		}
		return false
	}
	for i := range v.Condition.Conditions {
		if hold(i) == (v.Condition.Op == "or") {
			return v.Condition.Op == "or"
		}
	}
	return v.Condition.Op != "or"
}

// fill puts variables in place of ${name} and ${loop.name}.
func (d *drawing) fill(text string, in row) string {
	var out strings.Builder
	for {
		before, rest, ok := strings.Cut(text, "${")
		name, after, closed := strings.Cut(rest, "}")
		out.WriteString(before)
		if !ok || !closed {
			return out.String()
		}
		if field, loop := strings.CutPrefix(name, "loop."); loop {
			var value string
			_ = json.Unmarshal(in[field], &value)
			out.WriteString(value)
		} else {
			out.WriteString(d.vars[name])
		}
		text = after
	}
}

func content(raw json.RawMessage) string {
	var s struct{ Content string }
	_ = json.Unmarshal(raw, &s)
	return s.Content
}

func reference(raw json.RawMessage) string {
	var v struct{ Variable string }
	_ = json.Unmarshal(raw, &v)
	return v.Variable
}

// last is the part of a path after its last dot: the name inside a row.
func last(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }
