package kingdee

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// maxDepth bounds nested brackets and NOTs, so that a hostile filter cannot exhaust the stack.
const maxDepth = 100

// parser reads a FilterString by recursive descent:
//
//	or    = and { OR and }
//	and   = not { AND not }
//	not   = NOT not | "(" or ")" | test
//	test  = value op value | value [NOT] LIKE string | value [NOT] IN "(" value {"," value} ")"
//	      | value [NOT] BETWEEN value AND value | value IS [NOT] NULL
//
// A value is a field key or a literal; at least one side of a test is a field, except that literals may be compared with
// each other, as in "1=1".
type parser struct {
	tokens []token
	at     int
	depth  int
	column func(key string) (column, error)
}

// parseFilter compiles a filter; an empty one passes every row. column finds what a field key means.
func parseFilter(text string, column func(string) (column, error)) (node, error) {
	if strings.TrimSpace(text) == "" {
		return allOf{}, nil
	}
	tokens, err := lex(text)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens, column: column}
	n, err := p.or()
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind != endToken {
		return nil, syntax(t.at, "多余的 "+t.text)
	}
	return n, nil
}

func (p *parser) peek() token { return p.tokens[p.at] }

func (p *parser) take() token {
	t := p.tokens[p.at]
	if t.kind != endToken {
		p.at++
	}
	return t
}

func (p *parser) accept(text string) bool {
	if p.peek().is(text) {
		p.at++
		return true
	}
	return false
}

func (p *parser) expect(text string) error {
	if t := p.peek(); !p.accept(text) {
		return syntax(t.at, "缺少 "+text)
	}
	return nil
}

func (p *parser) or() (node, error) {
	list, err := p.joined("OR", p.and)
	if len(list) == 1 {
		return list[0], err
	}
	return anyOf(list), err
}

func (p *parser) and() (node, error) {
	list, err := p.joined("AND", p.not)
	if len(list) == 1 {
		return list[0], err
	}
	return allOf(list), err
}

func (p *parser) joined(word string, part func() (node, error)) ([]node, error) {
	var list []node
	for {
		n, err := part()
		if err != nil {
			return nil, err
		}
		list = append(list, n)
		if !p.accept(word) {
			return list, nil
		}
	}
}

func (p *parser) not() (node, error) {
	if p.depth++; p.depth > maxDepth {
		return nil, syntax(p.peek().at, "嵌套过深")
	}
	defer func() { p.depth-- }()
	if p.accept("NOT") {
		n, err := p.not()
		return negate{n}, err
	}
	if !p.accept("(") {
		return p.test()
	}
	n, err := p.or()
	if err != nil {
		return nil, err
	}
	return n, p.expect(")")
}

// operand is one side of a test.
type operand struct {
	col *column
	lit token
}

func (p *parser) operand() (operand, error) {
	t := p.take()
	switch t.kind {
	case stringToken, numberToken:
		return operand{lit: t}, nil
	case wordToken:
		col, err := p.column(t.text)
		return operand{col: &col}, err
	default:
		return operand{}, syntax(t.at, "此处应为字段或值")
	}
}

var mirrored = map[string]string{"=": "=", "<>": "<>", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

func (p *parser) test() (node, error) {
	left, err := p.operand()
	if err != nil {
		return nil, err
	}
	if t := p.peek(); t.kind == symbolToken && mirrored[t.text] != "" {
		return p.comparison(left, p.take().text)
	}
	if left.col == nil {
		return nil, syntax(p.peek().at, "此处应为比较运算符")
	}
	if p.accept("IS") {
		return p.null(*left.col)
	}
	if p.accept("NOT") {
		n, err := p.member(*left.col)
		return negate{n}, err
	}
	return p.member(*left.col)
}

func (p *parser) comparison(left operand, op string) (node, error) {
	right, err := p.operand()
	switch {
	case err != nil:
		return nil, err
	case left.col != nil && right.col != nil:
		return nil, syntax(p.peek().at, "不支持字段之间的比较")
	case left.col != nil:
		return newCompare(*left.col, op, right.lit)
	case right.col != nil:
		return newCompare(*right.col, mirrored[op], left.lit)
	case left.lit.kind != right.lit.kind:
		return nil, syntax(right.lit.at, "不能比较不同类型的值")
	}
	return constant(left.lit, op, right.lit)
}

func newCompare(col column, op string, lit token) (node, error) {
	value, err := col.literal(lit)
	return compare{col, op, value}, err
}

func constant(a token, op string, b token) (node, error) {
	if a.kind == stringToken {
		return fixed(truth(holds(op, foldCompare(a.text, b.text)))), nil
	}
	x, err := number(a)
	if err != nil {
		return nil, err
	}
	y, err := number(b)
	return fixed(truth(holds(op, compareCells(x, y)))), err
}

func (p *parser) null(col column) (node, error) {
	if p.accept("NOT") {
		return negate{isNull{col}}, p.expect("NULL")
	}
	return isNull{col}, p.expect("NULL")
}

func (p *parser) member(col column) (node, error) {
	switch {
	case p.accept("LIKE"):
		t := p.take()
		if t.kind != stringToken {
			return nil, syntax(t.at, "LIKE 之后应为字符串")
		}
		return matches{col, t.text}, nil
	case p.accept("IN"):
		return p.in(col)
	case p.accept("BETWEEN"):
		return p.between(col)
	}
	return nil, syntax(p.peek().at, "此处应为比较运算符")
}

func (p *parser) in(col column) (node, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	list := oneOf{col: col}
	for {
		value, err := col.literal(p.take())
		if err != nil {
			return nil, err
		}
		list.values = append(list.values, value)
		if !p.accept(",") {
			return list, p.expect(")")
		}
	}
}

func (p *parser) between(col column) (node, error) {
	lo, err := newCompare(col, ">=", p.take())
	if err != nil {
		return nil, err
	}
	if err := p.expect("AND"); err != nil {
		return nil, err
	}
	hi, err := newCompare(col, "<=", p.take())
	return allOf{lo, hi}, err
}

// literal converts a token to what the column holds.
func (c column) literal(t token) (any, error) {
	if t.kind != stringToken && t.kind != numberToken {
		return nil, syntax(t.at, "此处应为值")
	}
	switch c.kind() {
	case Integer, reference:
		n, err := strconv.ParseInt(strings.TrimSpace(t.text), 10, 64)
		if err != nil {
			return nil, syntax(t.at, fmt.Sprintf("%s 应与整数比较", c.key))
		}
		return n, nil
	case Decimal:
		return number(t)
	case Date:
		at, err := parseTime(t.text)
		if err != nil {
			return nil, syntax(t.at, fmt.Sprintf("%s 应与日期比较", c.key))
		}
		return at, nil
	}
	return t.text, nil
}

func number(t token) (any, error) {
	n, err := strconv.ParseFloat(strings.TrimSpace(t.text), 64)
	if err != nil {
		return nil, syntax(t.at, "此处应为数字")
	}
	return n, nil
}

var timeLayouts = []string{"2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02", "2006-01-02 15:04", "2006/01/02", "2006/01/02 15:04:05"}

// parseTime reads the server's local time; fractions of a second may follow the seconds. A text with a zone (RFC 3339) is
// moved to the server's.
func parseTime(text string) (time.Time, error) {
	text = strings.TrimSpace(text)
	for _, layout := range timeLayouts {
		if at, err := time.ParseInLocation(layout, text, zone); err == nil {
			return at, nil
		}
	}
	at, err := time.Parse(time.RFC3339, text)
	return at.In(zone), err
}
