package sheet

import (
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
)

// maxDepth is how deep elements may lie in each other; a sheet's cells are six deep.
const maxDepth = 64

// tokens walks through a part: start and end are called for elements by local name, chars for text. A document type is refused: it could
// define entities, and no Excel file has one.
func (f *xlsxFile) tokens(name string, start func(xml.StartElement) error, end func(string) error, chars func([]byte)) error {
	r, err := f.open(name)
	if err != nil {
		return err
	}
	defer r.Close() //nolint:errcheck // only read
	d := xml.NewDecoder(r)
	for open := make([]xml.Name, 0, maxDepth); ; {
		t, err := d.RawToken()
		if errors.Is(err, io.EOF) {
			if len(open) != 0 {
				return unreadable("文件内部的 %s 不完整，请重新保存后再试", "its part %s is cut off", name)
			}
			return nil
		}
		if err != nil {
			return malformed(name, err)
		}
		switch t := t.(type) {
		case xml.StartElement:
			if len(open) == maxDepth {
				return unreadable("文件内部的 %s 嵌套超过 %d 层，正常的 Excel 文件不会这样，已拒绝", "its part %s nests deeper than %d", name, maxDepth)
			}
			open = append(open, t.Name)
			err = start(t)
		case xml.EndElement:
			if len(open) == 0 || open[len(open)-1] != t.Name {
				return unreadable("文件内部的 %s 损坏（%s），请在 Excel 中打开并另存为 .xlsx 后再试", "its part %s is no well-formed XML: %s ends what it did not begin", name, t.Name.Local)
			}
			open = open[:len(open)-1]
			err = end(t.Name.Local)
		case xml.CharData:
			chars(t)
		case xml.Directive:
			return unreadable("文件内部的 %s 含有文档类型声明，正常的 Excel 文件不会这样，已拒绝", "its part %s has a document type, which no Excel file has", name)
		}
		if err != nil {
			return err
		}
	}
}

func malformed(name string, err error) error {
	if errors.Is(err, ErrLimit) || errors.Is(err, ErrFile) {
		return err
	}
	return unreadable("文件内部的 %s 损坏（%v），请在 Excel 中打开并另存为 .xlsx 后再试", "its part %s is no well-formed XML: %v", name, err)
}

// decode reads a small part whole.
func (f *xlsxFile) decode(name string, into any) error {
	r, err := f.open(name)
	if err != nil {
		return err
	}
	defer r.Close() //nolint:errcheck // only read
	const small = 8 << 20
	if err := xml.NewDecoder(io.LimitReader(r, small)).Decode(into); err != nil {
		return malformed(name, err)
	}
	return nil
}

// readTexts reads the table of shared texts. Those that belong to the pronunciation (rPh) are no part of the text.
func (f *xlsxFile) readTexts(name string) error {
	var current strings.Builder
	in, phonetic := false, 0
	return f.tokens(name, func(e xml.StartElement) error {
		switch e.Name.Local {
		case "si":
			current.Reset()
		case "rPh":
			phonetic++
		case "t":
			in = phonetic == 0
		}
		return nil
	}, func(local string) error {
		switch local {
		case "si":
			f.shared = append(f.shared, unescape(current.String()))
		case "rPh":
			phonetic--
		case "t":
			in = false
		}
		return nil
	}, func(b []byte) {
		if in {
			current.Write(b)
		}
	})
}

// unescape resolves _x000D_, which is how the format writes characters that XML cannot hold.
func unescape(s string) string {
	if !strings.Contains(s, "_x") {
		return s
	}
	var out strings.Builder
	for {
		i := strings.Index(s, "_x")
		if i < 0 || i+7 > len(s) {
			out.WriteString(s)
			return out.String()
		}
		code, err := strconv.ParseUint(s[i+2:i+6], 16, 16)
		if err != nil || s[i+6] != '_' || code == 0 || code >= 0xD800 && code < 0xE000 {
			out.WriteString(s[:i+2])
			s = s[i+2:]
			continue
		}
		out.WriteString(s[:i])
		out.WriteRune(rune(code))
		s = s[i+7:]
	}
}

// readStyles learns which cell formats show numbers as dates.
func (f *xlsxFile) readStyles(name string) error {
	var doc struct {
		Formats []struct {
			ID   int    `xml:"numFmtId,attr"`
			Code string `xml:"formatCode,attr"`
		} `xml:"numFmts>numFmt"`
		Cells []struct {
			Format int `xml:"numFmtId,attr"`
		} `xml:"cellXfs>xf"`
	}
	if err := f.decode(name, &doc); err != nil {
		return err
	}
	var dated []int
	for _, n := range doc.Formats {
		if showsDate(n.Code) {
			dated = append(dated, n.ID)
		}
	}
	for _, c := range doc.Cells {
		f.dateCell = append(f.dateCell, builtInDate(c.Format) || slices.Contains(dated, c.Format))
	}
	return nil
}

// builtInDate knows the numbers of the formats that every Excel has, the Chinese ones (27–36, 50–58) included. Times of day alone
// (18–21, 45–47) are dates too: a date column may show only the time.
func builtInDate(id int) bool {
	return id >= 14 && id <= 22 || id >= 27 && id <= 36 || id >= 45 && id <= 47 || id >= 50 && id <= 58
}

// showsDate reports whether a format such as yyyy"年"m"月"d"日" has a day, month or year in it, outside quotes, brackets and escapes.
func showsDate(code string) bool {
	quoted, bracket := false, false
	for i := 0; i < len(code); i++ {
		switch ch := code[i]; {
		case ch == '"':
			quoted = !quoted
		case quoted:
		case ch == '\\' || ch == '_' || ch == '*':
			i++
		case ch == '[':
			bracket = true
		case ch == ']':
			bracket = false
		case bracket:
		case strings.IndexByte("ymdhYMDH", ch) >= 0:
			return true
		case ch == ';':
			return false // what follows is for negative numbers
		}
	}
	return false
}
