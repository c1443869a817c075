package wecom

import (
	"strconv"
	"strings"
)

// element is one XML element with a text in CDATA, as the platform writes it.
func element(name, text string) string {
	text = strings.ReplaceAll(strings.Map(allowed, text), "]]>", "]]]]><![CDATA[>")
	return "<" + name + "><![CDATA[" + text + "]]></" + name + ">"
}

// allowed drops the characters that no XML document may hold.
func allowed(r rune) rune {
	if r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF {
		return -1
	}
	return r
}

func integer(name string, n int64) string {
	return "<" + name + ">" + strconv.FormatInt(n, 10) + "</" + name + ">"
}
