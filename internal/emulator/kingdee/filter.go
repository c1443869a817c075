package kingdee

import (
	"fmt"
	"strconv"
	"time"
)

// logic is SQL's three-valued truth: a comparison with NULL is unknown, and only a row whose filter is yes passes.
type logic int8

const (
	no logic = iota
	unknown
	yes
)

// node is a compiled condition.
type node interface{ eval(row) logic }

type (
	allOf  []node
	anyOf  []node
	negate struct{ of node }
	fixed  logic
	// compare is "column operator value".
	compare struct {
		col   column
		op    string
		value any
	}
	oneOf struct {
		col    column
		values []any
	}
	matches struct {
		col     column
		pattern string
	}
	isNull struct{ col column }
)

func (f fixed) eval(row) logic { return logic(f) }

func (all allOf) eval(r row) logic {
	least := yes
	for _, n := range all {
		if least = min(least, n.eval(r)); least == no {
			return no
		}
	}
	return least
}

func (list anyOf) eval(r row) logic {
	most := no
	for _, n := range list {
		if most = max(most, n.eval(r)); most == yes {
			return yes
		}
	}
	return most
}

func (n negate) eval(r row) logic { return yes - n.of.eval(r) }

func (n compare) eval(r row) logic {
	cell := n.col.value(r)
	if cell == nil {
		return unknown
	}
	return truth(holds(n.op, compareCells(cell, n.value)))
}

func (n oneOf) eval(r row) logic {
	cell := n.col.value(r)
	if cell == nil {
		return unknown
	}
	for _, v := range n.values {
		if compareCells(cell, v) == 0 {
			return yes
		}
	}
	return no
}

func (n matches) eval(r row) logic {
	cell := n.col.value(r)
	if cell == nil {
		return unknown
	}
	return truth(like(asText(cell), n.pattern))
}

func (n isNull) eval(r row) logic { return truth(n.col.value(r) == nil) }

func truth(b bool) logic {
	if b {
		return yes
	}
	return no
}

func holds(op string, order int) bool {
	switch op {
	case "=":
		return order == 0
	case "<>", "!=":
		return order != 0
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	case ">":
		return order > 0
	default: // ">="
		return order >= 0
	}
}

// asText is how SQL Server would write a cell that LIKE is asked of.
func asText(cell any) string {
	switch v := cell.(type) {
	case string:
		return v
	case time.Time:
		return v.Format("2006-01-02 15:04:05")
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	default:
		return fmt.Sprint(v)
	}
}

// bounds gives the range of a header field that the filter can pass at all; nil is open. It looks at the conditions that
// stand in a conjunction at the top only.
func bounds(where node, key *field) (lo, hi any) {
	switch n := where.(type) {
	case allOf:
		for _, part := range n {
			l, h := bounds(part, key)
			lo, hi = tighter(lo, l, 1), tighter(hi, h, -1)
		}
	case compare:
		if n.col.field != key || n.col.part != partID {
			return nil, nil
		}
		if n.op == "=" || n.op == ">" || n.op == ">=" {
			lo = n.value
		}
		if n.op == "=" || n.op == "<" || n.op == "<=" {
			hi = n.value
		}
	}
	return lo, hi
}

func tighter(a, b any, direction int) any {
	if a == nil || b != nil && compareCells(b, a)*direction > 0 {
		return b
	}
	return a
}
