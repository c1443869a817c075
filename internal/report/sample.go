package report

import (
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"lingke/internal/lang"
	"lingke/scoring"
	"lingke/scoring/validate"
)

// Sample is what was known of customers before, and what became of them; one entry a customer whose outcome is known.
type Sample struct {
	Model string          // the version that scored them; "" where the scores were given
	Cases []validate.Case // score, outcome, amount, days
	Table validate.Table  // the facts that were told
	Rules []Rule          // what each rule and indicator of the model gave

	Open     int             // rows without an outcome (yet)
	Unknown  []UnknownColumn // columns that are no fields
	Problems []lang.Text     // cells that could not be read, with their place; the first maxProblems
	Bad      int             // how many there are of those

	schema *scoring.Schema
	reads  []string // the fields that the model reads
	rules  map[string]int
	facts  []*factColumn
}

// Rule is a rule or an indicator of the model with what it gave each customer of a Sample.
type Rule struct {
	ID, Name string
	NameEN   string
	Present  float64   // the most that it gives today; below 0 where it takes away
	Points   []float64 // before caps, by case
}

const maxProblems = 20

// Reading says how a file is read.
type Reading struct {
	Columns
	Schema  *scoring.Schema
	Model   *scoring.Model // scores the rows where no column does; of Schema
	Won     []string       // outcomes that say won; with neither Won nor Lost the usual words
	Lost    []string       // outcomes that say lost; with Won and without Lost, every other word
	Missing []string       // cells that mean that nothing is known, besides empty ones
	At      time.Time      // the instant of the scores
}

// Read reads a sample. A cell that cannot be read is missing and listed; a row without an outcome is counted and left out. file is the name in messages.
func Read(file string, rows Rows, how Reading) (*Sample, error) {
	heading, _, err := rows.Next()
	if errors.Is(err, io.EOF) {
		return nil, fmt.Errorf("%w: %s is empty", ErrTable, file)
	}
	if err != nil {
		return nil, err
	}
	heading = slices.Clone(heading)
	at, err := layoutOf(heading, how.Columns, how.Schema)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	r := &reader{file: file, heading: heading, layout: at, how: how, Sample: newSample(how.Schema)}
	r.Unknown = at.unknown
	if how.Model != nil && at.score < 0 {
		r.Model, r.reads = how.Model.Version(), how.Model.Fields()
	}
	for {
		cells, line, err := rows.Next()
		if errors.Is(err, io.EOF) {
			r.finish()
			return r.Sample, nil
		}
		if err != nil {
			return nil, err
		}
		r.row(cells, line)
	}
}

// reader is a Sample under way.
type reader struct {
	*Sample
	layout
	file    string
	heading []string
	how     Reading
}

func (r *reader) row(cells []string, line int) {
	won, known := outcomeOf(cell(cells, r.outcome), r.how.Won, r.how.Lost)
	if !known {
		r.Open++
		return
	}
	f := r.how.Schema.NewFacts()
	for i, field := range r.fields {
		text := cell(cells, i)
		if text == "" || slices.Contains(r.how.Missing, text) {
			continue
		}
		if err := setFact(f, field, text, r.how.At); err != nil {
			r.problem(line, i, err)
		}
	}
	c := validate.Case{Won: won, Amount: math.NaN(), Days: math.NaN()}
	if won {
		c.Amount, c.Days = r.number(cells, r.amount, line), r.days(cells, line)
	}
	if r.score >= 0 {
		if c.Score = r.number(cells, r.score, line); math.IsNaN(c.Score) {
			return // listed
		}
	}
	r.add(c, f, r.scores(), r.how.At)
}

// scores is the model that scores the rows, nil where they bring their score.
func (r *reader) scores() *scoring.Model {
	if r.score >= 0 {
		return nil
	}
	return r.how.Model
}

// days are told, or follow from the dates.
func (r *reader) days(cells []string, line int) float64 {
	if r.layout.days >= 0 {
		return r.number(cells, r.layout.days, line)
	}
	from, to := cell(cells, r.opened), cell(cells, r.closed)
	if from == "" || to == "" {
		return math.NaN()
	}
	opened, err := parseTime(from)
	if err != nil {
		r.problem(line, r.opened, err)
		return math.NaN()
	}
	closed, err := parseTime(to)
	if err != nil {
		r.problem(line, r.closed, err)
		return math.NaN()
	}
	return closed.Sub(opened).Hours() / 24
}

func (r *reader) number(cells []string, i, line int) float64 {
	text := cell(cells, i)
	if text == "" || slices.Contains(r.how.Missing, text) {
		return math.NaN()
	}
	n, err := parseNumber(text)
	if err != nil {
		r.problem(line, i, err)
		return math.NaN()
	}
	return n
}

func (r *reader) problem(line, i int, err error) {
	if r.Bad++; r.Bad > maxProblems {
		return
	}
	why := lang.Text{ZH: err.Error()}
	var unread *unreadError
	if errors.As(err, &unread) {
		why = lang.Both("%s：%q", "%s: %q", unread.expected, unread.text)
	}
	r.Problems = append(r.Problems, lang.Both("%s:%d 列“%s”：%s", "%s:%d column %[3]s: %[4]s", r.file, line, r.heading[i], why))
}

// unreadError is that a cell does not hold what its column is for.
type unreadError struct {
	expected lang.Text
	text     string
}

func (e *unreadError) Error() string { return fmt.Sprintf("%s: %q", e.expected.EN, e.text) }

func cell(cells []string, i int) string {
	if i < 0 || i >= len(cells) {
		return ""
	}
	return strings.TrimSpace(cells[i])
}

// The words that tell an outcome, in small letters.
var (
	wonWords  = []string{"1", "true", "yes", "y", "won", "win", "converted", "成交", "已成交", "赢单", "是"}
	lostWords = []string{"0", "false", "no", "n", "lost", "未成交", "输单", "丢单", "流失", "否"}
)

func outcomeOf(text string, won, lost []string) (isWon, known bool) {
	if text == "" {
		return false, false
	}
	if len(won) == 0 && len(lost) == 0 {
		word := strings.ToLower(text)
		isWon = slices.Contains(wonWords, word)
		return isWon, isWon || slices.Contains(lostWords, word)
	}
	isWon = slices.Contains(won, text)
	return isWon, isWon || len(lost) == 0 || slices.Contains(lost, text)
}

var (
	aNumber = lang.Text{ZH: "应为数字", EN: "a number is expected"}
	aFlag   = lang.Text{ZH: "应为是或否", EN: "yes or no is expected"}
	aTime   = lang.Text{ZH: "应为日期，如 2026-03-01", EN: "a date like 2026-03-01 is expected"}
)

func setFact(f *scoring.Facts, field scoring.Field, text string, at time.Time) error {
	const source = "file"
	switch field.Kind {
	case scoring.Number:
		n, err := parseNumber(text)
		if err != nil {
			return err
		}
		f.SetNumber(field.Name, n, source, at)
	case scoring.Flag:
		yes, known := outcomeOf(text, nil, nil)
		if !known {
			return &unreadError{aFlag, text}
		}
		f.SetFlag(field.Name, yes, source, at)
	case scoring.Time:
		t, err := parseTime(text)
		if err != nil {
			return err
		}
		f.SetTime(field.Name, t, source, at)
	case scoring.Text:
		f.SetText(field.Name, text, source, at)
	case scoring.Texts:
		f.SetTexts(field.Name, strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune(",;，、；|", r) }), source, at)
	case scoring.Events: // no cell holds a list of dated events
	}
	return nil
}

// parseNumber takes thousands separators.
func parseNumber(text string) (float64, error) {
	n, err := strconv.ParseFloat(strings.NewReplacer(",", "", "，", "").Replace(text), 64)
	if err != nil || math.IsNaN(n) || math.IsInf(n, 0) {
		return 0, &unreadError{aNumber, text}
	}
	return n, nil
}

func parseTime(text string) (time.Time, error) {
	for _, layout := range []string{time.DateOnly, time.DateTime, time.RFC3339, "2006/1/2", "2006/1/2 15:04", "2006年1月2日"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, nil
		}
	}
	return time.Time{}, &unreadError{aTime, text}
}
