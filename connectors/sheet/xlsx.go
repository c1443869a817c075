package sheet

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"sync/atomic"
)

// xlsxFile is an Excel workbook (ECMA-376). Its parts are found by the relations between them, not by their usual names.
type xlsxFile struct {
	parts    map[string]*zip.File
	limits   Limits
	list     []sheetInfo
	targets  []string // the part of each sheet
	shared   []string
	dateCell []bool // by cell format: whether numbers are shown as dates
	base     epoch
	spent    atomic.Int64   // bytes unpacked so far
	merged   map[int][]area // by sheet, once they were looked for
}

const maxParts = 5000

func openXLSX(data []byte, limits Limits) (*xlsxFile, error) {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, unreadable("文件损坏或没有传完整（%v），请重新保存或重新发送", "the zip archive that an .xlsx file is seems to be broken or cut off (%v); send or save it again", err)
	}
	if len(archive.File) > maxParts {
		return nil, tooLarge("压缩包里有 %d 个部分，最多 %d 个；这不像正常的 Excel 文件", "%d parts in the archive, at most %d", len(archive.File), maxParts)
	}
	f := &xlsxFile{parts: make(map[string]*zip.File, len(archive.File)), limits: limits, base: epoch1900, merged: map[int][]area{}}
	for _, part := range archive.File {
		f.parts[strings.ToLower(strings.TrimPrefix(part.Name, "/"))] = part
	}
	if err := f.readBook(); err != nil {
		return nil, err
	}
	return f, nil
}

func (f *xlsxFile) sheets() []sheetInfo { return f.list }
func (f *xlsxFile) epoch() epoch        { return f.base }

// open returns a part's content, guarded against bombs: by what the archive says of it, and by what really comes out.
func (f *xlsxFile) open(name string) (io.ReadCloser, error) {
	part, ok := f.parts[strings.ToLower(name)]
	if !ok {
		return nil, unreadable("文件内部缺少 %s，请在 Excel 中打开并另存为 .xlsx 后再试", "its part %s is missing", name)
	}
	unpacked, packed := int64(min(part.UncompressedSize64, 1<<62)), int64(min(part.CompressedSize64, 1<<62))
	if unpacked > f.limits.Unpacked {
		return nil, tooLarge("%s 解压后有 %d MB，最多读取 %d MB；请拆成几个文件", "%s unpacks to %d MB, at most %d MB are read", name, unpacked>>20, f.limits.Unpacked>>20)
	}
	if unpacked > 1<<20 && unpacked/max(packed, 1) > f.limits.Ratio {
		return nil, tooLarge("%s 解压后是原来的 %d 倍，正常的表格不会这样，已拒绝", "%s unpacks to %d times its size, which no table of people does", name, unpacked/max(packed, 1))
	}
	r, err := part.Open()
	if err != nil {
		return nil, unreadable("文件内部的 %s 无法解压（%v），请重新保存后再试", "its part %s cannot be unpacked: %v", name, err)
	}
	return struct {
		io.Reader
		io.Closer
	}{&guard{from: r, file: f, name: name}, r}, nil
}

// guard counts what is unpacked, and refuses text without end: the XML decoder would gather a cell of any length in memory.
type guard struct {
	from  io.Reader
	file  *xlsxFile
	name  string
	since int // bytes since the last <
}

// maxToken bounds one piece of XML between two tags. Excel's own limit is 32,767 characters.
const maxToken = 1 << 20

func (g *guard) Read(p []byte) (int, error) {
	n, err := g.from.Read(p)
	if g.file.spent.Add(int64(n)) > g.file.limits.Unpacked {
		return 0, tooLarge("解压后超过 %d MB；请拆成几个文件", "it unpacks to more than %d MB", g.file.limits.Unpacked>>20)
	}
	if i := bytes.LastIndexByte(p[:n], '<'); i >= 0 {
		g.since = n - i
	} else {
		g.since += n
	}
	if g.since > maxToken {
		return 0, tooLarge("%s 里有超过 1 MB 的单元格，已拒绝；请检查表格内容", "%s holds a cell of more than a megabyte", g.name)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = unreadable("文件内部的 %s 无法解压（%v），请重新保存后再试", "its part %s cannot be unpacked: %v", g.name, err)
	}
	return n, err
}

// relation is one line of a .rels part.
type relation struct {
	ID     string `xml:"Id,attr"`
	Type   string `xml:"Type,attr"`
	Target string `xml:"Target,attr"`
}

// relations reads what a part refers to, targets as names of parts.
func (f *xlsxFile) relations(of string) ([]relation, error) {
	dir, base := path.Split(of)
	var doc struct {
		Relations []relation `xml:"Relationship"`
	}
	if err := f.decode(dir+"_rels/"+base+".rels", &doc); err != nil {
		return nil, err
	}
	for i, r := range doc.Relations {
		if strings.HasPrefix(r.Target, "/") {
			doc.Relations[i].Target = strings.TrimPrefix(path.Clean(r.Target), "/")
		} else {
			doc.Relations[i].Target = path.Join(dir, r.Target)
		}
	}
	return doc.Relations, nil
}

func target(all []relation, kind string) string {
	for _, r := range all {
		if strings.HasSuffix(r.Type, "/"+kind) {
			return r.Target
		}
	}
	return ""
}

// readBook reads everything but the sheets.
func (f *xlsxFile) readBook() error {
	top, err := f.relations("")
	if err != nil {
		return fmt.Errorf("no Excel workbook: %w", err)
	}
	book := target(top, "officeDocument")
	if book == "" {
		return unreadable("它是压缩包，不是 Excel 工作簿；请解压后发送其中的表格，或另存为 .xlsx", "it is a zip archive, but no Excel workbook; save the table as .xlsx")
	}
	if !strings.HasSuffix(book, ".xml") {
		return unreadable("它是二进制工作簿（.xlsb）；请另存为 .xlsx", "it is a binary workbook (.xlsb); save it as .xlsx")
	}
	var doc struct {
		Properties struct {
			Date1904 string `xml:"date1904,attr"`
		} `xml:"workbookPr"`
		Sheets []struct {
			Name  string `xml:"name,attr"`
			State string `xml:"state,attr"`
			ID    string `xml:"http://schemas.openxmlformats.org/officeDocument/2006/relationships id,attr"`
			Loose string `xml:"id,attr"`
		} `xml:"sheets>sheet"`
	}
	if err := f.decode(book, &doc); err != nil {
		return err
	}
	if v := doc.Properties.Date1904; v == "1" || v == "true" {
		f.base = epoch1904
	}
	parts, err := f.relations(book)
	if err != nil {
		return err
	}
	byID := map[string]relation{}
	for _, r := range parts {
		byID[r.ID] = r
	}
	for _, s := range doc.Sheets {
		r, ok := byID[s.ID]
		if !ok {
			r = byID[s.Loose] // the strict flavour of the format has another namespace
		}
		if !strings.HasSuffix(r.Type, "/worksheet") {
			continue // a chart
		}
		f.list = append(f.list, sheetInfo{name: s.Name, hidden: s.State != "" && s.State != "visible"})
		f.targets = append(f.targets, r.Target)
	}
	if len(f.list) == 0 {
		return unreadable("工作簿里没有带表格的工作表", "the workbook has no sheet with a table")
	}
	if len(f.list) > f.limits.Sheets {
		return tooLarge("有 %d 个工作表，最多 %d 个", "%d sheets, at most %d", len(f.list), f.limits.Sheets)
	}
	return f.readShared(target(parts, "sharedStrings"), target(parts, "styles"))
}

func (f *xlsxFile) readShared(texts, styles string) error {
	if texts != "" {
		if err := f.readTexts(texts); err != nil {
			return err
		}
	}
	if styles != "" {
		return f.readStyles(styles)
	}
	return nil
}
