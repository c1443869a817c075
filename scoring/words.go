package scoring

import (
	"strings"

	"github.com/expr-lang/expr/ast"
)

// language holds the words that expressions and explanations are put into.
type language struct {
	chinese                    bool
	operators                  map[string]string
	yes, no, list              string
	colon, open, close         string
	comma, semicolon, from     string
	before, noData, has, since string
	when, then, otherwise      string
	faded, tooLittle           string
}

var chinese = &language{
	chinese: true,
	operators: map[string]string{
		"&&": "且", "and": "且", "||": "或", "or": "或", "!": "并非 ", "not": "并非 ",
		"==": "=", "!=": "≠", "<=": "≤", ">=": "≥", "*": "×", "/": "÷",
		"in": "属于", "contains": "包含", "startsWith": "开头是", "endsWith": "结尾是",
	},
	yes: "是", no: "否", list: "、", colon: "：", open: "（", close: "）", comma: "，", semicolon: "；", from: "来源 ",
	before: "，已达上限，原为 ", noData: "无数据", has: "有", since: "距今天数",
	when: "若 ", then: " 则 ", otherwise: "，否则 ",
	faded: "，按时间衰减前为 ", tooLittle: "资料太少，得分仅供参考",
}

var english = &language{
	operators: map[string]string{
		"&&": "and", "||": "or", "!": "not ", "not": "not ", "==": "=", "!=": "≠", "<=": "≤", ">=": "≥", "*": "×", "/": "÷",
		"startsWith": "starts with", "endsWith": "ends with",
	},
	yes: "yes", no: "no", list: ", ", colon: ": ", open: " (", close: ")", comma: ", ", semicolon: "; ", from: "from ",
	before: ", cut by a cap from ", noData: "no data", has: "has", since: "days since",
	when: "if ", then: " then ", otherwise: " else ",
	faded: ", before decay ", tooLittle: "too little is known: the score is only a hint",
}

// languageOf takes "en" and "en-…" as English and everything else as Chinese.
func languageOf(lang string) *language {
	if lang == "en" || strings.HasPrefix(lang, "en-") || strings.HasPrefix(lang, "en_") {
		return english
	}
	return chinese
}

func (l *language) operator(op string) string {
	if w, ok := l.operators[op]; ok {
		return w
	}
	return op
}

// words puts the expression into words: "行业 = 制造业 且 员工人数 > 500".
func (e *expression) words(l *language) string { return e.say(e.root, l) }

func (e *expression) say(n ast.Node, l *language) string {
	switch n := n.(type) {
	case *ast.IntegerNode:
		return decimal(float64(n.Value))
	case *ast.FloatNode:
		return decimal(n.Value)
	case *ast.StringNode:
		return n.Value
	case *ast.BoolNode:
		if n.Value {
			return l.yes
		}
		return l.no
	case *ast.IdentifierNode:
		return e.fieldName(n, l)
	case *ast.ArrayNode:
		return e.sayAll(n.Nodes, l)
	case *ast.UnaryNode:
		return l.operator(n.Operator) + e.sayInner(n.Node, l, 9)
	case *ast.BinaryNode:
		rank := rankOf(n)
		return e.sayInner(n.Left, l, rank) + " " + l.operator(n.Operator) + " " + e.sayInner(n.Right, l, rank+1)
	case *ast.ConditionalNode:
		return l.when + e.say(n.Cond, l) + l.then + e.say(n.Exp1, l) + l.otherwise + e.say(n.Exp2, l)
	case *ast.BuiltinNode:
		return n.Name + "(" + e.sayAll(n.Arguments, l) + ")"
	case *ast.CallNode:
		word := l.has
		if n.Callee.(*ast.IdentifierNode).Value == "days_since" {
			word = l.since
		}
		return word + "(" + e.sayAll(n.Arguments, l) + ")"
	}
	return ""
}

func (e *expression) fieldName(n *ast.IdentifierNode, l *language) string {
	f, _, _ := e.schema.Lookup(n.Value)
	if l.chinese {
		return f.ZH
	}
	return f.EN
}

func (e *expression) sayAll(nodes []ast.Node, l *language) string {
	parts := make([]string, 0, len(nodes))
	for _, n := range nodes {
		parts = append(parts, e.say(n, l))
	}
	return strings.Join(parts, l.list)
}

// sayInner adds the brackets that keep the meaning.
func (e *expression) sayInner(n ast.Node, l *language, rank int) string {
	if rankOf(n) < rank {
		return "(" + e.say(n, l) + ")"
	}
	return e.say(n, l)
}

// rankOf tells how tightly a node holds together; leaves most.
func rankOf(n ast.Node) int {
	switch n := n.(type) {
	case *ast.ConditionalNode:
		return 0
	case *ast.UnaryNode:
		return 8
	case *ast.BinaryNode:
		switch n.Operator {
		case "||", "or":
			return 1
		case "&&", "and":
			return 2
		case "+", "-":
			return 4
		case "*", "/":
			return 5
		}
		return 3
	}
	return 10
}
