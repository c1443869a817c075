// Package testdata finds, for tests, the published data sets and recorded answers that are not part of the repository: in the folder that LINGKE_TEST_DATA
// names, else in shared/data beside one of the folders above the test. A test whose file is nowhere is skipped, and the skip names the file.
package testdata

import (
	"os"
	"path/filepath"
	"testing"
)

// File returns the path of a file or folder of the data, by its name with slashes.
func File(tb testing.TB, name string) string {
	tb.Helper()
	for _, place := range places(tb) {
		path := filepath.Join(place, filepath.FromSlash(name))
		if _, err := os.Stat(path); err == nil {
			return path
		}
	}
	tb.Skipf("%s is not here: LINGKE_TEST_DATA names no folder that has it, and no shared/data beside a parent folder does", name)
	return ""
}

// Read returns what a file of the data holds.
func Read(tb testing.TB, name string) []byte {
	tb.Helper()
	content, err := os.ReadFile(File(tb, name))
	if err != nil {
		tb.Fatal(err)
	}
	return content
}

// places are the folders to look in; LINGKE_TEST_DATA stands alone where it is set.
func places(tb testing.TB) []string {
	tb.Helper()
	if dir := os.Getenv("LINGKE_TEST_DATA"); dir != "" {
		return []string{dir}
	}
	dir, err := os.Getwd()
	if err != nil {
		tb.Fatal(err)
	}
	var out []string
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		out = append(out, filepath.Join(filepath.Dir(dir), "shared", "data"))
	}
	return out
}
