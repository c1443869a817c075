package scoring

import (
	"errors"
	"fmt"
)

// Grid tiers by two dimensions at once, such as fit × engagement: each is cut into bands, and the cell where they meet names the
// tier.
type Grid struct {
	Name          string
	Rows, Columns Axis
	Tiers         [][]string // by row, then column: one more each than the axis has edges
}

// Axis cuts a dimension's points into bands, the best first: at least Edges[0], at least Edges[1], …, the rest.
type Axis struct {
	Dimension string // the id in the model
	Edges     []float64
}

func (a Axis) band(points float64) int {
	for i, edge := range a.Edges {
		if points >= edge {
			return i
		}
	}
	return len(a.Edges)
}

// ErrGrid is what Validate reports.
var ErrGrid = errors.New("grid")

// Validate reports edges that do not go downwards and tiers that do not fill the grid.
func (g Grid) Validate() error {
	for _, axis := range []Axis{g.Rows, g.Columns} {
		for i, edge := range axis.Edges {
			if i > 0 && !(edge < axis.Edges[i-1]) {
				return fmt.Errorf("%w %q: %s: edges go downwards: %v is not below %v", ErrGrid, g.Name, axis.Dimension, edge, axis.Edges[i-1])
			}
		}
	}
	if len(g.Tiers) != len(g.Rows.Edges)+1 {
		return fmt.Errorf("%w %q: %d rows of tiers, %d are needed", ErrGrid, g.Name, len(g.Tiers), len(g.Rows.Edges)+1)
	}
	for _, row := range g.Tiers {
		if len(row) != len(g.Columns.Edges)+1 {
			return fmt.Errorf("%w %q: %d tiers in a row, %d are needed", ErrGrid, g.Name, len(row), len(g.Columns.Edges)+1)
		}
	}
	return nil
}

// Tier returns the cell of a result; the worst band where the result has no such dimension. The grid must be valid.
func (g Grid) Tier(r Result) string {
	return g.Tiers[g.Rows.band(r.dimension(g.Rows.Dimension))][g.Columns.band(r.dimension(g.Columns.Dimension))]
}

func (r Result) dimension(id string) float64 {
	for _, d := range r.Dimensions {
		if d.ID == id {
			return d.Points
		}
	}
	return -maxPoints
}
