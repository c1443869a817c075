package configs

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"reflect"
	"slices"
)

// Option changes how a file is checked.
type Option func(*checker)

// WithCondition checks each pool's `when`, which only the scoring engine understands; the error's text is shown. cfg is what was read so far.
func WithCondition(check func(cfg *Config, condition string) error) Option {
	return func(c *checker) { c.condition = check }
}

// WithSpan checks the working time within which a task is due.
func WithSpan(check func(span string) error) Option {
	return func(c *checker) { c.workingSpan = check }
}

// WithHours checks working hours, the company's and people's.
func WithHours(check func(hours string) error) Option {
	return func(c *checker) { c.hours = check }
}

// WithLeave checks people's days of leave.
func WithLeave(check func(days string) error) Option {
	return func(c *checker) { c.leave = check }
}

// WithHolidays checks the text of each file of holidays.
func WithHolidays(check func(file string, text []byte) error) Option {
	return func(c *checker) { c.holidays = check }
}

// WithConnector checks each connector's own settings, which only its type understands. Problems in the error keep their places.
func WithConnector(check func(name string, c Connector) error) Option {
	return func(c *checker) { c.connector = check }
}

// WithDoubts looks for what only the gateway's parts find doubtful in a connector whose settings are right; it is told as Config.Warnings. cfg is what was read so far.
func WithDoubts(look func(cfg *Config, name string, c Connector) Problems) Option {
	return func(c *checker) { c.doubts = look }
}

// Load reads and checks the config file at path. The error is Problems with everything that is wrong in the file, or tells
// why it could not be read. What is only doubtful is in Config.Warnings.
func Load(path string, env func(string) (string, bool), opts ...Option) (*Config, error) {
	text, err := readAll(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read config: %w; name it with -c, or write one to start from: lingke template --shipped samples/minimal.yaml %s", err, path)
	}
	if err != nil {
		return nil, fmt.Errorf("read config: %w", err)
	}
	return Parse(path, text, env, opts...)
}

// Parse is Load for a text that is there already. Places are told in terms of file, and relative paths inside the text
// belong to the folder of file. The error is Problems.
func Parse(file string, text []byte, env func(string) (string, bool), opts ...Option) (*Config, error) {
	root, broken := parse(file, text)
	if broken != nil {
		return nil, Problems{*broken}
	}
	d := newDecoder(file, env)
	d.lastLine = bytes.Count(text, []byte("\n")) + 1
	if root == nil {
		d.problem(d.where(""), "the file is empty", "start from configs/samples/minimal.yaml")
		return nil, d.problems
	}
	cfg := Default()
	cfg.file = file
	d.value("", root, reflect.ValueOf(&cfg).Elem())
	c := &checker{decoder: d, cfg: &cfg}
	for _, option := range opts {
		option(c)
	}
	c.check()
	d.problems.sort()
	d.problems = slices.Compact(d.problems) // two checks may say the same
	d.warnings.sort()
	cfg.Warnings = d.warnings
	if err := d.problems.Err(); err != nil {
		return nil, err
	}
	cfg.settle(c.connectorOrder(root))
	return &cfg, nil
}

// readAll reads at most one byte more than a config may have, so that parse can refuse it.
func readAll(path string) ([]byte, error) {
	f, err := os.Open(path) //nolint:gosec // the file that the operator names
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, maxFile+1))
}
