package sheet

import (
	"bufio"
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"
)

// area is a merged area; both corners belong to it.
type area struct {
	top, left, bottom, right int
	value                    cell
}

const maxAreas = 100_000

// rows streams a sheet. Merged areas stand behind the rows in the file, so they are looked for first.
func (f *xlsxFile) rows(ctx context.Context, sheet int, fn func(row) error) (layout, error) {
	areas, known := f.merged[sheet]
	if !known {
		f.spent.Store(0)
		var err error
		if areas, err = f.areas(ctx, f.targets[sheet]); err != nil {
			return layout{}, err
		}
		f.merged[sheet] = areas
	}
	f.spent.Store(0)
	p := &sheetParser{file: f, ctx: ctx, emit: fn, areas: areas, layout: layout{merged: len(areas)}}
	err := f.tokens(f.targets[sheet], p.start, p.end, p.chars)
	return p.layout, err
}

// areas finds the merged areas by their tag alone, without parsing what is before: nothing but a tag holds an unescaped <.
func (f *xlsxFile) areas(ctx context.Context, name string) ([]area, error) {
	r, err := f.open(name)
	if err != nil {
		return nil, err
	}
	defer r.Close() //nolint:errcheck // only read
	var all []area
	in := bufio.NewReaderSize(r, 64<<10)
	for n := 0; ; n++ {
		if n%4096 == 0 && ctx.Err() != nil {
			return nil, ctx.Err()
		}
		tag, err := in.ReadSlice('>')
		if i := bytes.LastIndexByte(tag, '<'); i >= 0 && err == nil {
			if a, ok := mergedArea(tag[i:]); ok && len(all) < maxAreas {
				all = append(all, a)
			}
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			slices.SortFunc(all, func(a, b area) int { return a.top - b.top })
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return all, err
		}
	}
}

// mergedArea reads <mergeCell ref="A1:B3"/>, with or without a prefix before the name.
func mergedArea(tag []byte) (area, bool) {
	s := string(tag)
	name, rest, found := strings.Cut(strings.TrimPrefix(s, "<"), " ")
	if !found || name != "mergeCell" && !strings.HasSuffix(name, ":mergeCell") {
		return area{}, false
	}
	_, rest, found = strings.Cut(rest, `ref="`)
	ref, _, closed := strings.Cut(rest, `"`)
	from, to, both := strings.Cut(ref, ":")
	if !found || !closed || !both {
		return area{}, false
	}
	left, top, ok1 := splitRef(from)
	right, bottom, ok2 := splitRef(to)
	return area{top: top, left: left, bottom: bottom, right: right}, ok1 && ok2 && top <= bottom && left <= right
}

// sheetParser gathers cells to rows.
type sheetParser struct {
	file   *xlsxFile
	ctx    context.Context //nolint:containedctx // lives as long as one walk through a sheet
	emit   func(row) error
	areas  []area // not begun yet, by top
	open   []area // begun, not ended
	layout layout

	row     row
	col     int
	kind    string // of the cell: s, str, inlineStr, b, e, d, n
	style   int
	formula bool
	value   bool // the cell has a stored value
	taking  bool
	text    strings.Builder
	skip    int // inside of pronunciations
	rows    int
}

func (p *sheetParser) start(e xml.StartElement) error {
	switch e.Name.Local {
	case "col":
		p.column(e)
	case "row":
		return p.startRow(e)
	case "c":
		p.startCell(e)
	case "f":
		p.formula = true
	case "rPh":
		p.skip++
	case "v", "t":
		p.taking, p.value = p.skip == 0, true
	}
	return nil
}

func (p *sheetParser) end(local string) error {
	switch local {
	case "v", "t":
		p.taking = false
	case "rPh":
		p.skip--
	case "c":
		return p.endCell()
	case "row":
		p.fill()
		return p.emit(p.row)
	}
	return nil
}

func (p *sheetParser) chars(b []byte) {
	if p.taking {
		p.text.Write(b)
	}
}

func attribute(e xml.StartElement, local string) string {
	for _, a := range e.Attr {
		if a.Name.Local == local && a.Name.Space == "" {
			return a.Value
		}
	}
	return ""
}

func isTrue(s string) bool { return s == "1" || s == "true" }

func (p *sheetParser) column(e xml.StartElement) {
	from, err1 := strconv.Atoi(attribute(e, "min"))
	to, err2 := strconv.Atoi(attribute(e, "max"))
	if err1 != nil || err2 != nil || !isTrue(attribute(e, "hidden")) {
		return
	}
	for c := max(from, 1); c <= min(to, p.file.limits.Columns); c++ {
		p.layout.hiddenColumns = append(p.layout.hiddenColumns, c-1)
	}
}

func (p *sheetParser) startRow(e xml.StartElement) error {
	if p.rows++; p.rows%1024 == 0 && p.ctx.Err() != nil {
		return p.ctx.Err()
	}
	n := p.row.n + 1
	if given, err := strconv.Atoi(attribute(e, "r")); err == nil {
		if given < n {
			return unreadable("第 %d 行排在第 %d 行之后，文件损坏；请在 Excel 中打开并另存为 .xlsx 后再试", "row %d comes after row %d", given, p.row.n)
		}
		n = given
	}
	p.row = row{n: n, hidden: isTrue(attribute(e, "hidden"))}
	p.col = -1
	return nil
}

func (p *sheetParser) startCell(e xml.StartElement) {
	p.col++
	if col, _, ok := splitRef(attribute(e, "r")); ok {
		p.col = col
	}
	p.kind, p.formula, p.value, p.taking = attribute(e, "t"), false, false, false
	p.style, _ = strconv.Atoi(attribute(e, "s"))
	p.text.Reset()
}

func (p *sheetParser) endCell() error {
	c := p.cell()
	if c.kind == blank {
		return nil
	}
	if p.col >= p.file.limits.Columns {
		p.row.wrong = "a value beyond the " + strconv.Itoa(p.file.limits.Columns) + " columns that are read"
		return nil
	}
	if p.col < len(p.row.cells) { // the same cell twice, or cells out of order
		p.row.cells[p.col] = c
		return nil
	}
	for len(p.row.cells) < p.col {
		p.row.cells = append(p.row.cells, cell{})
	}
	p.row.cells = append(p.row.cells, c)
	return nil
}

// cell is the value of the cell that just ended.
func (p *sheetParser) cell() cell {
	raw := p.text.String()
	if !p.value || raw == "" && p.kind != "str" && p.kind != "inlineStr" {
		if p.formula {
			return cell{kind: uncounted}
		}
		return cell{}
	}
	switch p.kind {
	case "s":
		i, err := strconv.Atoi(strings.TrimSpace(raw))
		if err != nil || i < 0 || i >= len(p.file.shared) {
			return cell{kind: broken, text: "(a text that the file does not hold)"}
		}
		return textCell(p.file.shared[i])
	case "str", "inlineStr", "d":
		return textCell(unescape(raw))
	case "b":
		return cell{kind: flag, text: strings.ToUpper(strconv.FormatBool(strings.TrimSpace(raw) == "1"))}
	case "e":
		return cell{kind: broken, text: raw}
	}
	return numberCell(raw, p.style < len(p.file.dateCell) && p.style >= 0 && p.file.dateCell[p.style])
}

// fill gives the cells of merged areas the value of their first one.
func (p *sheetParser) fill() {
	for len(p.areas) > 0 && p.areas[0].top <= p.row.n {
		a := p.areas[0]
		p.areas = p.areas[1:]
		if a.top == p.row.n {
			a.value = p.row.at(a.left)
		}
		p.open = append(p.open, a)
	}
	p.open = slices.DeleteFunc(p.open, func(a area) bool { return a.bottom < p.row.n })
	for _, a := range p.open {
		p.fillFrom(a)
	}
}

func (p *sheetParser) fillFrom(a area) {
	if a.value.kind == blank {
		return
	}
	for col := a.left; col <= min(a.right, p.file.limits.Columns-1); col++ {
		for len(p.row.cells) <= col {
			p.row.cells = append(p.row.cells, cell{})
		}
		if p.row.cells[col].kind == blank {
			v := a.value
			v.filled = true
			p.row.cells[col] = v
		}
	}
}
