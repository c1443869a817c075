package configs

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// FuzzParse: whatever the file holds, it is either a config that satisfies its own rules or a list of problems, each with
// a place inside the file; and what the environment holds is told in none of them.
func FuzzParse(f *testing.F) {
	for _, pattern := range []string{"samples/*.yaml", "testdata/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(text)
		}
	}
	for _, text := range []string{"a: &a [*a, *a]", "<<: {model: x}", "? [a, b]\n: c\n", "model: !!binary aGk=", "- - - -", "{{{", "model: |\n  ${A}\n", "%YAML 1.2\n---\na: b\n...\n"} {
		f.Add([]byte(text))
	}
	const value = "walrus7"
	env := func(name string) (string, bool) { return value, len(name) > 1 }
	f.Fuzz(func(t *testing.T, text []byte) {
		cfg, err := Parse("lingke.yaml", text, env)
		var problems Problems
		if (err == nil) == (cfg == nil) || err != nil && (!errors.As(err, &problems) || len(problems) == 0) {
			t.Fatalf("Parse = %v, %v", cfg, err)
		}
		if cfg != nil {
			problems = cfg.Warnings
			for _, c := range cfg.Connectors {
				problems = append(problems, c.Settings.Decode(new(kingdeeLike))...)
			}
			_ = cfg.Summary()
		}
		lines := strings.Count(string(text), "\n") + 1
		for _, p := range problems {
			if p.Line < 1 || p.Line > lines || p.Column < 1 || p.Message == "" {
				t.Errorf("a problem out of place: %v of %d lines", p, lines)
			}
			if strings.Contains(p.String(), value) && !strings.Contains(string(text), value) {
				t.Errorf("a value of the environment is told: %v", p)
			}
		}
	})
}
