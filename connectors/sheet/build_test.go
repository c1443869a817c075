package sheet_test

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"lingke/connectors"
	"lingke/connectors/sheet"
)

const spreadsheet = `xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"`

// workbook packs the XML of one sheet, with or without parts of its own, as Excel would.
func workbook(t testing.TB, sheetXML string, parts ...string) []byte {
	t.Helper()
	return packed(t, parts, func(w io.Writer) error {
		_, err := io.WriteString(w, sheetXML)
		return err
	})
}

// packed is workbook for a sheet that is written as it is packed.
func packed(t testing.TB, parts []string, sheetXML func(io.Writer) error) []byte {
	t.Helper()
	const relations = `http://schemas.openxmlformats.org/officeDocument/2006/relationships`
	all := map[string]string{
		"_rels/.rels":     `<Relationships><Relationship Id="r1" Type="` + relations + `/officeDocument" Target="xl/workbook.xml"/></Relationships>`,
		"xl/workbook.xml": `<workbook ` + spreadsheet + ` xmlns:r="` + relations + `"><sheets><sheet name="客户" sheetId="1" r:id="r1"/></sheets></workbook>`,
		"xl/_rels/workbook.xml.rels": `<Relationships><Relationship Id="r1" Type="` + relations + `/worksheet" Target="worksheets/sheet1.xml"/>` +
			`<Relationship Id="r2" Type="` + relations + `/sharedStrings" Target="sharedStrings.xml"/><Relationship Id="r3" Type="` + relations + `/styles" Target="/xl/styles.xml"/></Relationships>`,
		"xl/sharedStrings.xml": `<sst ` + spreadsheet + `><si><t>客户编号</t></si><si><r><t>客户</t></r><r><t>名称</t></r><rPh sb="0" eb="1"><t>かな</t></rPh></si></sst>`,
		"xl/styles.xml":        `<styleSheet ` + spreadsheet + `><numFmts><numFmt numFmtId="176" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="176"/></cellXfs></styleSheet>`,
	}
	for i := 0; i+1 < len(parts); i += 2 {
		all[parts[i]] = parts[i+1]
	}
	var out bytes.Buffer
	w := zip.NewWriter(&out)
	w.RegisterCompressor(zip.Deflate, func(to io.Writer) (io.WriteCloser, error) { return flate.NewWriter(to, flate.BestSpeed) })
	for name, content := range all {
		part, err := w.Create(name)
		if err == nil {
			_, err = part.Write([]byte(content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	part, err := w.Create("xl/worksheets/sheet1.xml")
	if err == nil {
		err = sheetXML(part)
	}
	if err := errors.Join(err, w.Close()); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// table is a sheet of inline texts.
func table(rows ...[]string) string {
	var b strings.Builder
	b.WriteString(`<worksheet ` + spreadsheet + `><sheetData>`)
	for i, cells := range rows {
		fmt.Fprintf(&b, `<row r="%d">`, i+1)
		for _, c := range cells {
			fmt.Fprintf(&b, `<c t="inlineStr"><is><t>%s</t></is></c>`, c)
		}
		b.WriteString(`</row>`)
	}
	return b.String() + `</sheetData></worksheet>`
}

// read reads content as a file of that name, with a mapping's text or without.
func read(t testing.TB, name string, content []byte, mapping string) (*sheet.Result, error) {
	t.Helper()
	var m *sheet.Mapping
	if mapping != "" {
		var err error
		if m, err = sheet.ParseMapping("m.yaml", []byte(mapping)); err != nil {
			return nil, err
		}
	}
	f, err := sheet.Open(name, content, m, sheet.DefaultLimits())
	if err != nil {
		return nil, err
	}
	return f.Read(t.Context(), sheet.Options{Mapping: m, Zone: shanghai, At: time.Date(2026, 3, 2, 0, 0, 0, 0, time.UTC)})
}

// readable is read that must succeed.
func readable(t testing.TB, content []byte, mapping string) *sheet.Result {
	t.Helper()
	r, err := read(t, "客户", content, mapping)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// field is a field of the first record of a kind.
func field(r *sheet.Result, kind connectors.Kind, name string) string {
	for _, rec := range r.Records {
		if rec.Kind == kind {
			return rec.Fields[name]
		}
	}
	return ""
}
