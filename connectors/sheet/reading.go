package sheet

import (
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"maps"
	"slices"
	"strings"
	"time"

	"lingke/connectors"
)

// reading gathers what the rows of one file say.
type reading struct {
	plan  *plan
	conv  converter
	at    time.Time
	opts  Options
	out   *Result
	order map[connectors.Kind][]string // ids in the order of their first rows
	all   map[thing]*told
	seen  map[string]int // how often a made key came
	lost  map[thing]int  // orders with a line that failed, and its row
}

// thing names a record.
type thing struct {
	kind connectors.Kind
	id   string
}

// told is a record as it grows by its rows.
type told struct {
	record connectors.Record
	rows   []int // for an order with lines
	times  int   // rows that told of it
}

func newReading(f *File, index int, m *Mapping, p *plan, o Options) (*reading, error) {
	conv := converter{dates: dates{zone: o.Zone}, epoch: f.book.epoch(), limits: f.limits, checks: o.Checks}
	for _, format := range m.DateFormats {
		l, err := parseLayout(format)
		if err != nil {
			return nil, err
		}
		conv.dates.layouts = append(conv.dates.layouts, l)
	}
	at := o.At
	if m.AsOf != "" {
		var err error
		if at, err = m.asOf(o.Zone); err != nil {
			return nil, err
		}
	}
	out := &Result{
		Sheet: f.Sheets()[index], HeaderRow: p.header.row, Source: m.Source, Used: p.used, Unused: p.ignored, Notes: p.notes, failedRows: map[int][]Problem{},
	}
	if out.Source == "" {
		out.Source = DefaultSource
	}
	if c, ok := f.book.(*csvFile); ok {
		out.Encoding = c.encoding
	}
	return &reading{
		plan: p, conv: conv, at: at.UTC().Truncate(time.Millisecond), opts: o, out: out, order: map[connectors.Kind][]string{},
		all: map[thing]*told{}, seen: map[string]int{}, lost: map[thing]int{},
	}, nil
}

// row takes one row in, whole or not at all.
func (r *reading) row(x row) error {
	if x.n <= r.plan.header.row {
		return nil
	}
	r.out.Rows++
	if x.hidden {
		r.out.Hidden++
	}
	if x.wrong != "" {
		r.fail(x.n, []Problem{{Row: x.n, Reason: because("无法拆分成列：%s", "cannot be parted into columns: %s", x.wrong)}})
		return nil
	}
	if r.skipped(x) {
		r.out.Skipped++
		return nil
	}
	records, problems := r.read(x)
	if len(problems) > 0 {
		for _, rec := range records { // an order is whole or not at all
			if rec.Kind == connectors.Order && rec.ID != "" {
				r.lost[thing{rec.Kind, rec.ID}] = x.n
			}
		}
		r.fail(x.n, problems)
		return nil
	}
	r.out.Good++
	for _, rec := range records {
		r.add(rec, x.n)
	}
	if len(r.out.Preview) < r.opts.Preview {
		r.out.Preview = append(r.out.Preview, PreviewRow{Row: x.n, Records: clones(records)})
	}
	return nil
}

// clones are copies that do not grow with later rows.
func clones(records []connectors.Record) []connectors.Record {
	out := slices.Clone(records)
	for i := range out {
		out[i].Fields = maps.Clone(out[i].Fields)
	}
	return out
}

func (r *reading) fail(n int, problems []Problem) {
	r.out.Failed++
	for i := range problems {
		problems[i].Sheet = r.out.Sheet
	}
	if len(r.out.failedRows) < r.conv.limits.Failed {
		r.out.failedRows[n] = problems
	}
	room := max(0, r.conv.limits.Problems-len(r.out.Problems))
	r.out.Problems = append(r.out.Problems, problems[:min(room, len(problems))]...)
}

// skipped reports whether the row is none of ours: as the mapping says, the example of a template, or a sum below the table.
func (r *reading) skipped(x row) bool {
	for _, c := range x.cells {
		if c.kind == text {
			t := strings.TrimSpace(c.text)
			if strings.HasPrefix(t, "示例") || strings.HasPrefix(t, "Example:") || t == "合计" || t == "总计" || t == "小计" || strings.EqualFold(t, "total") {
				return true
			}
			break
		}
		if c.kind != blank {
			break
		}
	}
	return slices.ContainsFunc(r.plan.skips, func(s skipPlan) bool { return s.matches(x.at(s.col), r.conv) })
}

func (s skipPlan) matches(c cell, conv converter) bool {
	shown := strings.TrimSpace(c.shown(conv.epoch))
	if s.Empty && shown != "" || s.Prefix != "" && !strings.HasPrefix(shown, s.Prefix) || len(s.Is) > 0 && !slices.Contains(s.Is, shown) {
		return false
	}
	if s.AtMost != nil {
		d, ok, err := conv.number(c, parseNumber)
		return err == nil && ok && float64(d)/decimalUnit <= *s.AtMost
	}
	return s.Empty || s.Prefix != "" || len(s.Is) > 0
}

// read makes the records of one row. Where something is wrong the records are only good for knowing what the row was about.
func (r *reading) read(x row) (records []connectors.Record, problems []Problem) {
	customer := ""
	for i := range r.plan.parts {
		part := &r.plan.parts[i]
		if i > 0 && customer != "" && part.silent(x) {
			continue // a customer without an order
		}
		rec, bad := r.part(part, x, customer)
		problems = append(problems, bad...)
		if part.kind == connectors.Customer {
			customer = rec.ID
		}
		records = append(records, rec)
	}
	return records, problems
}

// silent reports whether every cell of the part itself is empty in the row.
func (part *partPlan) silent(x row) bool {
	if part.id != nil && !part.id.silent(x) {
		return false
	}
	return !slices.ContainsFunc(part.fields, func(s source) bool { return !s.silent(x) })
}

func (s *source) silent(x row) bool {
	return !slices.ContainsFunc(s.cols, func(col int) bool { return x.at(col).kind != blank })
}

func (r *reading) part(part *partPlan, x row, customer string) (rec connectors.Record, problems []Problem) {
	rec = connectors.Record{Kind: part.kind, ModifiedAt: r.at, Fields: map[string]string{}}
	get := func(s *source) string {
		text, _, col, err := r.conv.value(s, x)
		if err != nil {
			problems = append(problems, r.problem(part.kind, s, x, col, reasonOf(err)))
		}
		return text
	}
	for i := range part.fields {
		s := &part.fields[i]
		if v := get(s); v != "" {
			rec.Fields[s.field] = v
		}
	}
	if part.kind != connectors.Customer {
		rec.Customer = customer
		if part.customer != nil {
			rec.Customer = get(part.customer)
		}
	}
	if part.id != nil {
		rec.ID = get(part.id)
	}
	if len(problems) > 0 {
		return rec, problems
	}
	return r.named(part, rec, x)
}

// named gives the record its id and sees to it that nothing is missing without which it means nothing.
func (r *reading) named(part *partPlan, rec connectors.Record, x row) (connectors.Record, []Problem) {
	missing := func(s *source, field string) []Problem {
		if s == nil {
			s = &source{field: field}
		}
		col := -1
		if len(s.cols) > 0 {
			col = s.cols[0]
		}
		return []Problem{r.problem(part.kind, s, x, col, isMissing)}
	}
	switch {
	case part.kind != connectors.Customer && rec.Customer == "":
		return rec, missing(part.customer, "customer")
	case part.id != nil && rec.ID == "" && len(part.key) == 0:
		return rec, missing(part.id, "id")
	case len(rec.ID) > maxID || len(rec.Customer) > maxID:
		return rec, []Problem{r.problem(part.kind, cmp.Or(part.id, part.customer, &source{field: "id"}), x, -1, tooLong)}
	case rec.ID == "":
		for _, field := range part.key[:1] {
			if field != "customer" && rec.Fields[field] == "" {
				return rec, missing(part.field(field), field)
			}
		}
		rec.ID = r.made(part, rec)
	}
	if need := needed[part.kind]; need != "" && rec.Fields[need] == "" {
		return rec, missing(part.field(need), need)
	}
	return rec, nil
}

// maxID is how many bytes an id may have.
const maxID = 200

func (part *partPlan) field(name string) *source {
	for i := range part.fields {
		if part.fields[i].field == name {
			return &part.fields[i]
		}
	}
	return nil
}

// made is an id from the key's values: the same in every file that tells the same. Blanks, width and case do not count. Two orders of a file with the same
// key are told apart by their order in it; two rows of one customer are one customer.
func (r *reading) made(part *partPlan, rec connectors.Record) string {
	h := sha256.New()
	h.Write([]byte(part.kind))
	key := part.key
	if rec.Fields[connectors.FieldSameAs] != "" { // tells namesakes apart
		key = []string{connectors.FieldSameAs}
	}
	for _, field := range key {
		v := rec.Fields[field]
		if field == "customer" {
			v = rec.Customer
		}
		h.Write([]byte("\x00" + field + "\x00" + fold(v)))
	}
	id := "k" + strings.ToLower(base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(h.Sum(nil)[:12]))
	if part.kind == connectors.Customer {
		return id
	}
	if r.seen[id]++; r.seen[id] > 1 {
		id += "-" + plain(float64(r.seen[id]))
	}
	return id
}

func (r *reading) problem(kind connectors.Kind, s *source, x row, col int, why Reason) Problem {
	p := Problem{Row: x.n, Field: string(kind) + "." + s.field, Reason: why}
	if col < 0 && len(s.cols) > 0 {
		col = s.cols[0]
	}
	if col >= 0 && col < len(r.plan.header.names) {
		p.Column, p.Header = letters(col), r.plan.header.names[col]
		p.Value = cut(x.at(col).shown(r.conv.epoch))
		if s.typ == "phone" {
			p.Value = masked(p.Value)
		}
	}
	return p
}
