package h5

import (
	"encoding/json"
	"strconv"
	"strings"
)

// point is one bar of a chart, with its value as the text beside it writes it.
type point struct {
	Name  string  `json:"name"`
	Value float64 `json:"value"`
	Text  string  `json:"text"`
}

// drawing is a chart: what the script draws, its caption, and the same in words for who does not see it.
type drawing struct{ Data, Title, Text string }

func chart(title string, points []point) *drawing {
	parts := make([]string, len(points))
	for i, p := range points {
		points[i].Text = decimal(p.Value)
		parts[i] = p.Name + " " + points[i].Text
	}
	data, _ := json.Marshal(points) // names and finite numbers always encode
	return &drawing{string(data), title, title + ": " + strings.Join(parts, ", ")}
}

// decimal writes a number with at most one decimal.
func decimal(v float64) string { return strings.TrimSuffix(strconv.FormatFloat(v, 'f', 1, 64), ".0") }
