package wecom

import (
	"errors"
	"fmt"
	"html"
	"strconv"
	"strings"
	"unicode/utf8"
)

// The platform's XML is a root with flat children and, in a few events, some levels of nested ones: no attributes, no
// namespaces, no comments. This scanner reads exactly that, about twenty times faster than encoding/xml, and refuses the
// rest. What it accepts, encoding/xml reads the same (a fuzz test compares them).

// maxDepth bounds the nesting inside one element.
const maxDepth = 8

var errXML = errors.New("not the platform's XML")

// root returns the content of doc's root element, which must be an xml. Whether the content is a row of elements is
// for children to find out; only then is the end tag found here surely the root's.
func root(doc string) (string, error) {
	const name = "xml"
	if err := checkText(doc); err != nil {
		return "", err
	}
	doc = strings.Trim(doc, xmlSpace)
	end := strings.LastIndex(doc, "</")
	if !strings.HasPrefix(doc, "<"+name+">") || end < 0 || endTag(doc[end:], name) != len(doc)-end {
		return "", fmt.Errorf("%w: the root element is not one %s", errXML, name)
	}
	return doc[len(name)+len("<>") : end], nil
}

const xmlSpace = " \t\r\n"

// checkText refuses what no XML document may hold.
func checkText(doc string) error {
	for i := 0; i < len(doc); {
		c := doc[i]
		if c >= 0x20 && c < utf8.RuneSelf || c == '\t' || c == '\n' || c == '\r' {
			i++
			continue
		}
		r, size := utf8.DecodeRuneInString(doc[i:])
		if size == 1 || r == 0xFFFE || r == 0xFFFF {
			return fmt.Errorf("%w: a character that XML does not allow at byte %d", errXML, i)
		}
		i += size
	}
	return nil
}

// children calls visit for each element of content in order, and stops at the first error.
func children(content string, visit func(name, content string) error) error {
	for {
		content = strings.TrimLeft(content, xmlSpace)
		if content == "" {
			return nil
		}
		name, inner, rest, err := element(content)
		if err != nil {
			return err
		}
		if err := visit(name, inner); err != nil {
			return err
		}
		content = rest
	}
}

// element splits s, which must start with an element, into its name, its content and what follows it.
func element(s string) (name, content, rest string, err error) {
	name, after, empty, err := openTag(s)
	if err != nil || empty {
		return name, "", after, err
	}
	end, next, err := closing(after, name, maxDepth)
	if err != nil {
		return "", "", "", err
	}
	return name, after[:end], after[next:], nil
}

// openTag reads <name> or <name/> at the start of s.
func openTag(s string) (name, after string, empty bool, err error) {
	if s == "" || s[0] != '<' {
		return "", "", false, fmt.Errorf("%w: text between elements", errXML)
	}
	end := strings.IndexByte(s, '>')
	if end < 0 {
		return "", "", false, fmt.Errorf("%w: a tag that does not end", errXML)
	}
	name, empty = strings.CutSuffix(s[1:end], "/")
	if !validName(name) {
		return "", "", false, fmt.Errorf("%w: a tag that is no plain element", errXML)
	}
	return name, s[end+1:], empty, nil
}

// validName takes the ASCII names without a prefix that the platform uses.
func validName(s string) bool {
	if s == "" || len(s) > 64 {
		return false
	}
	for i := range len(s) {
		c := s[i] | 0x20 // lower case
		letter := c >= 'a' && c <= 'z' || s[i] == '_'
		if !letter && (i == 0 || s[i] < '0' || s[i] > '9') {
			return false
		}
	}
	return true
}

// closing finds the end tag of the element called name whose content starts s: where the content ends and what follows
// the tag begins.
func closing(s, name string, depth int) (end, next int, err error) {
	for pos := 0; ; {
		i := strings.IndexByte(s[pos:], '<')
		if i < 0 {
			return 0, 0, fmt.Errorf("%w: %s does not end", errXML, name)
		}
		pos += i
		switch tail := s[pos:]; {
		case strings.HasPrefix(tail, cdataStart):
			n := strings.Index(tail, cdataEnd)
			if n < 0 {
				return 0, 0, fmt.Errorf("%w: a CDATA section does not end", errXML)
			}
			pos += n + len(cdataEnd)
		case strings.HasPrefix(tail, "</"):
			n := endTag(tail, name)
			if n == 0 {
				return 0, 0, fmt.Errorf("%w: %s does not end where it should", errXML, name)
			}
			return pos, pos + n, nil
		default:
			n, err := skip(tail, depth-1)
			if err != nil {
				return 0, 0, err
			}
			pos += n
		}
	}
}

// endTag returns the length of name's end tag at the start of s, or 0. White space before the > is allowed; published
// samples of the platform have it.
func endTag(s, name string) int {
	after, ok := strings.CutPrefix(s[len("</"):], name)
	if !strings.HasPrefix(after, ">") {
		after = strings.TrimLeft(after, xmlSpace)
	}
	if !ok || !strings.HasPrefix(after, ">") {
		return 0
	}
	return len(s) - len(after) + 1
}

// skip returns the length of the element that starts s.
func skip(s string, depth int) (int, error) {
	if depth == 0 {
		return 0, fmt.Errorf("%w: elements nested too deep", errXML)
	}
	name, after, empty, err := openTag(s)
	if err != nil {
		return 0, err
	}
	start := len(s) - len(after)
	if empty {
		return start, nil
	}
	_, next, err := closing(after, name, depth)
	return start + next, err
}

const (
	cdataStart = "<![CDATA["
	cdataEnd   = "]]>"
)

// text returns the characters of an element's content, which must hold no element.
func text(content string) (string, error) {
	if inner, ok := strings.CutPrefix(content, cdataStart); ok { // the usual case: one CDATA section and nothing else
		if i := strings.Index(inner, cdataEnd); i == len(inner)-len(cdataEnd) {
			return lineEnds(inner[:i]), nil
		}
	}
	var b strings.Builder
	for content != "" {
		plain, section, found := strings.Cut(content, cdataStart)
		if err := writePlain(&b, plain); err != nil {
			return "", err
		}
		if !found {
			break
		}
		inner, rest, ok := strings.Cut(section, cdataEnd)
		if !ok {
			return "", fmt.Errorf("%w: a CDATA section does not end", errXML)
		}
		b.WriteString(lineEnds(inner))
		content = rest
	}
	return b.String(), nil
}

// writePlain appends text outside CDATA with its entities replaced.
func writePlain(b *strings.Builder, s string) error {
	if strings.Contains(s, "<") || strings.Contains(s, cdataEnd) {
		return fmt.Errorf("%w: an element where text should be", errXML)
	}
	s = lineEnds(s)
	for {
		plain, after, found := strings.Cut(s, "&")
		b.WriteString(plain)
		if !found {
			return nil
		}
		entity, rest, ok := strings.Cut(after, ";")
		char, err := decodeEntity(entity)
		if !ok || err != nil {
			return fmt.Errorf("%w: an unknown entity", errXML)
		}
		b.WriteString(char)
		s = rest
	}
}

// decodeEntity knows XML's five names and character numbers.
func decodeEntity(e string) (string, error) {
	switch e {
	case "lt", "gt", "amp", "quot", "apos":
		return html.UnescapeString("&" + e + ";"), nil
	}
	digits, ok := strings.CutPrefix(e, "#")
	if !ok {
		return "", errXML
	}
	base := 10
	if hex, ok := strings.CutPrefix(digits, "x"); ok {
		digits, base = hex, 16
	}
	n, err := strconv.ParseUint(digits, base, 21)
	if err != nil || !utf8.ValidRune(rune(n)) {
		return "", errXML
	}
	char := string(rune(n))
	return char, checkText(char)
}

// lineEnds is XML's rule for line ends.
func lineEnds(s string) string {
	if !strings.Contains(s, "\r") {
		return s
	}
	return strings.ReplaceAll(strings.ReplaceAll(s, "\r\n", "\n"), "\r", "\n")
}

// cdata wraps s for output, whatever it holds.
func cdata(s string) string {
	return cdataStart + strings.ReplaceAll(s, cdataEnd, "]]]]><![CDATA[>") + cdataEnd
}
