package app

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"lingke/configs"
	"lingke/internal/lang"
	"lingke/internal/report"
	"lingke/scoring"
)

// ValidateOptions say what a validation reads and writes. Empty names of columns mean the usual ones.
type ValidateOptions struct {
	Data   string // CSV
	Model  string // a model file; the shipped default model if empty
	Fields string // a file of further fields; none if empty

	Outcome, Score, Amount, Days, Opened, Closed string // columns
	Won, Lost, Missing                           []string
	Edges                                        []float64 // of the score bands; the scores' fifths if nil
	Probabilities                                bool

	Language lang.Language // of what is printed, of the picture and of the draft's comments
	Chart    string        // where the picture goes; none if empty
	Suggest  string        // where the draft model goes; none if empty. A file that is there is not overwritten.
}

// ErrExists says that a file is there already and was left as it is.
var ErrExists = errors.New("the file exists")

// ValidateFile measures a model, or scores that are there already, on customers whose outcome is known, and prints what it found.
func ValidateFile(o ValidateOptions, now time.Time, out io.Writer) error {
	if _, err := os.Stat(o.Suggest); o.Suggest != "" && err == nil {
		return fmt.Errorf("%w: %s", ErrExists, o.Suggest)
	}
	sample, err := SampleOf(o, now)
	if err != nil {
		return err
	}
	for _, u := range sample.Unknown {
		fmt.Fprintln(out, u.Said(o.Language))
	}
	for _, p := range sample.Problems {
		fmt.Fprintln(out, p.In(o.Language))
	}
	if more := sample.Bad - len(sample.Problems); more > 0 {
		fmt.Fprintln(out, o.Language.Sayf("另有 %d 处问题", "%d more problems", more))
	}
	return validated(sample, o, out)
}

// SampleOf reads the customers of a file and scores them as of now.
func SampleOf(o ValidateOptions, now time.Time) (*report.Sample, error) {
	schema, err := schemaWith(o.Fields)
	if err != nil {
		return nil, err
	}
	how := report.Reading{
		Columns: report.Columns{Outcome: o.Outcome, Score: o.Score, Amount: o.Amount, Days: o.Days, Opened: o.Opened, Closed: o.Closed},
		Schema:  schema, Won: o.Won, Lost: o.Lost, Missing: o.Missing, At: now,
	}
	if o.Score == "" {
		if how.Model, err = readModel(o.Model, schema); err != nil {
			return nil, err
		}
	}
	return readSample(o.Data, how)
}

// validated prints the validation of a sample, and writes what o asks for.
func validated(sample *report.Sample, o ValidateOptions, out io.Writer) error {
	v, err := report.Validate(sample, report.Options{Edges: o.Edges, Probabilities: o.Probabilities, Seed: 1})
	if err != nil {
		return err
	}
	fmt.Fprint(out, v.Text(o.Language))
	if o.Chart != "" {
		picture, err := v.Chart(o.Language)
		if err != nil {
			return err
		}
		if err := os.WriteFile(o.Chart, picture, 0o600); err != nil {
			return fmt.Errorf("write the chart: %w", err)
		}
		fmt.Fprintln(out, o.Language.Sayf("图表：%s", "Chart: %s", o.Chart))
	}
	if o.Suggest == "" {
		return nil
	}
	draft, err := report.Suggest(sample, v, "suggested", o.Language)
	if err != nil {
		return fmt.Errorf("suggest a model: %w", err)
	}
	if err := writeNew(o.Suggest, draft); err != nil {
		return err
	}
	fmt.Fprintln(out, o.Language.Sayf("建议草稿：%s（须经人工审核，不会自动生效）", "Draft: %s (for a person to review; nothing takes it up by itself)", o.Suggest))
	return nil
}

// writeNew refuses to overwrite: the name may be that of the model in force.
func writeNew(name, text string) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) //nolint:gosec // the file that the operator names
	if errors.Is(err, os.ErrExist) {
		return fmt.Errorf("%w: %s", ErrExists, name)
	}
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

func readSample(name string, how report.Reading) (*report.Sample, error) {
	f, err := os.Open(name) //nolint:gosec // the file that the operator names
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	base := filepath.Base(name)
	rows, err := report.CSV(base, f)
	if err != nil {
		return nil, err
	}
	return report.Read(base, rows, how)
}

// schemaWith is the built-in schema with a file's fields.
func schemaWith(file string) (*scoring.Schema, error) {
	if file == "" {
		return scoring.BuiltIn(), nil
	}
	text, err := os.ReadFile(file) //nolint:gosec // the file that the operator names
	if err != nil {
		return nil, fmt.Errorf("read fields: %w", err)
	}
	more, err := scoring.ParseFields(file, text)
	if err != nil {
		return nil, err
	}
	return scoring.BuiltIn().Extend(more...)
}

// readModel reads a model file, or the shipped one of that name.
func readModel(file string, schema *scoring.Schema) (*scoring.Model, error) {
	cfg := configs.Default()
	if file != "" {
		cfg.Model = file
	}
	files, err := cfg.ReadModels()
	if err != nil {
		return nil, err
	}
	return scoring.ParseModel(files[0].Name, files[0].Text, schema)
}
