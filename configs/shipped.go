package configs

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// FS holds what ships inside the binary: models/*.yaml, plays.yaml, ownership.yaml, samples/*.yaml to start a config from, and cards/dingtalk.json, the card template to import into DingTalk's
// card platform.
//
//go:embed models/*.yaml samples/*.yaml cards/*.json plays.yaml ownership.yaml
var FS embed.FS

// Shipped lists the names of FS that people may want to edit, sorted.
func Shipped() (names []string) {
	for _, pattern := range []string{"*.yaml", "models/*.yaml", "samples/*.yaml"} {
		found, err := fs.Glob(FS, pattern)
		if err != nil {
			panic(err) // the pattern is right
		}
		names = append(names, found...)
	}
	slices.Sort(names)
	return names
}

// shippedName begins the name of a file that ships inside the binary.
const shippedName = "built-in:"

// File is a file that the config names: its path, or "built-in:" and its name, and what stands in it.
type File struct {
	Name string
	Text []byte
}

// ReadModels reads the scoring models that the config names, in its order: each the file beside the config, else the one of that name that ships inside
// the binary.
func (c *Config) ReadModels() ([]File, error) {
	files := make([]File, 0, len(c.modelFiles()))
	for _, written := range c.modelFiles() {
		name, text, err := c.readShipped("model", written)
		if err != nil {
			return nil, err
		}
		files = append(files, File{name, text})
	}
	return files, nil
}

// modelFiles are the models as written: several, or the one.
func (c *Config) modelFiles() []string {
	if len(c.Models) > 0 {
		return c.Models
	}
	return []string{c.Model}
}

// ReadModelFile reads a model file that a person names: as it is seen from where they are, else the one of that name that ships inside the binary.
func (c *Config) ReadModelFile(name string) (File, error) {
	here := Config{}
	file, text, err := here.readShipped("model", name)
	return File{file, text}, err
}

// Files are the files that the config consists of: itself and what it names. Some may not be there, since others ship inside the binary.
func (c *Config) Files() []string {
	files := []string{c.file}
	for _, written := range slices.Concat(c.modelFiles(), []string{c.Fields, c.Plays}, c.Calendar.Holidays) {
		if written != "" {
			files = append(files, c.inFolder(written))
		}
	}
	return files
}

// ReadFields does what ReadModels does for the company's own fields. Where the config names none, all results are empty.
func (c *Config) ReadFields() (name string, text []byte, err error) {
	if c.Fields == "" {
		return "", nil, nil
	}
	return c.readShipped("fields", c.Fields)
}

// ReadPlays does what ReadModels does for the plays. Where the config names none, all results are empty.
func (c *Config) ReadPlays() (name string, text []byte, err error) {
	if c.Plays == "" {
		return "", nil, nil
	}
	return c.readShipped("plays", c.Plays)
}

func (c *Config) readShipped(what, written string) (string, []byte, error) {
	file := c.inFolder(written)
	text, err := readAll(file)
	if errors.Is(err, os.ErrNotExist) && !filepath.IsAbs(written) {
		inside := path.Clean(filepath.ToSlash(written))
		if shipped, missing := fs.ReadFile(FS, inside); missing == nil {
			return shippedName + inside, shipped, nil
		}
	}
	if err == nil && len(text) > maxFile {
		err = fmt.Errorf("%s is larger than %d bytes", file, maxFile)
	}
	if err != nil {
		return "", nil, fmt.Errorf("read %s: %w", what, err)
	}
	return file, text, nil
}
