package dingtalk

import "lingke/internal/emulator/world"

// ParseAck and ParseAnswer let the fuzz targets reach what reads the app's frames.
func ParseAck(text []byte) (messageID string, err error) {
	a, err := parseAck(text)
	return a.messageID(), err
}

// Applied reports whether an acknowledgement's data is an answer that the card takes.
func Applied(data string) (vars map[string]string, err error) {
	a, err := parseAnswer(data)
	if err != nil {
		return nil, err
	}
	vars, f := a.Data.text()
	if f != nil {
		return nil, ErrUnanswered
	}
	return vars, nil
}

// Spaces reads an openSpaceId.
func Spaces(text string) (kinds []string, ok bool) {
	list, f := parseSpaces(text)
	for _, s := range list {
		kinds = append(kinds, s.kind)
	}
	return kinds, f == nil
}

// Render fills the template that stands in where none is given.
func Render(vars map[string]string) world.Card {
	card, _ := render(standIn(), "c", vars)
	return card
}

// RenderTemplate fills an exported template.
func RenderTemplate(text []byte, vars map[string]string) (world.Card, error) {
	t, err := parseTemplate(text)
	if err != nil {
		return world.Card{}, err
	}
	card, _ := render(t, "c", vars)
	return card, nil
}
