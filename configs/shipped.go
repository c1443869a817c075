package configs

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
)

// FS holds what ships inside the binary: models/*.yaml, and samples/*.yaml to start a config from.
//
//go:embed models/*.yaml samples/*.yaml
var FS embed.FS

// ReadModel reads the scoring model that the config names: the file beside the config, else the one of that name that
// ships inside the binary. name is the file's path, or "built-in:" and its name.
func (c *Config) ReadModel() (name string, text []byte, err error) {
	return c.readShipped("model", c.Model)
}

// ReadPlays does what ReadModel does for the plays. Where the config names none, all results are empty.
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
			return "built-in:" + inside, shipped, nil
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
