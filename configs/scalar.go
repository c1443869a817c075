package configs

import (
	"encoding"
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// scalar reads one value of a basic kind.
func (d *decoder) scalar(path string, n ast.Node, v reflect.Value) {
	wanted := kindName(v)
	text, ok := d.text(path, n, wanted)
	if !ok {
		return
	}
	if err := setScalar(v, text); err != "" {
		d.refuse(path, fmt.Sprintf("expected %s, found %s", wanted, d.shown(path)), err)
	}
}

func (d *decoder) unmarshalText(path string, n ast.Node, target encoding.TextUnmarshaler) {
	text, ok := d.text(path, n, "a text")
	if !ok {
		return
	}
	if err := target.UnmarshalText([]byte(text)); err != nil {
		d.refuse(path, d.shown(path)+" cannot be read", err.Error())
	}
}

// text returns a scalar's text with the environment in it. Numbers and booleans keep the way they are written, so that an
// id such as 0123 survives without quotes.
func (d *decoder) text(path string, n ast.Node, wanted string) (string, bool) {
	raw, ok := scalarText(n)
	if !ok {
		d.mismatch(path, n, wanted)
		return "", false
	}
	text, used, wrong := expand(raw, d.env)
	for _, message := range wrong {
		d.problem(position(n), message, "")
	}
	at := d.places[path]
	at.raw, at.literal, at.ok = raw, !used, len(wrong) == 0
	return text, at.ok
}

// scalarText returns the text of a scalar as written.
func scalarText(n ast.Node) (string, bool) {
	switch n := n.(type) {
	case *ast.StringNode:
		return n.Value, true
	case *ast.LiteralNode:
		return n.Value.Value, true
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		return strings.TrimSpace(n.GetToken().Value), true
	}
	return "", false
}

func kindName(v reflect.Value) string {
	switch {
	case v.Type() == reflect.TypeFor[time.Duration]():
		return "a time span"
	case v.CanInt(), v.CanUint():
		return "a whole number"
	case v.CanFloat():
		return "a number"
	case v.Kind() == reflect.Bool:
		return "true or false"
	}
	return "a text"
}

// setScalar stores text in v; what it returns, when not empty, says what was expected.
func setScalar(v reflect.Value, text string) string {
	switch {
	case v.Kind() == reflect.String:
		v.SetString(text)
	case v.Type() == reflect.TypeFor[time.Duration]():
		span, err := ParseDuration(text)
		if err != nil {
			return err.Error()
		}
		v.SetInt(int64(span))
	case v.CanInt():
		n, err := strconv.ParseInt(text, 10, v.Type().Bits())
		if err != nil || leadingZero(text) {
			return "write it in decimal digits"
		}
		v.SetInt(n)
	case v.CanUint():
		n, err := strconv.ParseUint(text, 10, v.Type().Bits())
		if err != nil || leadingZero(text) {
			return "write it in decimal digits, without a sign"
		}
		v.SetUint(n)
	case v.CanFloat():
		f, err := strconv.ParseFloat(text, v.Type().Bits())
		if err != nil || math.IsNaN(f) || math.IsInf(f, 0) {
			return "write it like 12.5"
		}
		v.SetFloat(f)
	case v.Kind() == reflect.Bool && (text == "true" || text == "false"):
		v.SetBool(text == "true")
	default:
		return "only these are possible"
	}
	return ""
}

// leadingZero: 010 is eight to some readers and ten to others.
func leadingZero(text string) bool {
	digits := strings.TrimLeft(text, "+-")
	return len(digits) > 1 && digits[0] == '0'
}

// readNode reads a secret and warns where it stands in the file itself.
func (s *Secret) readNode(d *decoder, path string, n ast.Node) {
	text, ok := d.text(path, n, "a text")
	if !ok {
		return
	}
	*s = NewSecret(text)
	if path != storeURI { // most of them hold no password
		d.warnLiteral(lastKey(path), n)
	}
}

// warnLiteral warns when the secret n is written in the file instead of the environment.
func (d *decoder) warnLiteral(name string, n ast.Node) {
	raw, _ := scalarText(n)
	if raw == "" || placeholder(raw) {
		return
	}
	if _, used, _ := expand(raw, d.env); !used {
		d.warning(position(n), fmt.Sprintf("the secret %s is written in the file", name), "better put it into the environment and write ${NAME} here")
	}
}

// placeholder reports whether a sample's "..." was never filled in.
func placeholder(raw string) bool { return strings.HasSuffix(raw, "...") }
