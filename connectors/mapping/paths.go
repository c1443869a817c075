package mapping

import (
	"fmt"

	"lingke/connectors"
	"lingke/connectors/jsondoc"
)

// Paths are the places of a mapping's sources in JSON.
type Paths map[string]jsondoc.Path

// Paths returns the places of what the rules of a kind read. The error wraps connectors.ErrConfig.
func (m Mapping) Paths(kind connectors.Kind) (Paths, error) {
	all := make(Paths)
	for _, source := range m.Sources(kind) {
		p, err := jsondoc.ParsePath(source)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", err, connectors.ErrConfig)
		}
		all[source] = p
	}
	return all, nil
}

// Row reads the values of an item of a document. Several values of one path ([*]) are one text with 、 between them.
func (p Paths) Row(doc, item any) Row {
	return func(source string) (string, bool, error) {
		found := p[source].Find(doc, item)
		if len(found) == 0 {
			return "", false, nil
		}
		text, err := jsondoc.Texts(found)
		if err != nil {
			err = fmt.Errorf("%s: %w", source, err)
		}
		return text, true, err
	}
}
